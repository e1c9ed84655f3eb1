import assert from "node:assert/strict";
import { test } from "node:test";
import { rotate } from "../../../native-free-bench/harness/rotation.ts";

async function order(
  rounds: number,
  isThereAndBack: boolean,
  isStopped?: (seen: string) => boolean,
): Promise<string> {
  let seen = "";
  const run = async (item: string): Promise<void> => {
    seen += item;
  };
  await rotate(["A", "B", "C"], { rounds, isThereAndBack }, run, () => isStopped?.(seen) ?? false);
  return seen;
}

test("each round goes there and back", async () => {
  assert.equal(await order(2, true), "ABCCBAABCCBA");
});

test("a quick look goes one way only", async () => {
  assert.equal(await order(1, false), "ABC");
});

test("a rotation that is stopped ends behind the run that is under way", async () => {
  assert.equal(await order(3, true, (seen) => seen.length === 4), "ABCC");
});
