// Measures small cases against an empty one. Rounds are interleaved, so that whatever else the machine does
// meets every case alike; the median counts. Every case returns a checksum of its work, the same in each round:
// work that could be left out, or that differs from round to round, is noticed.

export interface BenchCase {
  readonly name: string;
  /** Does the work `count` times; returns a checksum that depends on all of it. */
  run(count: number): number | Promise<number>;
}

export interface BenchResult {
  readonly name: string;
  readonly nsPerOperation: number;
  /** Without what the empty case costs. */
  readonly nsOverEmpty: number;
  readonly checksum: number;
}

export interface BenchSize {
  readonly count: number;
  readonly rounds: number;
}

/** The first case is the empty one. */
export async function measure(
  cases: readonly BenchCase[],
  size: BenchSize,
): Promise<BenchResult[]> {
  const samples = cases.map((): number[] => []);
  const checksums = new Map<BenchCase, number>();
  for (let round = 0; round <= size.rounds; round++) {
    for (const [index, benchCase] of cases.entries()) {
      const startMs = performance.now();
      const checksum = await benchCase.run(size.count);
      const nsPerOperation = ((performance.now() - startMs) * 1e6) / size.count;
      if (round > 0) samples[index]?.push(nsPerOperation); // the first round is for the compiler
      if ((checksums.get(benchCase) ?? checksum) !== checksum) {
        throw new Error(`${benchCase.name}: the work differs from round to round`);
      }
      checksums.set(benchCase, checksum);
    }
  }
  const medians = samples.map(medianOf);
  return cases.map((benchCase, index) => ({
    name: benchCase.name,
    nsPerOperation: medians[index] ?? Number.NaN,
    nsOverEmpty: (medians[index] ?? Number.NaN) - (medians[0] ?? Number.NaN),
    checksum: checksums.get(benchCase) ?? 0,
  }));
}

export function medianOf(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
