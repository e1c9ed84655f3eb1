// A disk that takes seconds for a call: the lane beats between two batches and while it waits for a segment, so nobody
// takes it for dead before a single call has lasted too long; and then the line says where to look.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { LaneLoop } from "../../src/lane/lane-loop.ts";
import { createGateState, GATE_STATE, GateState } from "../../src/memory/gate-state.ts";
import { JOURNAL_COUNT } from "../../src/memory/journal-block.ts";
import { createLaneSignal, LANE_STATE, LaneSignal } from "../../src/memory/lane-signal.ts";
import { ReadinessProbe } from "../../src/scribe/readiness.ts";
import { type DiskRule, setRules, troubledBy } from "../support/disk-trouble.ts";
import { onlyFault } from "../support/fault-line.ts";
import { TestGateway, testDirectory } from "../support/gateway.ts";
import { JournaledLane, LANE_DIRECTORY } from "../support/journaled-lane.ts";
import { mustKeep } from "../support/kept-answers.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";

const STALL_MS_MAX = 5000;
const STALLED = 21;

/** A lane in its loop, and the one who looks whether it lives. */
function watched(lane: JournaledLane) {
  const { clock, rig } = lane;
  const gate = createGateState();
  const state = new GateState(gate);
  state.state = GATE_STATE.OPEN;
  const memory = createLaneSignal();
  const signal = new LaneSignal(memory);
  signal.state = LANE_STATE.READY;
  const probe = new ReadinessProbe(gate, [memory], STALL_MS_MAX);
  const onFailure = (thrown: unknown): never => assert.fail(String(thrown));
  // Each look at it takes some time: the loop goes home.
  const passing = {
    nowNs: () => {
      clock.advanceMs(1);
      return clock.nowNs();
    },
  };
  const { lane: turning } = rig;
  return {
    loop: new LaneLoop({
      lane: turning,
      signal,
      clock: passing,
      spinNs: 0,
      parkMsMax: 1,
      onFailure,
    }),
    beat: () => signal.beat(clock.nowNs() / 1e6),
    isReady: () => {
      state.beat(clock.nowNs() / 1e6);
      return probe.read(clock.nowNs() / 1e6).ready;
    },
  };
}

test("a lane whose syncs take three seconds each is alive; one sync that takes longer than the limit is told", () => {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  const lane = new JournaledLane(disk);
  const { clock, rig } = lane;
  const { loop, isReady } = watched(lane);
  const client = rig.login("ALICE");
  rig.run();
  client.receive();
  let syncMs = 3000;
  const readyInSync: boolean[] = [];
  disk.before = ({ operation, path }) => {
    if (operation !== "sync" || !path.includes("segment-")) return;
    clock.advanceMs(syncMs);
    readyInSync.push(isReady());
  };
  for (let userRefNum = 1; userRefNum <= 5; userRefNum++) {
    client.enter({ userRefNum });
    loop.run();
    assert.ok(isReady());
    rig.drain();
    assert.deepEqual(client.receive(), [`A ${userRefNum} L`]);
  }
  assert.deepEqual(readyInSync, new Array(5).fill(true));
  assert.equal(lane.block.counts[JOURNAL_COUNT.SYNC_NS_MAX], 3000e6);

  syncMs = STALL_MS_MAX + 1;
  client.enter({ userRefNum: 6 });
  loop.run();
  assert.equal(readyInSync.at(-1), false, "the scribe says that it hangs");
  syncMs = 0;
  client.enter({ userRefNum: 7 });
  loop.run();
  assert.ok(isReady(), "and that it goes on");
});

