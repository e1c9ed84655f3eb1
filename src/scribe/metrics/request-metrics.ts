// Requests, their ends, and connections on the page: from the counters of gate and lanes.

import {
  CounterReader,
  detachCounter,
  GATE_COUNTERS,
  LANE_COUNTERS,
  REJECT_CODES,
  rejectCounter,
} from "../../memory/counters.ts";
import { DETACH_REASON } from "../../memory/inbound-record.ts";
import type { ScribeSample } from "../../memory/scribe-worker-data.ts";
import { REQUEST_TYPES } from "../../telemetry/latency-series.ts";
import type { LatencyMetrics } from "./latency-metrics.ts";
import type { MetricPage } from "./metric-page.ts";
import type { MetricSources } from "./metric-sources.ts";
import { RecentCount } from "./recent-counts.ts";

const IGNORED_REASONS = [
  ["duplicate", LANE_COUNTERS.ignoredDuplicate],
  ["zero", LANE_COUNTERS.ignoredZero],
  ["dead_target", LANE_COUNTERS.ignoredDeadTarget],
  ["superfluous", LANE_COUNTERS.ignoredSuperfluous],
] as const;
const CODE_LETTERS = 4;
const HOUR_SLOTS = 60;
const MINUTE_NS = 60e9;

export class RequestMetrics {
  private readonly sources: MetricSources;
  private readonly latencies: LatencyMetrics;
  private readonly gate: CounterReader;
  private readonly lanes: readonly CounterReader[];
  private readonly loginsOfHour = new RecentCount(HOUR_SLOTS, MINUTE_NS);
  /** By type: answered with their batch, as it was shown last. */
  private readonly inTime = new Float64Array(REQUEST_TYPES.length);

  constructor(sources: MetricSources, latencies: LatencyMetrics) {
    this.sources = sources;
    this.latencies = latencies;
    this.gate = new CounterReader(sources.process.gateCounters);
    this.lanes = sources.process.laneCounters.map((memory) => new CounterReader(memory));
  }

  tick(nowNs: number): void {
    this.loginsOfHour.note(nowNs, this.gate.read(GATE_COUNTERS.loginsAccepted));
  }

  write(page: MetricPage, sample: ScribeSample | undefined): void {
    this.writeRequests(page);
    this.writeOrders(page);
    this.writeConnections(page, sample);
  }

  private writeRequests(page: MetricPage): void {
    const { gate, latencies } = this;
    page.family("gateway_requests_total");
    for (const [type, letter] of REQUEST_TYPES.entries()) {
      page.sample(this.sum(LANE_COUNTERS.requestsO + type), letter);
    }
    page.sample(this.sum(LANE_COUNTERS.requestsOther), "other");
    page.family("gateway_outcomes_total");
    for (const [type, letter] of REQUEST_TYPES.entries()) {
      const undelivered =
        gate.read(GATE_COUNTERS.undeliveredO + type) + this.sum(LANE_COUNTERS.undeliveredO + type);
      // The delayed ones first: they are among those that are answered by then.
      const delayed = gate.read(GATE_COUNTERS.delayedO + type);
      // One that is being recorded may be in one of the two alone: a counter never goes back for it.
      this.inTime[type] = Math.max(this.inTime[type]!, latencies.answered(type) - delayed);
      page.sample(this.inTime[type]!, letter, "answered");
      page.sample(delayed, letter, "delayed");
      page.sample(undelivered, letter, "undelivered");
      page.sample(this.sum(LANE_COUNTERS.ignoredO + type), letter, "ignored");
    }
    page.sample(this.sum(LANE_COUNTERS.ignoredOther), "other", "ignored");
    page.family("gateway_rejects_total");
    for (let code = 0; code < REJECT_CODES; code++) {
      const count = this.sum(rejectCounter(code));
      // As the protocol's document has them; most never occur.
      if (count > 0)
        page.sample(count, code.toString(16).toUpperCase().padStart(CODE_LETTERS, "0"));
    }
    page.family("gateway_ignored_total");
    for (const [reason, counter] of IGNORED_REASONS) page.sample(this.sum(counter), reason);
    page.family("gateway_malformed_total").sample(this.sum(LANE_COUNTERS.malformed));
    page.family("gateway_stale_records_total").sample(this.sum(LANE_COUNTERS.recordsStale));
    page.family("gateway_after_end_total").sample(this.sum(LANE_COUNTERS.recordsAfterEnd));
    page
      .family("gateway_untimed_answers_total")
      .sample(gate.read(GATE_COUNTERS.answersUnderwayFull));
    page.family("gateway_messages_total");
    page.sample(gate.read(GATE_COUNTERS.framesIn), "in");
    page.sample(gate.read(GATE_COUNTERS.framesOut), "out");
    page.family("gateway_bytes_total");
    page.sample(gate.read(GATE_COUNTERS.bytesIn), "in");
    page.sample(gate.read(GATE_COUNTERS.bytesOut), "out");
  }

