import assert from "node:assert/strict";
import { test } from "node:test";
import { Connections } from "../../src/gate/connections.ts";
import { InboundLane, OVER_QUOTA, READS_PER_WAKE } from "../../src/gate/inbound-lane.ts";
import { createProgress, Progress } from "../../src/memory/progress.ts";
import { FakeLane } from "../support/fake-lane.ts";

const CONNECTIONS_MAX = 4;
const SLOTS = 16;
const QUOTA = SLOTS / 8;
const LISTEN = {
  host: "127.0.0.1",
  port: 0,
  backlog: 511,
  connectionsMax: CONNECTIONS_MAX,
  pendingMax: CONNECTIONS_MAX,
  perAddressMax: CONNECTIONS_MAX,
  stashesMax: 1,
  sendBuffersMax: 4,
};

test("records that were on their way before the gate count for nobody", () => {
  const progress = new Progress(createProgress(CONNECTIONS_MAX));
  const link = new FakeLane(progress, SLOTS);
  link.inbound.claim(0);
  link.inbound.publish();
  const lane = new InboundLane(link, new Connections(LISTEN), CONNECTIONS_MAX, progress);
  for (let message = 0; message < QUOTA; message++) assert.ok(lane.claimMessage(0) > 0);
  assert.equal(lane.claimMessage(0), OVER_QUOTA);
  lane.publish(1);
  link.take();
  for (let message = 0; message < QUOTA; message++) assert.ok(lane.claimMessage(0) > 0);
  assert.equal(lane.claimMessage(0), OVER_QUOTA);
});

test("what the lane holds back of a connection counts as its share of the ring", () => {
  const progress = new Progress(createProgress(CONNECTIONS_MAX));
  const link = new FakeLane(progress, SLOTS);
  const lane = new InboundLane(link, new Connections(LISTEN), CONNECTIONS_MAX, progress);
  progress.setHeld(0, QUOTA - 1);
  assert.ok(lane.claimMessage(0) > 0);
  assert.equal(lane.claimMessage(0), OVER_QUOTA);
  lane.publish(1);
  link.take();
  progress.setHeld(0, QUOTA);
  assert.equal(lane.claimMessage(0), OVER_QUOTA);
  assert.equal(lane.hasShare(0), false);
  assert.ok(lane.claimMessage(1) > 0, "others have theirs");
  progress.setHeld(0, QUOTA / 2);
  assert.equal(lane.hasShare(0), true);
  assert.ok(lane.claimMessage(0) > 0);
});

/** How often a lane that sleeps whenever nobody wants it was woken. */
function sleepyLane(slots: number) {
  const progress = new Progress(createProgress(CONNECTIONS_MAX));
  const link = new FakeLane(progress, slots);
  const lane = new InboundLane(link, new Connections(LISTEN), CONNECTIONS_MAX, progress);
  const firstWake = link.signal.announcePark();
  const wakes = (): number => link.signal.announcePark() - firstWake;
  return { lane, wakes };
}

test("a sleeping lane is woken for all reads of a turn together, or for a bounded number of them", () => {
  const { lane, wakes } = sleepyLane(1024);
  const read = (): void => {
    assert.ok(lane.claimMessage(0) > 0);
    lane.publishRead(1);
  };
  read();
  read();
  assert.equal(wakes(), 0);
  lane.announceReads();
  assert.equal(wakes(), 1);
  lane.announceReads();
  assert.equal(wakes(), 1, "nothing was read since");
  for (let reads = 0; reads < READS_PER_WAKE - 1; reads++) read();
  assert.equal(wakes(), 1);
  read();
  assert.equal(wakes(), 2);
  lane.announceReads();
  assert.equal(wakes(), 2);
});

test("whatever is no read wakes a sleeping lane at once, and says of the reads before it", () => {
  const { lane, wakes } = sleepyLane(SLOTS);
  assert.ok(lane.claimMessage(0) > 0);
  lane.publishRead(1);
  assert.equal(wakes(), 0);
  assert.ok(lane.claimControl() > 0);
  lane.publish(2);
  assert.equal(wakes(), 1);
  lane.announceReads();
  assert.equal(wakes(), 1);
});

test("ticks go on when nothing else comes, one at a time", () => {
  const progress = new Progress(createProgress(CONNECTIONS_MAX));
  const link = new FakeLane(progress, SLOTS);
  const lane = new InboundLane(link, new Connections(LISTEN), CONNECTIONS_MAX, progress);
  for (let round = 1; round <= SLOTS + 1; round++) {
    lane.tick();
    lane.settle(round, round);
    assert.equal(link.inbound.usedSlots(), 1, `round ${round}`);
    lane.tick();
    lane.settle(round, round);
    assert.equal(link.inbound.usedSlots(), 1, "the lane has not taken the one before");
    link.take();
  }
});
