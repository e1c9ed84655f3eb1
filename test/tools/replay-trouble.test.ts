import assert from "node:assert/strict";
import { readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { CAPTURE_FLAG, CLOSED_BY } from "../../src/capture/capture-record.ts";
import { parseReplayOptions } from "../../src/tools/replay-options.ts";
import { CaptureScript, loggedIn } from "../support/capture-script.ts";
import { CapturingProxy } from "../support/capturing-proxy.ts";
import { PASSWORD, TestGateway, testDirectory } from "../support/gateway.ts";
import { cancel, enter, query } from "../support/replay-script.ts";
import { runTool, Tool } from "../support/run-tool.ts";
import { login, packet } from "../support/soup-packets.ts";

/** One client that enters an order every so many milliseconds. */
function slowCapture(orders: number, gapMs: number): string {
  const file = join(testDirectory(), "slow.capture");
  const script = new CaptureScript().connect(1).in(1, login(), query()).out(1, loggedIn);
  for (let number = 1; number <= orders; number++) script.wait(gapMs).in(1, enter(number));
  script.write(file);
  return file;
}

const resultOf = (stdout: string): { invalid: string[]; isInterrupted: boolean; counts: object } =>
  JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as never;

test("what cannot be replayed ends with status 2 and a line that says what to do", async () => {
  const directory = testDirectory();
  const foreign = join(directory, "foreign");
  writeFileSync(foreign, "GET / HTTP/1.1\r\n".repeat(50));
  const empty = join(directory, "empty.capture");
  new CaptureScript().connect(1).close(1, CLOSED_BY.CLIENT).write(empty);
  const oneSided = join(directory, "one-sided.capture");
  new CaptureScript().connect(1).out(1, loggedIn).write(oneSided);
  const nameless = join(directory, "nameless.capture");
  new CaptureScript().connect(4, {}, CAPTURE_FLAG.MID).in(4, enter(1)).write(nameless);
  const slow = slowCapture(3, 1);
  const there = ["--target", "127.0.0.1:1", "--password", "X"];
  const cases: [string[], RegExp][] = [
    [[], /which capture\?/],
    [[slow, "--speed", "1000"], /--speed is a number from 0.1 to 100/],
    [[slow, "--speed", "2", "--rate", "5"], /exclude each other/],
    [[slow, "--underway", "5"], /--underway is for --as-fast-as-possible/],
    [[slow, "--target", "127.0.0.1:1"], /--target needs the --password/],
    [[slow, "--warmup", "60"], /--warmup is longer than the replay/],
    [[slow, "--account", "BOB=CAROL"], /the capture has no such account, but ALICE/],
    [[slow, ...there], /could not log in: ALICE lost its connection \(ECONNREFUSED\)/],
    [[slow, "--target", "192.0.2.1:7140", "--password", "X"], /--target-is-a-test/],
    [[join(directory, "none")], /there is no such file/],
    [[foreign], /foreign/],
    [[empty], /no request of a client that could be sent again/],
    // The last line is what npm run compare tells.
    [[oneSided], /the client's side is not in the capture\n.*no request of a client .*\n$/],
    [[nameless, ...there], /say whose it is, --account #4=NAME/],
  ];
  const runs = cases.map(async ([args, words]) => {
    const { status, stderr } = await runTool("replay.ts", [...args, "--json"]);
    assert.match(stderr, words);
    assert.equal(status, 2, args.join(" "));
    assert.doesNotMatch(stderr, /\n\s+at /);
  });
  await Promise.all(runs);
});

test("a login that the target refuses is told, and nothing is sent", async (t) => {
  const gateway = await TestGateway.start(t);
  const args = [slowCapture(3, 1), "--target", `${gateway.host}:${gateway.port}`];
  const wrong = [...args, "--password", "WRONG", "--account", `ALICE=${gateway.user()}`];
  const { status, stderr } = await runTool("replay.ts", wrong);
  assert.equal(status, 2);
  assert.match(stderr, /could not log in: .* \(login refused, reason A\)/);
});

test("a target that dies midway makes the replay invalid", async (t) => {
  const gateway = await TestGateway.start(t);
  const proxy = await CapturingProxy.start(t, gateway, join(testDirectory(), "x.capture"));
  const replay = new Tool(t, "replay.ts", [
    slowCapture(1_000, 50),
    ...["--target", `127.0.0.1:${proxy.port}`, "--password", PASSWORD, "--json"],
    ...["--account", `ALICE=${gateway.user()}`],
  ]);
  await proxy.untilChunks(6);
  proxy.die();
  const { status, stdout, stderr } = await replay.ended();
  assert.equal(status, 1, stderr);
  const { invalid } = resultOf(stdout);
  assert.match(invalid[0] ?? "", /lost its connection/);
});

test("Ctrl-C ends the sending, and what was sent is answered and told", async (t) => {
  const gateway = await TestGateway.start(t);
  const proxy = await CapturingProxy.start(t, gateway, join(testDirectory(), "x.capture"));
  const replay = new Tool(t, "replay.ts", [
    slowCapture(1_000, 20),
    ...["--target", `127.0.0.1:${proxy.port}`, "--password", PASSWORD, "--json"],
    ...["--account", `ALICE=${gateway.user()}`, "--late-share", "1"],
  ]);
  await proxy.untilChunks(8);
  replay.child.kill("SIGINT");
  const { stdout, stderr } = await replay.ended();
  const { isInterrupted, counts } = resultOf(stdout);
  assert.equal(isInterrupted, true);
  const { sent, accepted, unanswered } = counts as Record<string, number>;
  assert.deepEqual([accepted, unanswered], [sent, 0], stderr);
});

test("Ctrl-C ends a replay that is still reading its capture", async (t) => {
  const file = join(testDirectory(), "large.capture");
  const script = new CaptureScript().connect(1).in(1, login(), query()).out(1, loggedIn);
  for (let number = 1; number <= 100_000; number++) script.in(1, enter(number));
  script.write(file);
  const replay = new Tool(t, "replay.ts", [file]);
  const descriptors = `/proc/${replay.child.pid}/fd`;
  const isReading = (): boolean =>
    readdirSync(descriptors).some((name) => {
      try {
        return readlinkSync(join(descriptors, name)) === file;
      } catch {
        return false; // it has been closed meanwhile
      }
    });
  while (!isReading()) await setImmediate();
  replay.child.kill("SIGINT");
  const { stdout, stderr } = await replay.ended();
  assert.deepEqual([replay.child.signalCode, stdout, stderr], ["SIGINT", "", ""]);
});

test("a replay whose reader has gone ends, without a word about it", async (t) => {
  const gateway = await TestGateway.start(t);
  const replay = new Tool(t, "replay.ts", [
    slowCapture(1_000, 20),
    ...["--target", `${gateway.host}:${gateway.port}`, "--password", PASSWORD],
    ...["--account", `ALICE=${gateway.user()}`],
  ]);
  await replay.untilWritten("gateway");
  replay.child.stdout?.destroy();
  const { stderr } = await replay.ended();
  assert.equal(stderr, "");
});

test("a loop sends everything again, a connection caught in the middle is given a login", async () => {
  const file = join(testDirectory(), "mid.capture");
  new CaptureScript()
    .connect(4, {}, CAPTURE_FLAG.MID)
    .in(4, enter(70), cancel(3), cancel(70))
    .wait(5)
    .in(4, enter(71), packet("R"))
    .write(file);
  const args = [file, "--json", "--loop", "3", "--as-fast-as-possible"];
  const { status, stdout, stderr } = await runTool("replay.ts", args);
  assert.equal(status, 0, stderr);
  const { sent, accepted, unanswered } = resultOf(stdout).counts as Record<string, number>;
  assert.deepEqual([sent, accepted, unanswered], [9, 9, 0]);
  assert.match(stderr, /1 requests that name orders/);
});

test("help is help, and options say who is whom", () => {
  assert.equal(parseReplayOptions(["--help"]), undefined);
  const options = parseReplayOptions(["x", "--account", "old=new:pass", "--rate", "100"]);
  assert.deepEqual(options?.choices, [{ name: "OLD", user: "NEW", password: "pass" }]);
  assert.deepEqual([options?.rate, options?.rounds], [100, 1]);
  assert.throws(() => parseReplayOptions(["x", "--account", "OLD"]), /OLD=NEW/);
});
