import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Worker } from "node:worker_threads";
import { startClock } from "../../src/base/clock.ts";
import { listCheckpoints } from "../../src/journal/checkpoints.ts";
import { realFiles } from "../../src/journal/files.ts";
import { SEGMENT_BYTES_MIN } from "../../src/journal/journal-layout.ts";
import { isWritingName } from "../../src/journal/journal-names.ts";
import { Keeper } from "../../src/keeper/keeper.ts";
import * as shadows from "../../src/keeper/shadow-checkpoints.ts";
import { createJournalBlock, JournalBlock } from "../../src/memory/journal-block.ts";
import type {
  KeeperMessage,
  KeeperStop,
  KeeperWorkerData,
} from "../../src/memory/keeper-worker-data.ts";
import { InputRecorder } from "../support/input-recorder.ts";
import { BUILD, LANE_DIRECTORY, SESSION } from "../support/journal-rig.ts";
import { LaneRig } from "../support/lane-rig.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { RecordedJournal } from "../support/recorded-journal.ts";
import { SeededRandom } from "../support/seeded-random.ts";

const WORKER = new URL("../../src/keeper/worker.ts", import.meta.url);
/** So many open orders make a checkpoint of more than one piece. */
const ORDERS = 4000;

const journal = new RecordedJournal(new SeededRandom(1), recordedOrders());
const { currentSegment } = journal;

function recordedOrders(): readonly Buffer[] {
  const inputLog = new InputRecorder();
  const rig = new LaneRig({ inputLog });
  const client = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= ORDERS; userRefNum++) {
    client.enter({ userRefNum, side: "B", quantity: 100, symbol: "AAPL", price: 1_000_000 });
    if (userRefNum % 100 === 0) rig.run();
  }
  rig.run();
  return inputLog.slots;
}

const dataOf = (laneDirectory: string, baseNs: bigint): KeeperWorkerData => ({
  baseNs,
  session: SESSION,
  lanes: [
    {
      lane: 0,
      laneDirectory,
      block: createJournalBlock(),
      firstSegmentToStage: currentSegment + 1,
    },
  ],
  segmentBytes: SEGMENT_BYTES_MIN,
  diskUsedPercentMax: 100,
  recoverySecondsMax: 0.01,
  build: BUILD,
  outboxBytesMax: 2 ** 20,
});

test("segments are staged while a checkpoint is being written", () => {
  const disk = journal.disk.copy();
  const clock = new ManualClock();
  const data = dataOf(LANE_DIRECTORY, 0n);
  const block = new JournalBlock(data.lanes[0]?.block ?? assert.fail("no lane"));
  const stagedWhileWriting: number[] = [];
  const keeper = new Keeper({
    shadows: () => shadows,
    data,
    files: disk,
    clock,
    cpuMs: () => clock.nowNs() / 1e6,
    tell: () => {},
    pause: (ms) => {
      clock.advanceMs(ms);
      if (!disk.list(LANE_DIRECTORY).some(isWritingName)) return;
      stagedWhileWriting.push(block.handedOverSegment);
      // The lane runs through its segments.
      disk.close(block.stagedDescriptor);
      block.taken();
    },
    checkpointRecordsMax: 1,
  });
  block.currentSegment = currentSegment;
  for (let turn = 0; turn < 1000 && block.checkpointSegment < currentSegment - 1; turn++) {
    clock.advanceMs(Math.min(keeper.step(), 10));
  }
  assert.equal(block.checkpointSegment, currentSegment - 1);
  const [first = 0, ...others] = stagedWhileWriting;
  assert.ok(
    others.some((segment) => segment > first),
    String(stagedWhileWriting),
  );
  keeper.close(true);
});

/** The recorded journal in a real directory, and a keeper's thread beside it. */
function workerOn(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "keeper-"));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const name of journal.disk.list(LANE_DIRECTORY)) {
    writeFileSync(join(directory, name), journal.disk.bytesOf(join(LANE_DIRECTORY, name)));
  }
  const data = dataOf(directory, startClock().baseNs);
  new JournalBlock(data.lanes[0]?.block ?? assert.fail("no lane")).currentSegment = currentSegment;
  const worker = new Worker(WORKER, { workerData: data, name: "keeper", trackUnmanagedFds: false });
  t.after(() => worker.terminate());
  return { directory, worker };
}

async function stop(worker: Worker): Promise<void> {
  const ended = once(worker, "exit");
  const command: KeeperStop = { command: "stop", isSessionOver: true };
  worker.postMessage(command);
  assert.deepEqual(await ended, [0]);
}

test("the keeper's thread writes a checkpoint of what the lane has finished", async (t) => {
  const { directory, worker } = workerOn(t);
  for (let segment = 0; segment < currentSegment - 1; ) {
    const [message]: KeeperMessage[] = await once(worker, "message");
    if (message?.kind !== "line") continue;
    assert.equal(message.event, "checkpoint");
    segment = Number(message.fields.segment);
  }
  assert.deepEqual(listCheckpoints(realFiles, directory), [currentSegment - 1, currentSegment - 2]);
  await stop(worker);
  assert.ok(!readdirSync(directory).some(isWritingName));
});

test("a stop does not wait for a checkpoint", async (t) => {
  const { directory, worker } = workerOn(t);
  await once(worker, "message");
  await stop(worker);
  assert.ok(existsSync(directory));
});
