// Real gate, lanes, journal writer, recovery and keeper in one thread, on disks in memory, with everybody's turns given
// by chance. The process dies before any call to the disk: during a roll, a checkpoint, a recovery, between a write and
// its sync, between a commit and its answers; and the disk loses all that was not synced, or a part of it, sector by
// sector. What clients have received must be there afterwards (FUZZ_SEED replays one history; MODEL_HISTORIES runs more).

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BATCH_HEADER_BYTES,
  journalRecordBytes,
  SEGMENT_HEADER_BYTES,
} from "../../src/journal/journal-layout.ts";
import { SLOT_BYTES } from "../../src/memory/slot-memory.ts";
import { type CrashCounts, CrashJournal, noCrashes } from "../support/crash-journal.ts";
import { type MakeJournals, runHistory } from "../support/model-history.ts";
import { fuzzSeed } from "../support/seeded-random.ts";

const HISTORIES = 20;

const seed = fuzzSeed();
const isReplay = process.env.FUZZ_SEED !== undefined;
const count = isReplay ? 1 : Number(process.env.MODEL_HISTORIES ?? HISTORIES);

for (const durability of ["power-loss", "process-crash"] as const) {
  test(`${count} histories end well on disks with ${durability}, from seed ${seed}`, async (context) => {
    const journals: CrashJournal[] = [];
    const makeJournals: MakeJournals = (random, { batchMax }) => {
      // Room for a few batches each.
      const batchBytes = BATCH_HEADER_BYTES + batchMax * journalRecordBytes(SLOT_BYTES);
      const segmentBytes = SEGMENT_HEADER_BYTES + random.pick([1, 2, 8]) * batchBytes;
      const checkpointRecordsMax = random.pick([1, 1, 200, 100_000]);
      const common = { durability, segmentBytes, checkpointRecordsMax, random };
      return (lane, clock) => {
        const journal = new CrashJournal({ ...common, lane, clock });
        journals.push(journal);
        return journal;
      };
    };
    for (let index = 0; index < count; index++) {
      await runHistory((seed + index) >>> 0, makeJournals);
    }
    if (isReplay) return;
    const total = noCrashes();
    for (const { counts } of journals) {
      for (const key of Object.keys(total) as (keyof CrashCounts)[]) total[key] += counts[key];
    }
    context.diagnostic(JSON.stringify(total));
    assert.ok(total.deaths > count, `only ${total.deaths} deaths`);
    assert.ok(total.segments > 3 * count, `only ${total.segments} segments`);
  });
}
