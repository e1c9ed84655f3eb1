import assert from "node:assert/strict";
import { test } from "node:test";
import { HELD_KIND, HeldRequests, NO_REQUEST } from "../../../src/venue/book/held-requests.ts";

const cause = (userRefNum: number) => ({
  requestType: 0x58,
  account: 3,
  userRefNum,
  sinceNs: 1e15 + userRefNum,
});

test("requests keep everything they came with, and each instrument's keep their order", () => {
  const held = new HeldRequests(4, 2);
  held.add(0, cause(0xffffffff), HELD_KIND.CANCEL, 11, -1, 0xffffffff, 0x55);
  held.add(1, cause(2), HELD_KIND.REPLACE, 12, 13, 0, 0);
  held.add(0, cause(3), HELD_KIND.MODIFY, 14, -1, 500, 0x54);
  assert.equal(held.room, 1);

  const first = held.first(0);
  assert.equal(held.kind(first), HELD_KIND.CANCEL);
  assert.equal(held.order(first), 11);
  assert.equal(held.intendedQuantity(first), 0xffffffff);
  assert.equal(held.code(first), 0x55);
  assert.equal(held.requestType(first), 0x58);
  assert.equal(held.account(first), 3);
  assert.equal(held.userRefNum(first), 0xffffffff);
  assert.equal(held.sinceNs(first), 1e15 + 0xffffffff);
  held.removeFirst(0);
  assert.equal(held.order(held.first(0)), 14);
  held.removeFirst(0);
  assert.equal(held.first(0), NO_REQUEST);
  assert.equal(held.replacement(held.first(1)), 13);
  assert.throws(() => held.removeFirst(0), /no request/);
});

test("the last place is used, and one more is our bug", () => {
  const held = new HeldRequests(3, 1);
  for (let order = 0; order < 3; order++) {
    held.add(0, cause(order), HELD_KIND.ENTER, order, -1, 0, 0);
  }
  assert.equal(held.room, 0);
  assert.throws(() => held.add(0, cause(9), HELD_KIND.ENTER, 9, -1, 0, 0), /than there is room/);
});

test("queues survive any coming and going", () => {
  const held = new HeldRequests(3, 1);
  for (let order = 0; order < 1_000; order++) {
    held.add(0, cause(order), HELD_KIND.ENTER, order, -1, 0, 0);
    if (held.count < 3) continue;
    assert.equal(held.order(held.first(0)), order - 2);
    held.removeFirst(0);
  }
});
