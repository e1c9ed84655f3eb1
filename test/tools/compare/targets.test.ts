import assert from "node:assert/strict";
import { test } from "node:test";
import { readingOf } from "../../../src/tools/compare/admin-reading.ts";
import {
  accountsFor,
  MeasuringTool,
  profileText,
} from "../../../src/tools/compare/measuring-tool.ts";
import { commitOf, targetFacts } from "../../../src/tools/compare/target-facts.ts";
import { readyFacts, startTarget, TargetError } from "../../../src/tools/compare/target-process.ts";
import { parseTarget, shellWord } from "../../../src/tools/compare/target-spec.ts";
import { limitsOf, parseCompareOptions } from "../../../src/tools/compare-options.ts";
import { PROJECT_ROOT } from "../../../src/tools/gateway-process.ts";
import { testDirectory } from "../../support/gateway.ts";

const ACCOUNTS = { prefix: "X", count: 1, password: "P" };

test("a target is an address, a checkout or a command, by how it looks", () => {
  const kindOf = (text: string): string => parseTarget("--a", text, []).kind;
  assert.equal(kindOf("127.0.0.1:9000"), "address");
  assert.equal(kindOf("[::1]:9000"), "address");
  assert.equal(kindOf("gateway.test:1"), "address");
  assert.equal(kindOf(PROJECT_ROOT), "checkout");
  assert.equal(kindOf("npm start -- --set listen.port=0"), "command");
  const v6 = parseTarget("--a", "[::1]:9000", []);
  assert.deepEqual(
    [v6.kind === "address" && v6.host, v6.kind === "address" && v6.port],
    ["::1", 9000],
  );
  assert.throws(() => parseTarget("--b", "host:99999", []), /--b: there is no port 99999/);
  assert.throws(() => parseTarget("--b", " ", []), /--b is a checkout, a command or HOST:PORT/);
  assert.throws(() => parseTarget("--b", "x", ["novalue"]), /--b-set is KEY=VALUE/);
  assert.throws(() => parseTarget("--b", testDirectory(), []), /is no checkout/);
  for (const missing of ["/nowhere", "../nowhere/at/all", "./nowhere.sh", "/nowhere/"]) {
    assert.throws(() => parseTarget("--b", missing, []), /^Error: --b \S+nowhere\S* is not there$/);
  }
  assert.equal(kindOf("$HOME/nowhere"), "command");
  assert.equal(kindOf(process.execPath), "command");
});

test("a ready line is one that says so and where orders go", () => {
  const order = { host: "::", port: 7 };
  assert.deepEqual(readyFacts(JSON.stringify({ event: "ready", order })), {
    ...{ order, admin: undefined },
  });
  for (const line of [
    "",
    "null",
    "{}",
    '{"event":"ready"}',
    '{"event":"ready","order":{"port":1}}',
  ]) {
    assert.equal(readyFacts(line), undefined);
  }
});

test("a command that ends, or cannot be run, is told with its last words", async () => {
  const failing = parseTarget("--a", "echo broken >&2; exit 7", []);
  const { signal } = new AbortController();
  await assert.rejects(startTarget(failing, ACCOUNTS, signal), (error: unknown) => {
    assert.ok(error instanceof TargetError);
    assert.equal(error.message, "it ended with status 7\nbroken");
    return true;
  });
});

test("words for the shell come out as they went in", () => {
  assert.equal(shellWord("a b"), "'a b'");
  assert.equal(shellWord("it's"), `'it'\\''s'`);
});

