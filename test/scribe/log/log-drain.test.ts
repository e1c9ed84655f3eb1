import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Worker } from "node:worker_threads";
import { type LogDrain, openLogDrain } from "../../../src/scribe/log/log-drain.ts";
import { AccountNames } from "../../../src/telemetry/account-names.ts";
import { EventLog } from "../../../src/telemetry/event-log.ts";
import {
  EVENT_KIND,
  EVENT_RECORD_BYTES,
  readEvent,
  type TelemetryEvent,
  THREAD,
} from "../../../src/telemetry/event-record.ts";
import { LaneLog } from "../../../src/telemetry/lane-log.ts";
import {
  LOG_CORE_BYTES,
  LOG_RECORD_BYTES,
  LOG_RING_RECORDS,
} from "../../../src/telemetry/log-record.ts";
import { RecordRingReader } from "../../../src/telemetry/record-ring.ts";
import { createTelemetryMemory } from "../../../src/telemetry/telemetry-memory.ts";
import { testDirectory } from "../../support/gateway.ts";

const WRITER = new URL("../../support/log-writer.ts", import.meta.url);
const TICK_NS = 10e6;
/** 2026-11-20T15:00:00.999999 when the common clock began: carries into the next second, and into the high half. */
const ZERO = [1_795_186_800, 999_999_000] as const;

interface Rig {
  readonly drain: LogDrain;
  readonly log: LaneLog;
  readonly memory: ReturnType<typeof createTelemetryMemory>;
  readonly directory: string;
  readonly troubles: string[];
  reopen(): Promise<LogDrain>;
}

async function rig(
  t: TestContext,
  json: boolean,
  binary: boolean,
  bytesMax = 2 ** 26,
): Promise<Rig> {
  const directory = join(testDirectory(), "telemetry");
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const memory = createTelemetryMemory(1, 16);
  new AccountNames(memory.accountNames, 1).set(0, 3, "ALICE");
  const troubles: string[] = [];
  const reopen = (): Promise<LogDrain> =>
    openLogDrain({
      memory,
      directory,
      bytesMax,
      filesMax: 4,
      json,
      binary,
      timeOf: (ns) => {
        const all = ZERO[1] + ns;
        return [ZERO[0] + Math.floor(all / 1e9), all % 1e9];
      },
      events: new EventLog(memory.scribeEvents, THREAD.SCRIBE),
      onTrouble: (line) => troubles.push(line),
    });
  const log = new LaneLog(memory.lanes[0]?.log ?? assert.fail("no lane"), 0);
  return { drain: await reopen(), log, memory, directory, troubles, reopen };
}

const textOf = (directory: string, suffix: string): Buffer =>
  Buffer.concat(
    readdirSync(directory)
      .filter((name) => name.endsWith(suffix))
      .sort()
      .map((name) => readFileSync(join(directory, name))),
  );
const linesOf = (directory: string): Record<string, unknown>[] =>
  textOf(directory, ".log")
    .toString()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

test("a record becomes a line with its time, its level and its account's name", async (t) => {
  const { drain, log, directory } = await rig(t, true, false);
  log.lateFill(3, 17, 1_500, 7_000_000);
  drain.tick(TICK_NS);
  drain.close();
  assert.deepEqual(linesOf(directory), [
    {
      level: "warn",
      time: "2026-11-20T15:00:01.000000Z",
      event: "late-fill",
      thread: "lane 0",
      status: "time-out",
      account: "ALICE",
      userRefNum: 17,
      totalUs: 7_000,
    },
  ]);
});

test("a record is in its file before its place in the ring is free", async (t) => {
  const { drain, log, directory } = await rig(t, true, false);
  log.lateFill(3, 17, 1_500, 0);
  drain.tick(TICK_NS);
  assert.equal(linesOf(directory).length, 1);
  drain.close();
});

