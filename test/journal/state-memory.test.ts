import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryStateWriter } from "../../src/journal/state-memory.ts";

test("what is written is read back, call by call", () => {
  const out = new MemoryStateWriter();
  out.mark("first");
  for (const value of [0, -0, 0.1, 2 ** 53, Number.NEGATIVE_INFINITY]) out.number(value);
  out.text("");
  out.text("Ärger €");
  out.array(Uint8Array.of(1, 2, 3, 4), 1, 2);
  out.array(Int32Array.of(-1, 7), 0, 2);
  out.array(Uint32Array.of(0xffffffff), 0, 1);
  out.array(Float64Array.of(1, 0.5), 1, 1);
  out.mark("last");

  const from = out.toReader();
  from.mark("first");
  assert.deepEqual(
    [1, 2, 3, 4, 5].map(() => from.number()),
    [0, -0, 0.1, 2 ** 53, Number.NEGATIVE_INFINITY],
  );
  assert.equal(from.text(), "");
  assert.equal(from.text(), "Ärger €");
  const bytes = new Uint8Array(4);
  from.array(bytes, 2, 2);
  assert.deepEqual([...bytes], [0, 0, 2, 3]);
  const words = new Int32Array(2);
  from.array(words, 0, 2);
  assert.deepEqual([...words], [-1, 7]);
  const large = new Uint32Array(1);
  from.array(large, 0, 1);
  assert.equal(large[0], 0xffffffff);
  const doubles = new Float64Array(1);
  from.array(doubles, 0, 1);
  assert.equal(doubles[0], 0.5);
  assert.equal(from.isAtEnd, false);
  from.mark("last");
  assert.equal(from.isAtEnd, true);
});

test("more than a chunk is one piece, and so is what lies around it", () => {
  const out = new MemoryStateWriter();
  const many = Float64Array.from({ length: 300_000 }, (_, index) => index);
  out.number(1);
  out.array(many, 0, many.length);
  for (let value = 0; value < 200_000; value++) out.number(value);
  assert.equal(out.bytes().length, (1 + 300_000 + 200_000) * 8);
  const from = out.toReader();
  assert.equal(from.number(), 1);
  const again = new Float64Array(many.length);
  from.array(again, 0, again.length);
  assert.deepEqual(again, many);
  for (let value = 0; value < 200_000; value++) assert.equal(from.number(), value);
  assert.equal(from.isAtEnd, true);
});

test("a reader that lost its way says where", () => {
  const out = new MemoryStateWriter();
  out.mark("orders");
  out.number(1);
  const from = out.toReader();
  assert.throws(() => from.mark("accounts"), /state of accounts is wanted where orders is/);
  from.number();
  assert.throws(() => from.number(), /state ends before it is read/);
});
