import assert from "node:assert/strict";
import { test } from "node:test";
import { benchBook } from "../../../../../native-free-bench/micro/venue/book/book-venue.ts";
import { ObjectBook } from "../../../../../native-free-bench/micro/venue/book/object-book.ts";

test("the book's bench runs, and does the same work every time", async () => {
  const once = await benchBook(1_000);
  const again = await benchBook(1_000);
  assert.equal(once.length, 7);
  for (const [index, result] of once.entries()) {
    assert(result.nsPerOrder > 0);
    assert.notEqual(result.checksum, 0, result.name);
    assert.equal(result.checksum, again[index]?.checksum, result.name);
  }
});

test("a book of objects trades first come, first served, and lets go of what is canceled", () => {
  const book = new ObjectBook();
  const first = book.enter(false, 10, 100);
  const second = book.enter(false, 10, 100);
  book.enter(false, 11, 100);
  book.cancel(first);
  book.cancel(first);
  book.enter(true, 10, 150); // takes the second whole and rests with half of its own
  book.checksum = 0;
  book.cancel(second);
  assert.equal(book.checksum, 0);
  const buyer = book.enter(true, 10, 100);
  book.checksum = 0;
  const seller = book.enter(false, 10, 60);
  // 50 of the fourth, 10 of the buyer behind it; nothing is left open.
  assert.equal(book.checksum, seller + 4 + 50 + 10 + (seller + buyer + 10 + 10) + seller);
});
