import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { ComparisonRecord } from "../../src/tools/compare/comparison-record.ts";
import { testDirectory } from "../support/gateway.ts";
import { runTool, Tool } from "../support/run-tool.ts";

const SUPPORT = path.resolve(import.meta.dirname, "../support");
const RESULTS = testDirectory();
const TARGET = `exec '${process.execPath}' '${SUPPORT}/fake-target.ts' results=${RESULTS}`;
const TOOL = `cat ${RESULTS}/{port}.json 2>/dev/null || { echo nobody answers at {host}:{port} >&2; exit 2; }`;
const QUICK = ["--tool", TOOL, "--warm", "0", "--noise-blocks", "1", "--json"];

const compare = (...args: string[]) => runTool("compare.ts", [...args, ...QUICK]);

function directoryFor(t: TestContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), "tailgate-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test("a slower build is regressed, with status 1, and three reports say so", async (t) => {
  const out = path.join(directoryFor(t), "report");
  const slower = ["--b", TARGET, "--b-set", "latency=1.5"];
  const { status, stdout, stderr } = await compare("--a", TARGET, ...slower, "--out", out);
  assert.equal(status, 1, stderr);
  const record = JSON.parse(stdout) as ComparisonRecord;
  assert.equal(record.outcome, "regressed");
  assert.equal(record.kind, "side by side");
  assert.equal(record.runs.filter(({ phase }) => phase === "noise").length, 4);
  const sides = record.runs.flatMap(({ phase, side }) => (phase === "blocks" ? side : []));
  assert.equal(sides.join(""), "ABBABAABABBABAAB");
  for (const { outcome, estimate } of record.verdicts) {
    assert.equal(outcome, "regressed");
    assert.ok(estimate && estimate.low > 1.25 && estimate.high < 1.8, JSON.stringify(estimate));
  }
  assert.match(readFileSync(path.join(out, "summary.md"), "utf8"), /^## ❌ regressed/);
  assert.match(readFileSync(path.join(out, "report.html"), "utf8"), /<svg/);
  assert.deepEqual(JSON.parse(readFileSync(path.join(out, "report.json"), "utf8")), record);
});

test("two instances of one build are not regressed, with status 0", async () => {
  const { status, stdout, stderr } = await compare("--a", TARGET, "--b", TARGET);
  assert.equal(status, 0, stderr);
  assert.equal((JSON.parse(stdout) as ComparisonRecord).outcome, "not regressed");
});

test("what blocks do not agree about is not told, with status 2 and after no more than the pairs asked for", async () => {
  const moody = ["--b", `${TARGET} mode=moody`, "--max-regression", "p50=25%"];
  const { status, stdout } = await compare("--a", TARGET, ...moody, "--max-pairs", "8");
  assert.equal(status, 2);
  const record = JSON.parse(stdout) as ComparisonRecord;
  assert.equal(record.outcome, "cannot tell");
  assert.deepEqual(record.limits, [{ name: "p50", limit: 1.25 }]);
  assert.equal(record.verdicts[0]?.estimate?.blocks, 4);
});

test("a build that loses answers is regressed after its second run, however fast it is", async () => {
  const { status, stdout } = await compare("--a", TARGET, "--b", `${TARGET} mode=loses`);
  assert.equal(status, 1);
  const record = JSON.parse(stdout) as ComparisonRecord;
  assert.match(record.reasons[0] ?? "", /at fault in 2 runs and A in none: 7 requests/);
  assert.equal(record.runs.length, 8);
});

test("a build that dies midway is at fault", async () => {
  // Any word to it ends that build.
  const poke = `'${process.execPath}' -e "require('net').connect({port}).on('close',()=>{}).on('error',()=>{})"`;
  const args = ["--a", TARGET, "--b", `${TARGET} mode=dies`, "--noise-blocks", "0"];
  const tool = ["--tool", `${poke}; ${TOOL}`, "--warm", "0", "--json"];
  const { status, stdout, stderr } = await runTool("compare.ts", [...args, ...tool]);
  assert.equal(status, 1, stderr);
  const record = JSON.parse(stdout) as ComparisonRecord;
  assert.match(record.reasons[0] ?? "", /at fault in 2 runs and A in none: .* status 9/);
  // Who is dead is not asked twice.
  assert.equal(record.runs.filter(({ side }) => side === "B").length, 2);
});

