import assert from "node:assert/strict";
import { test } from "node:test";
import { segmentPath, segmentsAmong } from "../../src/journal/journal-names.ts";
import { SegmentStager } from "../../src/keeper/segment-stager.ts";
import { createJournalBlock, JournalBlock } from "../../src/memory/journal-block.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";
import { type CrashKeep, SimulatedDisk } from "../support/simulated-disk.ts";

const DIRECTORY = "/journal/20261121A/lane-0";
const SEGMENT_BYTES = 384 * 1024;
const CRASH = new Error("the machine stops");

/** A start on the disk, and staging until two segments are ahead. */
function stageOn(disk: SimulatedDisk): JournalBlock {
  const clock = new ManualClock();
  const block = new JournalBlock(createJournalBlock());
  const stager = new SegmentStager({
    files: disk,
    clock,
    laneDirectory: DIRECTORY,
    block,
    segmentBytes: SEGMENT_BYTES,
    firstSegment: 1,
  });
  for (let waitMs = 0; waitMs < 1000; waitMs = stager.step()) clock.advanceMs(waitMs);
  return block;
}

/** A name promises that all of it is there. */
function checkWhole(disk: SimulatedDisk): void {
  for (const segment of segmentsAmong(disk.list(DIRECTORY))) {
    const bytes = disk.bytesOf(segmentPath(DIRECTORY, segment));
    assert.ok(bytes.equals(Buffer.alloc(SEGMENT_BYTES)), `segment ${segment}`);
  }
}

const seed = fuzzSeed();
const keeps: readonly CrashKeep[] = [
  { kind: "synced" },
  { kind: "some", random: new SeededRandom(seed) },
  { kind: "everything" },
];

for (const keep of keeps) {
  test(`a crash at any call of the staging leaves whole segments or none (${keep.kind}, seed ${seed})`, () => {
    let calls = 0;
    for (let crashAt = 0; ; crashAt++) {
      const disk = new SimulatedDisk(DIRECTORY);
      calls = 0;
      disk.before = () => {
        if (calls++ === crashAt) throw CRASH;
      };
      try {
        stageOn(disk);
        break;
      } catch (thrown) {
        // As it is, or in the fault that was made of it.
        assert.match(String(thrown), /the machine stops/);
      }
      disk.before = () => {};
      disk.crash(keep);
      checkWhole(disk);
      const block = stageOn(disk);
      assert.deepEqual([block.stagedSegment, block.handedOverSegment], [1, 2]);
      checkWhole(disk);
      assert.deepEqual(
        disk.list(DIRECTORY),
        ["segment-000001.journal", "segment-000002.journal"],
        `crash at call ${crashAt}`,
      );
      disk.crash({ kind: "synced" });
      assert.equal(disk.list(DIRECTORY).length, 2, "what is handed over outlasts a loss of power");
      checkWhole(disk);
    }
    assert.ok(calls > 15, String(calls));
  });
}
