// Every family of /metrics: the truth that the page, the dashboard and the alert rules are held against. Names carry
// their unit; seconds and bytes, as Prometheus has it. Label `build` stands on every series beside those named here.
//
// Labels whose values are the same everywhere:
//   type      OUCH letter of the request: O U X M C D E Q
//   outcome   accepted, rejected
//   thread    gate, scribe, keeper, "lane 0" …
//   lane      0 …
//   window    1s, 10s, 60s (burn: 5m, 1h)
//   q         0.5, 0.99, 0.999, 0.9999: not `quantile`, which only a summary may have

export interface MetricFamily {
  readonly name: string;
  /** A gauge unless it says otherwise by its name: _total counts up. Histograms say so. */
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  /** Beside `build`, and `le` of a histogram. */
  readonly labels: readonly string[];
}

const family = <const Name extends string>(name: Name, help: string, ...labels: string[]) => ({
  name,
  type: name.endsWith("_total") ? ("counter" as const) : ("gauge" as const),
  help,
  labels,
});
const histogram = <const Name extends string>(name: Name, help: string, ...labels: string[]) => ({
  name,
  type: "histogram" as const,
  help,
  labels,
});

const LATENCY = [
  histogram(
    "gateway_latency_seconds",
    "From the earliest moment at which a request can have waited in the kernel until the kernel had the last byte of its answer; edges are exact",
    "type",
    "outcome",
    "peer_limited",
  ),
  histogram(
    "gateway_stage_seconds",
    "The stages of gateway_latency_seconds, which they add up to: loopWait, frame, ring, decide, journal, release, write",
    "stage",
    "type",
    "outcome",
    "peer_limited",
  ),
  histogram(
    "gateway_service_seconds",
    "From the read of a request until the kernel had its answer: all stages but loopWait",
    "type",
    "outcome",
    "peer_limited",
  ),
  histogram(
    "gateway_event_seconds",
    "Messages that nobody asked for (E fills, C cancels, other), from the record that caused them",
    "type",
  ),
  family(
    "gateway_latency_quantile_seconds",
    "Headline latency (O U X M C, accepted, not limited by the peer) of the last window; 0.999 needs 10000 samples, 0.9999 needs 100000",
    "q",
    "window",
  ),
  family(
    "gateway_latency_max_seconds",
    "Longest headline latency of the window, exact or to 0.1 %",
    "window",
  ),
  family("gateway_latency_window_samples", "Headline samples within the window", "window"),
  family(
    "gateway_latency_p999_now_seconds",
    "P999 of the headline in the shortest window that holds 10000 samples, which the label names; absent when none does",
    "window",
  ),
  family(
    "gateway_stage_quantile_seconds",
    "The stages of the headline in the last window",
    "stage",
    "q",
    "window",
  ),
  family("gateway_sla_seconds", "Answers of the headline that take longer break the SLA"),
  family("gateway_headline_total", "Answers of the headline"),
  family("gateway_sla_breaches_total", "Answers of the headline that took longer than the SLA"),
  family(
    "gateway_sla_burn_ratio",
    "Share of the headline over the SLA, divided by 0.001: 1 uses up the budget exactly",
    "window",
  ),
  family(
    "gateway_peer_limited_ratio",
    "Share of all answers since the start that had to wait for their client, which the headline leaves out",
  ),
] as const;

const REQUESTS = [
  family("gateway_requests_total", "Messages taken from attached connections", "type"),
  family(
    "gateway_outcomes_total",
    "How requests ended: answered, delayed (answered later than their batch), undelivered, ignored",
    "type",
    "outcome",
  ),
  family("gateway_rejects_total", "Rejected messages (J) by their reason code", "reason"),
  family("gateway_ignored_total", "Requests without an answer, as the protocol wants", "reason"),
  family("gateway_malformed_total", "Messages that are no message of the protocol"),
  family("gateway_stale_records_total", "Inputs of connections that were gone when they came"),
  family("gateway_after_end_total", "Messages and logins that came when the session was over"),
  family("gateway_untimed_answers_total", "Answers timed before they were written"),
  family("gateway_messages_total", "OUCH messages: in, out", "direction"),
  family("gateway_bytes_total", "Bytes of clients: in, out", "direction"),
  family("gateway_orders_total", "Orders that entered the venue"),
  family("gateway_orders_done_total", "Orders that left the venue"),
  family("gateway_orders_live", "Orders in the venue now"),
  family(
    "gateway_table_used",
    "Entries of a lane's table; table: orders (live ones), instruments (with orders; 0 with a list of them)",
    "table",
    "lane",
  ),
  family("gateway_table_max", "Its room: with all in use new orders get 000A", "table", "lane"),
  family("gateway_matches_total", "Trades"),
  family("gateway_shares_executed_total", "Shares traded"),
] as const;

