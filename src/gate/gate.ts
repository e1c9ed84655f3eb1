// The gate: everything between sockets and rings, on the main thread's event loop. It frames, stamps, admits, sends
// and times out; it knows nothing of orders. Whatever it is driven by (sockets, clock, turns) comes from outside, so
// that a test can run it by hand; gate-loop.ts drives it in the product.

import type { Clock, WallClock } from "../base/clock.ts";
import { BufferPool } from "../memory/buffer-pool.ts";
import { type CounterWriter, GATE_COUNTERS } from "../memory/counters.ts";
import { DETACH_REASON } from "../memory/inbound-record.ts";
import { OUTBOUND_PAYLOAD_BYTES_MAX } from "../memory/outbound-record.ts";
import type { Progress } from "../memory/progress.ts";
import type { Wires } from "../memory/wires.ts";
import type { GateTelemetry } from "../telemetry/gate-telemetry.ts";
import { Admission } from "./admission.ts";
import { AnswerRecorder } from "./answer-recorder.ts";
import { BackPressure } from "./back-pressure.ts";
import { CaptureSwitch, type CaptureTap } from "./capture-tap.ts";
import { Closer } from "./closing.ts";
import type { Connection, ConnectionEvents } from "./connection.ts";
import { ConnectionLog } from "./connection-log.ts";
import { Connections } from "./connections.ts";
import type { Credentials } from "./credentials.ts";
import { Drain } from "./drain.ts";
import { EventClock } from "./event-clock.ts";
import type { GateConfig, Log } from "./gate-config.ts";
import {
  type ConnectionsDump,
  type DumpParts,
  dumpConnections,
  type WindowStatus,
  windowStatus,
} from "./gate-dump.ts";
import { type GateSocket, RECEIVE_BYTES } from "./gate-socket.ts";
import { type GateStatus, gateStatus } from "./gate-status.ts";
import { InboundLane, type LaneLink } from "./inbound-lane.ts";
import type { KernelQueues } from "./kernel-queues.ts";
import { Login } from "./login.ts";
import { LongTurns } from "./long-turns.ts";
import type { LostSessions } from "./lost-sessions.ts";
import { OncePerTurn } from "./once-per-turn.ts";
import { OutboundDrain } from "./outbound-drain.ts";
import { Receiver } from "./receive.ts";
import { Roll } from "./roll.ts";
import { Sender } from "./send.ts";
import { SessionTimers, type TimerEvents } from "./session-timers.ts";
import { SlowReaders } from "./slow-readers.ts";
import { TurnClock } from "./turn-clock.ts";

const LANE_TICK_MS = 50;
export const SEND_BUFFER_BYTES = 4 * 1024;
const SEND_BUFFERS_START = 64;

export interface GateParts {
  readonly config: GateConfig;
  readonly clock: Clock;
  readonly wallClock: WallClock;
  /** The midnight that event time counts from. */
  readonly midnightUtcMs: number;
  /** Event time that an earlier run of the session reached: it never goes back. */
  readonly eventNotBeforeNs: number;
  readonly lanes: readonly LaneLink[];
  /** Shared by all lanes, one word set per connection. */
  readonly progress: Progress;
  /** Shared likewise: what the lanes may write to. Undefined: the gate writes everything. */
  readonly wires?: Wires | undefined;
  readonly credentials: Credentials;
  readonly counters: CounterWriter;
  readonly log: Log;
  readonly lostSessions: LostSessions;
  /** Undefined: nothing is recorded. */
  readonly telemetry?: GateTelemetry | undefined;
  /** Undefined: nothing is ever captured. */
  readonly capture?: CaptureSwitch;
  /** Undefined: a client whose window stands still is taken for one that does not read. */
  readonly queues?: Pick<KernelQueues, "ask"> | undefined;
  /** Milliseconds that the event loop has slept so far (E1). */
  readonly idleMs: () => number;
  /** Milliseconds that this thread has worked so far (E17); undefined: not known. */
  readonly cpuMs?: () => number;
  /** Nanoseconds for which it could have run and had no core (E17); undefined: not known. */
  readonly coreWaitNs?: (() => number) | undefined;
  /** Calls back in the next turn of the event loop, behind its sockets. */
  readonly nextTurn: (callback: () => void) => void;
}

