import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryStateWriter } from "../../src/journal/state-memory.ts";
import { restoreUsedPart, saveUsedPart } from "../../src/journal/used-part.ts";

const saved = (values: Int32Array): MemoryStateWriter => {
  const out = new MemoryStateWriter();
  saveUsedPart(out, values);
  return out;
};

test("zeros at the end are not kept, and need not be", () => {
  const out = saved(Int32Array.of(0, 5, 0, 7, 0, 0, 0, 0));
  assert.equal(out.bytes().length, 8 + 4 * 4);
  const larger = new Int32Array(6);
  restoreUsedPart(out.toReader(), larger);
  assert.deepEqual([...larger], [0, 5, 0, 7, 0, 0]);
});

test("an array of zeros is nothing at all", () => {
  const out = saved(new Int32Array(1000));
  assert.equal(out.bytes().length, 8);
  restoreUsedPart(out.toReader(), new Int32Array(0));
});

test("what is used must fit", () => {
  const out = saved(Int32Array.of(1, 2, 3));
  assert.throws(() => restoreUsedPart(out.toReader(), new Int32Array(2)), /no room in its array/);
});
