// Two batches as they stand on the disk, written by hand from journal-layout.ts; checksums by another program's CRC-32.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SEGMENT_BYTES_MIN, SEGMENT_HEADER_BYTES } from "../../src/journal/journal-layout.ts";
import { bytesOf } from "../support/hex.ts";
import {
  BUILD,
  JournalRig,
  LANE_DIRECTORY,
  readJournal,
  SESSION,
  type TestRecord,
} from "../support/journal-rig.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";

const SEGMENT_1 = `${LANE_DIRECTORY}/segment-000001.journal`;

const HEADER = [
  "5441494c 47415445", // TAILGATE
  "01000000 07000000", // format 1, behaviour 7
  "30313233 34353637 38396162 63646566", // build
  "32303236 31313230 41000000 00000000", // session
  "02000000 01000000", // lane 2, segment 1
  "00000000 0000f03f", // first record 1
  "00000000 03000000", // nothing before, incarnation 3
  "00000000 00001041", // 262,144 bytes
  "a9673d0f",
].join("");

const BATCH_1 = [
  "42544348 48000000", // BTCH, 72 bytes of records
  "00000000 0000f03f", // first record 1
  "02000000 03000000", // 2 records, incarnation 3
  "00000000 4b628c1c", // nothing before, checksum of the records
  "78563412 f1debc9a", // digest 12345678 9abcdef1
  "278f7244 00000000", // checksum of this header, spare
  // A message of two bytes, flags 80, from connection 3, epoch 5, detail -7, at 09:30.
  "01800200 03000000 05000000 f9ffffff 0000f0d9 ce1abf42 f0debc9a 00000000 41420000 00000000",
  // A tick a nanosecond later.
  "05000000 ffffffff 00000000 00000000 0001f0d9 ce1abf42 f1debc9a 00000000",
].join("");

const BATCH_2 = [
  "42544348 28000000", // 40 bytes of records
  "00000000 00000840", // first record 3
  "01000000 03000000",
  "278f7244 ad5c3db1", // the first batch's checksum: this one chains
  "21436587 01000000",
  "915771b6 00000000",
  "01000800 03000000 05000000 00000000 0002f0d9 ce1abf42 01000000 00000000 31323334 35363738",
].join("");

const WHOLE = Buffer.alloc(SEGMENT_BYTES_MIN);
bytesOf(HEADER).copy(WHOLE);
bytesOf(BATCH_1 + BATCH_2).copy(WHOLE, SEGMENT_HEADER_BYTES);

const OPENING_NS = 34_200_000_000_000;
const FIRST: TestRecord = {
  kind: 1,
  flags: 0x80,
  connection: 3,
  epoch: 5,
  detail: -7,
  eventNs: OPENING_NS,
  payload: Buffer.from("AB"),
};
const SECOND: TestRecord = {
  kind: 5,
  flags: 0,
  connection: -1,
  epoch: 0,
  detail: 0,
  eventNs: OPENING_NS + 1,
  payload: Buffer.alloc(0),
};
const THIRD: TestRecord = {
  kind: 1,
  flags: 0,
  connection: 3,
  epoch: 5,
  detail: 0,
  eventNs: OPENING_NS + 2,
  payload: Buffer.from("12345678"),
};

test("a journal's bytes are those of the layout, to the last one", () => {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  const rig = new JournalRig(disk);
  rig.stage();
  const writer = rig.writer({ lane: 2, incarnation: 3, behaviourVersion: 7 });
  const { digest, slots } = rig;
  rig.fill(FIRST);
  digest.reset(0x12345678, 0x9abcdef0);
  writer.append(slots, 0, digest);
  rig.fill(SECOND);
  digest.reset(0x12345678, 0x9abcdef1);
  writer.append(slots, 0, digest);
  writer.commit(digest);
  rig.fill(THIRD);
  digest.reset(0x87654321, 1);
  writer.append(slots, 0, digest);
  writer.commit(digest);
  const written = disk.bytesOf(SEGMENT_1);
  assert.equal(written.subarray(0, 256).toString("hex"), WHOLE.subarray(0, 256).toString("hex"));
  assert.ok(written.equals(WHOLE));
});

test("bytes of the layout are read as what they say", () => {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  disk.put(SEGMENT_1, WHOLE);
  const { records, batchEnds, end, position, reader } = readJournal(disk, { lane: 2 });
  assert.deepEqual(records, [
    { ...FIRST, number: 1, outputsLow: 0x9abcdef0 },
    { ...SECOND, number: 2, outputsLow: 0x9abcdef1 },
    { ...THIRD, number: 3, outputsLow: 1 },
  ]);
  assert.deepEqual(batchEnds, [2, 3]);
  assert.deepEqual([reader.digestHigh, reader.digestLow], [0x87654321, 1]);
  assert.equal(reader.incarnation, 3);
  assert.deepEqual(reader.header, {
    behaviourVersion: 7,
    build: BUILD,
    session: SESSION,
    lane: 2,
    segment: 1,
    firstRecord: 1,
    previousChecksum: 0,
    incarnation: 3,
    segmentBytes: SEGMENT_BYTES_MIN,
  });
  const offset = SEGMENT_HEADER_BYTES + bytesOf(BATCH_1 + BATCH_2).length;
  assert.deepEqual(position, { segment: 1, offset, nextRecord: 4, previousChecksum: 0xb6715791 });
  assert.deepEqual(end, { kind: "clean", file: SEGMENT_1, segment: 1, offset, tornBytes: 0 });
});
