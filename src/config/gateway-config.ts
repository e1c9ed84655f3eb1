// What the gateway is told at start: every key, typed. Read once by the main thread, then frozen.
//
// config/gateway.json has the defaults, config-rules.ts says what each key may be, readConfig() makes one of
// these out of both. Units stand in the names; money is in dollars; null = no limit.

export interface GatewayConfig {
  readonly listen: ListenConfig;
  readonly session: SessionConfig;
  readonly clock: ClockConfig;
  readonly lanes: LanesConfig;
  readonly venue: VenueConfig;
  readonly journal: JournalConfig;
  readonly risk: RiskConfig;
  readonly accounts: readonly AccountEntry[];
  readonly control: ControlConfig;
  readonly telemetry: TelemetryConfig;
  readonly capture: CaptureConfig;
  readonly admin: AdminConfig;
}

export interface ListenConfig {
  readonly host: string;
  /** 0 = any free port; the ready line says which. */
  readonly port: number;
  readonly backlog: number;
  readonly connectionsMax: number;
  /** Connections that have not logged in. */
  readonly pendingMax: number;
  readonly perAddressMax: number;
  /** 16 KiB each: input that waits for a login check or for ring room. */
  readonly stashesMax: number;
  /** 4 KiB each: unfinished packets and answers on their way, of all connections together. */
  readonly sendBuffersMax: number;
}

export interface SessionConfig {
  /** "auto" = trading date and a letter. */
  readonly id: string;
  /** This gateway's part of the order reference numbers. */
  readonly node: number;
  /** HH:MM in clock.timeZone. */
  readonly rollAt: string;
  readonly loginTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly idleTimeoutMs: number;
  readonly inboundPacketBytesMax: number;
  readonly windowBytes: number;
  readonly sendStallMsMax: number;
  readonly explainIgnored: boolean;
  /** Malformed messages that a connection may send before it is closed. */
  readonly offencesMax: number;
  /** How long a shutdown waits for answers to leave. */
  readonly drainMsMax: number;
}

export interface ClockConfig {
  readonly timeZone: string;
}

export interface LanesConfig {
  readonly count: number;
  readonly batchMax: number;
  readonly inboundSlots: number;
  readonly outboundSlots: number;
  /** Where a lane lives; "auto": see hasResidentLane(). */
  readonly thread: "auto" | "own" | "gate";
  readonly spinNs: number;
  readonly outputsPerStepMax: number;
  readonly outboxBytesMax: number;
  readonly stallMsMax: number;
  /** Requests that each thread on the path rehearses before the port opens; 0 = none. */
  readonly warmUpRequests: number;
}

export interface VenueConfig {
  readonly kind: "book" | "ack";
  /** "*" = every symbol, at any price the protocol can say. */
  readonly instruments: "*" | readonly InstrumentEntry[];
  readonly instrumentsMax: number;
  readonly ordersMax: number;
}

export interface InstrumentEntry {
  readonly symbol: string;
  /** Dollars, a multiple of 0.0001. */
  readonly tickSize: number;
  /** Dollars; what the static band stands around. */
  readonly referencePrice?: number;
}

export interface JournalConfig {
  /** A relative path starts at the working directory. */
  readonly dir: string;
  /** "none" = nothing is kept: for tests and benches only. */
  readonly durability: "power-loss" | "process-crash" | "none";
  readonly segmentBytes: number;
  readonly recoverySecondsMax: number;
  /** New orders are shed while the disk of `dir` is fuller. */
  readonly diskUsedPercentMax: number;
}

export interface RiskConfig {
  readonly orderQuantityMax: number | null;
  readonly orderNotionalMax: number | null;
  readonly collarPercent: number | null;
  readonly staticBandPercent: number | null;
  readonly restrictedSymbols: readonly string[];
  readonly restrictedSides: readonly RestrictedSide[];
  readonly openOrdersMax: number | null;
  readonly openExposureMax: number | null;
  readonly grossExposureMax: number | null;
  readonly identicalOrders: IdenticalOrdersLimit | null;
  readonly accountRate: RateLimit | null;
  readonly symbolRate: RateLimit | null;
  readonly orderToTradeMax: number | null;
  readonly queueAgeMsMax: number | null;
  readonly selfMatch: "off" | "cancel-newest" | "cancel-oldest" | "decrement-both";
  /** A number is seconds. */
  readonly cancelOnDisconnect: "off" | "now" | number;
}

export interface RestrictedSide {
  readonly symbol: string;
  readonly side: "buy" | "sell" | "sell-short" | "sell-short-exempt";
}

export interface IdenticalOrdersLimit {
  readonly count: number;
  readonly windowMs: number;
}

export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** One account, or a range of them: expandAccounts() makes single accounts out of both. */
export type AccountEntry = SingleAccountEntry | AccountRangeEntry;

interface AccountTerms {
  /** In the clear (demo only), or "scrypt$N$r$p$salt$hash". */
  readonly password: string;
  readonly firm: string;
  /** Firms the account may trade for beside its own; "*" = any. */
  readonly firms?: "*" | readonly string[];
  readonly risk?: Partial<RiskConfig>;
}

export interface SingleAccountEntry extends AccountTerms {
  readonly user: string;
}

export interface AccountRangeEntry extends AccountTerms {
  /** Followed by a number that fills the name up to six characters: B00000, B00001, … */
  readonly prefix: string;
  readonly count: number;
}

export interface ControlConfig {
  /** null = control.sock in journal.dir; see controlSocketPath(). */
  readonly socket: string | null;
}

export interface TelemetryConfig {
  /** Lines on stderr. */
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** False: nothing is recorded, and the admin port has health checks only. */
  readonly enabled: boolean;
  readonly slaMs: number;
  /** An answer that took longer is logged, and kept with its stamps. */
  readonly tailMs: number;
  /** Of logs and histogram files; null = "telemetry" in journal.dir. */
  readonly dir: string | null;
  /** Of one file, which is then put aside; and how many of a kind are kept. */
  readonly fileBytesMax: number;
  readonly filesMax: number;
  /** Interval histograms, for HdrHistogram's own tools. */
  readonly hlog: boolean;
  readonly log: TelemetryLogConfig;
}

export interface TelemetryLogConfig {
  readonly json: boolean;
  /** The core of 21 bytes of every record. */
  readonly binary: boolean;
  readonly sample: Readonly<
    Record<"market" | "limit" | "replace" | "cancel" | "other", SampleConfig>
  >;
  /** Always logged: a market order that filled later, a live order that ends after a longer rest, */
  readonly marketFillMsMax: number;
  readonly restedSecondsMax: number;
  /** and a second cancel of the same order within this time. */
  readonly cancelAgainMsMax: number;
}

export interface SampleConfig {
  readonly percent: number;
  /** Answers of this kind in a second, above which half of that is logged, above twice as many a quarter …; 0 = never. */
  readonly halveAbove: number;
}

/** Of --capture and the command capture-start. */
export interface CaptureConfig {
  /** The capture ends when its file is as large. */
  readonly bytesMax: number;
}

export interface AdminConfig {
  readonly host: string;
  /** 0 = any free port; the ready line says which. */
  readonly port: number;
  readonly tokens: readonly AdminToken[];
}

export interface AdminToken {
  readonly name: string;
  readonly role: "viewer" | "operator";
  readonly hash: string;
}
