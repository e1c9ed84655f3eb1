// Rings, windows, outboxes and pools on the page: where work waits.

import { CounterReader, GATE_COUNTERS, LANE_COUNTERS } from "../../memory/counters.ts";
import type { ScribeSample } from "../../memory/scribe-worker-data.ts";
import type { MetricPage } from "./metric-page.ts";
import type { MetricSources } from "./metric-sources.ts";
import { RingWatch } from "./ring-watch.ts";
import type { SessionView } from "./session-view.ts";

const LANE_COUNTS = [
  ["gateway_outbox_reads_total", LANE_COUNTERS.outboxReads],
  ["gateway_outbox_slow_reads_total", LANE_COUNTERS.outboxSlowReads],
  ["gateway_outbox_spill_failures_total", LANE_COUNTERS.outboxSpillFailures],
] as const;

export class RingMetrics {
  private readonly sources: MetricSources;
  private readonly session: SessionView;
  private readonly watch: RingWatch;
  private readonly gate: CounterReader;

  constructor(sources: MetricSources, session: SessionView) {
    this.sources = sources;
    this.session = session;
    this.watch = new RingWatch(sources, session);
    this.gate = new CounterReader(sources.process.gateCounters);
  }

  tick(nowNs: number): void {
    this.watch.tick(nowNs);
  }

  write(page: MetricPage, sample: ScribeSample | undefined): void {
    this.writeRings(page, sample);
    const { gate, session, watch } = this;
    page.family("gateway_back_pressure_seconds_total");
    page.sample(gate.read(GATE_COUNTERS.backPressureNs) / 1e9);
    page.family("gateway_pauses_total").sample(gate.read(GATE_COUNTERS.pauses));
    page.family("gateway_stashes_total").sample(gate.read(GATE_COUNTERS.stashes));
    page.family("gateway_window_bytes").sample(this.sources.config.session.windowBytes);
    page.family("gateway_windows_starved").sample(session.starvedCount());
    page.family("gateway_outbox_bytes");
    for (const [lane, { counters }] of watch.lanes.entries()) {
      page.sample(counters.read(LANE_COUNTERS.outboxBytes), lane, "memory");
      page.sample(counters.read(LANE_COUNTERS.outboxSpilledBytes), lane, "file");
    }
    for (const [name, counter] of LANE_COUNTS) {
      page.family(name);
      for (const [lane, { counters }] of watch.lanes.entries()) {
        page.sample(counters.read(counter), lane);
      }
    }
    writePools(page, sample);
  }

  private writeRings(page: MetricPage, sample: ScribeSample | undefined): void {
    const { rings } = this.session;
    const { lanes } = this.watch;
    page.family("gateway_inbound_waiting");
    page.sample(rings.reduce((sum, { inbound }) => sum + inbound.usedSlots(), 0));
    page.family("gateway_sockets_waiting").sample(sample?.socketsWaiting ?? 0);
    page.family("gateway_ring_slots");
    for (const [lane, { inbound, outbound }] of rings.entries()) {
      page.sample(inbound.slotCount, "inbound", lane).sample(outbound.slotCount, "outbound", lane);
    }
    page.family("gateway_ring_used");
    for (const [lane, { inbound, outbound }] of rings.entries()) {
      page.sample(inbound.usedSlots(), "inbound", lane);
      page.sample(outbound.usedSlots(), "outbound", lane);
    }
    page.family("gateway_ring_high_water");
    for (const [lane, { inboundHigh, outboundHigh }] of lanes.entries()) {
      // The gate looks whenever it hands records over, and forgets with its session.
      page.sample(Math.max(inboundHigh, sample?.inboundHighWater[lane] ?? 0), "inbound", lane);
      page.sample(outboundHigh, "outbound", lane);
    }
    page.family("gateway_ring_slots_recommended");
    for (const [lane, { slotsRecommended }] of lanes.entries()) page.sample(slotsRecommended, lane);
  }
}

function writePools(page: MetricPage, sample: ScribeSample | undefined): void {
  const pools = Object.entries(sample?.pools ?? {});
  page.family("gateway_pool_buffers");
  for (const [pool, { inUse, highWater, made, max }] of pools) {
    page.sample(inUse, pool, "in_use").sample(highWater, pool, "high_water");
    page.sample(made, pool, "made").sample(max, pool, "max");
  }
  page.family("gateway_pool_hits_total");
  for (const [pool, { takes }] of pools) page.sample(takes, pool);
}
