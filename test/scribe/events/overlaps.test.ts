import assert from "node:assert/strict";
import { test } from "node:test";
import { Overlaps } from "../../../src/scribe/events/overlaps.ts";
import { EVENT_KIND, type TelemetryEvent, THREAD } from "../../../src/telemetry/event-record.ts";
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
    const overlaps = new Overlaps(events);
    for (let order = 0; order < 20; order++) {
      const sinceNs = random.below(1000);
      const writtenNs = sinceNs + random.below(100);
      const worstFromNs = sinceNs + random.below(writtenNs - sinceNs + 1);
      const times = { lane: 0, sinceNs, writtenNs, worstFromNs, worstToNs: writtenNs };
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
