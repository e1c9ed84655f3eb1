import assert from "node:assert/strict";
import { test } from "node:test";
import { LaneLoop } from "../../src/lane/lane-loop.ts";
import { createThreadBlock, ThreadBlock } from "../../src/memory/thread-block.ts";
import { LaneRig } from "../support/lane-rig.ts";

/** A clock that a test moves: each look costs a millisecond. */
class SteppingClock {
  ns = 5e9;
  nowNs(): number {
    this.ns += 1e6;
    return this.ns;
  }
}

test("a stay away from home lasts at most ten milliseconds, busy or not, and begins with a heartbeat", () => {
  const rig = new LaneRig();
  const clock = new SteppingClock();
  const { lane, signal } = rig;
  const onFailure = assert.ifError;
  const loop = new LaneLoop({ lane, signal, clock, spinNs: 2e6, parkMsMax: 1, onFailure });
  const startNs = clock.ns;
  loop.run();
  assert.ok(clock.ns - startNs <= 13e6);
  assert.equal(signal.silentMs(startNs / 1e6 + 1), 0);
});

test("records that are there when the lane wants to park are handled instead", () => {
  const rig = new LaneRig();
  const clock = new SteppingClock();
  const { lane, signal } = rig;
  const onFailure = assert.ifError;
  const loop = new LaneLoop({ lane, signal, clock, spinNs: 0, parkMsMax: 1, onFailure });
  const alice = rig.login("ALICE").query();
  loop.run();
  rig.drain();
  assert.deepEqual(alice.receive(), ["login 1", "S S", "Q 1"]);
});

test("what a turn throws is handed on, and the loop ends", async () => {
  const rig = new LaneRig();
  const failure = Promise.withResolvers<unknown>();
  const { lane, signal } = rig;
  rig.push(99, 0, 0, 0);
  const clock = new SteppingClock();
  const onFailure = failure.resolve;
  new LaneLoop({ lane, signal, clock, spinNs: 0, parkMsMax: 1, onFailure }).start();
  assert.match(String(await failure.promise), /invariant: a record of a kind/);
});

test("a lane notes its passes and how long it slept, and is at home after the first pass", async () => {
  const rig = new LaneRig();
  const clock = new SteppingClock();
  const thread = new ThreadBlock(createThreadBlock());
  const home = Promise.withResolvers<void>();
  const { lane, signal } = rig;
  const loop = new LaneLoop({
    lane,
    signal,
    clock,
    spinNs: 0,
    parkMsMax: 1,
    thread,
    atHome: home.resolve,
    onFailure: assert.ifError,
  });
  loop.run();
  assert.equal(thread.loops, 1);
  // Each sleep costs one look at the clock, and so does each turn before it.
  assert.ok(thread.parkedNs >= 4e6 && thread.parkedNs <= 7e6, `${thread.parkedNs} ns`);
  loop.start();
  await home.promise;
  loop.stop();
});
