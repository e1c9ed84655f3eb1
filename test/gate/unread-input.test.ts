import assert from "node:assert/strict";
import { test } from "node:test";
import { UnreadInput } from "../../src/gate/unread-input.ts";

const CONNECTION = 3;

function setUp() {
  const clock = { turn: 7, ns: 1000, sinceNs: () => clock.ns };
  const unread = new UnreadInput(clock, 8);
  const read = (isFull: boolean): number => {
    unread.onRead(CONNECTION, isFull);
    return unread.sinceNs(CONNECTION);
  };
  const nextTurn = (): void => {
    clock.turn++;
    clock.ns += 1000;
  };
  return { unread, read, nextTurn };
}

test("what a full read left has been waiting as long as what it brought", () => {
  const { read, nextTurn } = setUp();
  assert.equal(read(true), 1000);
  nextTurn();
  assert.equal(read(true), 1000);
  nextTurn();
  assert.equal(read(false), 1000, "the last of it");
  assert.equal(read(false), 3000, "nothing was left");
});

test("a full read that left nothing says nothing of what comes later", () => {
  const { read, nextTurn } = setUp();
  read(true);
  nextTurn();
  nextTurn();
  assert.equal(read(false), 3000);
});

test("what is found behind a pause may have come since the read before it", () => {
  const { unread, read, nextTurn } = setUp();
  read(false);
  for (let turn = 0; turn < 9; turn++) nextTurn();
  unread.onReadable(CONNECTION);
  nextTurn();
  assert.equal(read(false), 1000);
  nextTurn();
  assert.equal(read(false), 12_000);
});

test("where nothing is found behind a pause, nothing had come", () => {
  const { unread, read, nextTurn } = setUp();
  read(false);
  for (let turn = 0; turn < 9; turn++) nextTurn();
  unread.onReadable(CONNECTION);
  nextTurn();
  nextTurn();
  assert.equal(read(false), 12_000);
});

test("connections have nothing to do with each other", () => {
  const { unread, read, nextTurn } = setUp();
  read(true);
  nextTurn();
  unread.onRead(CONNECTION + 1, false);
  assert.equal(unread.sinceNs(CONNECTION + 1), 2000);
});