  private writeOrders(page: MetricPage): void {
    page.family("gateway_orders_total").sample(this.sum(LANE_COUNTERS.ordersEntered));
    page.family("gateway_orders_done_total").sample(this.sum(LANE_COUNTERS.ordersDone));
    page.family("gateway_orders_live").sample(this.sum(LANE_COUNTERS.ordersLive));
    page.family("gateway_table_used");
    for (const [number, lane] of this.lanes.entries()) {
      page.sample(lane.read(LANE_COUNTERS.ordersLive), "orders", number);
      page.sample(lane.read(LANE_COUNTERS.instruments), "instruments", number);
    }
    page.family("gateway_table_max");
    for (const [number, lane] of this.lanes.entries()) {
      page.sample(lane.read(LANE_COUNTERS.ordersMax), "orders", number);
      page.sample(lane.read(LANE_COUNTERS.instrumentsMax), "instruments", number);
    }
    page.family("gateway_matches_total").sample(this.sum(LANE_COUNTERS.matches));
    page.family("gateway_shares_executed_total").sample(this.sum(LANE_COUNTERS.sharesExecuted));
  }

  private writeConnections(page: MetricPage, sample: ScribeSample | undefined): void {
    const { gate, sources } = this;
    const accepted = gate.read(GATE_COUNTERS.connectionsAccepted);
    const logins = gate.read(GATE_COUNTERS.loginsAccepted);
    page.family("gateway_connections_total");
    page.sample(accepted, "accepted");
    page.sample(gate.read(GATE_COUNTERS.connectionsRefused), "refused");
    const open = gate.read(GATE_COUNTERS.connectionsOpen);
    page.family("gateway_active_connections").sample(open);
    page.family("gateway_pending_connections").sample(sample?.pending ?? 0);
    page.family("gateway_active_sessions").sample(sample?.live ?? 0);
    page.family("gateway_connections_max").sample(sources.config.listen.connectionsMax);
    page.family("gateway_logins_total");
    page.sample(logins, "accepted");
    page.sample(gate.read(GATE_COUNTERS.loginsRefused), "refused");
    page.family("gateway_login_ahead_total").sample(this.sum(LANE_COUNTERS.loginAhead));
    page.family("gateway_takeovers_refused_total");
    page.sample(this.sum(LANE_COUNTERS.takeoversRefused));
    page.family("gateway_takeovers_total").sample(this.sum(LANE_COUNTERS.takeovers));
    page.family("gateway_disconnects_total");
    for (const [name, reason] of Object.entries(DETACH_REASON)) {
      page.sample(gate.read(detachCounter(reason)), name.toLowerCase());
    }
    page.family("gateway_orders_per_connection");
    page.sample(accepted === 0 ? 0 : this.sum(LANE_COUNTERS.ordersEntered) / accepted);
    page.family("gateway_logins_per_account_hour");
    page.sample(this.loginsOfHour.increase(logins) / Math.max(1, sources.process.accountCount));
    page.family("gateway_accounts").sample(this.sum(LANE_COUNTERS.accounts));
  }

  private sum(counter: number): number {
    let sum = 0;
    for (const lane of this.lanes) sum += lane.read(counter);
    return sum;
  }
}
