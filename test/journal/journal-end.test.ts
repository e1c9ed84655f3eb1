// Torn or damaged: a journal is cut, zeroed and changed at each of its bytes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { type Fault, FaultError } from "../../src/base/fault.ts";
import { cutTorn } from "../../src/journal/cut-torn.ts";
import {
  BATCH_HEADER_BYTES,
  journalRecordBytes,
  SEGMENT_BYTES_MIN,
  SEGMENT_HEADER_BYTES,
} from "../../src/journal/journal-layout.ts";
import type { JournalPosition } from "../../src/journal/journal-position.ts";
import type { JournalWriter } from "../../src/journal/journal-writer.ts";
import { INBOUND_PAYLOAD_BYTES_MAX } from "../../src/memory/inbound-record.ts";
import {
  JournalRig,
  LANE_DIRECTORY,
  readJournal,
  recoverJournal,
  type TestRecord,
} from "../support/journal-rig.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";

const pathOf = (segment: number): string => `${LANE_DIRECTORY}/segment-00000${segment}.journal`;
const text = (value: string): TestRecord => ({ payload: Buffer.from(value) });
const LONG: TestRecord = { payload: Buffer.alloc(INBOUND_PAYLOAD_BYTES_MAX, 0x41) };

interface Written {
  readonly disk: SimulatedDisk;
  readonly rig: JournalRig;
  /** Where each batch begins, and last of all where the journal ends; of the segment that is being written. */
  readonly starts: readonly number[];
}

/** Batches of one, two, … records, two staged segments behind them. */
function write(batches: number): Written {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  const rig = new JournalRig(disk);
  const writer = rig.writer();
  const starts = [SEGMENT_HEADER_BYTES];
  for (let batch = 1; batch <= batches; batch++) {
    const records = Array.from({ length: batch }, (_, index) => text(`record ${batch}.${index}`));
    rig.commit(writer, ...records);
    starts.push(writer.position.offset);
  }
  writer.close();
  return { disk, rig, starts };
}

const at = (starts: readonly number[], index: number): number => {
  const start = starts.at(index);
  assert.ok(start !== undefined);
  return start;
};

function damageOf(disk: SimulatedDisk): Fault | "none" {
  try {
    readJournal(disk);
    return "none";
  } catch (error) {
    if (error instanceof FaultError) return error.fault;
    throw error;
  }
}

/** What was read stays readable, and the journal goes on behind it. */
function checkGoesOn(disk: SimulatedDisk, batchEnds: readonly number[], where: string): void {
  const before = readJournal(disk);
  assert.deepEqual(before.batchEnds, batchEnds, where);
  const cut = cutTorn(disk, LANE_DIRECTORY, before.end);
  assert.equal(cut, before.end.tornBytes, where);
  assert.equal(cutTorn(disk, LANE_DIRECTORY, readJournal(disk).end), 0, where);
  const rig = new JournalRig(disk);
  const writer = rig.writer({ position: before.position, incarnation: 2 });
  rig.commit(writer, text("afterwards"));
  const after = readJournal(disk);
  assert.equal(after.end.kind, "clean", where);
  assert.deepEqual(after.batchEnds, [...batchEnds, (batchEnds.at(-1) ?? 0) + 1], where);
}

test("the last batch, cut at each of its bytes, is torn; all before it stands, and the journal goes on", () => {
  const { disk, starts } = write(3);
  const whole = disk.bytesOf(pathOf(1));
  const [start, end] = [at(starts, -2), at(starts, -1)];
  for (let cut = start; cut < end; cut++) {
    // The rest was never written, or the file is shorter.
    for (const bytes of [Buffer.from(whole).fill(0, cut), whole.subarray(0, cut)]) {
      const torn = disk.copy();
      torn.put(pathOf(1), bytes);
      const where = `cut at ${cut - start} of ${bytes.length}`;
      const read = readJournal(torn);
      let dirty = cut;
      while (dirty > start && whole[dirty - 1] === 0) dirty--;
      // What ends with zeros anyway lacks nothing.
      const isWhole = whole.subarray(cut, end).every((byte) => byte === 0);
      const tornBytes = isWhole ? 0 : dirty - start;
      assert.deepEqual([read.end.tornBytes, read.end.file], [tornBytes, pathOf(1)], where);
      assert.equal(read.end.kind, tornBytes === 0 ? "clean" : "torn", where);
      const batchEnds = isWhole ? [1, 3, 6] : [1, 3];
      assert.deepEqual(read.batchEnds, batchEnds, where);
      if (bytes.length < whole.length || cut % 4 === 0) checkGoesOn(torn, batchEnds, where);
    }
  }
});

