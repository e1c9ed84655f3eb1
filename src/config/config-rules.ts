// What each key of the configuration may be, on its own; cross-checks.ts has what keys ask of each other.

import type {
  AccountEntry,
  AccountRangeEntry,
  AdminConfig,
  AdminToken,
  CaptureConfig,
  ClockConfig,
  ControlConfig,
  GatewayConfig,
  IdenticalOrdersLimit,
  InstrumentEntry,
  JournalConfig,
  LanesConfig,
  ListenConfig,
  RateLimit,
  RestrictedSide,
  RiskConfig,
  SampleConfig,
  SessionConfig,
  SingleAccountEntry,
  TelemetryConfig,
  TelemetryLogConfig,
  VenueConfig,
} from "./gateway-config.ts";
import { isHashed, parsePasswordHash } from "./password-hash.ts";
import {
  either,
  flag,
  fraction,
  isRecord,
  listOf,
  oneOf,
  optional,
  orNull,
  partialRecord,
  plain,
  powerOfTwo,
  type Rule,
  record,
  secret,
  text,
  whole,
} from "./rule.ts";

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const GIB = 2 ** 30;
const TEN_MINUTES_MS = 600_000;

export const ACCOUNT_NAME_LENGTH = 6;
export const ACCOUNTS_MAX = 1_000_000;
/** Firms beside an account's own that fit the record of a login. */
export const OTHER_FIRMS_MAX = 31;
const LIST_MAX = 100_000;

/** Below the largest legal Enter Order no client could trade; above 4094 a packet would not fit its 4 KiB buffer. */
const INBOUND_PACKET_BYTES_MIN = 134;
/** No gateway takes longer packets from a client. */
export const INBOUND_PACKET_BYTES_MAX = 4094;

/** The journal's own minimum: a header and a longest batch fit. */
export const SEGMENT_BYTES_MIN = 256 * KIB;