const CONNECTIONS = [
  family("gateway_connections_total", "Connections: accepted, refused at a cap", "result"),
  family("gateway_active_connections", "Connections that hold a place"),
  family("gateway_pending_connections", "Of these, not logged in"),
  family("gateway_active_sessions", "Connections that are logged in"),
  family("gateway_connections_max", "Connections that the configuration allows"),
  family("gateway_logins_total", "Logins: accepted, refused", "result"),
  family("gateway_login_ahead_total", "Logins that asked for a sequence beyond the end"),
  family(
    "gateway_takeovers_refused_total",
    "Logins refused as the account is taken over too often",
  ),
  family("gateway_takeovers_total", "Logins that took an account over from another connection"),
  family(
    "gateway_disconnects_total",
    "Ended connections: closed, logout, idle, stalled, protocol, forced, drain, superseded",
    "reason",
  ),
  family("gateway_orders_per_connection", "Orders since the start, per accepted connection"),
  family("gateway_logins_per_account_hour", "Accepted logins of the last hour, per account"),
  family("gateway_accounts", "Accounts that the session knows"),
] as const;

const RINGS = [
  family("gateway_inbound_waiting", "Records in all inbound rings that no lane has taken"),
  family("gateway_sockets_waiting", "Sockets that are not read for want of ring room"),
  family("gateway_ring_slots", "Size of the ring; ring: inbound, outbound", "ring", "lane"),
  family("gateway_ring_used", "Slots in use", "ring", "lane"),
  family(
    "gateway_ring_high_water",
    "Most slots in use since the start; outbound: of 100 looks a second",
    "ring",
    "lane",
  ),
  family(
    "gateway_ring_slots_recommended",
    "Highest rate of the last 5 minutes x P99 pause of the lane x 2.3, to the next power of two: lanes.inboundSlots should not be smaller",
    "lane",
  ),
  family("gateway_back_pressure_seconds_total", "Time in which a socket waited for ring room"),
  family("gateway_pauses_total", "Times that a socket was not read for want of ring room"),
  family("gateway_stashes_total", "Pieces of input that were put aside"),
  family("gateway_window_bytes", "Sequenced bytes that a lane may have on the way to a connection"),
  family(
    "gateway_windows_starved",
    "Connections whose window is full while there is more for them",
  ),
  family(
    "gateway_outbox_bytes",
    "Packets kept for resuming clients: memory, file",
    "lane",
    "place",
  ),
  family("gateway_outbox_reads_total", "Pieces read back from files", "lane"),
  family("gateway_outbox_slow_reads_total", "Of these, longer than 1 ms", "lane"),
  family(
    "gateway_outbox_spill_failures_total",
    "Times that the disk had no room for packets",
    "lane",
  ),
  family("gateway_pool_buffers", "Buffers; state: in_use, high_water, made, max", "pool", "state"),
  family("gateway_pool_hits_total", "Buffers that were taken from a pool", "pool"),
] as const;

const JOURNAL = [
  family("gateway_journal_writes_total", "Writes", "lane"),
  family("gateway_journal_syncs_total", "Syncs", "lane"),
  family("gateway_journal_bytes_total", "Bytes written", "lane"),
  family("gateway_journal_records_total", "Records written", "lane"),
  family(
    "gateway_journal_waits_total",
    "Times that no segment was staged when one was needed",
    "lane",
  ),
  histogram("gateway_lane_batch_seconds", "A lane's batch, from taken to durable", "lane"),
  histogram("gateway_journal_write_seconds", "One write", "lane"),
  histogram("gateway_journal_sync_seconds", "One sync", "lane"),
  family("gateway_journal_sync_max_seconds", "Longest sync of the session", "lane"),
  family("gateway_journal_segments_staged", "Segments that are ready to be written", "lane"),
  family(
    "gateway_checkpoint_segments_behind",
    "Finished segments that no checkpoint covers",
    "lane",
  ),
  family("gateway_journal_short", "1 = new orders are refused, as the disk has no room", "lane"),
  family("gateway_journal_disk_used_ratio", "Of the disk of journal.dir"),
  family(
    "gateway_journal_disk_left_seconds",
    "Until the disk is as full as journal.diskUsedPercentMax allows, at the rate of the last 10 minutes: journals, and files of answers",
  ),
] as const;

