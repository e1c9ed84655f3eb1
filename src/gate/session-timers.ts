// Every time-out of a connection, on one wheel (E25). A connection has three timers that are moved lazily: bytes that
// come or go only note the moment, and a timer that fires early is set again.

import { TimerWheel } from "../base/timer-wheel.ts";
import { type Connection, PHASE } from "./connection.ts";
import type { Connections } from "./connections.ts";

const WHEEL_TICK_MS = 5;
const WHEEL_SLOTS = 4096;
/** A turn of the event loop does not carry more than this. */
export const TIMER_ACTIONS_MAX = 32;

/** After FIN, how long the peer may take to read our last words and close. */
export const LINGER_MS_MAX = 1000;

/** Heartbeats of connections that logged in together are spread over this share of the interval, before its end. */
const SPREAD_SHARE = 4;
const SPREAD_STEPS = 64;

/**
 * Whoever was not looked after for so long may have sent, or taken, all that was due: the process was stopped, or the
 * machine. Far more than a busy turn, less than any time-out that makes sense.
 */
const HOLE_MS = 500;

/** A stall is looked at when it has lasted for this share of what it may last. */
const WAITING_SHARE = 8;

const WATCH = 0; // login, delayed refusal, silence, linger: whichever the phase asks for
const HEARTBEAT = 1;
const STALL = 2;
const TIMERS_EACH = 3;

export interface TimerEvents {
  onLoginTimeout(connection: Connection): void;
  onRefusalDue(connection: Connection): void;
  onIdle(connection: Connection): void;
  onHeartbeatDue(connection: Connection): void;
  /** A write has waited for some time, or the process stood still while it did. */
  onWaiting(connection: Connection): void;
  onStall(connection: Connection): void;
  onLingerOver(connection: Connection): void;
}

export interface SessionTimes {
  readonly loginTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly sendStallMsMax: number;
}

/** For operators: since when (at most since it connected), and in how many milliseconds. */
export interface TimerTimes {
  readonly readAgoMs: number;
  readonly writtenAgoMs: number;
  /** Login, delayed refusal, silence or linger: whichever the phase asks for. */
  readonly watchInMs: number | undefined;
  readonly heartbeatInMs: number | undefined;
  readonly stallInMs: number | undefined;
}

export class SessionTimers {
  private readonly wheel: TimerWheel;
  private readonly connections: Connections;
  private readonly times: SessionTimes;
  private readonly events: TimerEvents;
  private readonly lastReadMs: Float64Array;
  private readonly lastWriteMs: Float64Array;
  private readonly waitingSinceMs: Float64Array; // a write, of those whose stall is watched
  private nowMs = 0;
  /** Behind the latest hole: none of its time counts against a peer (semantics §2.3). */
  private backMs = 0;

  constructor(
    connectionsMax: number,
    connections: Connections,
    times: SessionTimes,
    events: TimerEvents,
  ) {
    this.wheel = new TimerWheel(connectionsMax * TIMERS_EACH, WHEEL_TICK_MS, WHEEL_SLOTS);
    this.connections = connections;
    this.times = times;
    this.events = events;
    this.lastReadMs = new Float64Array(connectionsMax);
    this.lastWriteMs = new Float64Array(connectionsMax);
    this.waitingSinceMs = new Float64Array(connectionsMax);
  }

  /** Fires what is due. True: more is due, come back in the next turn. */
  advance(nowMs: number): boolean {
    if (this.nowMs > 0 && nowMs - this.nowMs > HOLE_MS) this.backMs = nowMs;
    this.nowMs = nowMs;
    this.wheel.advance(nowMs, TIMER_ACTIONS_MAX, this);
    return this.wheel.isBehind;
  }

  timesOf(index: number, nowMs: number): TimerTimes {
    const inMs = (kind: number): number | undefined => {
      const dueMs = this.wheel.dueMs(index * TIMERS_EACH + kind);
      return dueMs === undefined ? undefined : Math.round(dueMs - nowMs);
    };
    return {
      readAgoMs: Math.round(nowMs - this.lastReadMs[index]!),
      writtenAgoMs: Math.round(nowMs - this.lastWriteMs[index]!),
      watchInMs: inMs(WATCH),
      heartbeatInMs: inMs(HEARTBEAT),
      stallInMs: inMs(STALL) === undefined ? undefined : Math.round(this.stallDueMs(index) - nowMs),
    };
  }

  noteRead(index: number, nowMs: number): void {
    this.lastReadMs[index] = nowMs;
  }
  noteWritten(index: number, nowMs: number): void {
    this.lastWriteMs[index] = nowMs;
  }