test("the load tool is told the target, the length, the flow and the accounts, but for what the user says", () => {
  const length = { seconds: 3, warmupSeconds: 1 };
  const line = (args: string, isOurs: boolean, host = "127.0.0.1"): string =>
    new MeasuringTool({ kind: "load", args }, isOurs).commandLine({ host, port: 9 }, length, 5);
  const ours = line("--rate 9000", true);
  for (const part of [
    /load\.ts' '--target' '127\.0\.0\.1:9' '--json'/,
    /'--seconds' '3'/,
    /'--seed' '5'/,
  ]) {
    assert.match(ours, part);
  }
  assert.match(ours, /'--accounts' 'CMP:16' '--password' 'COMPARE' --rate 9000$/);
  assert.doesNotMatch(line("--count 100", true), /--seconds/);
  const said = line("--seed=7 --seconds 2 '--warmup' 0 --accounts A:1 --password x", true);
  assert.equal(said.match(/--(seed|seconds|warmup|accounts|password)\b/g)?.length, 5, said);
  assert.doesNotMatch(line("", false), /--accounts|--password/);
  assert.match(line("", false, "::1"), /'\[::1\]:9'/);
  const replay = new MeasuringTool({ kind: "replay", file: "a b.cap", args: "--speed 2" }, true);
  const replayLine = replay.commandLine({ host: "h", port: 1 }, length, 1);
  assert.match(replayLine, /replay\.ts' 'a b\.cap' '--target' 'h:1' '--json' .*--speed 2$/);
  const own = new MeasuringTool({ kind: "tool", command: "x {host} {port} {seed} {other}" }, true);
  assert.equal(own.commandLine({ host: "h", port: 1 }, length, 8), "x h 1 8 {other}");
});

test("a checkout's gateway knows the accounts that the load names", () => {
  const of = (args: string) => accountsFor({ kind: "load", args });
  assert.deepEqual(of(""), { prefix: "CMP", count: 999, password: "COMPARE" });
  assert.deepEqual(of("--rate 5 --accounts B:64 --password=SECRET"), {
    ...{ prefix: "B", count: 64, password: "SECRET" },
  });
});

test("no report has a password of the load, of a replay, of a command or of a setting", () => {
  const told = [
    profileText({ kind: "load", args: "--accounts B:64 --password HUSH --rate 5" }),
    profileText({ kind: "load", args: "--password='HUSH HUSH' --rate 5" }),
    profileText({ kind: "replay", file: "x", args: "--account A=B:HUSH --account 'C=D:HUSH'" }),
    profileText({ kind: "tool", command: "my --password HUSH --port {port}" }),
  ];
  assert.deepEqual(told, [
    "load --accounts B:64 --password *** --rate 5",
    "load --password=*** --rate 5",
    "replay x --account A=B:*** --account 'C=D:***'",
    "my --password *** --port {port}",
  ]);
  const accounts = `accounts=${JSON.stringify([{ user: "A", password: "HUSH", firm: "F" }])}`;
  const command = parseTarget("--b", `gate --set ${JSON.stringify(accounts)}`, [accounts]);
  const { text, settings } = targetFacts(command);
  assert.equal(settings[0], accounts.replace("HUSH", "***"));
  assert.equal(text, command.text.replace("HUSH", "***"));
  // What runs has them.
  assert.deepEqual(command.settings, [accounts]);
});

test("limits are percentages, in the order of percentiles, and the last word counts", () => {
  assert.deepEqual(limitsOf(["p999=25%,p50=10%", "p999=40%"]), [
    { name: "p50", limit: 1.1 },
    { name: "p999", limit: 1.4 },
  ]);
  for (const text of ["p98=1%", "p50", "p50=x", "p50=-3%", "p50=0%", "p50=10", ""]) {
    assert.throws(() => limitsOf([text]), /--max-regression is such as/);
  }
});

test("two settings of this checkout are two targets", () => {
  const options = parseCompareOptions(["--b-set", "telemetry.x=1", "--max-pairs", "9"]);
  assert.deepEqual([options?.a.text, options?.a.settings], [PROJECT_ROOT, []]);
  assert.deepEqual([options?.b.text, options?.b.settings], [PROJECT_ROOT, ["telemetry.x=1"]]);
  // Two pairs a block, and never more of them than were asked for.
  assert.equal(options?.blocksMax, 4);
});

test("stages and collections are read from what a gateway serves, and nothing from anything else", () => {
  const latency = {
    build: "b1",
    stages: { decode: { "60": { count: 3, p50Ns: 10, p99Ns: 20 } }, match: {}, odd: null },
  };
  const metrics = [
    "# TYPE gateway_gc_total counter",
    'gateway_gc_total{thread="main",kind="minor"} 3',
    'gateway_gc_total{thread="lane0",kind="minor"} 2',
    'gateway_gc_seconds_total{thread="main",kind="minor"} 0.25',
  ].join("\n");
  const reading = readingOf(latency, metrics);
  assert.deepEqual(reading.stages.decode, { count: 3, p50: 10, p99: 20, p999: null });
  assert.deepEqual(reading.stages.odd, { count: 0, p50: null, p99: null, p999: null });
  assert.deepEqual(
    [reading.build, reading.collections, reading.collectionSeconds],
    ["b1", 5, 0.25],
  );
  for (const other of [null, 7, [], { stages: 1 }]) {
    assert.deepEqual(readingOf(other, ""), {
      ...{ build: null, stages: {}, collections: null, collectionSeconds: null },
    });
  }
});

test("a directory without a repository has no commit", () => {
  assert.equal(commitOf(testDirectory()), null);
});
