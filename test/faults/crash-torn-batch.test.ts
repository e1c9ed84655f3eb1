// The last batch of a journal, cut off at every one of its bytes: a start comes to the state before it, always the same
// one, and leaves the same bytes behind. Only the number of bytes that were cut off tells one start from another.

import assert from "node:assert/strict";
import { test } from "node:test";
import { segmentPath } from "../../src/journal/journal-names.ts";
import { JOURNAL_START } from "../../src/journal/journal-position.ts";
import { JournalReader } from "../../src/journal/journal-reader.ts";
import { MemoryStateWriter } from "../../src/journal/state-memory.ts";
import { LaneCore } from "../../src/lane/lane-core.ts";
import { makeVenue } from "../../src/lane/make-venue.ts";
import { Outbox } from "../../src/lane/outbox.ts";
import { type Recovery, recover } from "../../src/lane/recovery.ts";
import { Unsequenced } from "../../src/lane/unsequenced.ts";
import { CounterWriter, createCounters, LANE_COUNTERS } from "../../src/memory/counters.ts";
import { BUILD, type CrashJournal, DIRECTORY } from "../support/crash-journal.ts";
import { CrashScenario } from "../support/crash-scenario.ts";
import { SESSION } from "../support/lane-rig.ts";
import { readPacket } from "../support/outbox-twin.ts";
import { fuzzSeed } from "../support/seeded-random.ts";
import type { CrashKeep, SimulatedDisk } from "../support/simulated-disk.ts";

const KIB = 2 ** 10;
const OUTBOX_BYTES = 2 ** 20;
const NOBODY = { onAttached() {}, onDetached() {}, onClosing() {}, onWritten() {}, onHeld() {} };

const seed = fuzzSeed();

interface LastBatch {
  readonly segment: number;
  readonly offset: number;
  readonly end: number;
  readonly firstRecord: number;
}

interface Start {
  readonly recovery: Recovery;
  /** Books, accounts and everything else, as a checkpoint has it. */
  readonly state: string;
  /** Every packet of every account. */
  readonly packets: string;
}

for (const hasCheckpoints of [true, false]) {
  const what = hasCheckpoints ? "behind a checkpoint" : "without a checkpoint";
  test(`a last batch that is torn at any byte has never been, ${what} (seed ${seed})`, () => {
    const { disk, last } = journalToTear(hasCheckpoints);
    const whole = start(disk.copy());
    assert.equal(whole.recovery.checkpointSegment > 0, hasCheckpoints);
    assert.equal(whole.recovery.tornBytes, 0);

    const without = cutAt(disk, last, last.offset);
    const before = start(without);
    assert.equal(before.recovery.records, last.firstRecord - 1);
    assert.equal(before.recovery.tornBytes, 0);
    assert.notEqual(before.state, whole.state);
    for (let cut = last.offset + 1; cut < last.end; cut++) {
      const torn = cutAt(disk, last, cut);
      const { recovery, state, packets } = start(torn);
      const name = `cut at ${cut} of ${last.offset} to ${last.end}`;
      if (isZero(disk, last, cut)) {
        // What was cut off is what was there anyway.
        assert.deepEqual(recovery, whole.recovery, name);
        continue;
      }
      const { tornBytes, tornFile, ...rest } = recovery;
      assert.deepEqual({ ...rest, tornBytes: 0, tornFile: "" }, before.recovery, name);
      assert.ok(tornBytes > 0 && tornBytes <= cut - last.offset, `${name}: ${tornBytes} bytes`);
      assert.equal(tornFile, segmentPath(DIRECTORY, last.segment), name);
      assert.equal(state, before.state, name);
      assert.equal(packets, before.packets, name);
      const left = torn.bytesOf(tornFile);
      assert.ok(left.equals(without.bytesOf(tornFile)), `${name}: something is left of it`);
    }
  });
}

/** Its last batch has some length, and is not its segment's first: that one went out with the segment's header. */
function journalToTear(hasCheckpoints: boolean): { disk: SimulatedDisk; last: LastBatch } {
  for (let records = 200; ; records++) {
    const { disk } = makeJournal(hasCheckpoints, records);
    const last = lastBatch(disk);
    if (last.offset > 0 && last.end - last.offset > 100) return { disk, last };
  }
}

function makeJournal(hasCheckpoints: boolean, records: number): CrashJournal {
  const checkpointRecordsMax = hasCheckpoints ? 1 : Number.POSITIVE_INFINITY;
  const segmentBytes = 8 * KIB;
  const options = { seed, durability: "power-loss", segmentBytes, records } as const;
  const everything: CrashKeep = { kind: "everything" };
  return new CrashScenario({ ...options, checkpointRecordsMax }).run({
    call: Number.POSITIVE_INFINITY,
    first: everything,
    second: everything,
    writeBytesMax: Number.POSITIVE_INFINITY,
  });
}

function lastBatch(disk: SimulatedDisk): LastBatch {
  const from = JOURNAL_START;
  const reader = new JournalReader({ files: disk, laneDirectory: DIRECTORY, lane: 0, from });
  let last: LastBatch | undefined;
  for (let before = reader.position; reader.nextBatch(); before = reader.position) {
    const { segment, offset } = reader.position;
    const begin = segment === before.segment ? before.offset : undefined;
    last = { segment, offset: begin ?? 0, end: offset, firstRecord: before.nextRecord };
  }
  reader.close();
  assert.ok(last !== undefined, "a journal without a batch");
  return last;
}

/** The same journal with zeros from there on. */
function cutAt(disk: SimulatedDisk, { segment, end }: LastBatch, cut: number): SimulatedDisk {
  const copy = disk.copy();
  copy.damage(segmentPath(DIRECTORY, segment), cut, Buffer.alloc(end - cut));
  return copy;
}

/** Whether nothing but zeros is cut off there. */
function isZero(disk: SimulatedDisk, { segment, end }: LastBatch, cut: number): boolean {
  const bytes = disk.bytesOf(segmentPath(DIRECTORY, segment));
  return bytes.subarray(cut, end).every((byte) => byte === 0);
}

/** As a gateway begins. */
function start(disk: SimulatedDisk): Start {
  const path = `${DIRECTORY}/spill.outbox`;
  const storePath = `${DIRECTORY}/store.outbox`;
  const spill = { files: disk, path, storePath };
  const outbox = new Outbox({ lane: 0, bytesMax: OUTBOX_BYTES, spill });
  const unsequenced = new Unsequenced();
  const counters = new CounterWriter(createCounters(LANE_COUNTERS));
  const core = new LaneCore(outbox, unsequenced, NOBODY, counters, makeVenue);
  const recovery = recover({
    files: disk,
    laneDirectory: DIRECTORY,
    lane: 0,
    session: SESSION,
    build: BUILD,
    core,
    outbox,
    unsequenced,
    onProgress: () => undefined,
  });
  const out = new MemoryStateWriter();
  core.save(out);
  const packets: string[] = [];
  for (let account = 0; account < (core.state?.accounts.count ?? 0); account++) {
    for (let sequence = 1; sequence < outbox.nextSequence(account); sequence++) {
      packets.push(readPacket(outbox, account, sequence).toString("latin1"));
    }
  }
  return { recovery, state: out.bytes().toString("latin1"), packets: packets.join() };
}
