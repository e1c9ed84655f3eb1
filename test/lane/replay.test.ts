import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultError } from "../../src/base/fault.ts";
import { LaneCore } from "../../src/lane/lane-core.ts";
import { makeVenue } from "../../src/lane/make-venue.ts";
import { Outbox } from "../../src/lane/outbox.ts";
import { Replay } from "../../src/lane/replay.ts";
import { Unsequenced } from "../../src/lane/unsequenced.ts";
import { CounterWriter, createCounters, LANE_COUNTERS } from "../../src/memory/counters.ts";
import { LANE_DIRECTORY, readerOf } from "../support/journal-rig.ts";
import { recordedFlow } from "../support/recorded-flow.ts";
import { RecordedJournal } from "../support/recorded-journal.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const NOBODY = { onAttached() {}, onDetached() {}, onClosing() {}, onWritten() {}, onHeld() {} };
const OTHER_BUILD = "fedcba9876543210";

const seed = fuzzSeed();
test(`a disk that fails under another build's journal is the disk's fault, not the build's (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  const { disk } = new RecordedJournal(random, recordedFlow(random, {}, 3000));
  const path = `${LANE_DIRECTORY}/spill.outbox`;
  const outbox = new Outbox({ lane: 0, bytesMax: 2 ** 17, spill: { files: disk, path } });
  const unsequenced = new Unsequenced();
  const counters = new CounterWriter(createCounters(LANE_COUNTERS));
  const core = new LaneCore(outbox, unsequenced, NOBODY, counters, makeVenue);
  const replay = new Replay(0, OTHER_BUILD, core, unsequenced, readerOf(disk));
  disk.before = ({ operation, path: written }) => {
    if (operation !== "write" || written !== path) return;
    throw Object.assign(new Error("EIO"), { code: "EIO" });
  };
  assert.throws(
    () => {
      while (replay.step(1000) > 0);
    },
    (error) => error instanceof FaultError && error.fault.code === "JOURNAL_IO",
  );
});
