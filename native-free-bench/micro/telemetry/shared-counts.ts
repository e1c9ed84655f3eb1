// What one latency costs the thread that counts it: in shared counts at three digits with its exact edge, sum and
// maximum, and beside that the way the library records it, with the edge looked for one by one.
// Run: node native-free-bench/micro/telemetry/shared-counts.ts [values]

import { Int32Histogram } from "hdr-histogram-js";
import { LATENCY_NS_MAX, PRECISE } from "../../../src/telemetry/hdr-index.ts";
import { EDGE_COUNT, LATENCY_EDGES_NS } from "../../../src/telemetry/latency-edges.ts";
import { ANSWER_SERIES } from "../../../src/telemetry/latency-series.ts";
import {
  CountsReader,
  CountsWriter,
  createSharedCounts,
} from "../../../src/telemetry/shared-counts.ts";
import {
  type BenchCase,
  type BenchResult,
  type BenchSize,
  measure,
} from "../../harness/measure.ts";
import { machineLine } from "../../harness/print.ts";

const VALUES = 65_536;
/** Most requests are orders, replaces and cancels. */
const SERIES_IN_USE = 3;
const SHORTEST_NS = 2e4;
const LONGEST_NS = 2e7;

/** Log-uniform: more spread than any real load, so that the counts' memory is touched far and wide. */
const values = Float64Array.from({ length: VALUES }, (_, index) => {
  const share = ((index * 40_503) % VALUES) / VALUES;
  return Math.floor(SHORTEST_NS * (LONGEST_NS / SHORTEST_NS) ** share);
});

const emptyCase: BenchCase = {
  name: "values alone",
  run(count) {
    let sum = 0;
    for (let index = 0; index < count; index++) sum += values[index & (VALUES - 1)]!;
    return sum;
  },
};

const sharedCase = (): BenchCase => {
  const memory = createSharedCounts(ANSWER_SERIES.length, PRECISE);
  const writer = new CountsWriter(memory, PRECISE);
  const reader = new CountsReader(memory, PRECISE);
  return {
    name: "shared counts",
    run(count) {
      const before = reader.sumNs(0);
      for (let index = 0; index < count; index++) {
        writer.record((index % SERIES_IN_USE) * 4, values[index & (VALUES - 1)]!);
      }
      return reader.sumNs(0) - before;
    },
  };
};

const libraryCase = (): BenchCase => {
  const series = Array.from({ length: SERIES_IN_USE }, () => ({
    histogram: new Int32Histogram(1, LATENCY_NS_MAX, PRECISE.digits),
    edges: new Float64Array(EDGE_COUNT),
    sums: new Float64Array(1),
    maxima: new Float64Array(1),
  }));
  return {
    name: "hdr-histogram-js",
    run(count) {
      const before = series[0]!.sums[0]!;
      for (let index = 0; index < count; index++) {
        const value = values[index & (VALUES - 1)]!;
        const { histogram, edges, sums, maxima } = series[index % SERIES_IN_USE]!;
        histogram.recordValue(value);
        let edge = 0;
        while (edge < LATENCY_EDGES_NS.length && value > LATENCY_EDGES_NS[edge]!) edge++;
        edges[edge]! += 1;
        sums[0]! += value;
        if (value > maxima[0]!) maxima[0] = value;
      }
      return series[0]!.sums[0]! - before;
    },
  };
};

export const measureCounts = (size: BenchSize): Promise<BenchResult[]> =>
  measure([emptyCase, sharedCase(), libraryCase()], size);

if (import.meta.main) {
  const [count = "2000000"] = process.argv.slice(2);
  const size: BenchSize = { count: Number(count), rounds: 9 };
  console.log(`${machineLine()}; median of ${size.rounds} rounds of ${size.count} values`);
  for (const { name, nsPerOperation, nsOverEmpty, checksum } of await measureCounts(size)) {
    const each = `${nsPerOperation.toFixed(1).padStart(8)} ns a value`;
    console.log(
      `  ${name.padEnd(20)}${each}${nsOverEmpty.toFixed(1).padStart(8)} over the first  checksum ${checksum}`,
    );
  }
}
