// A lane that ends, ends the process: with a status of its own and one line that says why (rule 5, E19).

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { TestGateway, watchRun } from "../support/gateway.ts";

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
