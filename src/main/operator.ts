// The operator's view of the running gateway: what `status` reports beside its counters, `profile` and `dump`. Nothing
// here needs the scribe. Main thread, on demand, but for a row of counters every ten seconds.

import { statfs } from "node:fs/promises";
import path from "node:path";
import type { Worker } from "node:worker_threads";
import type { Clock, WallClock } from "../base/clock.ts";
import { Risen } from "../base/risen.ts";
import { configHash } from "../config/config-hash.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { type ControlCommand, controlError, taking, withAccount } from "../gate/control-server.ts";
import type { Log } from "../gate/gate-config.ts";
import { DUMPED_MAX } from "../gate/gate-dump.ts";
import type { LostSessions } from "../gate/lost-sessions.ts";
import { Profiler } from "../gate/profiler.ts";
import { burnOf, type HistoryRow, SAMPLE_SECONDS, StatusHistory } from "../gate/status-history.ts";
import type {
  DiskStatus,
  LatencyStatus,
  LostSessionsStatus,
  ShareStatus,
  StatusReport,
} from "../gate/status-report.ts";
import {
  type CounterReader,
  GATE_COUNTERS,
  LANE_COUNTERS,
  outboxDiskBytes,
} from "../memory/counters.ts";
import { JOURNAL_COUNT } from "../memory/journal-block.ts";
import { percentilesNs } from "../telemetry/count-percentiles.ts";
import { COARSE } from "../telemetry/hdr-index.ts";
import { LANE_TIME } from "../telemetry/latency-series.ts";
import { CountsReader } from "../telemetry/shared-counts.ts";
import type { TelemetryMemory } from "../telemetry/telemetry-memory.ts";
import type { LastRun } from "./last-run.ts";
import type { RestartKeys } from "./reload.ts";
import type { TradingSession } from "./trading-session.ts";

const MINUTE_SECONDS = 60;
const FIVE_MINUTES_SECONDS = 300;
const HOUR_SECONDS = 3600;
const LATEST_LOST = 3;
const DUMPED_DEFAULT = 200;
/** A disk that hangs must not take the status with it. */
const DISK_MS_MAX = 500;

/** What of a session an operator looks at. */
export type WatchedSession = Pick<
  TradingSession,
  "gate" | "blocks" | "recovered" | "keeperStatus" | "keeperRestarts" | "workers" | "describeLanes"
>;

export interface OperatorParts {
  readonly config: GatewayConfig;
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly version: string;
  readonly build: string;
  readonly lastRun: LastRun | undefined;
  readonly session: () => WatchedSession;
  readonly lostSessions: LostSessions;
  readonly isAccount: (user: string) => boolean;
  readonly scribe: () => Worker | undefined;
  readonly gateCounters: CounterReader;
  readonly laneCounters: readonly CounterReader[];
  /** Undefined: nothing is recorded. */
  readonly telemetry: TelemetryMemory | undefined;
  readonly restartKeys: RestartKeys;
  readonly log: Log;
}

export class Operator {
  readonly commands: Readonly<Record<"profile" | "dump", ControlCommand>>;
  private readonly parts: OperatorParts;
  private readonly history: StatusHistory;
  /** Of the start: a session that a roll opens has nothing to recover. */
  private readonly recovery: StatusReport["recovery"];
  private readonly hash: string;
  private readonly laneTimes: readonly CountsReader[];
  private outboxHighWater = 0;
  private readonly written = new Risen();

  constructor(parts: OperatorParts) {
    const { config, clock, wallClock, telemetry } = parts;
    this.parts = parts;
    this.recovery = recoveryOf(parts.session().recovered);
    this.hash = configHash(config);
    this.laneTimes = (telemetry?.lanes ?? []).map(({ times }) => new CountsReader(times, COARSE));
    const nowNs = clock.nowNs();
    this.history = new StatusHistory(() => this.row(), telemetry?.gate.answers, nowNs);
    const profiler = new Profiler({
      workers: () => this.workers(),
      directory: config.telemetry.dir ?? path.join(config.journal.dir, "telemetry"),
      wallClock,
      filesMax: config.telemetry.filesMax,
      log: parts.log,
    });
    this.commands = {
      profile: taking(["thread", "seconds"], profiler.command),
      dump: taking(
        ["limit", "scope"],
        withAccount(parts.isAccount, (account, { limit }) => this.dump(account, limit)),
      ),
    };
  }

  /** From now on, until the process ends. */
  start(): this {
    setInterval(() => {
      this.outboxHighWater = Math.max(this.outboxHighWater, this.sum(LANE_COUNTERS.outboxBytes));
      this.history.sample(this.parts.clock.nowNs());
    }, SAMPLE_SECONDS * 1000).unref();
    return this;
  }

  async report(): Promise<StatusReport> {
    const { config, clock, version, build, lastRun, session } = this.parts;
    const { gate, keeperRestarts } = session();
    const takeovers = this.history.since(FIVE_MINUTES_SECONDS, clock.nowNs());
    const outboxBytes = this.sum(LANE_COUNTERS.outboxBytes);
    return {
      version,
      build,
      configHash: this.hash,
      changedKeys: this.parts.restartKeys.now(),
      lastRun: lastRun ?? null,
      recovery: this.recovery,
      latency: this.latency(),
      lostSessions: lostSessions(this.parts.lostSessions, clock.nowNs() / 1e6),
      takeovers: { seconds: takeovers.seconds, count: takeovers.takeovers },
      journalSync: this.journalSync(),
      disk: config.journal.durability === "none" ? null : await this.disk(),
      windows: gate.windows(),
      outbox: {
        bytes: outboxBytes,
        highWater: Math.max(outboxBytes, this.outboxHighWater),
        fileBytes: this.sum(LANE_COUNTERS.outboxSpilledBytes),
      },
      keeperRestarts,
    };
  }

