// The process and its machine on the page: threads, memory, descriptors, the network's own counts, and the build.

import { getHeapStatistics } from "node:v8";
import { descriptorLimit } from "../../base/descriptor-limit.ts";
import type { ScribeSample } from "../../memory/scribe-worker-data.ts";
import { ThreadBlock } from "../../memory/thread-block.ts";
import { EVENT_KIND, EVENT_NAMES, THREAD, threadName } from "../../telemetry/event-record.ts";
import { kernelThreads, Schedstat } from "../../telemetry/schedstat.ts";
import { GC_NAMES } from "../events/described-event.ts";
import type { MetricPage } from "./metric-page.ts";
import type { MetricSources } from "./metric-sources.ts";
import { readNetworkCounts } from "./network-counts.ts";
import type { SessionView } from "./session-view.ts";

const TURN_NS = 60e9;

export class ProcessMetrics {
  private readonly sources: MetricSources;
  private readonly session: SessionView;
  private readonly scribe: ThreadBlock;
  private readonly gate: ThreadBlock;
  private readonly lanes: readonly ThreadBlock[];
  private readonly descriptorsMax = descriptorLimit();
  private utilization = 0;
  private latest: ScribeSample | undefined;

  constructor(sources: MetricSources, session: SessionView) {
    this.sources = sources;
    this.session = session;
    this.scribe = new ThreadBlock(sources.data.thread);
    this.gate = new ThreadBlock(sources.process.gateThread);
    this.lanes = sources.process.laneThreads.map((memory) => new ThreadBlock(memory));
  }

  onSample(sample: ScribeSample): void {
    const { latest } = this;
    this.latest = sample;
    if (latest === undefined || sample.nowNs <= latest.nowNs) return;
    const idle = ((sample.idleMs - latest.idleMs) * 1e6) / (sample.nowNs - latest.nowNs);
    this.utilization = Math.max(0, Math.min(1, 1 - idle));
  }

  write(page: MetricPage, nowNs: number): void {
    const { sources, latest } = this;
    page.family("gateway_event_loop_utilization_ratio").sample(this.utilization);
    page.family("gateway_turn_max_seconds");
    const turnNs = sources.events?.longestNs(EVENT_KIND.LONG_TURN, THREAD.GATE, nowNs - TURN_NS);
    page.sample((turnNs ?? 0) / 1e9);
    this.writeEvents(page);
    this.writeThreads(page);
    page.family("gateway_heap_bytes");
    page.sample(latest?.heapBytes ?? 0, "gate");
    page.sample(getHeapStatistics().used_heap_size, "scribe");
    if (latest?.keeper !== undefined) page.sample(latest.keeper.heapBytes, "keeper");
    for (const [lane, { tid, heapBytes }] of this.lanes.entries()) {
      // One without a thread of its own has no heap of its own.
      if (tid !== 0) page.sample(heapBytes, threadName(THREAD.LANE + lane));
    }
    page.family("process_resident_memory_bytes").sample(process.memoryUsage.rss());
    page.family("process_start_time_seconds").sample(sources.process.startedMs / 1e3);
    this.writeDescriptors(page);
    const network = readNetworkCounts();
    page.family("gateway_tcp_retransmits_total");
    if (network !== undefined) page.sample(network.retransmits);
    page.family("gateway_listen_overflows_total");
    if (network !== undefined) page.sample(network.listenOverflows);
    page.family("gateway_listen_drops_total");
    if (network !== undefined) page.sample(network.listenDrops);
    page.family("gateway_up").sample(sources.isReady() ? 1 : 0);
    const { version, configHash } = sources.process;
    const { journal, venue } = sources.config;
    page.family("gateway_build_info");
    page.sample(
      1,
      version,
      process.version,
      journal.durability,
      venue.kind,
      configHash,
      this.session.id,
    );
  }

  private writeEvents(page: MetricPage): void {
    const totals = [...(this.sources.events?.totals() ?? [])];
    const collections = totals
      .filter(({ kind }) => kind === EVENT_KIND.GC)
      .map((total) => ({ ...total, name: GC_NAMES.get(total.sort) ?? "other" }));
    const others = totals
      .filter(({ kind }) => kind !== EVENT_KIND.GC)
      .map((total) => ({ ...total, name: EVENT_NAMES.get(total.kind) ?? "other" }));
    page.family("gateway_gc_seconds_total");
    for (const { thread, name, totalNs } of collections) {
      page.sample(totalNs / 1e9, threadName(thread), name);
    }
    page.family("gateway_gc_total");
    for (const { thread, name, count } of collections) page.sample(count, threadName(thread), name);
    page.family("gateway_flight_events_total");
    for (const { thread, name, count } of others) page.sample(count, name, threadName(thread));
    page.family("gateway_flight_event_seconds_total");
    for (const { thread, name, totalNs } of others) {
      page.sample(totalNs / 1e9, name, threadName(thread));
    }
  }

  /** Ours by the numbers that they told, V8's and libuv's by the names that they have, several together. */
  private writeThreads(page: MetricPage): void {
    const names = new Map<number, string>();
    names.set(this.latest?.keeper?.tid ?? 0, "keeper");
    names.set(this.scribe.tid, "scribe");
    for (const [lane, { tid }] of this.lanes.entries()) {
      names.set(tid, threadName(THREAD.LANE + lane));
    }
    names.set(this.gate.tid, "gate");
    const times = new Map<string, { runNs: number; waitNs: number }>();
    for (const { tid, name } of kernelThreads()) {
      const schedstat = Schedstat.open(tid);
      if (schedstat === undefined) continue;
      const thread = names.get(tid) ?? name;
      const { runNs, waitNs } = times.get(thread) ?? { runNs: 0, waitNs: 0 };
      times.set(thread, { runNs: runNs + schedstat.runNs, waitNs: waitNs + schedstat.waitNs });
      schedstat.close();
    }
    page.family("gateway_cpu_seconds_total");
    for (const [thread, { runNs }] of times) page.sample(runNs / 1e9, thread);
    page.family("gateway_cpu_wait_seconds_total");
    for (const [thread, { waitNs }] of times) page.sample(waitNs / 1e9, thread);
    page.family("gateway_lane_parked_seconds_total");
    for (const [lane, { tid, parkedNs }] of this.lanes.entries()) {
      if (tid !== 0) page.sample(parkedNs / 1e9, lane);
    }
  }

  private writeDescriptors(page: MetricPage): void {
    const descriptors = this.sources.descriptors?.stats();
    page.family("gateway_descriptors");
    for (const [kind, count] of Object.entries(descriptors?.counts ?? {})) page.sample(count, kind);
    page.family("gateway_descriptors_max").sample(this.descriptorsMax);
    page.family("gateway_descriptors_unexplained");
    if (descriptors !== undefined) page.sample(descriptors.unexplained);
  }
}
