import assert from "node:assert/strict";
import { dirname } from "node:path";
import { test } from "node:test";
import { FaultError } from "../../src/base/fault.ts";
import {
  BATCH_BYTES_MAX,
  SEGMENT_BYTES_MIN,
  SEGMENT_HEADER_BYTES,
} from "../../src/journal/journal-layout.ts";
import { INBOUND_PAYLOAD_BYTES_MAX } from "../../src/memory/inbound-record.ts";
import { JOURNAL_COUNT, SHORTAGE } from "../../src/memory/journal-block.ts";
import { JournalRig, LANE_DIRECTORY, readJournal, recoverJournal } from "../support/journal-rig.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";

const SEGMENT_1 = `${LANE_DIRECTORY}/segment-000001.journal`;
const text = (value: string): { payload: Buffer } => ({ payload: Buffer.from(value) });
const LONG = { payload: Buffer.alloc(INBOUND_PAYLOAD_BYTES_MAX, 0x41) };
const rigOf = (): JournalRig => new JournalRig(new SimulatedDisk(LANE_DIRECTORY));

function codeOf(call: () => void): string {
  try {
    call();
  } catch (error) {
    if (error instanceof FaultError) return error.fault.code;
    throw error;
  }
  return "no fault";
}

test("a batch is one write and, against power loss, one sync", () => {
  for (const durability of ["power-loss", "process-crash"] as const) {
    const rig = rigOf();
    const writer = rig.writer({ durability });
    rig.commit(writer, text("a"));
    rig.stage();
    const { disk } = rig;
    const [writes, syncs] = [disk.count("write"), disk.count("sync")];
    rig.commit(writer, text("b"), text("c"));
    assert.equal(disk.count("write") - writes, 1);
    assert.equal(disk.count("sync") - syncs, durability === "power-loss" ? 1 : 0);
    assert.equal(writer.counts[JOURNAL_COUNT.RECORDS], 3);
    assert.equal(writer.counts[JOURNAL_COUNT.BATCHES], 2);
    assert.deepEqual(readJournal(disk).batchEnds, [1, 3]);
  }
});

test("nothing appended is nothing written", () => {
  const rig = rigOf();
  const writer = rig.writer();
  writer.commit(rig.digest);
  writer.close();
  assert.equal(rig.disk.count("write"), 0);
});

test("a lane's batch that is longer than one of the journal becomes several, each with its own digest", () => {
  const rig = rigOf();
  const writer = rig.writer();
  rig.stage();
  const count = Math.ceil(BATCH_BYTES_MAX / INBOUND_PAYLOAD_BYTES_MAX);
  for (let index = 0; index < count; index++) rig.append(writer, LONG);
  writer.commit(rig.digest);
  assert.equal(writer.counts[JOURNAL_COUNT.BATCHES], 2);
  // One sync each: of two unsynced ones the second could be on the disk and the first not.
  assert.equal(writer.counts[JOURNAL_COUNT.SYNCS], 2);
  const { records, batchEnds, reader } = readJournal(rig.disk);
  assert.equal(records.length, count);
  assert.deepEqual([reader.digestHigh, reader.digestLow], [rig.digest.high, rig.digest.low]);
  assert.equal(batchEnds.length, 2);
});

test("a short write is continued", () => {
  const rig = rigOf();
  const writer = rig.writer();
  rig.stage();
  rig.disk.writeBytesMax = 100;
  rig.append(writer, LONG);
  rig.append(writer, text("b"));
  writer.commit(rig.digest);
  rig.disk.writeBytesMax = Number.POSITIVE_INFINITY;
  rig.commit(writer, text("c"));
  assert.equal(readJournal(rig.disk).records.length, 3);
  assert.ok(writer.counts[JOURNAL_COUNT.WRITES]! > 40);
});

for (const [operation, errno] of [
  ["write", "EIO"],
  ["write", "ENOSPC"],
  ["sync", "EIO"],
] as const) {
  test(`${errno} of a ${operation} is final: nothing is tried again, nothing more is written`, () => {
    const rig = rigOf();
    const writer = rig.writer();
    rig.commit(writer, text("a"));
    const { disk } = rig;
    rig.stage();
    disk.fail(operation, errno);
    const calls = disk.count(operation);
    let fault: unknown;
    try {
      rig.commit(writer, text("b"));
    } catch (error) {
      fault = error instanceof FaultError ? error.fault : error;
    }
    const expected =
      errno === "ENOSPC"
        ? { code: "JOURNAL_FULL", directory: dirname(SEGMENT_1), errno }
        : { code: "JOURNAL_IO", path: SEGMENT_1, operation, errno };
    assert.deepEqual(fault, expected);
    assert.equal(disk.count(operation), calls + 1);
    assert.throws(() => rig.commit(writer, text("c")), /after it failed/);
    const syncs = disk.count("sync");
    writer.close();
    assert.equal(disk.count("sync"), syncs);
    disk.crash({ kind: "synced" });
    assert.deepEqual(readJournal(disk).batchEnds, [1]);
  });
}

