import assert from "node:assert/strict";
import { test } from "node:test";
import { createThreadBlock, readTid, ThreadBlock } from "../../src/memory/thread-block.ts";

test("another hand on the block sees what the thread says of itself", () => {
  const memory = createThreadBlock();
  const own = new ThreadBlock(memory);
  const other = new ThreadBlock(memory);
  own.tid = 4711;
  own.addLoop();
  own.addLoop();
  own.addParkedNs(1.5e15);
  own.heapBytes = 2 ** 33;
  assert.equal(other.tid, 4711);
  assert.equal(other.loops, 2);
  assert.equal(other.parkedNs, 1.5e15);
  assert.equal(other.heapBytes, 2 ** 33);
});

test("the heartbeat is right after 25 and after 50 days, when its word wraps", () => {
  const block = new ThreadBlock(createThreadBlock());
  for (const beatMs of [0, 2 ** 31 - 1, 2 ** 32 - 1]) {
    block.beat(beatMs);
    assert.equal(block.silentMs(beatMs + 5000), 5000, `beat at ${beatMs}`);
  }
});

test("the main thread's number is the process's, where the kernel tells", () => {
  assert.equal(readTid(), process.platform === "linux" ? process.pid : 0);
});