test("the binary file has the cores and nothing else, on the wall's clock to the nanosecond", async (t) => {
  const { drain, log, directory } = await rig(t, false, true);
  const moments = [1, 1_001, 2 ** 32 + 5, 2 ** 45 + 3];
  for (const ns of moments) log.lateFill(3, 17, ns, 1_000);
  drain.tick(TICK_NS);
  drain.close();
  const bytes = textOf(directory, ".bin");
  assert.equal(bytes.length, moments.length * LOG_CORE_BYTES);
  for (const [index, ns] of moments.entries()) {
    const core = bytes.subarray(index * LOG_CORE_BYTES);
    const zero = BigInt(ZERO[0]) * 1_000_000_000n + BigInt(ZERO[1]);
    assert.equal(core.readBigUInt64LE(0), (3n << 32n) | 17n);
    assert.equal(core.readBigUInt64LE(8), zero + BigInt(ns));
    assert.equal(core.readUInt8(16), 2);
    assert.equal(core.readInt32LE(17), 1);
  }
});

test("what lies in the rings when the process ends is written, however much it is", async (t) => {
  const { drain, log, directory, memory } = await rig(t, true, true, 2 ** 22);
  const records = LOG_RING_RECORDS - LOG_RING_RECORDS / 64;
  for (let number = 1; number <= records; number++) log.lateFill(3, number, number, 0);
  assert.equal(log.ring.droppedCount, 0);
  drain.tick(TICK_NS);
  assert.ok(drain.stats().written < records, "a tick is bounded");
  drain.close();
  assert.equal(drain.stats().written, records);
  assert.equal(
    new RecordRingReader(memory.lanes[0]?.log ?? assert.fail(), LOG_RECORD_BYTES).waitingCount,
    0,
  );
  assert.equal(textOf(directory, ".bin").length, records * LOG_CORE_BYTES);
});

test("a flood of lines does not bring the scribe back sooner, one of binary records does", async (t) => {
  const records = 20_000;
  for (const json of [true, false]) {
    const { drain, log } = await rig(t, json, true);
    for (let order = 0; order < records; order++) log.lateFill(3, order, 1_500, 0);
    drain.tick(TICK_NS);
    const { written } = drain.stats();
    assert.ok(written > 0 && written < records, `${written} of ${records}`);
    assert.equal(drain.isBehind, !json);
    drain.close();
    assert.equal(drain.stats().written, records);
  }
});

for (const [json, binary] of [
  [true, false],
  [false, true],
  [true, true],
] as const) {
  test(`what the disk did not take counts as dropped, with${json ? "" : "out"} lines and with${binary ? "" : "out"} cores`, async (t) => {
    const { drain, log, directory, troubles, reopen } = await rig(t, json, binary);
    writeFileSync(directory, "in the way");
    for (let number = 0; number < 2000; number++) log.lateFill(3, number, 1_500, 0);
    drain.tick(TICK_NS);
    drain.tick(2 * TICK_NS);
    assert.equal(troubles.length, Number(json) + Number(binary));
    assert.deepEqual([drain.stats().written, drain.stats().dropped], [0, 2000]);
    rmSync(directory);
    const next = await reopen();
    log.lateFill(3, 2000, 1_500, 0);
    next.tick(3 * TICK_NS);
    assert.deepEqual([next.stats().written, next.stats().dropped], [1, 2000]);
    next.close();
  });
}

test("files rotate at their cap, and the oldest go", async (t) => {
  const { drain, log, directory } = await rig(t, true, false, 2 ** 17);
  for (let number = 1; number <= 10_000; number++) log.lateFill(3, number, number, 0);
  drain.close();
  assert.equal(readdirSync(directory).length, 4);
  assert.equal(linesOf(directory).at(-1)?.userRefNum, 10_000);
});

test("a scribe that is started anew goes on where the old one stopped", async (t) => {
  const { drain, log, directory, reopen } = await rig(t, false, true);
  for (let number = 1; number <= 30_000; number++) log.lateFill(3, number, number, 0);
  drain.tick(TICK_NS);
  const { written } = drain.stats();
  assert.ok(written > 0 && written < 30_000);
  // It is not closed: it dies.
  const second = await reopen();
  second.close();
  assert.equal(second.stats().written, 30_000 - written);
  assert.equal(textOf(directory, ".bin").length, 30_000 * LOG_CORE_BYTES);
});