export class Gate implements ConnectionEvents, TimerEvents {
  readonly eventClock: EventClock;
  private readonly parts: GateParts;
  private readonly capture: CaptureSwitch;
  private readonly connections: Connections;
  private readonly lanes: readonly InboundLane[];
  private readonly admissions: readonly Admission[];
  private readonly drains: readonly OutboundDrain[];
  private readonly carries: BufferPool;
  private readonly stashes: BufferPool;
  private readonly turnClock: TurnClock;
  private readonly recorder: AnswerRecorder | undefined;
  private readonly longTurns: LongTurns | undefined;
  private readonly timers: SessionTimers;
  private readonly sender: Sender;
  private readonly closer: Closer;
  private readonly login: Login;
  private readonly receiver: Receiver;
  private readonly slowReaders: SlowReaders;
  private readonly shutdown: Drain;
  private readonly endOfDay: Roll;
  private readonly connectionLog: ConnectionLog;
  private readonly dumpParts: DumpParts;
  private readonly goOnDraining: readonly OncePerTurn[]; // by lane: a drain stopped at its bound
  private readonly goOnTiming: OncePerTurn;
  private latestTickMs = 0;

  constructor(parts: GateParts) {
    const { config, clock, lanes: links, progress, counters, log, credentials } = parts;
    const { connectionsMax, sendBuffersMax, stashesMax } = config.listen;
    const nowNs = clock.nowNs();
    this.parts = parts;
    this.capture = parts.capture ?? new CaptureSwitch();
    this.connections = new Connections(config.listen);
    this.connectionLog = new ConnectionLog(parts.telemetry?.log, clock);
    this.eventClock = new EventClock(
      parts.wallClock,
      parts.midnightUtcMs,
      nowNs,
      parts.eventNotBeforeNs,
    );
    this.turnClock = new TurnClock(parts.idleMs, nowNs, parts.coreWaitNs);
    const { telemetry, idleMs, cpuMs } = parts;
    this.longTurns = telemetry && cpuMs && new LongTurns(telemetry, idleMs, cpuMs, nowNs);
    this.lanes = links.map((to) => new InboundLane(to, this.connections, connectionsMax, progress));
    this.admissions = this.lanes.map(
      (lane, index) =>
        new Admission(
          lane,
          this.connections,
          connectionsMax,
          new BackPressure(index, clock, counters, parts.telemetry?.events),
        ),
    );
    const buffersStart = Math.min(SEND_BUFFERS_START, sendBuffersMax);
    this.carries = new BufferPool(SEND_BUFFER_BYTES, sendBuffersMax, buffersStart);
    this.stashes = new BufferPool(RECEIVE_BYTES, stashesMax, 0);
    this.timers = new SessionTimers(connectionsMax, this.connections, config.session, this);
    this.recorder = telemetry && new AnswerRecorder(telemetry, counters);
    const shared = {
      clock,
      capture: this.capture,
      recorder: this.recorder,
      names: parts.telemetry?.names,
      connectionLog: this.connectionLog,
      connections: this.connections,
      lanes: this.lanes,
      timers: this.timers,
      carries: this.carries,
      stashes: this.stashes,
      progress,
      wires: parts.wires,
      counters,
      lostSessions: parts.lostSessions,
      log,
      credentials,
      connectionsMax,
      turnClock: this.turnClock,
      eventClock: this.eventClock,
      admissions: this.admissions,
      queues: parts.queues,
    };
    this.sender = new Sender({
      ...shared,
      pool: this.carries,
      windowBytes: config.session.windowBytes,
    });
    this.closer = new Closer({ ...shared, sender: this.sender });
    this.login = new Login({
      ...shared,
      closer: this.closer,
      idleTimeoutMs: config.session.idleTimeoutMs,
      onSettled: (connection) => this.receiver.resume(connection),
    });
    this.receiver = new Receiver({
      ...shared,
      login: this.login,
      closer: this.closer,
      packetBytesMax: config.session.inboundPacketBytesMax,
    });
    this.shutdown = new Drain({
      ...shared,
      closer: this.closer,
      drainMsMax: config.session.drainMsMax,
    });
    this.endOfDay = new Roll({
      ...shared,
      sender: this.sender,
      closer: this.closer,
      drainMsMax: config.session.drainMsMax,
    });
    this.drains = links.map(
      (link, lane) =>
        new OutboundDrain(lane, link, {
          ...shared,
          sender: this.sender,
          closer: this.closer,
          onCommandAnswer: (from, requestId) => {
            this.shutdown.onFence(from, requestId);
            this.endOfDay.onAnswer(from, requestId);
          },
        }),
    );
    const { nextTurn } = parts;
    this.goOnDraining = links.map(
      (_, lane) => new OncePerTurn(nextTurn, () => this.onDoorbell(lane)),
    );
    this.goOnTiming = new OncePerTurn(nextTurn, () => this.advanceTimers());
    const fullBytes = config.session.windowBytes - OUTBOUND_PAYLOAD_BYTES_MAX;
    this.slowReaders = new SlowReaders({ ...shared, fullBytes, closer: this.closer });
    this.dumpParts = { ...shared, fullBytes };
  }

