import assert from "node:assert/strict";
import { test } from "node:test";
import {
  estimateApart,
  estimateRatio,
  lookDeviate,
  middleMean,
  normalCdf,
} from "../../../src/tools/compare/block-ratio.ts";
import { NoisyBlocks } from "../../support/noisy-blocks.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

const STANDARD_90 = 1.645;

test("a ratio without noise is found as it is, and its interval is a point", () => {
  const blocks = [1, 2, 3, 4].map((scale) => ({
    a: [scale * 100, scale * 100],
    b: [scale * 130, scale * 130],
  }));
  const estimate = estimateRatio(blocks, STANDARD_90);
  assert.equal(estimate?.ratio.toFixed(6), "1.300000");
  assert.equal(estimate?.low.toFixed(6), "1.300000");
  assert.equal(estimate?.high.toFixed(6), "1.300000");
  assert.equal(estimate?.blocks, 4);
});

test("a block without a run of one side says nothing, one with three runs does", () => {
  const blocks = [
    { a: [100, 100], b: [] },
    { a: [], b: [] },
    { a: [100], b: [200, 200] },
    { a: [100, 100], b: [200] },
  ];
  assert.equal(estimateRatio(blocks, STANDARD_90)?.blocks, 2);
  assert.equal(estimateRatio(blocks.slice(0, 3), STANDARD_90), undefined);
  assert.equal(estimateRatio([], STANDARD_90), undefined);
});

test("one run of sixteen that took a hundred times as long moves nothing", () => {
  const blocks = Array.from({ length: 4 }, (_, k) => ({
    a: [100, 101],
    b: [100, k === 2 ? 10_000 : 101],
  }));
  const ratio = estimateRatio(blocks, STANDARD_90)?.ratio ?? 0;
  assert.ok(Math.abs(ratio - 1) < 0.01, `${ratio}`);
});

test("the same blocks give the same interval, to the last bit", () => {
  const blocks = new NoisyBlocks(new SeededRandom(3), {
    runSpread: 0.3,
    processSpread: 0.1,
    outliers: 0.1,
  }).blocks(6, 1.1);
  assert.deepEqual(estimateRatio(blocks, 2), estimateRatio(blocks, 2));
});

test("the middle mean leaves a quarter out at each end", () => {
  assert.equal(middleMean([9, 1, 2, 3, 4, 5, 6, -100]), 3.5);
  assert.equal(middleMean([7]), 7);
  assert.ok(Number.isNaN(middleMean([])));
});

test("the normal distribution is that of the tables", () => {
  assert.equal(normalCdf(0).toFixed(6), "0.500000");
  assert.equal(normalCdf(1.644854).toFixed(6), "0.950000");
  assert.equal(normalCdf(1.959964).toFixed(6), "0.975000");
});

test("early looks need more than late ones, and a look past the last one no less than that", () => {
  assert.ok(lookDeviate(4, 20) > lookDeviate(10, 20));
  assert.ok(lookDeviate(10, 20) > lookDeviate(20, 20));
  assert.equal(lookDeviate(24, 20), lookDeviate(20, 20));
});

for (const outliers of [0, 0.1]) {
  for (const count of [4, 8, 16]) {
    const name = `an interval of 90 % misses the truth about one time in ten: ${count} blocks, ${outliers * 100} % outliers (seed 11)`;
    test(name, () => {
      const noise = { runSpread: 0.3, processSpread: 0.05, outliers };
      const source = new NoisyBlocks(new SeededRandom(11), noise);
      const trials = 300;
      let missed = 0;
      for (let trial = 0; trial < trials; trial++) {
        const estimate = estimateRatio(source.blocks(count, 1.2), STANDARD_90);
        if (estimate && (estimate.low > 1.2 || estimate.high < 1.2)) missed++;
      }
      const share = missed / trials;
      assert.ok(share > 0.04 && share < 0.15, `missed ${missed} of ${trials}`);
    });
  }
}

test("an interval of two times misses the truth as often, and is wider by what it is told", () => {
  const noise = { runSpread: 0.3, processSpread: 0.1, outliers: 0 };
  const source = new NoisyBlocks(new SeededRandom(11), noise);
  const trials = 300;
  let missed = 0;
  for (let trial = 0; trial < trials; trial++) {
    const [then, now] = [source.blocks(6, 1.2), source.blocks(6, 1.2)];
    const [a, b] = [then.map((block) => block.a), now.map((block) => block.b)];
    const plain = estimateApart(a, b, STANDARD_90, 0);
    const wider = estimateApart(a, b, STANDARD_90, 0.5);
    assert.ok(plain && wider);
    if (plain.low > 1.2 || plain.high < 1.2) missed++;
    for (const [is, was] of [
      [wider.high, plain.high * Math.exp(0.5)],
      [wider.low, plain.low * Math.exp(-0.5)],
    ] as const) {
      assert.ok(Math.abs(is / was - 1) < 1e-9, `${is} ${was}`);
    }
  }
  const share = missed / trials;
  assert.ok(share > 0.04 && share < 0.15, `missed ${missed} of ${trials}`);
});