test("a lane that waits for a segment beats all the time, and loses nothing", () => {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  const lane = new JournaledLane(disk);
  const { clock, rig } = lane;
  const { beat, isReady } = watched(lane);
  const client = rig.login("ALICE");
  rig.run();
  client.receive();
  lane.passMs(1000);
  lane.isKeeperAlive = false;
  let waitedSince = 0;
  lane.onWaiting = () => {
    if (waitedSince === 0) waitedSince = clock.nowNs();
    assert.ok(isReady(), "it is taken for dead");
    beat();
    // Much longer than anybody may be silent.
    if (clock.nowNs() - waitedSince > 4 * STALL_MS_MAX * 1e6) lane.isKeeperAlive = true;
  };
  beat();
  let userRefNum = 0;
  while (waitedSince === 0 || userRefNum % 100 !== 0) {
    userRefNum++;
    client.enter({ userRefNum }).cancel(userRefNum);
    rig.run();
    if (waitedSince === 0) beat();
    assert.deepEqual(client.receive(), [`A ${userRefNum} L`, `C ${userRefNum} 100 U`]);
  }
  assert.ok(clock.nowNs() - waitedSince > 4 * STALL_MS_MAX * 1e6);
  assert.deepEqual(lane.lines, [], "the disk is slow and not short");
});

describe("a gateway with a slow disk", { concurrency: 2 }, () => {
  test("ends when one sync takes longer than a lane may be silent, and says where to look", async (context) => {
    const { directory, gateway, trader, setRule } = await onSlowDisk(context);
    trader.order();
    await trader.heard();
    setRule({ call: "sync", path: "segment", thread: "lane-0", takesMs: 10_000 });
    trader.order();
    const exit = await gateway.untilEnded();
    assert.equal(exit.status, STALLED);
    const fault = onlyFault(exit, gateway.stderr);
    assert.deepEqual([fault.code, fault.lane], ["LANE_STALLED", 0]);
    assert.match(fault.advice, /disk/);
    await trader.closed();
    assert.equal(trader.messages.at(-1)?.type, "Q", "it was told what is not on the disk");
    await mustKeep(await TestGateway.start(context, { directory }), trader);
  });

  test("is killed, with the same line, when the sync never comes back", async (context) => {
    const { directory, gateway, trader, setRule } = await onSlowDisk(context);
    trader.order();
    await trader.heard();
    setRule({ call: "sync", path: "segment", thread: "lane-0", hangs: true });
    trader.order();
    const exit = await gateway.untilEnded();
    // A thread in a call of the kernel cannot be ended, and the process waits for its threads.
    assert.deepEqual(exit, { status: null, signal: "SIGKILL" });
    assert.equal(gateway.faults.length, 1);
    assert.equal(JSON.parse(gateway.faults[0]!).code, "LANE_STALLED");
    await trader.closed();
    await mustKeep(await TestGateway.start(context, { directory }), trader);
  });

  test("goes on, and is ready, while its lane waits for segments longer than it may be silent", async (context) => {
    const slowDisk = await onSlowDisk(context, { "journal.segmentBytes": 256 * 1024 });
    const { gateway, trader, setRule } = slowDisk;
    // The whole segment is one write.
    const takesMs = 7000;
    setRule({ call: "write", path: ".staging", thread: "keeper", takesMs });
    const beganMs = performance.now();
    const { host, port } = gateway.ready.admin;
    const isReady = async (): Promise<boolean> => (await fetch(`http://${host}:${port}/readyz`)).ok;
    let longestMs = 0;
    while (longestMs < takesMs / 2) {
      const batchMs = performance.now();
      for (let order = 0; order < 500; order++) trader.order();
      const heard = trader.heard();
      let isHeard = false;
      void heard.then(() => {
        isHeard = true;
      });
      while (!isHeard) assert.ok(await isReady(), "it says that it is not ready");
      assert.equal((await heard).length, 500);
      longestMs = Math.max(longestMs, performance.now() - batchMs);
      assert.ok(performance.now() - beganMs < 60_000, "the lane never had to wait");
    }
    setRule();
  });
});

/** `setRule` takes the place of the rule before; without one, the disk is as fast as it is. */
async function onSlowDisk(context: TestContext, more: Record<string, unknown> = {}) {
  const directory = testDirectory();
  const rulesFile = join(directory, "rules");
  // More than a real disk takes that others keep busy.
  const settings = { "lanes.stallMsMax": 3000, ...more };
  const gateway = await TestGateway.start(context, {
    directory,
    settings,
    env: troubledBy(rulesFile),
  });
  const setRule = (...rules: readonly DiskRule[]): void => setRules(rulesFile, rules);
  return { directory, gateway, trader: await gateway.trader(), setRule };
}
