import assert from "node:assert/strict";
import { test } from "node:test";
import { Overlaps } from "../../../src/scribe/events/overlaps.ts";
import { EVENT_KIND, type TelemetryEvent, THREAD } from "../../../src/telemetry/event-record.ts";
import { STAGE } from "../../../src/telemetry/latency-series.ts";
import { fuzzSeed, SeededRandom } from "../../support/seeded-random.ts";

const seed = fuzzSeed();
test(`what overlaps is what a look at each event finds (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  for (let round = 0; round < 200; round++) {
    const events: TelemetryEvent[] = Array.from({ length: random.below(60) }, () => ({
      startNs: random.below(1000),
      // Some are far longer than the others.
      durationNs: random.chance(10) ? random.below(1000) : random.below(20),
      value: 0,
      kind: EVENT_KIND.GC,
      thread: random.pick([THREAD.GATE, THREAD.LANE, THREAD.LANE + 1]),
      detail: 0,
    })).sort((a, b) => a.startNs - b.startNs);
    const overlaps = new Overlaps(events, true);
    for (let order = 0; order < 20; order++) {
      const sinceNs = random.below(1000);
      const writtenNs = sinceNs + random.below(100);
      const worstFromNs = sinceNs + random.below(writtenNs - sinceNs + 1);
      const times = {
        lane: 0,
        sinceNs,
        writtenNs,
        worstStage: STAGE.loopWait,
        worstFromNs,
        worstToNs: writtenNs,
      };
      const found = overlaps.of(times);
      const expected = events.filter(
        ({ startNs, durationNs, thread }) =>
          thread !== THREAD.LANE + 1 &&
          Math.min(startNs + durationNs, writtenNs) > Math.max(startNs, sinceNs),
      );
      assert.deepEqual(new Set(found.map(({ event }) => event)), new Set(expected));
      assert.equal(found.length, expected.length);
      const lying = found.map(({ worstStageNs }) => Math.max(0, worstStageNs));
      assert.deepEqual(
        lying,
        lying.toSorted((a, b) => b - a),
      );
    }
  }
});

const EVENT = { startNs: 0, durationNs: 100, value: 0, detail: 0, thread: THREAD.GATE };
const sync = { ...EVENT, kind: EVENT_KIND.SLOW_JOURNAL, thread: THREAD.LANE, durationNs: 105 };
const laneWait = { ...EVENT, kind: EVENT_KIND.CPU_TAKEN, detail: THREAD.LANE, value: 100 };
const turn = { ...EVENT, kind: EVENT_KIND.LONG_TURN };
const collection = { ...EVENT, kind: EVENT_KIND.GC, durationNs: 30 };
const full = { ...EVENT, kind: EVENT_KIND.INBOUND_FULL, startNs: 50, durationNs: 40, value: 1 };
const still = { ...EVENT, kind: EVENT_KIND.STOOD_STILL };

/** The one that is told first, for an order that spent 100 ns in this stage. */
function firstOf(worstStage: number, events: readonly TelemetryEvent[], isLaneOnGate = false) {
  const overlaps = new Overlaps(
    events.toSorted((a, b) => a.startNs - b.startNs),
    isLaneOnGate,
  );
  const times = { sinceNs: 0, writtenNs: 110, worstFromNs: 0, worstToNs: 100 };
  return overlaps.of({ ...times, lane: 0, worstStage })[0]?.event;
}

test("what a lane of its own thread did does not explain why the gate had not read, nor the gate what a lane did", () => {
  const { loopWait, ring, decide, journal } = STAGE;
  assert.equal(firstOf(loopWait, [sync, laneWait, collection]), collection);
  assert.equal(firstOf(loopWait, [sync, laneWait, collection], true), sync);
  assert.equal(firstOf(ring, [sync, turn]), sync);
  assert.equal(firstOf(decide, [turn, { ...sync, durationNs: 20 }])?.kind, sync.kind);
  assert.equal(firstOf(journal, [turn, { ...laneWait, value: 20 }])?.kind, laneWait.kind);
});

test("what a lane did explains why the gate had not read while its ring was full", () => {
  assert.equal(firstOf(STAGE.loopWait, [sync, collection, full]), sync);
});

test("a process that stood still explains what took as long, unless it only had no core", () => {
  const { loopWait, journal } = STAGE;
  const gateWait = { ...laneWait, detail: THREAD.GATE };
  assert.equal(firstOf(journal, [sync, still]), still);
  assert.equal(firstOf(journal, [sync, { ...still, durationNs: 40 }]), sync);
  assert.equal(firstOf(loopWait, [{ ...still, value: 90 }, gateWait]), gateWait);
});
