// A planned end: nothing that was taken is lost, and nobody is left without a word.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { askGateway } from "../../src/tools/control-client.ts";
import { PROJECT_ROOT, startCommand } from "../../src/tools/gateway-process.ts";
import { setRules, troubledBy } from "../support/disk-trouble.ts";
import { gatewayArguments, TestGateway, testDirectory, watchRun } from "../support/gateway.ts";

const ORDERS = 2_000;
/** On a busy machine, too, a drain has the time to finish: each batch of a lane waits for the disk. */
const PATIENT = { "session.drainMsMax": 15_000 };

/** Of all clients' requests. */
async function framesIn(control: string): Promise<number> {
  const { result } = await askGateway(control, { command: "status" });
  return (result as { gate: { counters: { framesIn: number } } }).gate.counters.framesIn;
}

test("SIGTERM finishes what was taken: each request that was read is answered, in order", async (context) => {
  const gateway = await TestGateway.start(context, { settings: PATIENT });
  const traders = await Promise.all(Array.from({ length: 4 }, () => gateway.trader()));
  const first = traders[0];
  assert.ok(first);
  for (const trader of traders) for (let order = 0; order < ORDERS; order++) trader.order();
  // Signalled while they are at it.
  await first.next("A");
  const exit = await gateway.stop();
  assert.deepEqual(exit, { status: 0, signal: null });
  for (const trader of traders) {
    const { isClean } = await trader.closed();
    assert.equal(isClean, true, `${trader.user} was not let go in peace`);
    assert.match(trader.debugTexts.join(), /shutting down/);
    const numbers = trader.messages
      .filter(({ type }) => type === "A")
      .map(({ fields }) => fields.userRefNum);
    assert.deepEqual(
      numbers,
      Array.from(numbers, (_, index) => index + 1),
    );
  }
  assert.deepEqual(gateway.faults, []);
});

test("what is in flight between gate and lane at SIGTERM is answered to the last", async (context) => {
  // A lane that takes one record at a time, and rings that hold a lot of them.
  const settings = { ...PATIENT, "lanes.batchMax": 1, "lanes.inboundSlots": 16_384 };
  const gateway = await TestGateway.start(context, { settings });
  const trader = await gateway.trader();
  const { control } = gateway.ready;
  for (let order = 0; order < ORDERS; order++) trader.order();
  trader.query();
  await trader.next("A");
  const taken = await framesIn(control);
  assert.equal((await gateway.stop()).status, 0);
  await trader.closed();
  // The login's query and its answer came before.
  assert.ok(trader.messages.length - 1 >= taken, `${trader.messages.length} of ${taken}`);
});

test("a resume that is under way is finished first", async (context) => {
  const gateway = await TestGateway.start(context, { settings: PATIENT });
  const trader = await gateway.trader(undefined, { sequence: 1 });
  const orders = 20_000;
  for (let order = 0; order < orders; order++) trader.order({ timeInForce: "3" });
  await trader.untilSequence(1 + orders);
  await trader.logout();
  const back = await gateway.trader(trader.user, { session: gateway.session, sequence: 1 });
  await back.next("S");
  assert.ok(back.messages.length < orders, "the resume was over too soon to test anything");
  assert.equal((await gateway.stop()).status, 0);
  await back.closed();
  assert.equal(back.nextExpected, orders + 2);
});

test("newcomers are turned away while it drains, and a drain by the control socket is the same", async (context) => {
  const gateway = await TestGateway.start(context);
  const trader = await gateway.trader();
  const answer = await askGateway(gateway.ready.control, { command: "drain" });
  assert.equal(answer.ok, true);
  const { isClean } = await trader.closed();
  assert.equal(isClean, true);
  assert.deepEqual(await gateway.untilEnded(), { status: 0, signal: null });
  await assert.rejects(gateway.raw());
});

test("a client that does not read cannot hold the end up for longer than drainMsMax", async (context) => {
  const settings = { "session.drainMsMax": 300 };
  const gateway = await TestGateway.start(context, { settings });
  const trader = await gateway.trader();
  trader.session.pauseReading();
  for (let order = 0; order < 50_000; order++) trader.order();
  const other = await gateway.trader();
  other.order();
  assert.deepEqual(await other.heard(), ["A 1 L"]);
  const startMs = performance.now();
  assert.deepEqual(await gateway.stop(), { status: 0, signal: null });
  assert.ok(performance.now() - startMs < 5_000);
  await other.closed();
  trader.close();
});

for (const [signal, status] of [
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const) {
  test(`a second ${signal}, later than one that is told twice, ends it at once`, async (context) => {
    const directory = testDirectory();
    const rulesFile = join(directory, "rules");
    const settings = { "session.drainMsMax": 60_000, "lanes.stallMsMax": 60_000 };
    const env = troubledBy(rulesFile);
    const gateway = await TestGateway.start(context, { directory, settings, env });
    const trader = await gateway.trader();
    // The drain waits for what the lane is at, and that for its disk.
    setRules(rulesFile, [{ call: "sync", path: "segment", thread: "lane-0", takesMs: 30_000 }]);
    const { control } = gateway.ready;
    const before = await framesIn(control);
    trader.order();
    while ((await framesIn(control)) === before);
    gateway.child.kill(signal);
    await gateway.untilLogged("draining");
    // Those that come at once are the first one, told again.
    const again = setInterval(() => gateway.child.kill(signal), 50);
    context.after(() => clearInterval(again));
    assert.deepEqual(await gateway.untilEnded(), { status, signal: null });
    trader.close();
  });
}

test("what npm starts drains when npm is told to end, and when its group is told as well", async () => {
  const { scripts } = JSON.parse(readFileSync(join(PROJECT_ROOT, "package.json"), "utf8"));
  const words = gatewayArguments(testDirectory()).map((word) => `'${word}'`);
  // npm passes on to its shell what it is told, and Ctrl-C reaches the whole group.
  const shell = spawn("sh", ["-c", `${scripts.start} ${words.join(" ")}`], {
    cwd: PROJECT_ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { status, signal, stderr } = await watchRun(shell, () => {
    shell.kill("SIGINT");
    shell.kill("SIGTERM");
  });
  assert.deepEqual({ status, signal }, { status: 0, signal: null }, stderr);
  assert.match(stderr, /"event":"drained"/);
});

test("SIGHUP before the ready line ends nothing: it comes from whoever means a reload", async () => {
  const args = [...startCommand(), ...gatewayArguments(testDirectory())];
  const child = spawn(process.execPath, args, {
    cwd: PROJECT_ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const over = watchRun(child, () => void child.kill("SIGTERM"));
  await once(child.stderr, "data");
  child.kill("SIGHUP");
  const { status, signal, stdout } = await over;
  assert.deepEqual({ status, signal }, { status: 0, signal: null });
  assert.match(stdout, /"event":"ready"/);
});