test("the very first batch, with the header of its segment, is torn at each byte as well", () => {
  const { disk, starts } = write(1);
  const whole = disk.bytesOf(pathOf(1));
  const places = [0, 1, 8, 50, 83, 84, 4095, 4096, 4097, at(starts, 1) - 8];
  for (const cut of places) {
    const torn = disk.copy();
    torn.put(pathOf(1), Buffer.from(whole).fill(0, cut));
    const { position } = readJournal(torn);
    // Without a header the segment is one that was only staged.
    assert.deepEqual(
      [position.segment, position.nextRecord],
      [cut < 84 ? 0 : 1, 1],
      `cut at ${cut}`,
    );
    const fresh = torn.copy();
    cutTorn(fresh, LANE_DIRECTORY, readJournal(fresh).end);
    if (cut < 84) assert.ok(fresh.bytesOf(pathOf(1)).every((byte) => byte === 0));
    checkGoesOn(torn, [], `cut at ${cut}`);
  }
});

test("sectors of the last batch may be missing in any way", () => {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  const rig = new JournalRig(disk);
  const writer = rig.writer();
  rig.commit(writer, text("a"));
  const start = writer.position.offset;
  rig.commit(writer, LONG, LONG, LONG, LONG, LONG);
  const whole = disk.bytesOf(pathOf(1));
  const first = Math.floor(start / 512);
  const sectors = Math.ceil(writer.position.offset / 512) - first;
  for (let mask = 0; mask < 2 ** sectors - 1; mask++) {
    const torn = disk.copy();
    const bytes = Buffer.from(whole);
    for (let sector = 0; sector < sectors; sector++) {
      const from = Math.max(start, (first + sector) * 512);
      if ((mask & (1 << sector)) === 0) bytes.fill(0, from, (first + sector + 1) * 512);
    }
    torn.put(pathOf(1), bytes);
    checkGoesOn(torn, [1], `sectors ${mask.toString(2)}`);
  }
});

test("any changed byte of a batch that is not the last is damage, and the fault says where", () => {
  const { disk, starts } = write(4);
  const whole = disk.bytesOf(pathOf(1));
  for (const batch of [0, 1, 2]) {
    const [start, end] = [at(starts, batch), at(starts, batch + 1)];
    for (let place = start; place < end; place++) {
      for (const mask of [0x01, 0x80]) {
        disk.damage(pathOf(1), place, Buffer.from([whole[place]! ^ mask]));
        const fault = damageOf(disk);
        assert.ok(fault !== "none" && fault.code === "JOURNAL_DAMAGED", `byte ${place - start}`);
        assert.deepEqual([fault.file, fault.offset], [pathOf(1), start], `byte ${place - start}`);
      }
      disk.damage(pathOf(1), place, whole.subarray(place, place + 1));
    }
  }
  assert.equal(damageOf(disk), "none");
});

test("any changed byte of the last batch is a torn end: nobody can tell it from one", () => {
  const { disk, starts } = write(3);
  const whole = disk.bytesOf(pathOf(1));
  const [start, end] = [at(starts, -2), at(starts, -1)];
  for (let place = start; place < end; place++) {
    const changed = disk.copy();
    changed.damage(pathOf(1), place, Buffer.from([whole[place]! ^ 0x40]));
    checkGoesOn(changed, [1, 3], `byte ${place - start}`);
  }
});

test("zeros in the middle are damage, however many", () => {
  const { disk, starts } = write(4);
  const whole = disk.bytesOf(pathOf(1));
  for (const [from, to] of [
    [at(starts, 1), at(starts, 2)], // a batch
    [at(starts, 0), at(starts, 3)], // all but the last
    [0, at(starts, 3)], // with the header
    [at(starts, 1), at(starts, 1) + 48],
    [0, 100],
  ] as const) {
    disk.put(pathOf(1), Buffer.from(whole).fill(0, from, to));
    assert.equal((damageOf(disk) as Fault).code, "JOURNAL_DAMAGED", `${from} to ${to}`);
  }
});

