// Random batches, random ends: what was committed is read back, whatever a crash leaves of the rest.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultError } from "../../src/base/fault.ts";
import type { JournalWriter } from "../../src/journal/journal-writer.ts";
import { INBOUND_PAYLOAD_BYTES_MAX } from "../../src/memory/inbound-record.ts";
import {
  JournalRig,
  LANE_DIRECTORY,
  type ReadRecord,
  readerOf,
  readJournal,
  readOn,
  recoverJournal,
  type TestRecord,
} from "../support/journal-rig.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";

const seed = fuzzSeed();

const randomRecord = (random: SeededRandom): TestRecord => ({
  kind: 1 + random.below(12),
  flags: random.below(256),
  connection: random.u32() | 0,
  epoch: random.u32() | 0,
  detail: random.u32() | 0,
  eventNs: random.u32() * 1000,
  payload: random.bytes(random.below(INBOUND_PAYLOAD_BYTES_MAX + 1)),
});

const randomBatch = (random: SeededRandom): TestRecord[] => {
  const count = random.chance(4) ? 1 + random.below(900) : 1 + random.below(5);
  const record = randomRecord(random);
  // Long batches repeat themselves: making them up takes longer than writing them.
  return Array.from({ length: count }, () => (count > 5 ? record : randomRecord(random)));
};

/** What was read, as it was written. */
const asWritten = (records: readonly ReadRecord[]): TestRecord[] =>
  records.map(({ number, outputsLow, ...record }) => record);

/** One life of a process: goes on where the journal ends, until it dies. */
function live(
  disk: SimulatedDisk,
  random: SeededRandom,
  writes: (rig: JournalRig, writer: JournalWriter) => void,
  durability: "power-loss" | "process-crash",
): void {
  const { position, reader } = recoverJournal(disk);
  const rig = new JournalRig(disk);
  const writer = rig.writer({ position, durability, incarnation: reader.incarnation + 1 });
  if (random.chance(3)) disk.writeBytesMax = 1 + random.below(5000);
  writes(rig, writer);
  disk.writeBytesMax = Number.POSITIVE_INFINITY;
}

for (const durability of ["power-loss", "process-crash"] as const) {
  test(`lives that end anywhere lose nothing that was committed: ${durability} (seed ${seed})`, () => {
    const random = new SeededRandom(seed);
    for (let round = 0; round < 12; round++) {
      const disk = new SimulatedDisk(LANE_DIRECTORY);
      const committed: TestRecord[] = [];
      let begun: TestRecord[] = [];
      for (let life = 0; life < 4; life++) {
        live(
          disk,
          random,
          (rig, writer) => {
            rig.stage();
            let left = random.below(60);
            disk.before = () => {
              if (left-- <= 0) throw new Error("died");
            };
            try {
              for (;;) {
                begun = randomBatch(random);
                // Staging, too, may be where it dies.
                rig.commit(writer, ...begun);
                committed.push(...begun);
                begun = [];
              }
            } catch (error) {
              const isDeath = error instanceof FaultError || String(error).includes("died");
              assert.ok(isDeath, String(error));
            }
            disk.before = () => {};
          },
          durability,
        );
        if (durability === "process-crash") disk.crash({ kind: "everything" });
        else disk.crash(random.chance(2) ? { kind: "synced" } : { kind: "some", random });
        const { records, end } = readJournal(disk);
        const where = `round ${round}, life ${life}, ${end.kind}`;
        const read = asWritten(records);
        assert.ok(read.length >= committed.length, where);
        // More may be there than the process knew of when it died: whole batches of what it had begun.
        assert.deepEqual(read, [...committed, ...begun].slice(0, read.length), where);
        committed.push(...begun.slice(0, read.length - committed.length));
        begun = [];
      }
    }
  });
}

test(`a journal can be read on from behind any of its batches (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  const rig = new JournalRig(disk);
  const writer = rig.writer();
  const positions = [writer.position];
  for (let batch = 0; batch < 25; batch++) {
    rig.commit(writer, ...randomBatch(random));
    positions.push(writer.position);
  }
  const whole = readJournal(disk);
  for (const from of positions) {
    const rest = readJournal(disk, { from });
    assert.deepEqual(rest.position, whole.position);
    assert.deepEqual(rest.records, whole.records.slice(from.nextRecord - 1));
  }
});

test("a position that the journal does not have is damage, not the journal's start", () => {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  const rig = new JournalRig(disk);
  const writer = rig.writer();
  rig.commit(writer, { payload: Buffer.from("a") });
  rig.commit(writer, { payload: Buffer.from("b") });
  const good = readJournal(disk).position;
  for (const changed of [
    { segment: 2 }, // only staged
    { segment: 4 },
    { offset: 4096 },
    { offset: 4096, nextRecord: 1, previousChecksum: 1 },
  ]) {
    const from = { ...good, ...changed };
    assert.throws(() => readJournal(disk, { from }), /JOURNAL_DAMAGED/, JSON.stringify(changed));
  }
});

test(`a reader that follows a writer sees each batch once and whole (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  const rig = new JournalRig(disk);
  const writer = rig.writer();
  rig.stage();
  const follower = readerOf(disk, { isLive: true });
  const seen: ReadRecord[] = [];
  let torn = 0;
  const look = (): void => {
    follower.refresh();
    const { records, end } = readOn(follower);
    seen.push(...records);
    if (end.kind === "torn") torn++;
  };
  disk.before = ({ operation }) => {
    // Between the parts of one batch, and between its last part and its sync.
    if (operation !== "write" && operation !== "sync") return;
    const before = disk.before;
    disk.before = () => {};
    look();
    disk.before = before;
  };
  const written: TestRecord[] = [];
  // Batches differ a lot in size: what counts is that the follower crosses into further segments.
  for (let batch = 0; batch < 40 || writer.position.segment < 3; batch++) {
    const records = randomBatch(random);
    rig.stage();
    disk.writeBytesMax = 1 + random.below(40_000);
    for (const record of records) rig.append(writer, record);
    writer.commit(rig.digest);
    disk.writeBytesMax = Number.POSITIVE_INFINITY;
    written.push(...records);
  }
  disk.before = () => {};
  look();
  assert.deepEqual(asWritten(seen), written);
  assert.ok(torn > 0, "some batches were seen half written");
  assert.ok(follower.position.segment > 1);
  follower.close();
});

test("a reader that is kept off the segment being written goes on when it may", () => {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  const rig = new JournalRig(disk);
  const writer = rig.writer();
  const reader = readerOf(disk);
  reader.lastSegment = 0;
  const payload = Buffer.alloc(INBOUND_PAYLOAD_BYTES_MAX);
  const fill = (segment: number): void => {
    while (writer.position.segment < segment) {
      rig.commit(writer, ...Array.from({ length: 200 }, () => ({ payload })));
    }
  };
  fill(1);
  assert.equal(readOn(reader).records.length, 0);
  let last = 0;
  for (const segment of [2, 3, 5]) {
    fill(segment);
    reader.lastSegment = segment - 1;
    reader.refresh();
    const { records, position } = readOn(reader);
    assert.equal(records[0]?.number, last + 1);
    last = records.at(-1)?.number ?? 0;
    assert.equal(position.segment, segment - 1);
    assert.equal(position.nextRecord, last + 1);
  }
  assert.equal(last, writer.position.nextRecord - 1 - 200);
  reader.close();
});