  /** {"command":"dump","limit":200,"scope":{"account":"ALICE"}} */
  private async dump(account: string | undefined, limit: unknown = DUMPED_DEFAULT) {
    if (typeof limit !== "number" || !(limit >= 0 && limit <= DUMPED_MAX)) {
      return controlError("BAD_LIMIT", `limit is a number up to ${DUMPED_MAX}`);
    }
    const { session, clock } = this.parts;
    const { gate, describeLanes } = session();
    const result = {
      ...gate.dump(limit, account),
      gate: gate.status(),
      lanes: await describeLanes(clock.nowNs() / 1e6),
      // What the event loop of main has open, by kind: timers, sockets, files …
      resources: countsOf(process.getActiveResourcesInfo()),
    };
    return { ok: true as const, result };
  }

  private workers(): ReadonlyMap<string, Worker> {
    const { session, scribe } = this.parts;
    const all = new Map(session().workers);
    const worker = scribe();
    if (worker !== undefined) all.set("scribe", worker);
    return all;
  }

  private row(): HistoryRow {
    const { gateCounters } = this.parts;
    return {
      headline: gateCounters.read(GATE_COUNTERS.headline),
      headlineOverSla: gateCounters.read(GATE_COUNTERS.headlineOverSla),
      takeovers: this.sum(LANE_COUNTERS.takeovers),
      writtenBytes: this.written.note(this.bytesOnDisk()),
    };
  }

  /** Of the session. */
  private bytesOnDisk(): number {
    const { blocks } = this.parts.session();
    const journals = blocks.reduce((sum, { counts }) => sum + counts[JOURNAL_COUNT.BYTES]!, 0);
    return this.parts.laneCounters.reduce((sum, lane) => sum + outboxDiskBytes(lane), journals);
  }

  private sum(counter: number): number {
    return this.parts.laneCounters.reduce((sum, counters) => sum + counters.read(counter), 0);
  }

  private latency(): LatencyStatus | null {
    const { config, clock } = this.parts;
    const nowNs = clock.nowNs();
    const minute = this.history.minute(nowNs);
    const sinceStart = this.history.sinceStart(nowNs);
    if (minute === undefined || sinceStart === undefined) return null;
    return {
      slaMs: config.telemetry.slaMs,
      minute: { ...this.share(MINUTE_SECONDS, nowNs), ...minute },
      fiveMinutes: this.share(FIVE_MINUTES_SECONDS, nowNs),
      hour: this.share(HOUR_SECONDS, nowNs),
      sinceStart: { ...shareOf({ ...this.row(), seconds: sinceStart.seconds }), ...sinceStart },
    };
  }

  private share(seconds: number, nowNs: number): ShareStatus {
    return shareOf(this.history.since(seconds, nowNs));
  }

  private journalSync(): StatusReport["journalSync"] {
    const merged = new Uint32Array(COARSE.countsLength);
    let count = 0;
    for (const times of this.laneTimes) {
      count += times.count(LANE_TIME.journalSync);
      const counts = times.liveCounts(LANE_TIME.journalSync);
      for (let index = 0; index < counts.length; index++) merged[index]! += counts[index]!;
    }
    if (count === 0) return null;
    const [p99Ns = 0] = percentilesNs(merged, COARSE, [0.99]);
    return { count, p99Ns };
  }

  private async disk(): Promise<DiskStatus | null> {
    const { config, clock } = this.parts;
    const { dir, diskUsedPercentMax } = config.journal;
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(resolve, DISK_MS_MAX, undefined);
    const found = await Promise.race([statfs(dir).catch(() => undefined), late]);
    clearTimeout(timer);
    if (found === undefined) return null;
    const { blocks, bfree, bavail, bsize } = found;
    // As df has it: what root keeps for itself is neither used nor free.
    const used = (blocks - bfree) * bsize;
    const usable = used + bavail * bsize;
    const bytesLeft = Math.max(0, (usable * diskUsedPercentMax) / 100 - used);
    const { writtenBytes, seconds } = this.history.since(HOUR_SECONDS, clock.nowNs());
    const hoursLeft =
      writtenBytes === 0 ? null : bytesLeft / (writtenBytes / seconds) / HOUR_SECONDS;
    return {
      usedPercent: Math.round((used / usable) * 1000) / 10,
      usedPercentMax: diskUsedPercentMax,
      bytesLeft,
      hoursLeft,
    };
  }
}

const shareOf = (change: HistoryRow & { readonly seconds: number }): ShareStatus => ({
  seconds: change.seconds,
  count: change.headline,
  late: change.headlineOverSla,
  burn: burnOf(change),
});

function recoveryOf(recovered: WatchedSession["recovered"]): StatusReport["recovery"] {
  if (recovered.length === 0) return null;
  return {
    elapsedMs: Math.max(...recovered.map(({ elapsedMs }) => elapsedMs)),
    records: recovered.reduce((sum, { records }) => sum + records, 0),
    recordsReplayed: recovered.reduce((sum, { recordsReplayed }) => sum + recordsReplayed, 0),
  };
}

function lostSessions(sessions: LostSessions, nowMs: number): LostSessionsStatus {
  const lost = sessions.within(FIVE_MINUTES_SECONDS, nowMs);
  const byReason = countsOf(lost.map(({ reason }) => reason));
  return { seconds: FIVE_MINUTES_SECONDS, byReason, latest: lost.slice(0, LATEST_LOST) };
}

function countsOf(names: readonly string[]): Record<string, number> {
  const counts = Map.groupBy(names, (name) => name);
  return Object.fromEntries([...counts].map(([name, all]) => [name, all.length]));
}