test("a side without a run that counts makes it cannot tell, and says why", async () => {
  const { status, stdout } = await compare("--a", TARGET, "--b", `${TARGET} mode=late`);
  assert.equal(status, 2);
  const record = JSON.parse(stdout) as ComparisonRecord;
  assert.deepEqual(record.reasons, ["no run of B counts, the last one: invalid: sent too late"]);
  assert.equal(record.runs.filter(({ phase }) => phase === "blocks").length, 12);
});

test("runs with too few answers for a limited percentile end it at once", async () => {
  const few = `${TARGET} mode=few`;
  const { status, stdout } = await compare("--a", few, "--b", few);
  assert.equal(status, 2);
  const record = JSON.parse(stdout) as ComparisonRecord;
  assert.match(record.reasons[0] ?? "", /^p999 needs 10000 answers a run, and a run had 900/);
  assert.equal(record.runs.length, 4);
});

test("a build that does not come up is told in its own words; git bisect skips it", async () => {
  const broken = ["--a", TARGET, "--b", `${TARGET} mode=broken`];
  const { status, stdout } = await compare(...broken);
  assert.equal(status, 2);
  const [reason] = (JSON.parse(stdout) as ComparisonRecord).reasons;
  assert.match(
    reason ?? "",
    /^B did not come up: it ended with status 3\nthe fake target is broken/,
  );
  assert.equal((await compare(...broken, "--bisect")).status, 125);
  assert.equal((await compare("--a", TARGET, "--bisect")).status, 128);
  // Without A no commit of the whole range could be told of.
  const swapped = ["--a", `${TARGET} mode=broken`, "--b", TARGET, "--bisect"];
  assert.equal((await compare(...swapped)).status, 128);
  const alone = await compare("--a", `${TARGET} mode=alone`, "--b", TARGET, "--bisect");
  assert.equal(alone.status, 128);
  assert.match(alone.stderr, /a second A beside the first did not come up: .*\n.*one already/);
  for (const mode of ["loses", "few"]) {
    const unmeasured = ["--a", `${TARGET} mode=${mode}`, "--b", TARGET, "--bisect"];
    assert.equal((await compare(...unmeasured)).status, 128, mode);
  }
});

test("a measuring tool that refuses ends it with the tool's words", async () => {
  const { status, stdout } = await compare("--a", TARGET, "--b", "127.0.0.1:1");
  assert.equal(status, 2);
  const [reason] = (JSON.parse(stdout) as ComparisonRecord).reasons;
  assert.match(reason ?? "", /cannot measure B: nobody answers at 127\.0\.0\.1:1/);
});

test("Ctrl-C ends the run that goes on and both targets, and cannot tell", async (t) => {
  const args = ["--a", TARGET, "--b", TARGET, "--tool", "sleep 600", "--warm", "0"];
  const tool = new Tool(t, "compare.ts", args);
  await tool.untilWritten("P999");
  tool.child.kill("SIGINT");
  const { status, stdout } = await tool.ended();
  assert.equal(status, 2);
  assert.match(stdout, /CANNOT TELL\n {2}it was interrupted/);
});

test("Ctrl-C ends a target that is still starting, and once more whatever does not want to end", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  for (const doesEnd of [true, false]) {
    // Never says that it is ready; its connection shows that it is there, what it writes that it was asked to end.
    const script = `let to; process.on("SIGTERM", () => ${doesEnd} ? process.exit() : to.write("no")); to = require("net").connect(${port})`;
    const starting = `exec '${process.execPath}' -e '${script}'`;
    const tool = new Tool(t, "compare.ts", ["--a", starting, "--b", TARGET, "--tool", TOOL]);
    const [target] = (await once(server, "connection")) as [Socket];
    const gone = once(
      target.on("error", () => {}),
      "close",
    );
    tool.child.kill("SIGINT");
    if (!doesEnd) {
      await once(target, "data");
      await delay(400); // what comes sooner may be the same one
      tool.child.kill("SIGINT");
    }
    const { status, stdout, stderr } = await tool.ended();
    assert.deepEqual([status, stderr], [2, ""]);
    if (doesEnd) assert.match(stdout, /CANNOT TELL\n {2}it was interrupted/);
    target.resume();
    await gone;
  }
});

