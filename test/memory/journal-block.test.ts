import assert from "node:assert/strict";
import { test } from "node:test";
import { createJournalBlock, JournalBlock, STAGED_MAX } from "../../src/memory/journal-block.ts";

test("segments are handed over in order, and no more than there is room for", () => {
  const memory = createJournalBlock();
  const keeper = new JournalBlock(memory);
  const lane = new JournalBlock(memory);
  assert.equal(lane.stagedSegment, 0);
  assert.equal(keeper.handedOverSegment, 0);
  for (let segment = 1; segment <= 9; segment++) {
    keeper.handOver(segment, 100 + segment);
    assert.equal(keeper.handedOverSegment, segment);
    if (segment < STAGED_MAX) continue;
    assert.equal(keeper.canHandOver, false);
    assert.throws(() => keeper.handOver(99, 99), /room/);
    const oldest = segment - STAGED_MAX + 1;
    assert.deepEqual([lane.stagedSegment, lane.stagedDescriptor], [oldest, 100 + oldest]);
    const wanted = keeper.wanted;
    lane.taken();
    assert.notEqual(keeper.wanted, wanted);
    assert.equal(keeper.currentSegment, oldest);
    assert.equal(keeper.canHandOver, true);
  }
});

test("what the lane did not take can be taken back, the newest first", () => {
  const block = new JournalBlock(createJournalBlock());
  block.handOver(4, 14);
  block.taken();
  block.handOver(5, 15);
  block.handOver(6, 16);
  assert.equal(block.takeBack(), 16);
  assert.deepEqual([block.stagedWaiting, block.handedOverSegment], [1, 5]);
  assert.equal(block.takeBack(), 15);
  assert.equal(block.stagedSegment, 0);
  assert.throws(() => block.takeBack(), /no staged segment/);
});

test("a lane that finds nothing staged waits, wakes the keeper and counts it", () => {
  const block = new JournalBlock(createJournalBlock());
  const wanted = block.wanted;
  block.waitForStaged(0);
  assert.equal(block.waits, 1);
  assert.notEqual(block.wanted, wanted);
  block.handOver(1, 11);
  block.waitForStaged(1000);
  assert.equal(block.waits, 1, "there was one");
});
