import assert from "node:assert/strict";
import { test } from "node:test";
import { CounterWriter, LANE_COUNTERS } from "../../../src/memory/counters.ts";
import { RingProducer } from "../../../src/memory/ring-producer.ts";
import type { LatencyView, WindowStats } from "../../../src/scribe/histograms/latency-view.ts";
import type { MetricSources } from "../../../src/scribe/metrics/metric-sources.ts";
import { RingWatch } from "../../../src/scribe/metrics/ring-watch.ts";
import { SessionView } from "../../../src/scribe/metrics/session-view.ts";
import { EVENT_KIND, THREAD } from "../../../src/telemetry/event-record.ts";
import { metricSources, RING_SLOTS, scribeSession } from "../../support/metric-sources.ts";

const noOne = (): never => assert.fail("nobody should ask for this");

/** Batches of lane 0 that are all as long. */
function latenciesWithBatches(p99Ns: number | undefined, maxNs: number): LatencyView {
  const stats: WindowStats = {
    seconds: 60,
    count: 1,
    p50Ns: undefined,
    p99Ns,
    p999Ns: undefined,
    p9999Ns: undefined,
    maxNs,
  };
  return {
    headline: noOne,
    now: noOne,
    stage: noOne,
    service: noOne,
    event: noOne,
    burn: noOne,
    peerLimitedShare: noOne,
    laneTime: (name, _window, lane) => (name === "batch" && lane === 0 ? stats : noOne()),
  };
}

/** Of lane 0 within the last minute. */
const collectionsOf = (longestNs: number): MetricSources["events"] => ({
  totals: () => [],
  longestNs: (kind, thread) =>
    kind === EVENT_KIND.GC && thread === THREAD.LANE ? longestNs : noOne(),
});

test("the high-water mark is the most that any look has seen", () => {
  const session = new SessionView();
  const opened = scribeSession("20261121A");
  session.open(opened);
  const watch = new RingWatch(metricSources(), session);
  const producer = new RingProducer(opened.lanes[0]!.inbound);
  const [lane] = watch.lanes;
  assert.ok(lane !== undefined);
  watch.tick(1e9);
  assert.equal(lane.inboundHigh, 0);
  for (let slot = 0; slot < RING_SLOTS; slot++) producer.claim(0);
  watch.tick(1.01e9);
  assert.equal(lane.inboundHigh, 0, "what is not handed over does not wait");
  producer.publish();
  watch.tick(1.02e9);
  assert.equal(lane.inboundHigh, RING_SLOTS);
  assert.equal(lane.outboundHigh, 0);
});

test("the recommendation is made of the highest rate and pause, and a ring that is too small is told once", () => {
  const sources = metricSources(1, {
    latencies: latenciesWithBatches(40e6, 90e6),
    events: collectionsOf(7e6),
  });
  const counters = new CounterWriter(sources.process.laneCounters[0]!);
  const watch = new RingWatch(sources, new SessionView());
  const [lane] = watch.lanes;
  assert.ok(lane !== undefined);
  watch.tick(10e9);
  counters.add(LANE_COUNTERS.recordsTaken, 850);
  watch.tick(11e9);
  assert.equal(lane.slotsRecommended, 128);
  assert.equal(sources.said.length, 1);
  assert.match(
    sources.said[0] ?? "",
    /^warn ring-small .*"inboundSlots":64,"slotsRecommended":128/,
  );
  for (let second = 12; second < 300; second++) watch.tick(second * 1e9);
  assert.equal(lane.slotsRecommended, 128, "the rate of before still counts");
  assert.equal(sources.said.length, 1);
  watch.tick(311e9);
  assert.equal(lane.slotsRecommended, 2, "and is forgotten after five minutes");
});

test("too few batches for a P99 are judged by the longest", () => {
  const sources = metricSources(1, { latencies: latenciesWithBatches(undefined, 47e6) });
  const counters = new CounterWriter(sources.process.laneCounters[0]!);
  const watch = new RingWatch(sources, new SessionView());
  watch.tick(10e9);
  counters.add(LANE_COUNTERS.recordsTaken, 850);
  watch.tick(11e9);
  assert.equal(watch.lanes[0]?.slotsRecommended, 128);
});

test("what a start replays and collects is no load", () => {
  let isOpen = false;
  let collectedNs = 0;
  const sources = {
    ...metricSources(1, {
      latencies: latenciesWithBatches(1e6, 1e6),
      events: {
        totals: () => [],
        longestNs: (_kind, _thread, sinceNs) => (collectedNs >= sinceNs ? 150e6 : 0),
      },
    }),
    isReady: () => isOpen,
  };
  const counters = new CounterWriter(sources.process.laneCounters[0]!);
  const watch = new RingWatch(sources, new SessionView());
  watch.tick(10e9);
  counters.add(LANE_COUNTERS.recordsTaken, 90_000);
  watch.tick(11e9);
  counters.add(LANE_COUNTERS.recordsTaken, 90_000);
  collectedNs = 11.5e9;
  isOpen = true;
  watch.tick(12e9);
  counters.add(LANE_COUNTERS.recordsTaken, 1000);
  watch.tick(13e9);
  assert.equal(watch.lanes[0]?.slotsRecommended, 4);
  assert.deepEqual(sources.said, []);
  collectedNs = 13.5e9;
  watch.tick(14e9);
  assert.equal(watch.lanes[0]?.slotsRecommended, 512, "a collection behind it counts");
  assert.equal(sources.said.length, 1);
});