test("a stored baseline is compared with, and every output says that it is not side by side", async (t) => {
  const directory = directoryFor(t);
  const file = path.join(directory, "baseline.json");
  const saved = await runTool("compare.ts", [
    ...["--a", TARGET, "--save-baseline", file],
    ...["--tool", TOOL, "--warm", "0", "--noise-blocks", "3", "--json", "--out", directory],
  ]);
  assert.equal(saved.status, 0, saved.stderr);
  const alone = JSON.parse(saved.stdout) as ComparisonRecord;
  assert.deepEqual(alone.reasons, ["A was measured against itself alone"]);
  assert.deepEqual(JSON.parse(readFileSync(path.join(directory, "report.json"), "utf8")), alone);
  const same = await compare("--b", TARGET, "--baseline", file, "--out", directory);
  assert.equal(same.status, 0, same.stderr);
  const record = JSON.parse(same.stdout) as ComparisonRecord;
  assert.equal(record.kind, "against a baseline");
  assert.match(same.stderr, /NOT REGRESSED {3}\(against the baseline of .* trusted less\)/);
  for (const name of ["summary.md", "report.html"]) {
    assert.match(readFileSync(path.join(directory, name), "utf8"), /trusted less/);
  }
  const slower = await compare("--b", `${TARGET} latency=1.6`, "--baseline", file);
  assert.equal(slower.status, 1);
});

test("a baseline of another load, a damaged one and none at all are refused", async (t) => {
  const directory = directoryFor(t);
  const file = path.join(directory, "baseline.json");
  const refused = async (expected: RegExp): Promise<void> => {
    const { status, stderr, stdout } = await compare("--b", TARGET, "--baseline", file);
    assert.deepEqual([status, stdout], [2, ""]);
    assert.match(stderr, expected);
    assert.doesNotMatch(stderr, /\n {4}at /);
  };
  await refused(/cannot be read: ENOENT/);
  for (const [text, expected] of [
    ["{", /is no baseline: it is no JSON/],
    ["[]", /is no baseline\. Save one/],
    ["null", /is no baseline\. Save one/],
    ['{"tailgateBaseline":9}', /has version 9/],
    ['{"tailgateBaseline":1,"profile":"x"}', /is damaged/],
  ] as const) {
    writeFileSync(file, text);
    await refused(expected);
  }
  assert.ok(existsSync(file));
});

test("wrong arguments end with status 2 and the help, and --help with 0", async () => {
  for (const [args, expected] of [
    [["--a", TARGET], /give two targets/],
    [["--a", TARGET, "--b", TARGET, "--max-regression", "p98=3%"], /--max-regression is such as/],
    [["--a", TARGET, "--b", "/nowhere/at/all/"], /--b \/nowhere\/at\/all\/ is not there/],
    [["--a", SUPPORT, "--b", TARGET], /is no checkout: it has no package\.json/],
    [["--a", "127.0.0.1:9", "--a-set", "x=1", "--b", TARGET], /is running already/],
    [["--a", TARGET, "--b", TARGET, "--max-pairs", "3"], /--max-pairs is a number from 8/],
    [["--a", TARGET, "--b", TARGET, "--load", "x"], /give one of/],
  ] as const) {
    const { status, stderr } = await compare(...args);
    assert.equal(status, 2);
    assert.match(stderr, expected);
    assert.match(stderr, /--help says what there is/);
  }
  const help = await runTool("compare.ts", ["--help"]);
  assert.deepEqual([help.status, help.stderr], [0, ""]);
});

