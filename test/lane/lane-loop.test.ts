import assert from "node:assert/strict";
import { test } from "node:test";
import type { Lane } from "../../src/lane/lane.ts";
import { LaneLoop } from "../../src/lane/lane-loop.ts";
import { LANE_STATE } from "../../src/memory/lane-signal.ts";
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

test("a lane is ready when it has its configuration and what is to be done then is done", async () => {
  const { lane, signal } = new LaneRig();
  const clock = new SteppingClock();
  const told: number[] = [];
  const home = Promise.withResolvers<void>();
  const core: { state: unknown } = { state: undefined };
  let turns = 0;
  const unconfigured = {
    core,
    turn: () => {
      // The second time it goes home it knows.
      if (++turns > 20) core.state = lane.core.state;
      assert.equal(signal.state, LANE_STATE.STARTING);
      return 1;
    },
  } as unknown as Lane;
  const loop = new LaneLoop({
    lane: unconfigured,
    signal,
    clock,
    spinNs: 0,
    parkMsMax: 1,
    onConfigured: () => {
      told.push(signal.state);
      loop.stop();
      home.resolve();
    },
    onFailure: assert.ifError,
  });
  loop.start();
  await home.promise;
  assert.deepEqual(told, [LANE_STATE.STARTING]);
  assert.equal(signal.state, LANE_STATE.READY);
  assert.ok(turns > 20);
});
