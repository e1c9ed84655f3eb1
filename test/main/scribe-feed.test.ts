import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "../../src/config/read-config.ts";
import { sampleOf, scribeProcess } from "../../src/main/scribe-feed.ts";
import { createThreadBlock } from "../../src/memory/thread-block.ts";
import { ManualClock } from "../support/manual-clock.ts";

test("what the scribe is given has no password and no token in it", () => {
  const { config } = readConfig({ configFile: undefined, settings: [] });
  const shown = scribeProcess(config, {
    build: "b",
    version: "0.1.0",
    startedMs: 0,
    accountCount: 4,
    gateCounters: createThreadBlock(),
    laneCounters: [],
    gateThread: createThreadBlock(),
    laneThreads: [],
  });
  assert.match(shown.configHash, /^[0-9a-f]{12}$/);
  assert.doesNotMatch(JSON.stringify(shown.config), /DEMO|password|tokens/);
  assert.ok(Object.hasOwn(shown.config as object, "telemetry"));
});

test("a sample has what main's own objects know", () => {
  const pool = { inUse: 1, highWater: 2, made: 64, max: 100, takes: 9 };
  const ring = {
    inboundSlotsUsed: 0,
    inboundSlots: 8,
    inboundHighWater: 5,
    outboundSlotsWaiting: 0,
    outboundSlots: 8,
  };
  const sample = sampleOf({ restartCount: 3 }, new ManualClock(5e9), {
    keeperStatus: undefined,
    keeperRestarts: 1,
    gate: {
      status: () => ({
        isDraining: false,
        isRolling: false,
        connections: 7,
        pending: 2,
        live: 4,
        sendBuffers: pool,
        stashes: { ...pool, takes: 4 },
        lanes: [
          { ...ring, socketsWaiting: 2 },
          { ...ring, socketsWaiting: 3 },
        ],
      }),
    },
  });
  const { idleMs, heapBytes, ...known } = sample;
  assert.ok(idleMs >= 0 && heapBytes > 1e6);
  assert.deepEqual(known, {
    command: "sample",
    nowNs: 5e9,
    connections: 7,
    pending: 2,
    live: 4,
    socketsWaiting: 5,
    inboundHighWater: [5, 5],
    pools: { send: pool, stash: { ...pool, takes: 4 } },
    scribeRestarts: 3,
    keeperRestarts: 1,
    keeper: undefined,
  });
});