  /** A new connection. False: a cap is reached, or we are closing; the caller closes the socket. */
  accept(socket: GateSocket): boolean {
    const { counters, clock } = this.parts;
    const isLeaving = this.shutdown.isRunning || this.endOfDay.isEnding;
    const connection = isLeaving ? undefined : this.connections.add(socket, this);
    if (connection === undefined) {
      counters.add(GATE_COUNTERS.connectionsRefused, 1);
      this.connectionLog.onTurnedAway(socket);
      return false;
    }
    counters.add(GATE_COUNTERS.connectionsAccepted, 1);
    counters.set(GATE_COUNTERS.connectionsOpen, this.connections.openCount);
    const nowNs = clock.nowNs();
    this.sender.start(connection);
    this.timers.startLogin(connection, nowNs / 1e6);
    this.capture.tap?.onConnect(connection, nowNs);
    socket.open(connection);
    return true;
  }

  /** The lane has something for us. */
  onDoorbell(lane: number): void {
    this.turnClock.touch(this.parts.clock.nowNs());
    this.drains[lane]!.clearDoorbell();
    this.visit(lane);
  }

  /** Takes what the lane has sent, and gives it what waited for room. */
  private visit(lane: number): void {
    if (this.drains[lane]!.drain()) this.goOnDraining[lane]!.ask();
    this.admit(lane);
  }

  /** Every 5 ms: time-outs, ticks for the lanes, and whatever waited for room that nobody announces. */
  tick(): void {
    const nowNs = this.parts.clock.nowNs();
    const nowMs = nowNs / 1e6;
    this.longTurns?.look(nowNs);
    this.parts.telemetry?.moveTo(nowNs);
    this.recorder?.recordWritten(nowNs);
    if (nowMs - this.latestTickMs >= LANE_TICK_MS) {
      this.latestTickMs = nowMs;
      this.eventClock.correct(nowNs);
      for (const lane of this.lanes) lane.tick();
    }
    for (let lane = 0; lane < this.lanes.length; lane++) this.visit(lane);
    this.advanceTimers();
    this.shutdown.onTick(nowMs);
    this.endOfDay.onTick(nowMs);
    this.turnClock.onTicked(this.parts.clock.nowNs());
  }

  /** Once per turn of the event loop, behind its sockets (E1). */
  onTurnEnd(): void {
    for (let lane = 0; lane < this.lanes.length; lane++) {
      this.lanes[lane]!.announceReads();
      if (this.drains[lane]!.hasMany) this.visit(lane);
    }
    if (this.recorder?.hasMany === true) this.recorder.recordWritten(this.parts.clock.nowNs());
    const nowNs = this.parts.clock.nowNs();
    if (this.turnClock.onTurnEnd(nowNs)) this.longTurns?.onTurn(nowNs, this.turnClock);
  }

  /** Nothing drives it any more: the last answers are recorded. */
  close(): void {
    this.recorder?.recordWritten(this.parts.clock.nowNs());
  }

