import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { COARSE, hdrIndex, PRECISE } from "../../src/telemetry/hdr-index.ts";
import { EDGE_COUNT, edgeIndex } from "../../src/telemetry/latency-edges.ts";
import {
  CountsReader,
  CountsWriter,
  createSharedCounts,
  SECONDS_KEPT,
} from "../../src/telemetry/shared-counts.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const SERIES = 3;
const NS_PER_SECOND = 1e9;

/** Keeps every value. */
class NaiveCounts {
  readonly values: { series: number; second: number; valueNs: number }[] = [];
  second = 0;

  record(series: number, valueNs: number): void {
    this.values.push({ series, second: this.second, valueNs });
  }
  of(series: number): number[] {
    return this.values.filter((each) => each.series === series).map(({ valueNs }) => valueNs);
  }
  maximumNs(series: number, second: number): number {
    const age = this.second - second;
    if (age < 0 || age > SECONDS_KEPT - 2) return 0;
    return this.values
      .filter((each) => each.series === series && each.second === second)
      .reduce((longest, { valueNs }) => Math.max(longest, valueNs), 0);
  }
}

const sum = (counts: Iterable<number>): number => {
  let total = 0;
  for (const count of counts) total += count;
  return total;
};

const seed = fuzzSeed();
for (const precision of [PRECISE, COARSE]) {
  test(`at ${precision.digits} digits counts, edges, sums and maxima are those of a naive twin, FUZZ_SEED=${seed}`, () => {
    const random = new SeededRandom(seed);
    const memory = createSharedCounts(SERIES, precision);
    const writer = new CountsWriter(memory, precision);
    const reader = new CountsReader(memory, precision);
    const twin = new NaiveCounts();
    let nowNs = 5 * NS_PER_SECOND;
    for (let step = 0; step < 300; step++) {
      // Mostly within a second, sometimes over some, sometimes over all that are kept.
      nowNs += random.below(random.pick([3e8, 3e8, 1.5e9, 4e9, 1e11]));
      writer.moveTo(nowNs);
      twin.second = Math.floor(nowNs / NS_PER_SECOND);
      for (let left = random.below(4); left > 0; left--) {
        const series = random.below(SERIES);
        const valueNs = Math.floor(Math.exp((random.u32() / 2 ** 32) * Math.log(60e9)));
        writer.record(series, valueNs);
        twin.record(series, valueNs);
      }
      assert.equal(reader.second, twin.second);
      for (let series = 0; series < SERIES; series++) {
        for (let age = -1; age <= SECONDS_KEPT + 1; age++) {
          const second = twin.second - age;
          if (second < 0) continue;
          const expected = twin.maximumNs(series, second);
          assert.equal(reader.maximumNs(series, second), expected, `${age} seconds ago`);
        }
      }
    }
    assert.equal(reader.seriesCount, SERIES);
    for (let series = 0; series < SERIES; series++) {
      const values = twin.of(series);
      const counts = new Uint32Array(precision.countsLength);
      const edges = new Float64Array(EDGE_COUNT);
      for (const value of values) {
        counts[hdrIndex(value, precision.halfBits)]! += 1;
        edges[edgeIndex(value)]! += 1;
      }
      assert.deepEqual(reader.liveCounts(series), counts);
      assert.deepEqual(reader.edges(series), edges);
      assert.equal(reader.count(series), values.length);
      assert.equal(reader.sumNs(series), sum(values));
    }
  });
}

test("a second has its maximum from its first value on, until its place is used again", () => {
  const memory = createSharedCounts(1, COARSE);
  const writer = new CountsWriter(memory, COARSE);
  const reader = new CountsReader(memory, COARSE);
  writer.moveTo(100.2e9);
  writer.record(0, 42);
  assert.equal(reader.maximumNs(0, 100), 42);
  writer.moveTo(101e9);
  assert.equal(reader.maximumNs(0, 100), 42);
  writer.moveTo((100 + SECONDS_KEPT - 2) * NS_PER_SECOND);
  assert.equal(reader.maximumNs(0, 100), 42);
  writer.moveTo((100 + SECONDS_KEPT - 1) * NS_PER_SECOND);
  assert.equal(reader.maximumNs(0, 100), 0, "the next second takes its place at any moment");
});

test("a writer that goes on with the counts of another adds to them", () => {
  const memory = createSharedCounts(1, COARSE);
  for (const second of [7, 7, 9]) {
    const writer = new CountsWriter(memory, COARSE);
    writer.moveTo(second * NS_PER_SECOND);
    writer.record(0, second);
  }
  const reader = new CountsReader(memory, COARSE);
  assert.equal(reader.count(0), 3);
  assert.equal(reader.maximumNs(0, 7), 7);
  assert.equal(reader.maximumNs(0, 8), 0);
});

test("snapshots beside another thread's counting never go back, and end with every value", async () => {
  const VALUES = 3_000_000;
  const memory = createSharedCounts(SERIES, PRECISE);
  const worker = new Worker(new URL("../support/counting-worker.ts", import.meta.url), {
    workerData: { memory, values: VALUES },
  });
  const ended = once(worker, "exit");
  const reader = new CountsReader(memory, PRECISE);
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  const before = new Float64Array(SERIES);
  const countsBefore = new Float64Array(SERIES);
  for (let snapshot = 0; !isOver; snapshot++) {
    for (let series = 0; series < SERIES; series++) {
      const count = reader.count(series);
      const counted = sum(reader.liveCounts(series).slice());
      assert.ok(count >= before[series]! && counted >= countsBefore[series]!, `${snapshot}`);
      before[series] = count;
      countsBefore[series] = counted;
    }
    await new Promise(setImmediate);
  }
  assert.deepEqual(await ended, [0]);
  for (let series = 0; series < SERIES; series++) {
    assert.equal(reader.count(series), VALUES / SERIES);
    assert.equal(sum(reader.liveCounts(series)), VALUES / SERIES);
  }
});
