import assert from "node:assert/strict";
import { test } from "node:test";
import { Risen } from "../../src/base/risen.ts";

test("what went up counts, from the first level on", () => {
  const risen = new Risen();
  assert.equal(risen.note(100), 0);
  assert.equal(risen.note(130), 30);
  assert.equal(risen.note(131), 31);
});

test("a level that begins anew takes nothing away, and counts from there", () => {
  const risen = new Risen();
  risen.note(0);
  risen.note(1000);
  assert.equal(risen.note(0), 1000);
  assert.equal(risen.note(0), 1000);
  assert.equal(risen.note(5), 1005);
});
