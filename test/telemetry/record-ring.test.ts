import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import {
  createRecordRing,
  RECORD_DROPPED,
  RecordRingReader,
  RecordRingWriter,
} from "../../src/telemetry/record-ring.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const RECORD_BYTES = 16;
const RECORDS = 128;
/** Below or at so many free ones the ring closes. */
const FREE_MIN = RECORDS / 64;

class Rig {
  readonly memory: SharedArrayBuffer;
  readonly writer: RecordRingWriter;
  reader: RecordRingReader;
  private next = 1;

  /** `cursor` is where both ends stand. */
  constructor(cursor = 0) {
    this.memory = createRecordRing(RECORDS, RECORD_BYTES);
    const words = new Int32Array(this.memory);
    const [tail, head] = cursorWords();
    words[tail] = cursor;
    words[head] = cursor;
    this.writer = new RecordRingWriter(this.memory, RECORD_BYTES);
    this.reader = new RecordRingReader(this.memory, RECORD_BYTES);
  }

  /** The record's number, or RECORD_DROPPED. */
  write(): number {
    const number = this.next++;
    const offset = this.writer.claim();
    if (offset === RECORD_DROPPED) return RECORD_DROPPED;
    this.writer.doubles[offset >> 3] = number;
    this.writer.words[(offset >> 2) + 3] = ~number;
    this.writer.publish();
    return number;
  }

  read(recordsMax = RECORDS): number[] {
    const numbers: number[] = [];
    const drained = this.reader.drain(recordsMax, (offset) => {
      const number = this.reader.doubles[offset >> 3]!;
      assert.equal(this.reader.words[(offset >> 2) + 3], ~number, "a record is torn");
      numbers.push(number);
    });
    assert.equal(drained, numbers.length);
    return numbers;
  }
}

/** Where the cursors lie, seen from what moves when a record is written, and when it is read. */
function cursorWords(): [tail: number, head: number] {
  const memory = createRecordRing(RECORDS, RECORD_BYTES);
  const words = new Int32Array(memory);
  const writer = new RecordRingWriter(memory, RECORD_BYTES);
  writer.claim();
  writer.publish();
  const tail = words.indexOf(1);
  new RecordRingReader(memory, RECORD_BYTES).drain(1, () => undefined);
  return [tail, words.indexOf(1, tail + 1)];
}

const seed = fuzzSeed();
test(`a ring is a list that drops the newest while it is closed, FUZZ_SEED=${seed}`, () => {
  const random = new SeededRandom(seed);
  // Both cursors wrap at 2^32 on the way.
  const rig = new Rig(-500);
  const twin: number[] = [];
  let isOpen = false;
  let dropped = 0;
  let number = 0;
  for (let step = 0; step < 5000; step++) {
    for (let left = random.below(60); left > 0; left--) {
      number++;
      const free = RECORDS - twin.length;
      isOpen = isOpen ? free < RECORDS / 2 : free <= FREE_MIN;
      if (isOpen) dropped++;
      else twin.push(number);
      assert.equal(rig.write(), isOpen ? RECORD_DROPPED : number);
      assert.equal(rig.writer.isBreakerOpen, isOpen);
      assert.equal(rig.reader.isBreakerOpen, isOpen);
    }
    const recordsMax = random.below(60);
    assert.deepEqual(rig.read(recordsMax), twin.splice(0, recordsMax));
    assert.equal(rig.reader.waitingCount, twin.length);
    assert.equal(rig.reader.droppedCount, dropped);
  }
  assert.ok(number > 100_000 && dropped > 0);
});

test("a full ring closes at 1/64 free, and takes nothing until it is half empty", () => {
  const rig = new Rig();
  let written = 0;
  while (rig.write() !== RECORD_DROPPED) written++;
  assert.equal(written, RECORDS - FREE_MIN);
  assert.equal(rig.writer.droppedCount, 1);
  rig.read(RECORDS / 2 - FREE_MIN - 1);
  assert.equal(rig.write(), RECORD_DROPPED, "one record from half empty");
  rig.read(1);
  assert.notEqual(rig.write(), RECORD_DROPPED);
  assert.equal(rig.reader.isBreakerOpen, false);
  assert.equal(rig.reader.droppedCount, 2);
});

test("what was claimed and not published is not read", () => {
  const rig = new Rig();
  rig.writer.claim();
  assert.deepEqual(rig.read(), []);
  rig.write();
  assert.deepEqual(rig.read(), [1]);
});

test("a reader that is started anew goes on where the other stopped, and a writer too", () => {
  const rig = new Rig(-3);
  for (let index = 0; index < 10; index++) rig.write();
  assert.deepEqual(rig.read(4), [1, 2, 3, 4]);
  // The old one ends within its work: what it has not handed back is read again.
  assert.throws(() =>
    rig.reader.drain(3, () => {
      throw new Error("the reader's thread ends");
    }),
  );
  rig.reader = new RecordRingReader(rig.memory, RECORD_BYTES);
  assert.deepEqual(rig.read(), [5, 6, 7, 8, 9, 10]);
  const writer = new RecordRingWriter(rig.memory, RECORD_BYTES);
  const offset = writer.claim();
  writer.doubles[offset >> 3] = 11;
  writer.words[(offset >> 2) + 3] = ~11;
  writer.publish();
  assert.deepEqual(rig.read(), [11]);
});

test("two threads: two million records arrive once, in order and whole, or are counted as dropped", async () => {
  const COUNT = 2_000_000;
  const memory = createRecordRing(1024, RECORD_BYTES);
  const reader = new RecordRingReader(memory, RECORD_BYTES);
  const worker = new Worker(new URL("../support/record-worker.ts", import.meta.url), {
    workerData: { memory, recordBytes: RECORD_BYTES, count: COUNT },
  });
  const ended = once(worker, "exit");
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  let last = 0;
  let read = 0;
  const visit = (offset: number): void => {
    const number = reader.doubles[offset >> 3]!;
    if (number <= last) assert.fail(`${number} after ${last}`);
    if (reader.words[(offset >> 2) + 3] !== ~number) assert.fail("a record is torn");
    last = number;
    read++;
  };
  for (;;) {
    const wasOver = isOver;
    const drained = reader.drain(Number.POSITIVE_INFINITY, visit);
    if (wasOver && drained === 0) break;
    if (drained === 0) await new Promise(setImmediate);
  }
  assert.deepEqual(await ended, [0]);
  assert.equal(read + reader.droppedCount, COUNT);
  assert.ok(read > 1024);
});