test("segments follow one another, and each header goes out with its first batch", () => {
  const rig = rigOf();
  const writer = rig.writer();
  const { disk } = rig;
  let written = 0;
  while (writer.position.segment < 4) {
    rig.stage();
    const [writes, segments] = [disk.count("write"), writer.counts[JOURNAL_COUNT.SEGMENTS]];
    for (let index = 0; index < 400; index++) rig.append(writer, LONG);
    writer.commit(rig.digest);
    written += 400;
    assert.equal(disk.count("write") - writes, 1, `as batch ${written / 400}, ${segments}`);
  }
  const { records, end } = readJournal(disk);
  assert.deepEqual(
    records.map(({ number }) => number),
    Array.from({ length: written }, (_, index) => index + 1),
  );
  assert.equal(end.kind, "clean");
  writer.close();
  // Two staged ones are the keeper's still.
  assert.equal(disk.openDescriptors, rig.block.stagedWaiting);
});

test("a batch that fits to the last byte stays, one that is longer by eight goes to the next segment", () => {
  for (const more of [0, 8]) {
    const rig = rigOf();
    const writer = rig.writer();
    rig.commit(writer, text("a"));
    const body = (bytes: number): number => 48 + bytes; // a batch of one record: headers of 48 and 32
    let left = SEGMENT_BYTES_MIN - writer.position.offset;
    while (left > 2 * body(240)) {
      rig.commit(writer, LONG);
      left = SEGMENT_BYTES_MIN - writer.position.offset;
    }
    const first = Math.floor(left / 2 / 8) * 8;
    rig.commit(writer, { payload: Buffer.alloc(first - 80) });
    left = SEGMENT_BYTES_MIN - writer.position.offset;
    rig.commit(writer, { payload: Buffer.alloc(left - 80 + more) });
    assert.equal(writer.position.segment, more === 0 ? 1 : 2);
    if (more === 0) assert.equal(writer.position.offset, SEGMENT_BYTES_MIN);
    rig.commit(writer, text("z"));
    assert.equal(readJournal(rig.disk).records.at(-1)?.payload.toString(), "z");
  }
});

test("a writer goes on where the one before stopped", () => {
  const rig = rigOf();
  const first = rig.writer();
  rig.commit(first, text("a"), text("b"));
  rig.disk.crash({ kind: "everything" });
  const { position } = recoverJournal(rig.disk);
  assert.deepEqual(position, first.position);
  const next = new JournalRig(rig.disk);
  const second = next.writer({ position, incarnation: 2 });
  assert.equal(next.block.currentSegment, 1);
  next.commit(second, text("c"));
  const { records, reader, batchEnds } = readJournal(rig.disk);
  assert.equal(records.map(({ payload }) => payload.toString()).join(""), "abc");
  assert.deepEqual(batchEnds, [2, 3]);
  assert.equal(reader.incarnation, 2);
});

test("what a process wrote and did not live to sync is synced before the next one goes on", () => {
  const rig = rigOf();
  const { disk } = rig;
  const first = rig.writer();
  rig.commit(first, text("a"));
  rig.stage();
  disk.fail("sync", "EINTR");
  rig.append(first, text("b"));
  assert.throws(() => first.commit(rig.digest), /JOURNAL_IO/);
  disk.crash({ kind: "everything" });
  // It is read, so clients will be told of it.
  const { position, batchEnds } = recoverJournal(disk);
  assert.deepEqual(batchEnds, [1, 2]);
  new JournalRig(disk).writer({ position });
  disk.crash({ kind: "synced" });
  assert.deepEqual(readJournal(disk).batchEnds, [1, 2]);
});

test("without a staged segment the lane waits, says so, and goes on when there is one", () => {
  const rig = rigOf();
  let waited = 0;
  const writer = rig.writer({
    onWaiting: () => {
      waited++;
      if (waited === 2) rig.stageOne();
    },
  });
  rig.append(writer, text("a"));
  writer.commit(rig.digest);
  assert.equal(waited, 2);
  assert.equal(writer.counts[JOURNAL_COUNT.WAITS], 1);
  assert.deepEqual(readJournal(rig.disk).batchEnds, [1]);
});

test("the last eighth of the last segment is kept until the disk is known to be short, then used, then full", () => {
  const rig = rigOf();
  let waits = 0;
  const writer = rig.writer({
    onWaiting: () => {
      waits++;
      rig.block.shortage = SHORTAGE.SHORT;
    },
  });
  rig.stageOne();
  const put = (): void => {
    for (let index = 0; index < 40; index++) rig.append(writer, LONG);
    writer.commit(rig.digest);
  };
  const kept = SEGMENT_BYTES_MIN / 8;
  assert.equal(writer.isShort, false);
  while (!writer.isShort) put();
  assert.equal(waits, 1);
  const before = SEGMENT_BYTES_MIN - writer.position.offset;
  assert.ok(before < kept, "the batch that had waited was written");
  assert.ok(before > kept - SEGMENT_HEADER_BYTES * 3, "and it was the first in there");
  assert.equal(
    codeOf(() => {
      for (;;) put();
    }),
    "JOURNAL_FULL",
  );
  assert.ok(SEGMENT_BYTES_MIN - writer.position.offset < before, "cancels found room");
  rig.disk.crash({ kind: "synced" });
  assert.equal(readJournal(rig.disk).records.length, writer.counts[JOURNAL_COUNT.RECORDS]);
});

test("the end of a session is synced whatever the durability", () => {
  const rig = rigOf();
  const writer = rig.writer({ durability: "process-crash" });
  while (writer.position.segment < 3) {
    rig.commit(writer, ...Array.from({ length: 400 }, () => LONG));
  }
  writer.close();
  rig.disk.crash({ kind: "synced" });
  assert.deepEqual(readJournal(rig.disk).position, writer.position);
});
