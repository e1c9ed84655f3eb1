import assert from "node:assert/strict";
import { once } from "node:events";
import { fstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { startClock } from "../../src/base/clock.ts";
import { realFiles } from "../../src/journal/files.ts";
import { SEGMENT_BYTES_MIN } from "../../src/journal/journal-layout.ts";
import { createJournalBlock, JournalBlock } from "../../src/memory/journal-block.ts";
import type { KeeperStop, KeeperWorkerData } from "../../src/memory/keeper-worker-data.ts";

const WORKER = new URL("../../src/keeper/worker.ts", import.meta.url);
const JOURNAL_UNWRITABLE_STATUS = 31;
const WAIT_MS_MAX = 20_000;

function dataOf(laneDirectories: readonly string[]): KeeperWorkerData {
  return {
    baseNs: startClock().baseNs,
    session: "20261121A",
    lanes: laneDirectories.map((laneDirectory, lane) => ({
      lane,
      laneDirectory,
      block: createJournalBlock(),
      firstSegmentToStage: 1,
    })),
    segmentBytes: SEGMENT_BYTES_MIN,
    diskUsedPercentMax: 100,
    recoverySecondsMax: 30,
    build: "0123456789abcdef",
    outboxBytesMax: 2 ** 20,
  };
}

test("two lanes take segment after segment, and a stop ends the thread", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "keeper-"));
  t.after(() => rmSync(root, { recursive: true }));
  const directories = ["lane-0", "lane-1"].map((name) => join(root, name));
  for (const directory of directories) realFiles.makeDirectory(directory);
  const data = dataOf(directories);
  const worker = new Worker(WORKER, { workerData: data, name: "keeper", trackUnmanagedFds: false });
  t.after(() => worker.terminate());
  const blocks = data.lanes.map(({ block }) => new JournalBlock(block));
  for (let segment = 1; segment <= 5; segment++) {
    for (const block of blocks) {
      while (block.stagedWaiting === 0) {
        const waits = block.waits;
        block.waitForStaged(WAIT_MS_MAX);
        assert.ok(block.stagedWaiting > 0 || block.waits > waits, "nothing was staged");
      }
      assert.equal(block.stagedSegment, segment);
      assert.equal(fstatSync(block.stagedDescriptor).size, SEGMENT_BYTES_MIN);
      realFiles.close(block.stagedDescriptor);
      block.taken();
    }
  }

  const ended = once(worker, "exit");
  const stop: KeeperStop = { command: "stop", isSessionOver: true };
  worker.postMessage(stop);
  assert.deepEqual(await ended, [0]);
  const names = [1, 2, 3, 4, 5].map((segment) => `segment-00000${segment}.journal`);
  for (const directory of directories) assert.deepEqual(readdirSync(directory), names);
});

test("a disk that cannot be used ends the keeper with the fault's status", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "keeper-"));
  t.after(() => rmSync(root, { recursive: true }));
  // A directory where the segment should go: open() says EISDIR.
  realFiles.makeDirectory(join(root, "segment-000001.journal"));
  const worker = new Worker(WORKER, { workerData: dataOf([root]), name: "keeper" });
  assert.deepEqual(await once(worker, "exit"), [JOURNAL_UNWRITABLE_STATUS]);
});
