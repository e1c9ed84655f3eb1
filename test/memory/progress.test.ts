import assert from "node:assert/strict";
import { test } from "node:test";
import { createProgress, Progress } from "../../src/memory/progress.ts";

test("what is in flight is right across the wrap of both words", () => {
  const progress = new Progress(createProgress(3));
  progress.addTaken(1, 2 ** 32 - 100);
  progress.startSent(1, progress.taken(1));
  assert.equal(progress.inFlight(1), 0);
  progress.addSent(1, 300);
  assert.equal(progress.inFlight(1), 300);
  progress.addTaken(1, 250);
  assert.equal(progress.inFlight(1), 50);
  assert.equal(progress.inFlight(0), 0);
  assert.equal(progress.inFlight(2), 0);
});

test("starved belongs to one connection, is cleared once, and ends with a new attach", () => {
  const progress = new Progress(createProgress(2));
  progress.setStarved(0);
  assert.equal(progress.clearStarved(1), false);
  assert.equal(progress.clearStarved(0), true);
  assert.equal(progress.clearStarved(0), false);
  progress.setStarved(0);
  progress.startSent(0, 0);
  assert.equal(progress.clearStarved(0), false);
});

test("how many connections are starved is counted over all of them", () => {
  const progress = new Progress(createProgress(3));
  assert.equal(progress.starvedCount(), 0);
  progress.setStarved(0);
  progress.setStarved(2);
  progress.addSent(1, 500);
  progress.setHeld(1, 7);
  assert.equal(progress.starvedCount(), 2);
  progress.clearStarved(2);
  assert.equal(progress.starvedCount(), 1);
});

test("what is held back of a connection stands until it is told anew", () => {
  const progress = new Progress(createProgress(2));
  progress.setHeld(1, 3);
  progress.startSent(1, 0);
  assert.deepEqual([progress.held(0), progress.held(1)], [0, 3]);
  progress.setHeld(1, 2);
  assert.deepEqual([progress.held(0), progress.held(1)], [0, 2]);
});
