// Orders as traces, for whom the standard OTEL_* variables send them to; without these nothing here does anything or
// loads anything. What cannot be sent is lost and counted, and delays no order. Part of the scribe.

import type { Clock } from "../../base/clock.ts";
import type { EpochOffset } from "../../base/epoch-offset.ts";
import { messageOf } from "../../base/message-of.ts";
import type { ScribeSession } from "../../memory/scribe-worker-data.ts";
import { AccountNames } from "../../telemetry/account-names.ts";
import { PRECISE } from "../../telemetry/hdr-index.ts";
import { ORDER_RECORD_BYTES, ORDER_STAMPS, OrderRecord } from "../../telemetry/order-record.ts";
import { RecordRingReader } from "../../telemetry/record-ring.ts";
import { CountsReader } from "../../telemetry/shared-counts.ts";
import { TelemetryControl } from "../../telemetry/telemetry-control.ts";
import type { TelemetryMemory } from "../../telemetry/telemetry-memory.ts";
import type { LatencyView } from "../histograms/latency-view.ts";
import type { SpanTotals } from "../metrics/metric-sources.ts";
import type { Say, ScribePart } from "../scribe-part.ts";
import type { OnTrouble, OpenTelemetry } from "./open-telemetry.ts";
import type { OrderSpans } from "./order-spans.ts";
import { completeOtelEnvironment, type OtelSettings, readOtelSettings } from "./otel-settings.ts";
import { TraceBudget } from "./trace-budget.ts";

/** A record that becomes no trace costs next to nothing: the ring never fills for lack of looking. */
const RECORDS_PER_TICK_MAX = 2048;
/** A root, and a child between each two stamps. */
const SPANS_PER_ORDER = ORDER_STAMPS.length;
/** Of sampled orders, and as many of slow ones. */
const TRACES_PER_SECOND_MAX = 100;
const TRACES_AT_ONCE_MAX = 25;
/** OpenTelemetry repeats itself for as long as a collector is gone. */
const TROUBLE_INTERVAL_NS = 60e9;

export interface OrderTracesOptions {
  readonly env: Record<string, string | undefined>;
  readonly clock: Clock;
  readonly epoch: EpochOffset;
  readonly memory: TelemetryMemory;
  readonly tailNs: number;
  /** What is sent when metrics are asked for. */
  readonly latencies: LatencyView;
  readonly say: Say;
}

/** Since this scribe started. */
export interface TraceCounts {
  readonly traced: number;
  /** More than are made in a second. */
  readonly overBudget: number;
  /** The scribe was too far behind to see them; since the process started. */
  readonly dropped: number;
}

export class OrderTraces implements ScribePart, SpanTotals {
  private readonly options: OrderTracesOptions;
  private readonly control: TelemetryControl;
  private readonly ring: RecordRingReader;
  private readonly record = new OrderRecord();
  private readonly sampled = new TraceBudget(TRACES_PER_SECOND_MAX, TRACES_AT_ONCE_MAX);
  private readonly slow = new TraceBudget(TRACES_PER_SECOND_MAX, TRACES_AT_ONCE_MAX);
  private session = "";
  private openTelemetry: OpenTelemetry | undefined;
  private spans: OrderSpans | undefined;
  private traced = 0;
  private overBudget = 0;
  private troubleToldNs = Number.NEGATIVE_INFINITY;
  private troublesUntold = 0;

  constructor(options: OrderTracesOptions) {
    this.options = options;
    this.ring = new RecordRingReader(options.memory.gate.traces, ORDER_RECORD_BYTES);
    this.control = new TelemetryControl(options.memory.control);
  }

  /** Resolves when orders become traces, or nobody wants any. What fails is told, and fails nothing else. */
  async start(): Promise<void> {
    const { env, say } = this.options;
    const settings = readOtelSettings(env);
    try {
      if (settings !== undefined) await this.load(settings);
    } catch (error) {
      this.tell("error", `not loaded: ${messageOf(error)}`);
    }
    // Said either way: an earlier scribe may have had a tracer.
    this.control.wantsTraces = this.spans !== undefined;
    if (this.openTelemetry === undefined || settings === undefined) return;
    const { sendsTraces, sendsMetrics } = settings;
    say("info", "open-telemetry", { traces: sendsTraces, metrics: sendsMetrics });
  }

  get counts(): TraceCounts {
    return {
      traced: this.traced,
      overBudget: this.overBudget,
      dropped: this.ring.droppedCount,
    };
  }

  /** Spans that were handed to the exporter; what that loses, it tells. */
  get handedOverCount(): number {
    return this.traced * SPANS_PER_ORDER;
  }
  get droppedCount(): number {
    return (this.overBudget + this.ring.droppedCount) * SPANS_PER_ORDER;
  }

  onSession({ session }: ScribeSession): void {
    this.session = session;
  }

  tick(nowNs: number): void {
    // A trace's id is made of the session, too: what comes before we have heard of it waits.
    if (this.spans === undefined || this.session === "") return;
    this.sampled.fill(nowNs);
    this.slow.fill(nowNs);
    this.ring.drain(RECORDS_PER_TICK_MAX, this.visit);
  }

  /** What still lies in the ring is sent, as far as a second and the budget reach. */
  async close(): Promise<void> {
    this.control.wantsTraces = false;
    if (this.spans !== undefined) this.ring.drain(this.ring.recordCount, this.visit);
    this.spans = undefined;
    await this.openTelemetry?.shutdown();
  }

  private async load(settings: OtelSettings): Promise<void> {
    const { env, epoch, memory, tailNs, latencies } = this.options;
    completeOtelEnvironment(env, settings);
    // All of it is for those alone who ask: others have no memory to spare for it.
    const [{ startOpenTelemetry }, { OrderIds }, { OrderSpans }, { observeLatencies }] =
      await Promise.all([
        import("./open-telemetry.ts"),
        import("./order-ids.ts"),
        import("./order-spans.ts"),
        import("./otel-instruments.ts"),
      ]);
    const ids = new OrderIds();
    const openTelemetry = await startOpenTelemetry(settings, ids, this.tell);
    const { api, tracer, meter } = openTelemetry;
    this.openTelemetry = openTelemetry;
    if (settings.sendsMetrics) {
      const answers = new CountsReader(memory.gate.answers, PRECISE);
      observeLatencies(meter, { latencies, answers, traces: () => this.counts });
    }
    if (!settings.sendsTraces) return;
    const names = new AccountNames(memory.accountNames, memory.lanes.length);
    this.spans = new OrderSpans({ api, tracer, ids, epoch, names, tailNs });
  }

  private readonly visit = (offset: number): void => {
    const record = this.record.wrap(this.ring.words.buffer, offset);
    const budget = record.totalNs > this.options.tailNs ? this.slow : this.sampled;
    if (!budget.take()) {
      this.overBudget++;
      return;
    }
    this.traced++;
    this.spans?.add(record, this.session);
  };

  private readonly tell: OnTrouble = (level, message) => {
    const nowNs = this.options.clock.nowNs();
    if (nowNs - this.troubleToldNs < TROUBLE_INTERVAL_NS) {
      this.troublesUntold++;
      return;
    }
    const untold = this.troublesUntold;
    this.troubleToldNs = nowNs;
    this.troublesUntold = 0;
    this.options.say(level, "open-telemetry", { message: shortened(message), untold });
  };
}

/** Errors come with all that the exporter knows about them, its stack included. */
const MESSAGE_LETTERS_MAX = 300;
const shortened = (message: string): string =>
  message.length <= MESSAGE_LETTERS_MAX ? message : `${message.slice(0, MESSAGE_LETTERS_MAX)}…`;
