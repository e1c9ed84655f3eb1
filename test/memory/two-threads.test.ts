// Every record of one thread reaches the other once, in order and whole, in the forms that are hard (E16).
// Two threads, real doorbell. A lost wake-up shows as a park that timed out, or as silence.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type EchoOptions, type EchoReport, runEcho } from "../support/echo-gate.ts";

const BEFORE_UNSIGNED_WRAP = 2 ** 32 - 1000;
const BEFORE_SIGNED_WRAP = 2 ** 31 - 1000;

const NORMAL: EchoOptions = {
  recordCount: 10_000_000,
  inboundSlots: 4096,
  outboundSlots: 4096,
  sequenceStart: BEFORE_UNSIGNED_WRAP,
  batchMax: 256,
  burstMax: 1024,
  drainMax: 4096,
  windowBytes: 1 << 30,
  openMax: Number.POSITIVE_INFINITY,
  isDeafUntilFull: false,
};

const echo = (changes: Partial<EchoOptions>): Promise<EchoReport> =>
  runEcho({ ...NORMAL, ...changes });

test("ten million records pass through both rings, across the wrap of their cursors", async () => {
  const report = await echo({});
  assert.equal(report.doorbell, "fifo");
});

test("a drain bounded below the lane's batch loses nothing", async () => {
  await echo({ recordCount: 10_000_000, drainMax: 64, batchMax: 256 });
});

test("rings of two slots lose nothing", async () => {
  const report = await echo({
    recordCount: 100_000,
    inboundSlots: 2,
    outboundSlots: 2,
    sequenceStart: BEFORE_SIGNED_WRAP,
  });
  assert.ok(report.parks > 0);
});

test("a lane that parks after every record is woken for every record", async () => {
  const recordCount = 50_000;
  const report = await echo({ recordCount, batchMax: 1, burstMax: 1, openMax: 1 });
  assert.ok(report.parks > recordCount / 10, `${report.parks} parks`);
});

test("both rings full at once come apart again", async () => {
  const report = await echo({
    recordCount: 300_000,
    inboundSlots: 8,
    outboundSlots: 8,
    drainMax: 8,
    isDeafUntilFull: true,
  });
  assert.ok(report.bothFull > 1000, `${report.bothFull} times`);
  assert.ok(report.ringStarved > 1000, `${report.ringStarved} times`);
});

test("a full credit window opens again", async () => {
  const report = await echo({
    recordCount: 300_000,
    windowBytes: 256,
    drainMax: 64,
    sequenceStart: BEFORE_SIGNED_WRAP,
  });
  assert.ok(report.windowStarved > 1000, `${report.windowStarved} times`);
});

test("a doorbell of messages serves as well as one of bytes", async () => {
  const report = await echo({
    recordCount: 500_000,
    makeFifo: () => {
      throw new Error("no mkfifo here");
    },
  });
  assert.equal(report.doorbell, "message");
});
