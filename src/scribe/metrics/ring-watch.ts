// How full the rings of the lanes get, and how large the inbound ones should be. Looks at every tick: what is full for
// less than that is seen by the counters of gate and lane alone.

import { CounterReader, LANE_COUNTERS } from "../../memory/counters.ts";
import { EVENT_KIND, THREAD } from "../../telemetry/event-record.ts";
import type { MetricSources } from "./metric-sources.ts";
import { RecentPeak } from "./recent-counts.ts";
import { ringSlotsRecommended } from "./ring-model.ts";
import type { SessionView } from "./session-view.ts";

/** Rates and pauses of so long ago still count. */
const PEAK_SLOTS = 30;
const PEAK_SLOT_NS = 10e9;
const RATE_EVERY_NS = 1e9;
const PAUSE_SECONDS = 60;

export class LaneWatch {
  readonly counters: CounterReader;
  inboundHigh = 0;
  outboundHigh = 0;
  readonly recordsPerSecond = new RecentPeak(PEAK_SLOTS, PEAK_SLOT_NS);
  readonly pauseNs = new RecentPeak(PEAK_SLOTS, PEAK_SLOT_NS);
  private recordsTaken: number;
  /** Slots that were recommended when the operator was last told. */
  warnedSlots = 0;

  constructor(memory: SharedArrayBuffer) {
    this.counters = new CounterReader(memory);
    this.recordsTaken = this.counters.read(LANE_COUNTERS.recordsTaken);
  }

  /** Since it was asked last. */
  takenPerSecond(seconds: number): number {
    const before = this.recordsTaken;
    this.recordsTaken = this.counters.read(LANE_COUNTERS.recordsTaken);
    return (this.recordsTaken - before) / seconds;
  }

  get slotsRecommended(): number {
    return ringSlotsRecommended(this.recordsPerSecond.peak, this.pauseNs.peak);
  }
}

export class RingWatch {
  readonly lanes: readonly LaneWatch[];
  private readonly sources: MetricSources;
  private readonly session: SessionView;
  private ratedAtNs = 0;
  /** Since when clients are taken: a recovery, and the collections of a start, are no load that comes again. */
  private openedNs: number | undefined;

  constructor(sources: MetricSources, session: SessionView) {
    this.sources = sources;
    this.session = session;
    this.lanes = sources.process.laneCounters.map((memory) => new LaneWatch(memory));
  }

  tick(nowNs: number): void {
    const { rings } = this.session;
    for (let lane = 0; lane < rings.length; lane++) {
      const watch = this.lanes[lane]!;
      const { inbound, outbound } = rings[lane]!;
      watch.inboundHigh = Math.max(watch.inboundHigh, inbound.usedSlots());
      watch.outboundHigh = Math.max(watch.outboundHigh, outbound.usedSlots());
    }
    if (nowNs - this.ratedAtNs < RATE_EVERY_NS) return;
    const seconds = (nowNs - this.ratedAtNs) / 1e9;
    this.ratedAtNs = nowNs;
    const { openedNs } = this;
    for (const [lane, watch] of this.lanes.entries()) {
      const perSecond = watch.takenPerSecond(seconds);
      if (openedNs !== undefined) this.rate(lane, watch, perSecond, nowNs, openedNs);
    }
    if (openedNs === undefined && this.sources.isReady()) this.openedNs = nowNs;
  }

  private rate(
    lane: number,
    watch: LaneWatch,
    perSecond: number,
    nowNs: number,
    openedNs: number,
  ): void {
    watch.recordsPerSecond.note(nowNs, perSecond);
    const sinceNs = Math.max(openedNs, nowNs - PAUSE_SECONDS * 1e9);
    watch.pauseNs.note(nowNs, this.pauseNs(lane, sinceNs));
    this.warn(lane, watch);
  }

  /**
   * How long records may wait until the lane takes more: a batch that is as long as one in a hundred, and a collection
   * that may come between two batches.
   */
  private pauseNs(lane: number, sinceNs: number): number {
    const { latencies, events } = this.sources;
    const batch = latencies?.laneTime("batch", PAUSE_SECONDS, lane);
    const batchNs = batch?.p99Ns ?? batch?.maxNs ?? 0;
    return batchNs + (events?.longestNs(EVENT_KIND.GC, THREAD.LANE + lane, sinceNs) ?? 0);
  }

  private warn(lane: number, watch: LaneWatch): void {
    const { inboundSlots } = this.sources.config.lanes;
    const { slotsRecommended } = watch;
    if (slotsRecommended <= inboundSlots || slotsRecommended <= watch.warnedSlots) return;
    watch.warnedSlots = slotsRecommended;
    this.sources.say("warn", "ring-small", {
      lane,
      inboundSlots,
      slotsRecommended,
      recordsPerSecond: Math.round(watch.recordsPerSecond.peak),
      pauseMs: Math.round(watch.pauseNs.peak / 1e3) / 1e3,
      advice: "raise lanes.inboundSlots: a pause of the lane stops sockets from being read",
    });
  }
}
