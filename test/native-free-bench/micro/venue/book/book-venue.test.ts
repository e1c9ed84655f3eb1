import assert from "node:assert/strict";
import { test } from "node:test";
import { benchBook } from "../../../../../native-free-bench/micro/venue/book/book-venue.ts";

test("the book's bench runs, and does the same work every time", async () => {
  const once = await benchBook(1_000);
  const again = await benchBook(1_000);
  assert.equal(once.length, 5);
  for (const [index, result] of once.entries()) {
    assert(result.nsPerOrder > 0);
    assert.notEqual(result.checksum, 0, result.name);
    assert.equal(result.checksum, again[index]?.checksum, result.name);
  }
});
