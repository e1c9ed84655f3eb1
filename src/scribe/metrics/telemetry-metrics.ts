// Telemetry about itself on the page: what was kept, what was lost, and how often the scribe began anew.

import type { ScribeSample } from "../../memory/scribe-worker-data.ts";
import { EVENT_RECORD_BYTES, THREAD, threadName } from "../../telemetry/event-record.ts";
import { LOG_RECORD_BYTES } from "../../telemetry/log-record.ts";
import { RecordRingReader } from "../../telemetry/record-ring.ts";
import { SampleCounts } from "../../telemetry/sample-counts.ts";
import { SAMPLE_CLASS_NAMES } from "../../telemetry/telemetry-control.ts";
import type { MetricPage } from "./metric-page.ts";
import type { MetricSources } from "./metric-sources.ts";

interface NamedRing {
  readonly thread: string;
  /** Its counts alone are of interest here: whoever drains it has a reader of his own. */
  readonly ring: RecordRingReader;
}

export class TelemetryMetrics {
  private readonly sources: MetricSources;
  private readonly sampled: SampleCounts;
  private readonly logs: readonly NamedRing[];
  private readonly events: readonly NamedRing[];

  constructor(sources: MetricSources) {
    const { gate, lanes, scribeEvents, keeperEvents } = sources.memory;
    this.sources = sources;
    this.sampled = new SampleCounts(gate.sampled);
    this.logs = [
      named(THREAD.GATE, gate.log, LOG_RECORD_BYTES),
      ...lanes.map(({ log }, lane) => named(THREAD.LANE + lane, log, LOG_RECORD_BYTES)),
    ];
    this.events = [
      named(THREAD.GATE, gate.events, EVENT_RECORD_BYTES),
      ...lanes.map(({ events }, lane) => named(THREAD.LANE + lane, events, EVENT_RECORD_BYTES)),
      named(THREAD.SCRIBE, scribeEvents, EVENT_RECORD_BYTES),
      named(THREAD.KEEPER, keeperEvents, EVENT_RECORD_BYTES),
    ];
  }

  write(page: MetricPage, sample: ScribeSample | undefined, renderSeconds: number): void {
    const { log, spans, writeFailures, capture } = this.sources;
    page.family("gateway_log_records_total");
    const logged = log?.stats();
    page.sample(logged?.written ?? 0, "written");
    page.sample(
      SAMPLE_CLASS_NAMES.reduce((sum, _, index) => sum + this.sampled.leftOut(index), 0),
      "sampled_out",
    );
    page.sample(
      this.logs.reduce((sum, { ring }) => sum + ring.droppedCount + ring.lostCount, 0),
      "dropped",
    );
    page.family("gateway_log_breaker_open");
    for (const { thread, ring } of this.logs) page.sample(ring.isBreakerOpen ? 1 : 0, thread);
    page.family("gateway_event_records_dropped_total");
    for (const { thread, ring } of this.events) page.sample(ring.droppedCount, thread);
    page
      .family("gateway_telemetry_write_failures_total")
      .sample((writeFailures?.() ?? 0) + (logged?.fileFailures ?? 0));
    page.family("gateway_spans_total");
    page
      .sample(spans?.handedOverCount ?? 0, "handed_over")
      .sample(spans?.droppedCount ?? 0, "dropped");
    const captured = capture?.stats();
    page.family("gateway_capture_running").sample(captured?.isRunning ? 1 : 0);
    page.family("gateway_capture_file_bytes").sample(captured?.fileBytes ?? 0);
    page.family("gateway_capture_chunks_total").sample(captured?.chunks ?? 0, "written");
    page.sample(captured?.lostChunks ?? 0, "lost");
    page.family("gateway_capture_bytes_total").sample(captured?.bytes ?? 0, "written");
    page.sample(captured?.lostBytes ?? 0, "lost");
    page.family("gateway_scribe_restarts_total").sample(sample?.scribeRestarts ?? 0);
    page.family("gateway_keeper_restarts_total").sample(sample?.keeperRestarts ?? 0);
    page.family("gateway_metrics_render_seconds").sample(renderSeconds);
  }
}

const named = (thread: number, memory: SharedArrayBuffer, recordBytes: number): NamedRing => ({
  thread: threadName(thread),
  ring: new RecordRingReader(memory, recordBytes),
});
