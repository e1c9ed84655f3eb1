import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { ORDER_RECORD_BYTES, ORDER_STAMP, OrderRecord } from "../../src/telemetry/order-record.ts";
import {
  BOARDS,
  createSlowBoard,
  OTHERS_KEPT,
  SLOWEST_KEPT,
  SlowBoardReader,
  SlowBoardWriter,
  type SlowSecond,
} from "../../src/telemetry/slow-board.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const OVER_NS = 5e6;
const NS_PER_SECOND = 1e9;

class Rig {
  readonly memory = createSlowBoard();
  readonly writer = new SlowBoardWriter(this.memory, OVER_NS);
  readonly reader = new SlowBoardReader(this.memory);
  private readonly doubles = new Float64Array(ORDER_RECORD_BYTES / 8 + 2);
  private readonly words = new Int32Array(this.doubles.buffer);

  moveTo(second: number): void {
    this.writer.moveTo(second * NS_PER_SECOND);
  }

  /** As the gate does; the record stands somewhere within its pool. */
  answer(totalNs: number): void {
    if (!this.writer.wants(totalNs)) return;
    this.doubles[2 + ORDER_STAMP.SINCE_NS] = 1e9;
    this.doubles[2 + ORDER_STAMP.WRITTEN_NS] = 1e9 + totalNs;
    this.writer.offer(this.words, 4, totalNs);
  }
}

/** Shortest first. */
function totalsOf({ records, recordCount }: SlowSecond): number[] {
  const record = new OrderRecord();
  return Array.from({ length: recordCount }, (_, index) =>
    Math.round(record.wrap(records, index * ORDER_RECORD_BYTES).totalNs),
  ).sort((a, b) => a - b);
}

const seed = fuzzSeed();
test(`the slowest 64 of a second are kept, and what else is kept was over the threshold, FUZZ_SEED=${seed}`, () => {
  const random = new SeededRandom(seed);
  const rig = new Rig();
  for (let second = 1; second <= 200; second++) {
    rig.moveTo(second);
    const totals: number[] = [];
    const longestNs = random.pick([1e6, 6e6, 5e7]);
    for (let left = random.below(random.pick([10, 80, 600])); left > 0; left--) {
      const totalNs = 1 + random.below(longestNs);
      totals.push(totalNs);
      rig.answer(totalNs);
    }
    rig.moveTo(second + 1);
    const [read, ...others] = rig.reader.read();
    assert.deepEqual(others, []);
    assert.ok(read);
    totals.sort((a, b) => a - b);
    const kept = totalsOf(read);
    const slowest = totals.slice(-SLOWEST_KEPT);
    assert.deepEqual(kept.slice(kept.length - slowest.length), slowest, `second ${second}`);
    const over = totals.filter((totalNs) => totalNs > OVER_NS);
    assert.equal(read.second, second);
    assert.equal(read.overCount, over.length);
    const rest = kept.slice(0, kept.length - slowest.length);
    const othersOver = over.length - slowest.filter((totalNs) => totalNs > OVER_NS).length;
    assert.equal(rest.length, Math.min(OTHERS_KEPT, othersOver));
    for (const totalNs of rest) {
      const index = over.indexOf(totalNs);
      assert.ok(index >= 0, "is no other answer of that second, or one that is there twice");
      over.splice(index, 1);
    }
  }
});

test("of those over the threshold that are not the slowest, each has the same chance to be kept", () => {
  const rig = new Rig();
  const GROUPS = 8;
  const ANSWERS = 800;
  const kept = new Array<number>(GROUPS).fill(0);
  const SECONDS = 300;
  for (let second = 1; second <= SECONDS; second++) {
    rig.moveTo(second);
    for (let index = 0; index < SLOWEST_KEPT; index++) rig.answer(1e9);
    for (let index = 0; index < ANSWERS; index++) rig.answer(1e7 + index);
    rig.moveTo(second + 1);
    for (const read of rig.reader.read()) {
      for (const totalNs of totalsOf(read)) {
        if (totalNs < 1e9) kept[Math.floor(((totalNs - 1e7) / ANSWERS) * GROUPS)]! += 1;
      }
    }
  }
  const expected = (SECONDS * OTHERS_KEPT) / GROUPS;
  // 2400 each, with a standard deviation of 46: six of them.
  for (const count of kept) assert.ok(Math.abs(count - expected) < 280, kept.join(" "));
});

test("who is pushed out of the slowest has the chances of the others", () => {
  const rig = new Rig();
  rig.moveTo(1);
  for (let index = 0; index < SLOWEST_KEPT + OTHERS_KEPT; index++) rig.answer(6e6 + index);
  rig.moveTo(2);
  const [read] = rig.reader.read();
  assert.ok(read);
  assert.deepEqual(
    totalsOf(read),
    Array.from({ length: SLOWEST_KEPT + OTHERS_KEPT }, (_, index) => 6e6 + index),
  );
});

test("a second is read once, when it is over, and a reader that is late loses only what was overwritten", () => {
  const rig = new Rig();
  rig.moveTo(10);
  rig.answer(1e6);
  assert.deepEqual(rig.reader.read(), [], "it is not over");
  for (let second = 11; second < 20; second++) {
    rig.moveTo(second);
    rig.answer(second * 1e6);
  }
  const seconds = rig.reader.read();
  assert.deepEqual(
    seconds.map(({ second }) => second),
    Array.from({ length: BOARDS - 1 }, (_, index) => 20 - BOARDS + index),
  );
  assert.deepEqual(
    seconds.map(totalsOf),
    seconds.map(({ second }) => [second * 1e6]),
  );
  assert.deepEqual(rig.reader.read(), []);
});

test("an answer exactly at the threshold is not over it, and a quiet second has none", () => {
  const rig = new Rig();
  rig.moveTo(1);
  rig.answer(OVER_NS);
  rig.answer(OVER_NS + 1);
  rig.moveTo(2);
  rig.moveTo(3);
  assert.deepEqual(
    rig.reader.read().map(({ overCount, recordCount }) => [overCount, recordCount]),
    [
      [1, 2],
      [0, 0],
    ],
  );
});

test("a reader beside a writer that hurries through seconds never gets two mixed", async () => {
  const memory = createSlowBoard();
  const worker = new Worker(new URL("../support/slow-board-worker.ts", import.meta.url), {
    workerData: { memory, overNs: OVER_NS, seconds: 20_000 },
  });
  const ended = once(worker, "exit");
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  const reader = new SlowBoardReader(memory);
  const record = new OrderRecord();
  let latest = -1;
  let read = 0;
  while (!isOver) {
    for (const { second, records, recordCount } of reader.read()) {
      assert.ok(second > latest, `${second} after ${latest}`);
      latest = second;
      read++;
      for (let index = 0; index < recordCount; index++) {
        // Each record of a second begins with it.
        const { sinceNs } = record.wrap(records, index * ORDER_RECORD_BYTES);
        assert.equal(sinceNs, second * NS_PER_SECOND);
      }
    }
    await new Promise(setImmediate);
  }
  assert.deepEqual(await ended, [0]);
  assert.ok(read > 0);
});
