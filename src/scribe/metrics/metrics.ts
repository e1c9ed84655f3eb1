// /metrics: made when somebody asks, at most once a second; whoever asks in between gets the same page.

import type { ScribeSample, ScribeSession } from "../../memory/scribe-worker-data.ts";
import type { AdminReply, AdminRoute, ScribePart } from "../scribe-part.ts";
import { JournalMetrics } from "./journal-metrics.ts";
import { LatencyMetrics } from "./latency-metrics.ts";
import { MetricPage } from "./metric-page.ts";
import type { MetricSources } from "./metric-sources.ts";
import { ProcessMetrics } from "./process-metrics.ts";
import { RequestMetrics } from "./request-metrics.ts";
import { RingMetrics } from "./ring-metrics.ts";
import { SessionView } from "./session-view.ts";
import { TelemetryMetrics } from "./telemetry-metrics.ts";

const RENDER_EVERY_NS = 1e9;
const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export class Metrics implements ScribePart {
  readonly routes: Readonly<Record<string, AdminRoute>>;
  private readonly sources: MetricSources;
  private readonly page: MetricPage;
  private readonly session = new SessionView();
  private readonly latencies: LatencyMetrics;
  private readonly requests: RequestMetrics;
  private readonly rings: RingMetrics;
  private readonly journal: JournalMetrics;
  private readonly telemetry: TelemetryMetrics;
  private readonly processes: ProcessMetrics;
  private sample: ScribeSample | undefined;
  private reply: AdminReply | undefined;
  private renderedAtNs = 0;
  private renderSeconds = 0;

  constructor(sources: MetricSources) {
    this.sources = sources;
    this.page = new MetricPage(sources.process.build);
    this.latencies = new LatencyMetrics(sources);
    this.requests = new RequestMetrics(sources, this.latencies);
    this.rings = new RingMetrics(sources, this.session);
    this.journal = new JournalMetrics(sources, this.session);
    this.telemetry = new TelemetryMetrics(sources);
    this.processes = new ProcessMetrics(sources, this.session);
    this.routes = { "/metrics": () => this.current() };
  }

  tick(nowNs: number): void {
    this.rings.tick(nowNs);
    this.requests.tick(nowNs);
    this.journal.tick(nowNs);
  }
  onSession(session: ScribeSession): void {
    this.session.open(session);
  }
  onSample(sample: ScribeSample): void {
    this.sample = sample;
    this.processes.onSample(sample);
  }

  private current(): AdminReply {
    const { clock } = this.sources;
    const nowNs = clock.nowNs();
    if (this.reply === undefined || nowNs - this.renderedAtNs >= RENDER_EVERY_NS) {
      this.reply = { status: 200, contentType: CONTENT_TYPE, body: this.render(nowNs) };
      this.renderedAtNs = nowNs;
      this.renderSeconds = (clock.nowNs() - nowNs) / 1e9;
    }
    return this.reply;
  }

  private render(nowNs: number): Buffer {
    const { page, sample } = this;
    this.latencies.write(page);
    this.requests.write(page, sample);
    this.rings.write(page, sample);
    this.journal.write(page, sample, nowNs);
    this.telemetry.write(page, sample, this.renderSeconds);
    this.processes.write(page, nowNs);
    return page.take();
  }
}
