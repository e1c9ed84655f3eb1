import assert from "node:assert/strict";
import { fstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startClock } from "../../src/base/clock.ts";
import { KeeperWorker } from "../../src/gate/keeper-worker.ts";
import { realFiles } from "../../src/journal/files.ts";
import { SEGMENT_BYTES_MIN } from "../../src/journal/journal-layout.ts";
import { createJournalBlock, JournalBlock } from "../../src/memory/journal-block.ts";
import type { KeeperWorkerData } from "../../src/memory/keeper-worker-data.ts";
import { AwaitedLines } from "../support/awaited-lines.ts";

const JOURNAL_UNWRITABLE_STATUS = 31;
const WAIT_MS_MAX = 20_000;

function dataOf(laneDirectory: string): KeeperWorkerData {
  return {
    baseNs: startClock().baseNs,
    session: "20261121A",
    lanes: [{ lane: 0, laneDirectory, block: createJournalBlock(), firstSegmentToStage: 1 }],
    segmentBytes: SEGMENT_BYTES_MIN,
    diskUsedPercentMax: 100,
    recoverySecondsMax: 30,
    build: "0123456789abcdef",
    outboxBytesMax: 2 ** 20,
  };
}

function takeNext(block: JournalBlock): number {
  block.waitForStaged(WAIT_MS_MAX);
  const { stagedSegment, stagedDescriptor } = block;
  assert.equal(fstatSync(stagedDescriptor).size, SEGMENT_BYTES_MIN);
  realFiles.close(stagedDescriptor);
  block.taken();
  return stagedSegment;
}

test("a keeper that dies leaves its segments open, is started anew and stages on", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "keeper-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const log = new AwaitedLines();
  const data = dataOf(directory);
  const block = new JournalBlock(data.lanes[0]!.block);
  const keeper = new KeeperWorker(data, log);
  keeper.start();
  assert.equal(takeNext(block), 1);
  const ended = log.when("keeper-ended");
  const restarted = log.when("keeper-restarted");
  block.waitForStaged(WAIT_MS_MAX);
  keeper.terminate();
  await ended;
  assert.equal(takeNext(block), 2, "staged by the one that died");
  await restarted;
  assert.equal(keeper.restartCount, 1);
  for (const segment of [3, 4, 5]) {
    while (block.stagedWaiting === 0) block.waitForStaged(WAIT_MS_MAX);
    assert.equal(takeNext(block), segment);
  }
  await keeper.stop(true);
  assert.deepEqual(
    readdirSync(directory).at(-1),
    "segment-000005.journal",
    "what nobody took is gone",
  );
});

test("a keeper that is dead when its session ends leaves nothing open", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "keeper-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const log = new AwaitedLines();
  const data = dataOf(directory);
  const block = new JournalBlock(data.lanes[0]!.block);
  const keeper = new KeeperWorker(data, log);
  keeper.start();
  assert.equal(takeNext(block), 1);
  block.waitForStaged(WAIT_MS_MAX);
  const { stagedDescriptor } = block;
  const ended = log.when("keeper-ended");
  keeper.terminate();
  await ended;
  await keeper.stop(true);
  assert.equal(block.stagedWaiting, 0);
  assert.throws(() => fstatSync(stagedDescriptor), /EBADF/);
});

test("a disk that cannot be used ends the gateway with the fault's status", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "keeper-"));
  t.after(() => rmSync(directory, { recursive: true }));
  // A directory where the segment should go: open() says EISDIR.
  realFiles.makeDirectory(join(directory, "segment-000001.journal"));
  const { promise, resolve } = Promise.withResolvers<number>();
  const keeper = new KeeperWorker(dataOf(directory), new AwaitedLines(), resolve);
  keeper.start();
  // The worker alone does not keep the process up.
  const timer = setTimeout(() => resolve(0), WAIT_MS_MAX);
  assert.equal(await promise, JOURNAL_UNWRITABLE_STATUS);
  clearTimeout(timer);
  await keeper.stop();
});

test("a disk that cannot be used while the keeper is on its way home does so, too", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "keeper-"));
  t.after(() => rmSync(directory, { recursive: true }));
  realFiles.makeDirectory(join(directory, "segment-000001.journal"));
  let status = 0;
  const keeper = new KeeperWorker(dataOf(directory), new AwaitedLines(), (of) => {
    status = of;
  });
  keeper.start();
  // It comes to its first step before it hears of that.
  await keeper.stop();
  assert.equal(status, JOURNAL_UNWRITABLE_STATUS);
});