const milliseconds = whole(10, TEN_MINUTES_MS);
const host = text("a host name or address", /^[\w.:%-]{1,255}$/);
const port = whole(0, 65_535);
const symbol = text(
  "a symbol of 1 to 8 capitals, digits or . + - = ^ # $",
  /^[A-Z0-9.+\-=^#$]{1,8}$/,
);
const firm = text("a firm of 1 to 4 capitals", /^[A-Z]{1,4}$/);
const filePath = text("a path", /^[^\0]*[^\0\s][^\0]*$/);
const dollars = fraction(0, Number.MAX_SAFE_INTEGER / 10_000);
const percent = fraction(0, 100);

const listen = record<ListenConfig>("an object", {
  host,
  port,
  backlog: whole(1, 65_535),
  connectionsMax: whole(1, 100_000),
  pendingMax: whole(1, 100_000),
  perAddressMax: whole(1, 100_000),
  stashesMax: whole(1, 65_536),
  sendBuffersMax: whole(2, 1_048_576),
});

const session = record<SessionConfig>("an object", {
  id: either(oneOf("auto"), text("1 to 10 capitals or digits", /^[A-Z0-9]{1,10}$/)),
  node: whole(0, 63),
  rollAt: text("a time of day, HH:MM", /^([01]\d|2[0-3]):[0-5]\d$/),
  loginTimeoutMs: milliseconds,
  heartbeatIntervalMs: milliseconds,
  idleTimeoutMs: milliseconds,
  inboundPacketBytesMax: whole(INBOUND_PACKET_BYTES_MIN, INBOUND_PACKET_BYTES_MAX),
  windowBytes: whole(512, 16 * MIB),
  sendStallMsMax: milliseconds,
  explainIgnored: flag,
  offencesMax: whole(1, 1_000_000),
  drainMsMax: whole(0, TEN_MINUTES_MS),
});

const clock = record<ClockConfig>("an object", {
  timeZone: plain("a time zone, as in America/New_York", isTimeZone),
});

const lanes = record<LanesConfig>("an object", {
  count: whole(1, 16),
  batchMax: whole(1, 65_535), // an answer names its batch's size in 16 bits
  inboundSlots: powerOfTwo(8, MIB),
  outboundSlots: powerOfTwo(8, MIB),
  thread: oneOf("auto", "own", "gate"),
  spinNs: whole(0, 1_000_000_000),
  outputsPerStepMax: whole(1, 65_536),
  outboxBytesMax: whole(64 * KIB, 64 * GIB),
  stallMsMax: whole(100, TEN_MINUTES_MS),
  warmUpRequests: whole(0, 100_000),
});

const instrument = record<InstrumentEntry>("an instrument", {
  symbol,
  tickSize: plain("dollars from 0.0001 to 1000, a multiple of 0.0001", isTickSize),
  referencePrice: optional(fraction(0.0001, 199_999.99)),
});

const venue = record<VenueConfig>("an object", {
  kind: oneOf("book", "ack"),
  instruments: either(oneOf("*"), listOf(instrument, LIST_MAX)),
  instrumentsMax: whole(1, 1_000_000),
  ordersMax: whole(1, 16_000_000),
});

const journal = record<JournalConfig>("an object", {
  dir: filePath,
  durability: oneOf("power-loss", "process-crash", "none"),
  segmentBytes: whole(SEGMENT_BYTES_MIN, GIB),
  recoverySecondsMax: fraction(0.01, 3600),
  diskUsedPercentMax: fraction(50, 100),
});

const rate = record<RateLimit>("an object", {
  perSecond: whole(1, 10_000_000),
  burst: whole(1, 10_000_000),
});

const riskRules = {
  orderQuantityMax: orNull(whole(1, 999_999)),
  orderNotionalMax: orNull(dollars),
  collarPercent: orNull(percent),
  staticBandPercent: orNull(percent),
  restrictedSymbols: listOf(symbol, LIST_MAX),
  restrictedSides: listOf(
    record<RestrictedSide>("a symbol and its side", {
      symbol,
      side: oneOf("buy", "sell", "sell-short", "sell-short-exempt"),
    }),
    LIST_MAX,
  ),
  openOrdersMax: orNull(whole(1, 16_000_000)),
  openExposureMax: orNull(dollars),
  grossExposureMax: orNull(dollars),
  identicalOrders: orNull(
    record<IdenticalOrdersLimit>("an object", {
      count: whole(1, 1_000_000),
      windowMs: whole(1, TEN_MINUTES_MS),
    }),
  ),
  accountRate: orNull(rate),
  symbolRate: orNull(rate),
  orderToTradeMax: orNull(whole(1, 1_000_000)),
  queueAgeMsMax: orNull(whole(1, TEN_MINUTES_MS)),
  selfMatch: oneOf("off", "cancel-newest", "cancel-oldest", "decrement-both"),
  cancelOnDisconnect: either(
    oneOf("off", "now"),
    plain<number>("seconds from 1 to 3600", (value) => whole(1, 3600).check(value, "", [])),
  ),
};

const password = secret(
  plain<string>("1 to 10 printable characters, or scrypt$N$r$p$salt$hash", (value) => {
    if (typeof value !== "string") return false;
    if (isHashed(value)) return parsePasswordHash(value) !== undefined;
    return /^[\x21-\x7e]{1,10}$/.test(value);
  }),
);

const accountTerms = {
  password,
  firm,
  firms: optional(either(oneOf("*"), listOf(firm, OTHER_FIRMS_MAX))),
  risk: optional(partialRecord<RiskConfig>("an object", riskRules)),
};

const singleAccount = record<SingleAccountEntry>("an account", {
  user: text("1 to 6 letters or digits", /^[A-Za-z0-9]{1,6}$/),
  ...accountTerms,
});

const accountRange = record<AccountRangeEntry>("a range of accounts", {
  prefix: text("1 to 5 letters or digits", /^[A-Za-z0-9]{1,5}$/),
  count: whole(1, 100_000),
  ...accountTerms,
});

/** Which of the two it was meant to be decides whose problems are reported. */
const account: Rule<AccountEntry> = {
  expects: "an account { user, password, firm } or a range { prefix, count, password, firm }",
  check(value, path, problems): value is AccountEntry {
    const isRange = isRecord(value) && ("prefix" in value || "count" in value);
    return (isRange ? accountRange : singleAccount).check(value, path, problems);
  },
};

const adminToken = record<AdminToken>("a token", {
  name: text("1 to 32 letters, digits, - or _", /^[\w-]{1,32}$/),
  role: oneOf("viewer", "operator"),
  hash: secret(plain("a hash, scrypt$N$r$p$salt$hash", isPasswordHash)),
});

const sample = record<SampleConfig>("{ percent, halveAbove }", {
  percent: fraction(0, 100),
  halveAbove: whole(0, 1e9),
});
/** What of each class of answers is logged: all that may be set while the gateway runs. */
export const SAMPLE_SHARES_RULE = record<TelemetryLogConfig["sample"]>("an object", {
  market: sample,
  limit: sample,
  replace: sample,
  cancel: sample,
  other: sample,
});

export const GATEWAY_RULE = record<GatewayConfig>("an object", {
  listen,
  session,
  clock,
  lanes,
  venue,
  journal,
  risk: record<RiskConfig>("an object", riskRules),
  accounts: listOf(account, LIST_MAX),
  control: record<ControlConfig>("an object", { socket: orNull(filePath) }),
  telemetry: record<TelemetryConfig>("an object", {
    logLevel: oneOf("debug", "info", "warn", "error"),
    enabled: flag,
    slaMs: fraction(0.001, TEN_MINUTES_MS),
    tailMs: fraction(0.001, TEN_MINUTES_MS),
    dir: orNull(filePath),
    fileBytesMax: whole(65_536, 2 ** 40),
    filesMax: whole(2, 10_000),
    hlog: flag,
    log: record<TelemetryLogConfig>("an object", {
      json: flag,
      binary: flag,
      sample: SAMPLE_SHARES_RULE,
      marketFillMsMax: fraction(0.001, TEN_MINUTES_MS),
      restedSecondsMax: fraction(0.001, 86_400),
      cancelAgainMsMax: fraction(0.001, TEN_MINUTES_MS),
    }),
  }),
  capture: record<CaptureConfig>("an object", { bytesMax: whole(64 * KIB, 2 ** 50) }),
  admin: record<AdminConfig>("an object", { host, port, tokens: listOf(adminToken, 1000) }),
});

function isTimeZone(value: unknown): boolean {
  if (typeof value !== "string") return false;
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: value }).format(0) !== "";
  } catch {
    return false; // Intl says no by throwing
  }
}

function isTickSize(value: unknown): boolean {
  if (typeof value !== "number" || !(value >= 0.0001 && value <= 1000)) return false;
  return Math.abs(value * 10_000 - Math.round(value * 10_000)) < 1e-6;
}

function isPasswordHash(value: unknown): boolean {
  return typeof value === "string" && parsePasswordHash(value) !== undefined;
}