test("batches that are whole and stand in the wrong place are damage", () => {
  const { disk, starts } = write(4);
  const whole = disk.bytesOf(pathOf(1));
  const batch = (index: number): Buffer => whole.subarray(at(starts, index), at(starts, index + 1));
  const head = whole.subarray(0, SEGMENT_HEADER_BYTES);
  const other = write(2); // the same batches, but of another journal
  other.rig.commit(other.rig.writer({ position: readJournal(other.disk).position }), text("other"));
  const foreign = other.disk
    .bytesOf(pathOf(1))
    .subarray(at(other.starts, 2), at(other.starts, 2) + 88);
  for (const [name, ...batches] of [
    ["left out", batch(0), batch(2), batch(3)],
    ["twice", batch(0), batch(0), batch(1)],
    ["swapped", batch(0), batch(2), batch(1), batch(3)],
    ["the last repeated", batch(0), batch(1), batch(1)],
    ["of another journal, and one of ours behind it", batch(0), batch(1), foreign, batch(3)],
  ] as const) {
    const bytes = Buffer.alloc(SEGMENT_BYTES_MIN);
    Buffer.concat([head, ...batches]).copy(bytes);
    disk.put(pathOf(1), bytes);
    assert.equal((damageOf(disk) as Fault).code, "JOURNAL_DAMAGED", name);
  }
});

/** Some segments full of long records, the last one with a batch or two. */
function writeSegments(segments: number): SimulatedDisk {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  const rig = new JournalRig(disk);
  const writer = rig.writer();
  while (writer.position.segment < segments) {
    rig.commit(writer, ...Array.from({ length: 300 }, () => LONG));
  }
  rig.commit(writer, text("last"));
  writer.close();
  return disk;
}

test("damage at the end of a segment shows in the next one", () => {
  const disk = writeSegments(3);
  const read = readJournal(disk);
  assert.equal(read.position.segment, 3);
  const whole = disk.bytesOf(pathOf(2));
  for (let end = SEGMENT_HEADER_BYTES; ; ) {
    const next = whole.indexOf("BTCH", end + 4);
    if (next >= 0) {
      end = next;
      continue;
    }
    // The last batch of segment 2: changed, zeroed, and the file cut there.
    for (const bytes of [
      Buffer.from(whole).fill(0x55, end + 60, end + 61),
      Buffer.from(whole).fill(0, end),
      whole.subarray(0, end),
    ]) {
      disk.put(pathOf(2), bytes);
      const fault = damageOf(disk) as Fault;
      assert.ok(fault.code === "JOURNAL_DAMAGED");
      assert.deepEqual([fault.file, fault.offset], [pathOf(2), end]);
      assert.match(fault.reason, /segment/);
    }
    break;
  }
});

test("a segment that is missing, changed places or lost its header is damage", () => {
  const whole = writeSegments(3);
  const faults = (change: (disk: SimulatedDisk) => void): Fault => {
    const disk = whole.copy();
    change(disk);
    return damageOf(disk) as Fault;
  };
  for (const segment of [1, 2]) {
    assert.deepEqual(
      (({ code, ...rest }) => [code, "file" in rest && rest.file])(
        faults((disk) => disk.remove(pathOf(segment))),
      ),
      ["JOURNAL_DAMAGED", pathOf(segment)],
    );
  }
  const swapped = faults((disk) => {
    const second = disk.bytesOf(pathOf(2));
    disk.put(pathOf(2), disk.bytesOf(pathOf(3)));
    disk.put(pathOf(3), second);
  });
  assert.equal(swapped.code, "JOURNAL_DAMAGED");
  for (const segment of [1, 2, 3]) {
    for (const place of [0, 8, 20, 40, 52, 60, 66, 79, 83]) {
      const fault = faults((disk) => disk.damage(pathOf(segment), place, Buffer.from([0xa5])));
      assert.equal(fault.code, "JOURNAL_DAMAGED", `segment ${segment}, byte ${place}`);
    }
  }
});

test("a segment in which nothing stands is named, and not the one before it", () => {
  const whole = writeSegments(3);
  const bytes = whole.bytesOf(pathOf(2));
  const rubbish = Buffer.alloc(bytes.length, 0xa5);
  for (const left of [Buffer.alloc(0), Buffer.alloc(bytes.length), rubbish]) {
    const disk = whole.copy();
    disk.put(pathOf(2), left);
    const { code, file, offset } = damageOf(disk) as Fault & { file: string; offset: number };
    assert.deepEqual([code, file, offset], ["JOURNAL_DAMAGED", pathOf(2), 0]);
  }
});

test("a segment that is missing before those that are only staged may have been used", () => {
  const disk = writeSegments(3);
  for (const staged of [4, 5])
    disk.put(pathOf(staged), Buffer.alloc(disk.bytesOf(pathOf(1)).length));
  assert.equal(recoverJournal(disk.copy()).end.kind, "clean");
  disk.remove(pathOf(3));
  const fault = damageOf(disk) as Fault & { file: string };
  assert.deepEqual([fault.code, fault.file], ["JOURNAL_DAMAGED", pathOf(3)]);
});

