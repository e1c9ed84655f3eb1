import assert from "node:assert/strict";
import { test } from "node:test";
import { Turns } from "../../src/gate/turns.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

function taken(turns: Turns<string>): string {
  const items: string[] = [];
  for (let item = turns.take(); item !== undefined; item = turns.take()) items.push(item);
  return items.join(" ");
}

test("groups take turns, and within a group its own groups", () => {
  const turns = new Turns<string>();
  for (const item of ["a1", "a2", "a3"]) turns.push(["x", "a"], item);
  turns.push(["x", "b"], "b1");
  for (const item of ["c1", "c2"]) turns.push(["y", "c"], item);
  assert.equal(turns.count, 6);
  assert.equal(taken(turns), "a1 c1 b1 c2 a2 a3");
  assert.deepEqual([turns.count, turns.take(), turns.count], [0, undefined, 0]);
});

test("who had a turn a moment ago comes behind who has none yet", () => {
  const turns = new Turns<string>();
  turns.push(["a"], "a1");
  turns.push(["a"], "a2");
  assert.equal(turns.take(), "a1");
  turns.push(["b"], "b1");
  turns.push(["a"], "a3");
  assert.equal(taken(turns), "a2 b1 a3");
});

test("what is dropped takes no turn, and leaves the others' where they are", () => {
  const turns = new Turns<string>();
  for (const item of ["a1", "a2", "b1", "c1", "c2"]) turns.push(["x", item[0]!], item);
  turns.keep((item) => item !== "a1" && item !== "b1");
  assert.equal(turns.count, 3);
  assert.equal(taken(turns), "a2 c1 c2");
});

const seed = fuzzSeed();
test(`nobody waits for more than one of each other group, and for his own (FUZZ_SEED=${seed})`, () => {
  const random = new SeededRandom(seed);
  const turns = new Turns<{ group: string; number: number }>();
  const waiting = new Map<string, number[]>();
  let number = 0;
  for (let step = 0; step < 20_000; step++) {
    if (random.chance(2)) {
      const group = `${random.below(8)}`;
      turns.push([group], { group, number });
      waiting.set(group, [...(waiting.get(group) ?? []), number++]);
    } else {
      const item = turns.take();
      if (item !== undefined) assert.equal(waiting.get(item.group)?.shift(), item.number);
    }
    const left = [...waiting.values()].reduce((sum, { length }) => sum + length, 0);
    assert.equal(turns.count, left);
  }
  // Of each group one in each round, until it is empty.
  while (turns.count > 0) {
    const present = [...waiting].filter(([, { length }]) => length > 0).map(([group]) => group);
    const round = present.map(() => turns.take()!.group);
    assert.deepEqual(round.sort(), present.sort());
    for (const group of round) waiting.get(group)!.shift();
  }
});
