// What an operator can ask of a running gateway through its control socket (semantics §7.1). Main thread.

import type { GatewayConfig } from "../config/gateway-config.ts";
import { type CounterReader, GATE_COUNTERS, LANE_COUNTERS } from "../memory/counters.ts";
import { JOURNAL_COUNT, type JournalBlock, SHORTAGE } from "../memory/journal-block.ts";
import { type ControlCommand, controlError, taking, withAccount } from "./control-server.ts";
import type { Gate } from "./gate.ts";
import type { StatusReport } from "./status-report.ts";

export interface ControlParts {
  readonly gate: Pick<Gate, "status" | "isDraining" | "attachedFrom">;
  readonly config: Pick<GatewayConfig, "venue" | "lanes" | "journal">;
  readonly session: string;
  readonly startedMs: number;
  /** By a clock that nobody sets. */
  readonly uptimeSeconds: () => number;
  readonly scribe: { readonly restartCount: number; readonly silentMs: number };
  readonly isAccount: (user: string) => boolean;
  readonly gateCounters: CounterReader;
  /** By lane. */
  readonly laneCounters: readonly CounterReader[];
  /** By lane; empty without a journal. */
  readonly journals: readonly JournalBlock[];
  /** When the session ends by itself. */
  readonly rollsAtMs: number;
  /** What status tells beside the counters. */
  readonly report?: () => Promise<StatusReport>;
  /** Undefined: there is no such thing; null: none runs. */
  readonly capture?: () => object | null;
  readonly drain: () => void;
  /** Ends the session and opens the next, unless it is the last. */
  readonly roll: (isLast: boolean) => Promise<RolledSessions> | RollRefusal;
}

export type RollRefusal = keyof typeof ROLL_REFUSALS;
const ROLL_REFUSALS = {
  ROLL_IN_PROGRESS: "the session is ending already",
  SESSIONS_USED_UP:
    "no further session of this trading date has a name: this one goes on. roll stop=true ends it, and the next start needs a session.id that no session has had, or the next date",
  CLOCK_UNSET:
    "on the machine's clock as it is, no session can be begun: this one goes on. Set the clock, or end it by roll stop=true",
} as const;

export interface RolledSessions {
  readonly session: string;
  /** The same one: no other was opened, because the gateway goes down. */
  readonly newSession: string;
}

export function controlCommands(parts: ControlParts): Record<string, ControlCommand> {
  return {
    status: taking(
      ["scope"],
      withAccount(parts.isAccount, async (account) => {
        const about =
          account === undefined
            ? { report: await parts.report?.() }
            : { account: accountStatus(parts, account) };
        return { ok: true, result: { ...statusOf(parts), ...about } };
      }),
    ),
    drain: taking([], () => {
      const wasDraining = parts.gate.isDraining;
      parts.drain();
      return { ok: true, result: { draining: true, wasDraining } };
    }),
    roll: taking(["stop"], async ({ stop = false }) => {
      if (typeof stop !== "boolean") return controlError("BAD_STOP", "stop is true or false");
      if (parts.gate.isDraining) return controlError("DRAINING", "the gateway is shutting down");
      const rolled = parts.roll(stop);
      if (typeof rolled === "string") return controlError(rolled, ROLL_REFUSALS[rolled]);
      // A gateway that goes down while its session ends opens no other.
      if (stop) parts.drain();
      // Answered when the next session is open; meanwhile this caller alone waits.
      const { session, newSession } = await rolled;
      return { ok: true, result: session === newSession ? { session } : { session, newSession } };
    }),
  };
}

function statusOf(parts: ControlParts): Record<string, unknown> {
  const { config, gate, session, startedMs, scribe, gateCounters, laneCounters } = parts;
  return {
    pid: process.pid,
    node: process.version,
    session,
    durability: config.journal.durability,
    venue: config.venue.kind,
    startedAt: new Date(startedMs).toISOString(),
    uptimeSeconds: Math.round(parts.uptimeSeconds()),
    scribeRestarts: scribe.restartCount,
    scribeSilentMs: scribe.silentMs,
    gate: { ...gate.status(), counters: gateCounters.readAll(GATE_COUNTERS) },
    lanes: laneCounters.map((counters) => counters.readAll(LANE_COUNTERS)),
    rollsAt: new Date(parts.rollsAtMs).toISOString(),
    journals: parts.journals.map(journalStatus),
    capture: parts.capture?.() ?? null,
  };
}

function journalStatus(block: JournalBlock): Record<string, number | boolean> {
  const counts = Object.entries(JOURNAL_COUNT).map(([name, place]) => [
    // SYNC_NS is syncNs here.
    name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    block.counts[place],
  ]);
  return {
    segment: block.currentSegment,
    stagedSegments: block.stagedWaiting,
    checkpointSegment: block.checkpointSegment,
    isShort: block.shortage === SHORTAGE.SHORT,
    ...Object.fromEntries(counts),
  };
}

function accountStatus({ gate }: ControlParts, user: string): Record<string, unknown> {
  const remote = gate.attachedFrom(user);
  return { user, attached: remote !== undefined, ...(remote === undefined ? {} : { remote }) };
}