  /** Takes nobody in, finishes what is in the rings, says goodbye. */
  drain(onDrained: () => void): void {
    this.shutdown.start(onDrained);
  }
  get isDraining(): boolean {
    return this.shutdown.isRunning;
  }

  /**
   * The end of the day: open orders go, then everybody. The gate is of no use afterwards. Called again for a session
   * whose end was interrupted, it does what is left of it.
   */
  roll(onRolled: () => void): void {
    this.endOfDay.start(onRolled);
  }
  get isRolling(): boolean {
    return this.endOfDay.isRunning;
  }
  /** Whoever comes now is for the next session's gate. */
  get isEnding(): boolean {
    return this.endOfDay.isEnding;
  }

  /** Address and port of the client that is logged in to the account, if there is one. */
  attachedFrom(account: string): string | undefined {
    return this.connections.liveFrom(account);
  }

  /** What the gate holds now, for operators. */
  status(): GateStatus {
    const { connections, carries, stashes, lanes, admissions } = this;
    const parts = { connections, carries, stashes, lanes, admissions, links: this.parts.lanes };
    return gateStatus(parts, this.isDraining, this.isRolling);
  }
  /** A capture begins: with all that are there. */
  showConnections(tap: CaptureTap): void {
    for (const each of this.connections) {
      const isWhole = this.sender.reclaim(each);
      tap.onFound(each, this.parts.clock.nowNs(), isWhole);
    }
  }

  windows(): WindowStatus {
    return windowStatus(this.dumpParts);
  }
  /** Of one account, or of all. */
  dump(limit: number, account?: string): ConnectionsDump {
    return dumpConnections(this.dumpParts, limit, account, this.nowMs());
  }

  onRead(connection: Connection, bytes: Buffer, view: DataView, length: number): void {
    this.receiver.onRead(connection, bytes, view, length);
  }
  onWritten(connection: Connection): void {
    this.sender.onWritten(connection, this.nowMs());
    this.closer.finish(connection);
  }
  onEnd(connection: Connection): void {
    this.capture.tap?.onEnd(connection, this.parts.clock.nowNs());
    this.closer.close(connection, DETACH_REASON.CLOSED, "", this.nowMs());
    if (!connection.isSending) connection.socket.destroy();
  }
  onClosing(connection: Connection): void {
    connection.isSocketClosing = true;
    this.sender.reclaim(connection);
  }
  onClosed(connection: Connection): void {
    this.capture.tap?.onClosed(connection, this.parts.clock.nowNs());
    this.closer.onClosed(connection);
  }

  onLoginTimeout(connection: Connection): void {
    this.closer.close(connection, DETACH_REASON.IDLE, "no login request came", this.nowMs());
  }
  onRefusalDue(connection: Connection): void {
    this.login.onRefusalDue(connection, this.nowMs());
  }
  onIdle(connection: Connection): void {
    this.closer.close(connection, DETACH_REASON.IDLE, "nothing came for too long", this.nowMs());
  }
  onHeartbeatDue(connection: Connection): void {
    // What is on its way already says that we live.
    if (!connection.isSending) this.sender.sendHeartbeat(connection, this.nowMs());
  }
  onWaiting(connection: Connection): void {
    this.slowReaders.onWaiting(connection);
  }
  onStall(connection: Connection): void {
    this.slowReaders.onStall(connection);
  }
  onLingerOver(connection: Connection): void {
    connection.socket.destroy();
  }

  /** Room in the ring goes to control records first, then to logins, then to sockets that wait. */
  private admit(index: number): void {
    const lane = this.lanes[index]!;
    const nowNs = this.parts.clock.nowNs();
    lane.settle(this.eventClock.at(nowNs), nowNs);
    this.closer.collect(lane);
    this.login.settle();
    this.shutdown.settle();
    this.endOfDay.settle();
    if (!this.shutdown.isRunning) this.admissions[index]!.resume(this.receiver);
  }

  private advanceTimers(): void {
    const isBehind = this.timers.advance(this.nowMs());
    if (isBehind) this.goOnTiming.ask();
  }

  private nowMs(): number {
    return this.parts.clock.nowNs() / 1e6;
  }
}
