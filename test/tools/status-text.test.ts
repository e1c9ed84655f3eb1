import assert from "node:assert/strict";
import { test } from "node:test";
import { durationText, type StatusAnswer, statusText } from "../../src/tools/status-text.ts";

const share = { seconds: 3600, count: 0, late: 0, burn: 0 };
const summary = { ...share, p50Ns: 0, p99Ns: 0, p999Ns: null, maxNs: 0 };
const pool = { inUse: 1, highWater: 2, made: 2, max: 64, takes: 9 };
const lane = {
  inboundSlotsUsed: 5,
  inboundSlots: 4096,
  inboundHighWater: 310,
  outboundSlotsWaiting: 0,
  outboundSlots: 4096,
  socketsWaiting: 0,
};
const journal = {
  segment: 3,
  stagedSegments: 2,
  checkpointSegment: 1,
  isShort: false,
  syncNsMax: 4_100_000,
  waits: 0,
};
const STATUS: StatusAnswer = {
  pid: 4711,
  node: "v24.21.0",
  session: "20261121A",
  durability: "power-loss",
  venue: "book",
  startedAt: "2026-11-21T09:00:00.000Z",
  uptimeSeconds: 11_520,
  scribeRestarts: 0,
  scribeSilentMs: 0,
  rollsAt: "2026-11-22T05:00:00.000Z",
  gate: {
    isDraining: false,
    isRolling: false,
    connections: 13,
    pending: 2,
    live: 10,
    sendBuffers: pool,
    stashes: pool,
    lanes: [lane],
    counters: {},
  },
  lanes: [{}],
  journals: [journal],
  report: {
    version: "0.1.0",
    build: "0123456789abcdef",
    configHash: "0123456789ab",
    changedKeys: [],
    lastRun: null,
    recovery: null,
    latency: { slaMs: 8, minute: summary, fiveMinutes: share, hour: share, sinceStart: summary },
    lostSessions: { seconds: 300, byReason: {}, latest: [] },
    takeovers: { seconds: 300, count: 0 },
    journalSync: null,
    disk: null,
    windows: { bytes: 0, full: 0 },
    outbox: { bytes: 0, highWater: 0, fileBytes: 0 },
    keeperRestarts: 0,
  },
};
const textOf = (report: Partial<StatusAnswer["report"]>, others: Partial<StatusAnswer> = {}) =>
  statusText({ ...STATUS, ...others, report: { ...STATUS.report, ...report } });

test("a gateway that nobody uses fits on a page", () => {
  const text = textOf({});
  assert.match(text, /^tailgate 0\.1\.0, pid 4711, session 20261121A, open, up 3 h 12 min\n/);
  assert.match(text, /10 logged in, 2 not yet/);
  assert.match(text, /ring in 5 of 4096 \(at most 310\)/);
  assert.ok(text.split("\n").length <= 40);
});

test("a journal that syncs nothing tells of no sync", () => {
  const others = { durability: "process-crash", journals: [{ ...journal, syncNsMax: 0 }] };
  const [row] = textOf({}, others).match(/^journal .*/m) ?? [];
  assert.match(row ?? "", /process-crash; the session ends 2026-11-22/);
});

test("percentiles of the last minute are shown, and P999 only where there are values enough", () => {
  const minute = { seconds: 62, count: 51_200, late: 5, burn: 0.1 };
  const quantiles = { p50Ns: 120_000, p99Ns: 240_000, p999Ns: 4_310_000, maxNs: 9_100_000 };
  const { latency } = STATUS.report;
  assert.ok(latency !== null);
  const text = textOf({ latency: { ...latency, minute: { ...minute, ...quantiles } } });
  assert.match(
    text,
    /last minute \(62 s\) +51,200 +0\.010 % +120 µs +240 µs +4\.31 ms +9\.10 ms\n/,
  );
  const few = textOf({
    latency: { ...latency, minute: { ...minute, ...quantiles, p999Ns: null } },
  });
  assert.match(few, /240 µs +few +9\.10 ms/);
  assert.match(textOf({ latency: null }), /nothing is recorded/);
});

test("all that can be told at once still fits, and what is wrong stands there in words", () => {
  const lost = { account: "ALICE", remote: "10.0.0.1:4711", reason: "stalled", agoMs: 12_000 };
  const disk = { usedPercent: 88.2, usedPercentMax: 90, bytesLeft: 2 ** 30, hoursLeft: 1.5 };
  const text = textOf(
    {
      changedKeys: ["lanes.batchMax", "session.windowBytes"],
      lastRun: { how: "killed, or the machine went down", startedAt: "2026-11-20T09:00:00.000Z" },
      recovery: { elapsedMs: 1234, records: 50_000, recordsReplayed: 700 },
      lostSessions: { seconds: 300, byReason: { stalled: 3 }, latest: [lost, lost, lost] },
      journalSync: { count: 9, p99Ns: 900_000 },
      disk,
      keeperRestarts: 1,
    },
    {
      gate: { ...STATUS.gate, lanes: Array.from({ length: 16 }, () => lane) },
      journals: Array.from({ length: 16 }, () => ({ ...journal, isShort: true })),
      scribeRestarts: 2,
      scribeSilentMs: 7_300,
    },
  );
  for (const words of [
    "a restart would change: lanes.batchMax, session.windowBytes",
    "killed, or the machine went down",
    "1.23 s for 50,000 records, 700 of them replayed",
    "in 5 min: 3 stalled",
    "ALICE 10.0.0.1:4711 stalled, 12 s ago",
    "sync P99 900 µs, longest sync 4.10 ms",
    "88.2 % used of 90 %, 1.0 GiB left, 1.5 hours at this rate",
    "SHORT OF DISK",
    "SILENT for 7 s: no metrics, no logs; started again 2 times",
  ]) {
    assert.ok(text.includes(words), `${words} is not in\n${text}`);
  }
  assert.ok(text.split("\n").length <= 40, text);
  assert.match(textOf({ changedKeys: null }), /a restart would fail/);
});

test("the venue's tables are those of the fullest lane, and a full one stands there in words", () => {
  const roomy = { ordersLive: 5, ordersMax: 1_000_000, instruments: 3, instrumentsMax: 16_384 };
  const fuller = { ...roomy, instruments: 16_383 };
  const text = textOf({}, { lanes: [roomy, fuller, roomy] });
  assert.match(text, /\ntables +5 of 1,000,000 live orders, 16,383 of 16,384 instruments\n/);
  const full = textOf({}, { lanes: [fuller, { ...roomy, ordersLive: 1_000_000 }] });
  assert.match(full, /\ntables +1,000,000 of 1,000,000 live orders, 3 of .*; FULL: .* 000A\n/);
});

test("durations are short", () => {
  const texts = [0, 119, 120, 3599, 7200, 11_520, 90_000 * 2].map(durationText);
  assert.deepEqual(texts, ["0 s", "119 s", "2 min", "1 h", "2 h", "3 h 12 min", "2 d 2 h"]);
});

test("a capture that runs is shown, and what it lost", () => {
  assert.ok(!textOf({}).includes("capture"));
  const capture = {
    file: "/var/day.cap",
    startedAt: "2026-11-21T15:00:00.000Z",
    chunks: 12_345,
    bytes: 4096,
    lostChunks: 0,
  };
  assert.match(textOf({}, { capture }), /capture .*12,345 chunks, .*none lost.*\/var\/day\.cap/);
  assert.match(textOf({}, { capture: { ...capture, lostChunks: 7 } }), /7 chunks LOST/);
});