test("a segment that has one batch and no header was the last thing written, and is cut off", () => {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  const rig = new JournalRig(disk);
  const writer = rig.writer();
  const before = writeUpToTheEnd(rig, writer);
  rig.commit(writer, LONG);
  assert.equal(writer.position.segment, 2);
  const torn = disk.copy();
  torn.damage(pathOf(2), 0, Buffer.alloc(SEGMENT_HEADER_BYTES));
  const { end, position } = recoverJournal(torn);
  assert.deepEqual([end.kind, end.file, end.offset], ["torn", pathOf(2), 0]);
  assert.deepEqual(position, before);
  assert.ok(torn.bytesOf(pathOf(2)).every((byte) => byte === 0));
  // With a second batch behind it the header had been there.
  rig.commit(writer, LONG);
  disk.damage(pathOf(2), 0, Buffer.alloc(SEGMENT_HEADER_BYTES));
  assert.equal((damageOf(disk) as Fault).code, "JOURNAL_DAMAGED");
});

/** Until the next long record needs another segment. Returns the position. */
function writeUpToTheEnd(rig: JournalRig, writer: JournalWriter): JournalPosition {
  const batchBytes = BATCH_HEADER_BYTES + journalRecordBytes(LONG.payload.length);
  rig.commit(writer, LONG);
  while (writer.position.offset + batchBytes <= SEGMENT_BYTES_MIN) rig.commit(writer, LONG);
  assert.equal(writer.position.segment, 1);
  return writer.position;
}

test("a segment of another lane or session, format or behaviour is not read", () => {
  const { disk } = write(1);
  const codeOf = (options: Parameters<typeof readJournal>[1]): string => {
    try {
      readJournal(disk, options);
      return "none";
    } catch (error) {
      return error instanceof FaultError ? error.fault.code : String(error);
    }
  };
  assert.equal(codeOf({ session: "20261120A", behaviourVersion: 1 }), "none");
  assert.equal(codeOf({ lane: 1 }), "JOURNAL_MISMATCH");
  assert.equal(codeOf({ session: "20261120B" }), "JOURNAL_MISMATCH");
  assert.equal(codeOf({ behaviourVersion: 2 }), "JOURNAL_VERSION");
  const header = disk.bytesOf(pathOf(1)).subarray(0, 84);
  header.writeUInt32LE(2, 8);
  header.writeUInt32LE(crc32(header.subarray(0, 80)), 80);
  disk.damage(pathOf(1), 0, header);
  assert.equal(codeOf({}), "JOURNAL_VERSION");
});

test("what a client wrote into a torn batch is no batch, though it looks like one", () => {
  const { disk: other, starts } = write(2);
  // A whole batch of record 2, as a client can know it who has the source; within one of record 2, which is torn.
  const forged = other.bytesOf(pathOf(1)).subarray(at(starts, 1), at(starts, 2));
  forged.writeDoubleLE(9, 8);
  forged.writeUInt32LE(crc32(forged.subarray(0, 40)), 40);
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  const rig = new JournalRig(disk);
  const writer = rig.writer();
  rig.commit(writer, text("a"));
  rig.commit(writer, LONG, { payload: forged }, LONG);
  const end = writer.position.offset;
  disk.damage(pathOf(1), end - 100, Buffer.alloc(100));
  checkGoesOn(disk, [1], "forged");
});

test("rubbish in a staged segment is cut off like the rest of a torn write", () => {
  for (const offset of [0, 100, 5000, SEGMENT_BYTES_MIN - 8]) {
    const { disk } = write(2);
    disk.damage(pathOf(2), offset, Buffer.from("torn"));
    disk.damage(pathOf(3), 77, Buffer.from("torn as well"));
    const { end, position } = recoverJournal(disk);
    assert.deepEqual([end.kind, end.file, end.offset], ["torn", pathOf(2), 0]);
    assert.equal(end.tornBytes, offset + 4 + 77 + 12);
    assert.equal(position.segment, 1);
    for (const segment of [2, 3]) {
      assert.ok(disk.bytesOf(pathOf(segment)).every((byte) => byte === 0));
    }
    assert.equal(readJournal(disk).end.kind, "clean");
    // It was synced, too.
    disk.crash({ kind: "synced" });
    assert.equal(readJournal(disk).end.kind, "clean");
  }
});

test("an empty directory and one with staged segments alone are the start of a journal", () => {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  assert.equal(readJournal(disk).position.segment, 0);
  new JournalRig(disk).stage();
  const { end, position } = readJournal(disk);
  assert.deepEqual(position, { segment: 0, offset: 0, nextRecord: 1, previousChecksum: 0 });
  assert.deepEqual([end.kind, end.tornBytes], ["clean", 0]);
  checkGoesOn(disk, [], "staged");
  assert.equal(disk.copy().openDescriptors, 0);
});
