import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { CaptureScript, loggedIn } from "../support/capture-script.ts";
import { FakeOuchServer } from "../support/fake-ouch-server.ts";
import { PASSWORD, TestGateway, testDirectory } from "../support/gateway.ts";
import { JournalOnDisk, smallDay } from "../support/journal-on-disk.ts";
import { enter, query } from "../support/replay-script.ts";
import { Tool, type ToolRun } from "../support/run-tool.ts";
import { login } from "../support/soup-packets.ts";

const TOOLS = resolve(import.meta.dirname, "../../src/tools");
const NO_ROOM = "its own output cannot be written: ENOSPC: no space left on device, write\n";

/** `behind` is the rest of the command line, for the shell. */
async function runBefore(behind: string, file: string, args: readonly string[]): Promise<ToolRun> {
  const words = [process.execPath, join(TOOLS, file), ...args].map((word) => `'${word}'`);
  const { promise, resolve: done } = Promise.withResolvers<ToolRun>();
  // Of a pipe, the tool's own status.
  const line = `set -o pipefail; ${words.join(" ")} ${behind}`;
  const child = execFile("bash", ["-c", line], (_error, stdout, stderr) => {
    done({ status: child.exitCode, stdout, stderr });
  });
  return promise;
}

function directoryFor(t: TestContext): string {
  const directory = testDirectory();
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function captureIn(directory: string): string {
  const file = join(directory, "day.capture");
  const script = new CaptureScript();
  script.connect(1, { remoteAddress: "10.0.0.9", remotePort: 4711 });
  script.in(1, login(), query()).out(1, loggedIn);
  for (let number = 1; number <= 200; number++) script.wait(20).in(1, enter(number));
  script.write(file);
  return file;
}

async function fakeTarget(t: TestContext): Promise<string[]> {
  const server = await FakeOuchServer.start(t);
  const target = ["--target", `127.0.0.1:${server.port}`, "--password", server.password];
  return [...target, "--accounts", "T:3"];
}

test("a full disk is one line on stderr and a status of its own, whichever the tool", async (t) => {
  const directory = directoryFor(t);
  const capture = captureIn(directory);
  const journal = new JournalOnDisk();
  t.after(() => journal.remove());
  smallDay(journal);
  const target = await fakeTarget(t);
  const runs: [string, string[]][] = [
    ["capture.ts", ["info", capture]],
    ["capture.ts", ["info", capture, "--json"]],
    ["capture.ts", ["cut", capture, "--out", join(directory, "cut")]],
    ["capture.ts", ["--help"]],
    ["replay.ts", [capture, ...target]],
    ["replay.ts", ["--help"]],
    ["load.ts", [...target, "--seconds", "60", "--rate", "100"]],
    ["load.ts", [...target, "--find-max", "p50=50s", "--seconds", "0.2", "--rate", "100"]],
    ["load.ts", ["--help"]],
    ["journal.ts", [journal.laneDirectory]],
  ];
  for (const [file, args] of runs) {
    const { status, stderr } = await runBefore("> /dev/full", file, args);
    assert.deepEqual([status, stderr], [3, NO_ROOM], `${file} ${args.join(" ")}`);
  }
  assert.ok(existsSync(join(directory, "cut")), "the file itself was written");
});

test("a result that cannot be written is told behind everything else", async (t) => {
  const args = [...(await fakeTarget(t)), "--warmup", "0", "--cooldown", "0", "--late-share", "1"];
  const short = [...args, "--seconds", "0.2", "--rate", "100", "--json"];
  const { status, stderr } = await runBefore("> /dev/full", "load.ts", short);
  assert.equal(status, 3);
  assert.match(stderr, /^response +P50[\s\S]*\nits own output cannot be written: ENOSPC.*\n$/m);
  assert.doesNotMatch(stderr, /^ +at /m);
});

test("a file of --out that finds no room takes nothing from stdout", async (t) => {
  const out = directoryFor(t);
  symlinkSync("/dev/full", join(out, "load.json"));
  const args = [...(await fakeTarget(t)), "--warmup", "0", "--cooldown", "0", "--late-share", "1"];
  const short = [...args, "--seconds", "0.2", "--rate", "100", "--json", "--out", out];
  const { status, stdout, stderr } = await runBefore("", "load.ts", short);
  assert.equal(status, 3);
  assert.equal(JSON.parse(stdout).isValid, true);
  assert.match(stderr, /\n\S+load\.json cannot be written: ENOSPC: no space left .*\n$/);
  assert.deepEqual(readdirSync(out), ["load.json"]);
});

test("a reader that leaves ends it without a word", async (t) => {
  const directory = directoryFor(t);
  const capture = captureIn(directory);
  const target = await fakeTarget(t);
  const runs: [string, string[]][] = [
    ["capture.ts", ["info", capture]],
    ["capture.ts", ["to-pcap", capture, "--out", join(directory, "pcap")]],
    ["replay.ts", [capture, ...target]],
    ["load.ts", [...target, "--seconds", "60", "--rate", "100", "--late-share", "1"]],
  ];
  for (const [file, args] of runs) {
    const { stderr } = await runBefore("| head -n 1 > /dev/null", file, args);
    assert.equal(stderr, "", `${file} ${args.join(" ")}`);
  }
});

test("what a gateway was asked to do is not called refused because its answer cannot be written", async (t) => {
  const gateway = await TestGateway.start(t);
  const { control, admin } = gateway.ready;
  const account = ["--user", gateway.user(), "--password", PASSWORD];
  const order = ["--port", `${gateway.port}`, "--control", control, ...account];
  const enter = ["enter", "--side", "B", "--quantity", "1", "--symbol", "AAPL", "--price", "1"];
  const runs: [string, string[], number][] = [
    ["order.ts", [...enter, ...order], 7],
    ["control.ts", ["status", "--control", control], 3],
    ["status.ts", ["--control", control], 3],
    ["slow.ts", ["--admin", `${admin.host}:${admin.port}`], 3],
  ];
  for (const [file, args, expected] of runs) {
    const { status, stderr } = await runBefore("> /dev/full", file, args);
    assert.deepEqual([status, stderr], [expected, NO_ROOM], file);
  }
  const hashed = await runBefore("> /dev/full <<< SECRET", "hash-password.ts", []);
  assert.deepEqual([hashed.status, hashed.stderr], [3, NO_ROOM]);
});

test("who watches an account and is no longer listened to logs out", async (t) => {
  const server = await FakeOuchServer.start(t);
  const account = ["--user", "ALICE", "--password", server.password, "--take-over"];
  const watch = new Tool(t, "order.ts", ["watch", "--port", `${server.port}`, ...account]);
  await watch.untilWritten("System Event");
  watch.child.stdout?.destroy();
  // What is written behind that says that nobody listens.
  const more = setInterval(() => server.query(server.account("ALICE")), 10);
  const { status, stderr } = await watch.ended();
  clearInterval(more);
  assert.deepEqual([status, stderr], [0, ""]);
});

test("the demo and a comparison of pairs end with whoever reads them, and with a full disk", async () => {
  const pairs = ["--a", "sleep 60", "--b", "sleep 60"];
  const full = await runBefore("> /dev/full", "pairs.ts", pairs);
  assert.deepEqual([full.status, full.stderr], [3, NO_ROOM]);
  const left = await runBefore("| head -n 0", "pairs.ts", pairs);
  assert.equal(left.stderr, "");
  const demo = ["--seconds", "60", "--rate", "100"];
  const told = await runBefore("> /dev/full", "demo.ts", demo);
  assert.deepEqual([told.status, told.stderr], [3, NO_ROOM]);
});
