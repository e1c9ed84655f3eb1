import assert from "node:assert/strict";
import { test } from "node:test";
import { LevelSlab } from "../../../src/venue/book/level-slab.ts";
import { LevelTree } from "../../../src/venue/book/level-tree.ts";
import { NO_LEVEL } from "../../../src/venue/order-slab.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

const seed = Number(process.env.FUZZ_SEED ?? 20_261_121);

/** The height of the worst AVL tree of so many levels. */
const heightMax = (levelCount: number): number => 1.4405 * Math.log2(levelCount + 2);

test(`levels agree with a sorted list, shares and all (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  const levels = new LevelSlab(300);
  const tree = new LevelTree(levels, 2);
  const model = new Map<number, { level: number; shares: number }>();
  for (let step = 0; step < 30_000; step++) {
    const key = random.below(400) - 200;
    const known = model.get(key);
    if (known === undefined && model.size < 300) {
      const level = tree.findOrAdd(1, key);
      const shares = 1 + random.below(1_000_000);
      tree.addShares(level, shares);
      model.set(key, { level, shares });
    } else if (known !== undefined && random.below(2) === 0) {
      assert.equal(tree.findOrAdd(1, key), known.level);
      tree.addShares(known.level, 7);
      known.shares += 7;
    } else if (known !== undefined) {
      tree.addShares(known.level, -known.shares);
      tree.remove(known.level);
      model.delete(key);
    }
    if (step % 100 !== 0) continue;

    let level = tree.best(1);
    let total = 0;
    for (const [expectedKey, expected] of [...model].sort(([one], [other]) => one - other)) {
      assert.equal(level, expected.level);
      assert.equal(levels.key(level), expectedKey);
      total += expected.shares;
      assert.equal(tree.sharesUpTo(1, expectedKey), total);
      assert.equal(tree.sharesUpTo(1, expectedKey - 1), total - expected.shares);
      level = tree.next(level);
    }
    assert.equal(level, NO_LEVEL);
    assert(levels.height(tree.root(1)) <= heightMax(model.size));
    assert.equal(tree.best(0), NO_LEVEL, "one side's levels are in the other's tree");
  }
});

test("the tree stays as low as it must, however the prices come", () => {
  const COUNT = 100_000;
  for (const step of [1, -1, 7_919]) {
    const levels = new LevelSlab(COUNT);
    const tree = new LevelTree(levels, 1);
    for (let index = 0; index < COUNT; index++) tree.findOrAdd(0, (index * step) % COUNT);
    assert(levels.height(tree.root(0)) <= heightMax(COUNT));
    while (tree.best(0) !== NO_LEVEL) tree.remove(tree.best(0));
    assert.equal(tree.root(0), NO_LEVEL);
  }
});

test("a level with shares is not removed, and there are no more levels than asked for", () => {
  const levels = new LevelSlab(1);
  const tree = new LevelTree(levels, 1);
  const level = tree.findOrAdd(0, 5);
  tree.addShares(level, 1);
  assert.throws(() => tree.remove(level), /with shares/);
  assert.throws(() => tree.findOrAdd(0, 6), /more levels/);
});
