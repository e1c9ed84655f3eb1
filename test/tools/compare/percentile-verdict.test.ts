import assert from "node:assert/strict";
import { test } from "node:test";
import type { Block } from "../../../src/tools/compare/block-ratio.ts";
import {
  judgePercentile,
  noiseSpread,
  type Outcome,
  overallOutcome,
  percentText,
} from "../../../src/tools/compare/percentile-verdict.ts";
import { type Noise, NoisyBlocks } from "../../support/noisy-blocks.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

const BLOCKS_MIN = 4;
const BLOCKS_MAX = 20;
const NOISE_BLOCKS = 3;

const flat = (count: number, ratio: number): Block[] =>
  Array.from({ length: count }, () => ({ a: [100, 100], b: [100 * ratio, 100 * ratio] }));

const judge = (blocks: readonly Block[], limit: number, spread: number | null = 0.01) =>
  judgePercentile({ name: "p999", limit, blocks, noiseSpread: spread, blocksMax: BLOCKS_MAX });

test("an interval above the limit is regressed, below it not regressed, around it cannot tell", () => {
  assert.equal(judge(flat(4, 1.5), 1.25).outcome, "regressed");
  assert.equal(judge(flat(4, 1.1), 1.25).outcome, "not regressed");
  assert.equal(judge(flat(4, 0.5), 1.25).outcome, "not regressed");
  const wide = [0.5, 3, 0.4, 2.5].flatMap((ratio) => flat(1, ratio));
  assert.equal(judge(wide, 1.25).outcome, "cannot tell");
  assert.match(judge(wide, 1.25).reason, /contains \+25 %/);
});

test("three blocks say nothing yet, however clear they are", () => {
  const verdict = judge(flat(3, 9), 1.25);
  assert.equal(verdict.outcome, "cannot tell");
  assert.match(verdict.reason, /3 of at least 4 blocks/);
  assert.equal(judge([], 1.25).outcome, "cannot tell");
});

test("what A differs from itself by is no regression of B", () => {
  const noisy = judge(flat(4, 1.4), 1.25, 0.4);
  assert.equal(noisy.outcome, "cannot tell");
  assert.match(noisy.reason, /A against A/);
  // The same difference in more blocks is more than that noise can be.
  assert.equal(judge(flat(64, 1.4), 1.25, 0.4).outcome, "regressed");
});

test("the noise of A against A is the typical block's, and null without any", () => {
  const blocks = [...flat(1, 1), ...flat(1, Math.exp(0.6745)), ...flat(1, 50)];
  assert.equal(noiseSpread(blocks)?.toFixed(9), "1.000000000");
  assert.equal(noiseSpread([]), null);
  assert.equal(noiseSpread([{ a: [], b: [1] }]), null);
});

test("one regressed percentile is enough, and all must be clear", () => {
  const of = (...outcomes: Outcome[]) =>
    overallOutcome(outcomes.map((outcome) => ({ ...judge([], 1.25), outcome })));
  assert.equal(of("not regressed", "regressed", "cannot tell"), "regressed");
  assert.equal(of("not regressed", "cannot tell"), "cannot tell");
  assert.equal(of("not regressed", "not regressed"), "not regressed");
  assert.equal(of(), "cannot tell");
});

test("ratios are told in percent", () => {
  assert.equal(percentText(1.25), "+25 %");
  assert.equal(percentText(1.034), "+3.4 %");
  assert.equal(percentText(0.5), "−50 %");
  assert.equal(percentText(11), "+1000 %");
});

/** How whole comparisons end that look after each block, in shares of all. */
function ends(noise: Noise, ratio: number, limit: number, trials: number): Record<Outcome, number> {
  const source = new NoisyBlocks(new SeededRandom(23), noise);
  const shares = { regressed: 0, "not regressed": 0, "cannot tell": 0 };
  for (let trial = 0; trial < trials; trial++) {
    const spread = noiseSpread(source.blocks(NOISE_BLOCKS, 1));
    const blocks = source.blocks(BLOCKS_MIN - 1, ratio);
    let outcome: Outcome = "cannot tell";
    while (blocks.length < BLOCKS_MAX && outcome === "cannot tell") {
      blocks.push(source.block(ratio));
      outcome = judge(blocks, limit, spread).outcome;
    }
    shares[outcome] += 1 / trials;
  }
  return shares;
}

const NOISY = { runSpread: 0.3, processSpread: 0.05, outliers: 0 };
const NOISY_WITH_OUTLIERS = { ...NOISY, outliers: 0.1 };

test("equal builds are hardly ever regressed although one looks after each block (seed 23)", () => {
  for (const noise of [NOISY, NOISY_WITH_OUTLIERS]) {
    const shares = ends(noise, 1, 1.25, 50);
    assert.ok(shares.regressed <= 0.02, JSON.stringify(shares));
    assert.ok(shares["not regressed"] >= 0.6, JSON.stringify(shares));
  }
});

test("equal builds on a calmer machine are not regressed (seed 23)", () => {
  const shares = ends({ runSpread: 0.15, processSpread: 0.05, outliers: 0.05 }, 1, 1.25, 50);
  assert.ok(shares["not regressed"] >= 0.9, JSON.stringify(shares));
});

test("a build that is exactly at the limit is hardly ever decided (seed 23)", () => {
  for (const noise of [NOISY, NOISY_WITH_OUTLIERS]) {
    const shares = ends(noise, 1.25, 1.25, 60);
    assert.ok(shares.regressed <= 0.08, JSON.stringify(shares));
    assert.ok(shares["not regressed"] <= 0.2, JSON.stringify(shares));
  }
});

test("a tail that is three times as long is regressed even where runs scatter by half (seed 23)", () => {
  const shares = ends({ runSpread: 0.4, processSpread: 0.1, outliers: 0.1 }, 3, 1.25, 30);
  assert.ok(shares.regressed >= 0.95, JSON.stringify(shares));
});

test("5 % slower is never the opposite of what its limit makes of it (seed 23)", () => {
  const calm = { runSpread: 0.05, processSpread: 0.03, outliers: 0.05 };
  const loose = ends(calm, 1.05, 1.1, 40);
  assert.equal(loose.regressed, 0, JSON.stringify(loose));
  const strict = ends(calm, 1.05, 1.01, 40);
  assert.equal(strict["not regressed"], 0, JSON.stringify(strict));
});
