import assert from "node:assert/strict";
import { test } from "node:test";
import { CAPTURE_KIND, type CaptureRecord } from "../../src/capture/capture-record.ts";
import { paddedBytes, readRecord, recordBytesAt } from "../../src/capture/capture-record-layout.ts";
import {
  CAPTURE_COUNT,
  CAPTURE_FULL,
  CaptureRingProducer,
  CaptureRingReader,
  captureCount,
  createCaptureRing,
} from "../../src/capture/capture-ring.ts";
import { plainRecord, randomRecords } from "../support/capture-records.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const seed = fuzzSeed();

function put(ring: CaptureRingProducer, record: CaptureRecord): boolean {
  const { kind, flags, connection, detail, atNs, payload } = record;
  const offset = ring.claim(payload.length, kind, flags, connection, detail, atNs);
  if (offset === CAPTURE_FULL) return false;
  payload.copy(ring.bytes, offset);
  ring.publish();
  return true;
}
type PlainRecord = ReturnType<typeof plainRecord>;
function take(ring: CaptureRingReader, bytesMax: number): PlainRecord[] {
  const taken: PlainRecord[] = [];
  ring.read(bytesMax, (bytes, start, end) => {
    const view = new DataView(bytes.buffer);
    for (let at = start; at < end; at += paddedBytes(recordBytesAt(view, at))) {
      taken.push(plainRecord(readRecord(bytes, view, at)));
      const recordBytes = recordBytesAt(view, at);
      const padding = bytes.subarray(at + recordBytes, at + paddedBytes(recordBytes));
      assert.ok(padding.every((byte) => byte === 0));
    }
  });
  return taken;
}

test(`what goes in comes out, round and round and through the wrap of positions, seed ${seed}`, () => {
  const random = new SeededRandom(seed);
  const memory = createCaptureRing(4096);
  const words = new Int32Array(memory);
  // Both positions, shortly before they wrap.
  words[0] = -8192;
  words[32] = -8192;
  const producer = new CaptureRingProducer(memory);
  const consumer = new CaptureRingReader(memory);
  const waiting: PlainRecord[] = [];
  let full = 0;
  for (const record of randomRecords(random, 20_000, 300)) {
    if (put(producer, record)) waiting.push(plainRecord(record));
    else full++;
    if (random.chance(6)) {
      const taken = take(consumer, random.below(4096));
      assert.deepEqual(taken, waiting.splice(0, taken.length));
      if (random.chance(2)) consumer.handBack();
    }
  }
  assert.deepEqual(take(consumer, 4096), waiting);
  assert.ok(full > 0, "it was full at times");
});

const record = (payload: Buffer): CaptureRecord => ({
  kind: CAPTURE_KIND.IN,
  flags: 0,
  connection: 1,
  detail: 0,
  atNs: 1,
  payload,
});
const HUNDRED = Buffer.alloc(104); // 128 with its header

test("a ring that was full takes nothing until it is half empty", () => {
  const memory = createCaptureRing(1024);
  const producer = new CaptureRingProducer(memory);
  const consumer = new CaptureRingReader(memory);
  for (let count = 0; count < 8; count++) assert.ok(put(producer, record(HUNDRED)));
  assert.equal(put(producer, record(HUNDRED)), false);
  assert.equal(take(consumer, 300).length, 3);
  assert.equal(put(producer, record(HUNDRED)), false, "what is not handed back is not free");
  consumer.handBack();
  assert.equal(put(producer, record(HUNDRED)), false);
  assert.equal(take(consumer, 100).length, 1);
  consumer.handBack();
  assert.ok(put(producer, record(HUNDRED)));
  for (let count = 0; count < 3; count++) assert.ok(put(producer, record(HUNDRED)));
  assert.equal(put(producer, record(HUNDRED)), false);
  take(consumer, 100);
  consumer.handBack();
  producer.reopen();
  assert.ok(put(producer, record(HUNDRED)), "last words take what there is");
});

test("a record that is longer than the ring never fits", () => {
  const producer = new CaptureRingProducer(createCaptureRing(1024));
  assert.equal(put(producer, record(Buffer.alloc(1024))), false);
  assert.ok(put(producer, record(Buffer.alloc(1000))), "exactly all of it");
});

test("a new reader shows again what was not handed back, but for what has been put away", () => {
  const memory = createCaptureRing(1024);
  const producer = new CaptureRingProducer(memory);
  for (let count = 0; count < 4; count++) assert.ok(put(producer, record(HUNDRED)));
  const first = new CaptureRingReader(memory);
  assert.equal(take(first, 128).length, 1);
  first.handBack();
  assert.equal(take(first, 128).length, 1);
  assert.equal(take(new CaptureRingReader(memory), 1024).length, 3);
  const second = new CaptureRingReader(memory);
  second.skipTo(256);
  assert.equal(take(second, 1024).length, 2);
  const third = new CaptureRingReader(memory);
  third.skipTo(4096);
  third.skipTo(64 - 4096);
  assert.equal(take(third, 1024).length, 3, "positions from elsewhere say nothing");
});

test("chunks and bytes are counted for everybody", () => {
  const memory = createCaptureRing(1024);
  const producer = new CaptureRingProducer(memory);
  producer.countTaken(7);
  producer.countTaken(8);
  producer.countLost(9);
  const { CHUNKS, BYTES, LOST_CHUNKS, LOST_BYTES } = CAPTURE_COUNT;
  assert.deepEqual(
    [CHUNKS, BYTES, LOST_CHUNKS, LOST_BYTES].map((count) => captureCount(memory, count)),
    [2, 15, 1, 9],
  );
});