  startLogin(connection: Connection, nowMs: number): void {
    // Its place had others before it.
    this.lastReadMs[connection.index] = nowMs;
    this.lastWriteMs[connection.index] = nowMs;
    this.watch(connection, nowMs + this.times.loginTimeoutMs);
  }
  /** While we check, the client is not the one who is late. */
  stopLogin(connection: Connection): void {
    this.wheel.cancel(connection.index * TIMERS_EACH + WATCH);
  }
  startRefusal(connection: Connection, dueMs: number): void {
    this.watch(connection, dueMs);
  }
  startIdle(connection: Connection, nowMs: number): void {
    this.lastReadMs[connection.index] = nowMs;
    this.watch(connection, nowMs + connection.idleTimeoutMs);
  }
  startHeartbeat(connection: Connection, nowMs: number): void {
    const timer = connection.index * TIMERS_EACH + HEARTBEAT;
    this.wheel.schedule(timer, nowMs + this.heartbeatMs(connection.index));
  }
  startStall(connection: Connection, nowMs: number): void {
    const timer = connection.index * TIMERS_EACH + STALL;
    this.waitingSinceMs[connection.index] = nowMs;
    this.wheel.schedule(timer, nowMs + this.times.sendStallMsMax / WAITING_SHARE);
  }
  stopStall(connection: Connection): void {
    this.wheel.cancel(connection.index * TIMERS_EACH + STALL);
  }
  startLinger(connection: Connection, nowMs: number): void {
    this.stop(connection);
    this.watch(connection, nowMs + LINGER_MS_MAX);
  }
  stop(connection: Connection): void {
    const first = connection.index * TIMERS_EACH;
    for (let kind = 0; kind < TIMERS_EACH; kind++) this.wheel.cancel(first + kind);
  }

  onTimer(timer: number): void {
    const index = Math.trunc(timer / TIMERS_EACH);
    const connection = this.connections.at(index);
    if (connection === undefined) return;
    const kind = timer - index * TIMERS_EACH;
    if (kind === WATCH) this.onWatch(connection);
    else if (kind === HEARTBEAT) this.onHeartbeat(connection, timer);
    else this.onStall(connection, timer);
  }

  private onWatch(connection: Connection): void {
    const { phase } = connection;
    if (phase === PHASE.SILENT) this.onLoginDue(connection);
    else if (phase === PHASE.REFUSED) this.events.onRefusalDue(connection);
    else if (phase === PHASE.CLOSING) this.events.onLingerOver(connection);
    else this.onSilence(connection);
  }

  private onLoginDue(connection: Connection): void {
    const dueMs = this.backMs + this.times.loginTimeoutMs;
    if (dueMs <= this.nowMs) this.events.onLoginTimeout(connection);
    else this.watch(connection, dueMs);
  }

  private onSilence(connection: Connection): void {
    // The time in which we did not read does not count (semantics §2.3).
    if (connection.isHeld) this.lastReadMs[connection.index] = this.nowMs;
    const sinceMs = Math.max(this.lastReadMs[connection.index]!, this.backMs);
    const dueMs = sinceMs + connection.idleTimeoutMs;
    if (dueMs <= this.nowMs) this.events.onIdle(connection);
    else this.watch(connection, dueMs);
  }

  private onHeartbeat(connection: Connection, timer: number): void {
    if (connection.phase !== PHASE.LIVE) return;
    const dueMs = this.lastWriteMs[connection.index]! + this.heartbeatMs(connection.index);
    if (dueMs > this.nowMs) {
      this.wheel.schedule(timer, dueMs);
      return;
    }
    this.wheel.schedule(timer, this.nowMs + this.heartbeatMs(connection.index));
    this.events.onHeartbeatDue(connection);
  }

  private onStall(connection: Connection, timer: number): void {
    const dueMs = this.stallDueMs(connection.index);
    if (dueMs > this.nowMs) {
      this.wheel.schedule(timer, dueMs);
      this.events.onWaiting(connection);
      return;
    }
    this.waitingSinceMs[connection.index] = this.nowMs;
    this.wheel.schedule(timer, this.stallDueMs(connection.index));
    this.events.onStall(connection);
  }

  private stallDueMs(index: number): number {
    return Math.max(this.waitingSinceMs[index]!, this.backMs) + this.times.sendStallMsMax;
  }

  private watch(connection: Connection, dueMs: number): void {
    this.wheel.schedule(connection.index * TIMERS_EACH + WATCH, dueMs);
  }

  private heartbeatMs(index: number): number {
    const intervalMs = this.times.heartbeatIntervalMs;
    const step = index % SPREAD_STEPS;
    return intervalMs - (intervalMs * step) / (SPREAD_STEPS * SPREAD_SHARE);
  }
}