const TELEMETRY = [
  family("gateway_log_records_total", "Log records: written, sampled_out, dropped", "result"),
  family(
    "gateway_log_breaker_open",
    "1 = the thread's log ring is full and takes nothing",
    "thread",
  ),
  family("gateway_event_records_dropped_total", "Events that found no room", "thread"),
  family("gateway_telemetry_write_failures_total", "Writes of telemetry files that failed"),
  family(
    "gateway_spans_total",
    "Trace spans: handed_over to OpenTelemetry, which tells of what it cannot send (open-telemetry); dropped",
    "result",
  ),
  family("gateway_capture_running", "1 = what clients send and get is written to a capture file"),
  family("gateway_capture_file_bytes", "Of the capture file; 0 = none is written"),
  family(
    "gateway_capture_chunks_total",
    "Pieces that sockets gave or took while a capture ran: written, lost for want of room",
    "result",
  ),
  family("gateway_capture_bytes_total", "How many bytes these had", "result"),
  family("gateway_scribe_restarts_total", "Times that the telemetry thread was started anew"),
  family("gateway_keeper_restarts_total", "Times that the keeper was started anew in this session"),
  family("gateway_metrics_render_seconds", "What the making of the page before this one took"),
] as const;

const PROCESS = [
  family("gateway_event_loop_utilization_ratio", "Of the gate, in the last second"),
  family(
    "gateway_turn_max_seconds",
    "Longest turn of the gate's event loop in the last minute; 0 = none over 1 ms",
  ),
  family(
    "gateway_gc_seconds_total",
    "Time in collections: minor, minor-mark-sweep, major, incremental, weak",
    "thread",
    "kind",
  ),
  family("gateway_gc_total", "Collections", "thread", "kind"),
  family(
    "gateway_flight_events_total",
    "What else could explain a slow order, as /events.json has it",
    "kind",
    "thread",
  ),
  family("gateway_flight_event_seconds_total", "How long these took together", "kind", "thread"),
  family(
    "gateway_cpu_seconds_total",
    "Time on a core; V8's and libuv's threads by their names",
    "thread",
  ),
  family("gateway_cpu_wait_seconds_total", "Time runnable without a core", "thread"),
  family(
    "gateway_lane_parked_seconds_total",
    "Time asleep for want of work, of lanes with a thread of their own",
    "lane",
  ),
  family("gateway_heap_bytes", "JavaScript heap in use", "thread"),
  family("process_resident_memory_bytes", "Resident memory"),
  family("process_start_time_seconds", "Since 1970"),
  family("gateway_descriptors", "Open descriptors: socket, file, pipe, anon_inode …", "kind"),
  family("gateway_descriptors_max", "Descriptors that the process may have"),
  family("gateway_descriptors_unexplained", "Descriptors that the gateway does not know of"),
  family("gateway_tcp_retransmits_total", "Segments sent again, of the whole machine"),
  family(
    "gateway_listen_overflows_total",
    "Connections lost to a full accept queue, of the machine",
  ),
  family(
    "gateway_listen_drops_total",
    "Connections dropped before they were accepted, of the machine",
  ),
  family("gateway_up", "1 = takes orders"),
  family(
    "gateway_build_info",
    "What runs; always 1",
    "version",
    "node",
    "durability",
    "venue",
    "config_hash",
    "session",
  ),
] as const;

export const METRICS = [
  ...LATENCY,
  ...REQUESTS,
  ...CONNECTIONS,
  ...RINGS,
  ...JOURNAL,
  ...TELEMETRY,
  ...PROCESS,
] as const satisfies readonly MetricFamily[];

export type MetricName = (typeof METRICS)[number]["name"];

const BY_NAME: ReadonlyMap<string, MetricFamily> = new Map(
  METRICS.map((each) => [each.name, each]),
);

export function metricFamily(name: MetricName): MetricFamily {
  const found = BY_NAME.get(name);
  if (found === undefined) throw new Error(`invariant: no family is called ${name}`);
  return found;
}
