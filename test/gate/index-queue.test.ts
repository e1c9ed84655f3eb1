import assert from "node:assert/strict";
import { test } from "node:test";
import { IndexQueue, QUEUE_EMPTY } from "../../src/gate/index-queue.ts";

test("indexes come out in the order in which they went in, each once, across the wrap", () => {
  const queue = new IndexQueue(3);
  assert.equal(queue.pop(), QUEUE_EMPTY);
  for (let round = 0; round < 5; round++) {
    for (const index of [2, 0, 2, 1, 0]) queue.push(index);
    assert.equal(queue.count, 3);
    assert.equal(queue.peek(), 2);
    assert.deepEqual([queue.pop(), queue.pop()], [2, 0]);
    queue.push(2);
    assert.deepEqual([queue.pop(), queue.pop(), queue.pop()], [1, 2, QUEUE_EMPTY]);
  }
});
