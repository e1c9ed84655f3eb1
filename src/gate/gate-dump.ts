// `dump`: what each connection holds and waits for, in words. For an operator who wonders what hangs; bounded, because
// the loop that answers is the one that serves everybody. Main thread.

import type { Progress } from "../memory/progress.ts";
import { type Connection, PHASE } from "./connection.ts";
import type { Connections } from "./connections.ts";
import type { SessionTimers, TimerTimes } from "./session-timers.ts";

export const DUMPED_MAX = 2000;

export interface ConnectionDump extends TimerTimes {
  readonly connection: number;
  readonly account: string;
  readonly remote: string;
  readonly phase: string;
  readonly waitsFor: string;
  readonly lane: number;
  /** Input that waits: of an unfinished packet, or for room in the ring. */
  readonly heldBytes: number;
  /** Buffers that the kernel has not taken. */
  readonly sendBuffers: number;
  /** Of session.windowBytes: released by the lane and not taken by the kernel. */
  readonly windowBytes: number;
}

export interface ConnectionsDump {
  readonly connections: readonly ConnectionDump[];
  /** Not told for want of room; those who wait for something come first. */
  readonly leftOff: number;
}

export interface WindowStatus {
  /** Of all connections together. */
  readonly bytes: number;
  /** Connections whose client has to read before the lane tells it more. */
  readonly full: number;
}

export interface DumpParts {
  readonly connections: Connections;
  readonly progress: Progress;
  readonly timers: SessionTimers;
  /** A window with less room takes no packet. */
  readonly fullBytes: number;
}

const PHASE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(PHASE).map(([name, phase]) => [phase, name.toLowerCase()]),
);
const NOTHING = "nothing";

export function dumpConnections(
  parts: DumpParts,
  limit: number,
  account: string | undefined,
  nowMs: number,
): ConnectionsDump {
  const idle: Connection[] = [];
  const waiting: Connection[] = [];
  for (const connection of parts.connections) {
    if (account !== undefined && connection.account !== account) continue;
    (waitsFor(parts, connection) === NOTHING ? idle : waiting).push(connection);
  }
  const told = [...waiting, ...idle].slice(0, Math.min(limit, DUMPED_MAX));
  return {
    connections: told.map((connection) => dumpOf(parts, connection, nowMs)),
    leftOff: waiting.length + idle.length - told.length,
  };
}

export function windowStatus({ connections, progress, fullBytes }: DumpParts): WindowStatus {
  let bytes = 0;
  let full = 0;
  for (const { index, phase } of connections) {
    if (phase !== PHASE.LIVE) continue;
    const inFlight = progress.inFlight(index);
    bytes += inFlight;
    if (inFlight > fullBytes) full++;
  }
  return { bytes, full };
}

function dumpOf(parts: DumpParts, connection: Connection, nowMs: number): ConnectionDump {
  const { index, account, socket, phase, lane, carry, stash, stashOffset } = connection;
  return {
    connection: index,
    account,
    remote: `${socket.remoteAddress}:${socket.remotePort}`,
    phase: PHASE_NAMES.get(phase) ?? String(phase),
    waitsFor: waitsFor(parts, connection),
    lane,
    heldBytes: (carry?.used ?? 0) + (stash === undefined ? 0 : stash.used - stashOffset),
    sendBuffers: connection.sending.count + connection.filling.count,
    windowBytes: parts.progress.inFlight(index),
    ...parts.timers.timesOf(index, nowMs),
  };
}

function waitsFor({ progress, fullBytes }: DumpParts, connection: Connection): string {
  const { phase, index } = connection;
  if (phase === PHASE.SILENT) return "its login request";
  if (phase === PHASE.CHECKING) return "the check of its password";
  if (phase === PHASE.REFUSED) return "the end of the delay for wrong passwords";
  if (phase === PHASE.ATTACHING) return "the lane to accept its login";
  if (phase === PHASE.CLOSING) {
    if (connection.isSocketClosed) return "the lane to take its end";
    return connection.isSending ? "the kernel to take our last words" : "the client to close";
  }
  if (connection.isHeld) {
    const held = progress.held(index);
    return held > 0
      ? `its mass cancel: ${held} requests are behind it`
      : "room in the inbound ring";
  }
  if (progress.inFlight(index) > fullBytes) return "the client to read: its window is full";
  return connection.isSending ? "the kernel to take what was written" : NOTHING;
}
