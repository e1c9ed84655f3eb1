// A lane that ends, ends the process: with a status of its own and one line that says why (rule 5, E19).

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { TestGateway, testDirectory, watchRun } from "../support/gateway.ts";
import { mustKeep } from "../support/kept-answers.ts";
import { cause, harriedBy, tell } from "../support/thread-trouble.ts";

const LANE_PROCESS = fileURLToPath(new URL("../support/lane-process.ts", import.meta.url));

interface FaultLine {
  readonly code: string;
  readonly advice: string;
  readonly lane?: number;
  readonly message?: string;
  readonly thread?: string;
  readonly reason?: string;
}

/** The faults among the lines. */
const faultsIn = (lines: readonly string[]): FaultLine[] =>
  lines.filter((line) => line.includes('"event":"fault"')).map((line) => JSON.parse(line));

async function lose(how: string): Promise<{ status: number | null; faults: FaultLine[] }> {
  const child = spawn(process.execPath, [LANE_PROCESS, how], { stdio: ["ignore", "pipe", "pipe"] });
  const { status, stderr } = await watchRun(child);
  return { status, faults: faultsIn(stderr.split("\n")) };
}

test("a lane that throws ends the process with status 22 and the invariant in one line", async () => {
  const { status, faults } = await lose("throws");
  assert.equal(status, 22);
  assert.equal(faults.length, 1);
  assert.equal(faults[0]?.code, "INVARIANT");
  assert.equal(faults[0]?.thread, "lane 0");
  assert.match(faults[0]?.message ?? "", /kind/);
});

test("a lane whose thread ends without a word ends the process with status 20", async () => {
  const { status, faults } = await lose("ends");
  assert.equal(status, 20);
  assert.deepEqual(
    faults.map(({ code, lane }) => [code, lane]),
    [["LANE_DIED", 0]],
  );
});

test("a lane that makes no sign of life ends the process with status 21", async () => {
  const { status, faults } = await lose("stalls");
  assert.equal(status, 21);
  assert.deepEqual(
    faults.map(({ code, lane }) => [code, lane]),
    [["LANE_STALLED", 1]],
  );
});

test("a lane on the gate's thread that makes no sign of life ends the process, too: the scribe kills it", async (context) => {
  const directory = testDirectory();
  const troubleFile = join(directory, "trouble");
  const settings = { "journal.durability": "process-crash", "lanes.stallMsMax": 3000 };
  const options = { directory, settings, env: harriedBy(troubleFile) };
  const gateway = await TestGateway.start(context, options);
  const trader = await gateway.trader();
  const order = trader.order();
  await trader.heard();
  // As long as it may be, it is left alone.
  await cause(troubleFile, { thread: "gate", does: "block", ms: 1000, number: 1 });
  trader.cancel({ userRefNum: order });
  await trader.heard();
  tell(troubleFile, { thread: "gate", does: "block", ms: 60_000, number: 2 });
  const exit = await gateway.untilEnded();
  assert.deepEqual(exit, { status: null, signal: "SIGKILL" });
  const fault = faultsIn(gateway.stderr);
  assert.deepEqual(
    fault.map(({ code, lane }) => [code, lane]),
    [["LANE_STALLED", 0]],
  );
  await trader.closed();
  await mustKeep(await TestGateway.start(context, { directory }), trader);
});

test("an outbox that is full and has no file ends a gateway with status 17", async (context) => {
  const settings = { "lanes.outboxBytesMax": 64 * 1024, "journal.durability": "none" };
  const gateway = await TestGateway.start(context, { settings });
  const trader = await gateway.trader();
  const bystander = await gateway.trader();
  for (let order = 0; order < 2_000; order++) trader.order();
  const exit = await gateway.untilEnded();
  assert.deepEqual(exit, { status: 17, signal: null });
  const faults = faultsIn(gateway.stderr);
  assert.deepEqual(
    faults.map(({ code, lane }) => [code, lane]),
    [["OUTBOX_FULL", 0]],
  );
  assert.match(faults[0]?.advice ?? "", /outboxBytesMax/);
  await Promise.all([trader.closed(), bystander.closed()]);
  // What did arrive is the stream's beginning, whole.
  const numbers = trader.messages.filter(({ type }) => type === "A").map(({ fields }) => fields);
  assert.ok(numbers.every(({ userRefNum }, index) => userRefNum === index + 1));
});