test("a gap is counted, visible while it lasts, and an event when it is over", async (t) => {
  const { drain, log, memory, directory } = await rig(t, true, false);
  drain.tick(TICK_NS);
  const wanted = LOG_RING_RECORDS + 1_000;
  for (let number = 1; number <= wanted; number++) log.lateFill(3, number, number, 0);
  const { droppedCount } = log.ring;
  assert.equal(droppedCount, 1_000 + LOG_RING_RECORDS / 64);
  drain.tick(2 * TICK_NS);
  const ring = drain.stats().rings.find(({ thread }) => thread === "lane 0");
  assert.deepEqual([ring?.isBreakerOpen, ring?.dropped], [true, droppedCount]);
  let tick = 3;
  while ((drain.stats().rings[1]?.waiting ?? 0) > 0) drain.tick(tick++ * TICK_NS);
  log.lateFill(3, 1, 1, 0);
  drain.tick(tick * TICK_NS);
  assert.equal(drain.stats().rings[1]?.isBreakerOpen, false);
  drain.close();

  const events: TelemetryEvent[] = [];
  const view = new DataView(memory.scribeEvents);
  new RecordRingReader(memory.scribeEvents, EVENT_RECORD_BYTES).drain(16, (offset) =>
    events.push(readEvent(view, offset)),
  );
  assert.equal(events.length, 1);
  const [event] = events;
  assert.equal(event?.kind, EVENT_KIND.LOG_OVERFLOW);
  assert.equal(event?.value, droppedCount);
  assert.equal(event?.detail, THREAD.LANE);
  assert.equal(event?.startNs, TICK_NS);
  const lines = linesOf(directory);
  const overflow = lines.filter(({ event: name }) => name === "log-overflow");
  assert.deepEqual(
    overflow.map(({ thread, dropped }) => [thread, dropped]),
    [["lane 0", droppedCount]],
  );
  assert.equal(lines.length - 1 + droppedCount, wanted + 1);
});

test("a gap that lasts until the process ends is told in the last line", async (t) => {
  const { drain, log, directory } = await rig(t, true, false);
  drain.tick(TICK_NS);
  for (let number = 1; number <= LOG_RING_RECORDS; number++) log.lateFill(3, number, number, 0);
  const { droppedCount } = log.ring;
  assert.ok(droppedCount > 0);
  drain.close();
  const lines = linesOf(directory);
  assert.equal(lines.length - 1 + droppedCount, LOG_RING_RECORDS);
  const { event, thread, dropped } = lines.at(-1) ?? {};
  assert.deepEqual([event, thread, dropped], ["log-overflow", "lane 0", droppedCount]);
});

test("what was dropped while there was no scribe is told by the next, and once", async (t) => {
  const { log, directory, reopen } = await rig(t, true, false);
  for (let number = 1; number <= LOG_RING_RECORDS; number++) log.lateFill(3, number, number, 0);
  const { droppedCount } = log.ring;
  assert.ok(droppedCount > 0);
  for (const _ of ["the next", "and the one behind it"]) {
    const drain = await reopen();
    for (let tick = 1; tick < 64; tick++) drain.tick(tick * TICK_NS);
    drain.close();
  }
  const told = linesOf(directory).filter(({ event }) => event === "log-overflow");
  assert.deepEqual(
    told.map(({ dropped }) => dropped),
    [droppedCount],
  );
});

test("what a thread writes while the scribe reads arrives whole, in order, or is counted", async (t) => {
  const { drain, memory, directory } = await rig(t, false, true);
  const records = 400_000;
  const ring = memory.lanes[0]?.log ?? assert.fail("no lane");
  const writer = new Worker(WRITER, { workerData: { ring, records } });
  const ended = once(writer, "exit");
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for (let tick = 1; !isOver; tick++) {
    drain.tick(tick * TICK_NS);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(await ended, [0]);
  drain.close();
  const { written, dropped } = drain.stats();
  assert.equal(written + dropped, records);
  const bytes = textOf(directory, ".bin");
  assert.equal(bytes.length, written * LOG_CORE_BYTES);
  let before = 0;
  for (let offset = 0; offset < bytes.length; offset += LOG_CORE_BYTES) {
    const number = bytes.readUInt32LE(offset);
    assert.ok(number > before, `${number} after ${before}`);
    assert.equal(bytes.readInt32LE(offset + LOG_CORE_BYTES - 4), number % 1_000, "torn");
    before = number;
  }
});