test("where nothing can be written is told before the first run, with status 2", async () => {
  for (const [args, expected] of [
    [["--b", TARGET, "--out", "/proc/nothing"], /^ENOENT.*'\/proc\/nothing'\n$/],
    [["--save-baseline", "/nowhere/base.json"], /^ENOENT.*'\/nowhere\/?'\n$/],
    [["--save-baseline", "/etc/passwd/base.json"], /^ENOTDIR.*'\/etc\/passwd\/'\n$/],
    [["--save-baseline", SUPPORT], /^--save-baseline \S+support is a directory\n$/],
  ] as const) {
    const tool = ["--tool", TOOL, "--noise-blocks", "2"];
    const { status, stderr } = await runTool("compare.ts", ["--a", TARGET, ...args, ...tool]);
    assert.equal(status, 2);
    assert.match(stderr, expected);
  }
});

test("a full disk never looks like a regression", async (t) => {
  const directory = directoryFor(t);
  symlinkSync("/dev/full", path.join(directory, "report.json"));
  const both = ["--a", TARGET, "--b", TARGET, "--out", directory];
  for (const [args, expected] of [
    [both, 2],
    [[...both, "--bisect"], 128],
    [["--a", TARGET, "--save-baseline", "/dev/full"], 2],
  ] as const) {
    const quick = ["--noise-blocks", "2", "--tool", TOOL, "--warm", "0"];
    const { status, stderr } = await runTool("compare.ts", [...quick, ...args]);
    assert.equal(status, expected);
    assert.match(stderr, /^\S+(report\.json|full) cannot be written: ENOSPC.*\n$/);
  }
  const json = await compare(...both);
  assert.equal((JSON.parse(json.stdout) as ComparisonRecord).outcome, "not regressed");
});

test("nobody who listens any more ends it as Ctrl-C does, and nothing is left behind", async (t) => {
  const temporary = directoryFor(t);
  const entry = path.resolve(SUPPORT, "../../src/tools/compare.ts");
  const args = [entry, "--a", TARGET, "--b", TARGET, "--tool", TOOL, "--warm", "0", "--bisect"];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  const ended = once(child, "close");
  await once(child.stdout, "data");
  child.stdout.destroy();
  assert.deepEqual(await ended, [128, null]);
  assert.equal(stderr, "its own output cannot be written: write EPIPE\n");
  assert.deepEqual(readdirSync(temporary), []);
});

test("two checkouts are started from their own start script, loaded in turn, read out and ended", async (t) => {
  const out = directoryFor(t);
  const tool = new Tool(t, "compare.ts", [
    ...["--a", ".", "--b", ".", "--b-set", "journal.durability=none", "--out", out],
    // However busy the machine is, its runs count.
    ...["--load", "--rate 500 --accounts CMP:4 --late-ms 60000 --arrivals constant"],
    ...["--run-seconds", "0.4", "--run-warmup", "0", "--warm", "0.2", "--noise-blocks", "0"],
    ...["--max-regression", "p50=10%"],
  ]);
  await tool.untilWritten("after 1:");
  tool.child.kill("SIGINT");
  const { status, stderr } = await tool.ended();
  assert.deepEqual([status, stderr], [2, ""]);
  const record = JSON.parse(
    readFileSync(path.join(out, "report.json"), "utf8"),
  ) as ComparisonRecord;
  assert.deepEqual(record.reasons, ["it was interrupted"]);
  const first = record.runs.slice(0, 4);
  assert.equal(first.map(({ side }) => side).join(""), "ABBA");
  for (const run of first) {
    assert.deepEqual([run.problem, run.faults], [null, []]);
    assert.ok(run.count > 100, `${run.count}`);
  }
  assert.match(record.a.startScript ?? "", /^exec node .*src\/main\.ts$/);
  assert.deepEqual(record.b.settings, ["journal.durability=none"]);
  assert.ok(record.histograms.a !== null && record.histograms.b !== null);
  for (const side of ["A", "B"] as const) {
    const reading = record.admin[0]?.[side];
    assert.ok(Object.values(reading?.stages ?? {}).some(({ count }) => count > 0));
    assert.ok((reading?.collections ?? -1) >= 0);
  }
});
