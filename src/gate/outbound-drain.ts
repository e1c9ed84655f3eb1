// From a lane's outbound ring to its connections. A drain is bounded and never waits for inbound room (E15): what is
// left is taken in the next turn, and each connection that something came for is written to once.

import type { Clock } from "../base/clock.ts";
import { type CounterWriter, GATE_COUNTERS } from "../memory/counters.ts";
import { DETACH_REASON } from "../memory/inbound-record.ts";
import type { LaneSignal } from "../memory/lane-signal.ts";
import {
  LOGIN_REFUSAL,
  OUTBOUND_FLAG,
  OUTBOUND_KIND,
  OutboundRecord,
} from "../memory/outbound-record.ts";
import { RING_EMPTY, type RingConsumer } from "../memory/ring-consumer.ts";
import type { AccountNames } from "../telemetry/account-names.ts";
import type { AnswerRecorder } from "./answer-recorder.ts";
import type { Closer } from "./closing.ts";
import { type Connection, PHASE } from "./connection.ts";
import type { ConnectionLog } from "./connection-log.ts";
import type { Connections } from "./connections.ts";
import type { Log } from "./gate-config.ts";
import type { LaneLink } from "./inbound-lane.ts";
import type { Sender } from "./send.ts";
import type { SessionTimers } from "./session-timers.ts";

/** Records of one drain; a full ring of the default size takes four. */
export const RECORDS_MAX = 1024;

/** Worth a visit at the end of a turn; fewer wait for the next tick. */
const MANY_RECORDS = 64;

export interface OutboundDrainParts {
  readonly clock: Clock;
  readonly connections: Connections;
  readonly sender: Sender;
  readonly closer: Closer;
  readonly timers: SessionTimers;
  readonly counters: CounterWriter;
  readonly connectionLog: ConnectionLog;
  /** Undefined: nothing is recorded. */
  readonly recorder: AnswerRecorder | undefined;
  /** Undefined: nobody asks for names. */
  readonly names: AccountNames | undefined;
  readonly log: Log;
  /** The lane's answer to a COMMAND record. */
  readonly onCommandAnswer: (lane: number, requestId: number) => void;
}

export class OutboundDrain {
  private readonly lane: number;
  private readonly ring: RingConsumer;
  private readonly signal: LaneSignal;
  private readonly parts: OutboundDrainParts;
  private readonly record = new OutboundRecord();
  private nowMs = 0;
  private readonly drainNs = new Float64Array(1); // when the drain began

  constructor(lane: number, link: LaneLink, parts: OutboundDrainParts) {
    this.lane = lane;
    this.ring = link.outbound;
    this.signal = link.signal;
    this.parts = parts;
  }

  /** The lane has rung. Before drain(), or a ring in between would be lost. */
  clearDoorbell(): void {
    this.signal.clearDoorbell();
  }

  /** True: it stopped at its bound, come back in the next turn (E14). */
  drain(): boolean {
    const { clock, sender } = this.parts;
    const nowNs = clock.nowNs();
    this.nowMs = nowNs / 1e6;
    this.drainNs[0] = nowNs;
    let taken = 0;
    while (taken < RECORDS_MAX) {
      const offset = this.ring.take();
      if (offset === RING_EMPTY) break;
      taken++;
      this.deliver(this.record.wrap(this.ring.slots, offset));
    }
    this.parts.recorder?.endSent();
    this.ring.release();
    sender.flushAll(this.nowMs);
    this.giveRoom();
    return taken === RECORDS_MAX;
  }

  /** So many records wait that they are worth a visit, though nobody has rung. */
  get hasMany(): boolean {
    return this.ring.waitingSlots() >= MANY_RECORDS;
  }

  /** The lane waits for half the ring (E11, E15). */
  private giveRoom(): void {
    if (this.ring.waitingSlots() * 2 > this.ring.slotCount) return;
    if (this.signal.clearRingStarved()) this.signal.wakeLaneIfParked();
  }

  private deliver(record: OutboundRecord): void {
    const { connections, counters, recorder } = this.parts;
    const { kind } = record;
    if (kind === OUTBOUND_KIND.COMMAND_ANSWER) {
      this.parts.onCommandAnswer(this.lane, record.detail);
      return;
    }
    if (kind === OUTBOUND_KIND.SENT) {
      this.noteSent(record);
      return;
    }
    const connection = connections.find(record.connection, record.epoch);
    // Nothing of a dead connection reaches the next one.
    if (connection === undefined) {
      counters.add(GATE_COUNTERS.staleOut, 1);
      recorder?.onUndelivered(record.requestType);
      return;
    }
    if (kind === OUTBOUND_KIND.SEQUENCED) {
      counters.add(GATE_COUNTERS.framesOut, 1);
      if (!this.append(connection, record, true)) {
        recorder?.onUndelivered(record.requestType);
        return;
      }
      recorder?.onAppended(connection, record, this.drainNs[0]!);
      return;
    }
    counters.add(GATE_COUNTERS.controlOut, 1);
    this.control(connection, record);
  }

  /** The lane has written it; whoever it was for may be gone since. */
  private noteSent(record: OutboundRecord): void {
    const { connections, counters, recorder, sender } = this.parts;
    counters.add(GATE_COUNTERS.framesOut, 1);
    counters.add(GATE_COUNTERS.bytesOut, record.payloadBytes);
    recorder?.onSent(record, this.drainNs[0]!);
    const connection = connections.find(record.connection, record.epoch);
    if (connection !== undefined) sender.onSent(connection, this.nowMs);
  }

  private control(connection: Connection, record: OutboundRecord): void {
    const { connections, closer, counters, connectionLog, timers } = this.parts;
    switch (record.kind) {
      case OUTBOUND_KIND.LOGIN_ACCEPTED:
        if (!this.append(connection, record, false)) return;
        connections.enter(connection, PHASE.LIVE);
        counters.add(GATE_COUNTERS.loginsAccepted, 1);
        connectionLog.onLogin(connection);
        this.parts.names?.set(this.lane, record.account, connection.account);
        timers.startHeartbeat(connection, this.nowMs);
        return;
      case OUTBOUND_KIND.LOGIN_REJECTED:
        if (!this.append(connection, record, false)) return;
        counters.add(GATE_COUNTERS.loginsRefused, 1);
        connectionLog.onLoginRefused(connection, record.detail);
        if (record.detail === LOGIN_REFUSAL.AHEAD) this.alertAhead(connection);
        closer.close(connection, DETACH_REASON.FORCED, "", this.nowMs);
        return;
      case OUTBOUND_KIND.DEBUG:
        // A text that finds no room is left out.
        this.add(connection, record, false);
        return;
      case OUTBOUND_KIND.END_OF_SESSION:
        if (!this.append(connection, record, false)) return;
        closer.close(connection, DETACH_REASON.FORCED, "", this.nowMs);
        return;
      case OUTBOUND_KIND.CLOSE:
        closer.close(connection, record.detail, "", this.nowMs, whyClosed(record.detail));
        return;
      default:
        throw new Error("invariant: a lane sent a record of an unknown kind");
    }
  }

  /** The gravest thing a login can show: somebody was told something that we lost (semantics §2.6). */
  private alertAhead({ account, requestedSequence, socket }: Connection): void {
    this.parts.log.error("login-ahead", {
      account,
      remoteAddress: socket.remoteAddress,
      requestedSequence,
      advice:
        "the client knows messages that this gateway does not: if it is not mistaken, they were lost; stop trading on this journal and see ops/runbook.md",
    });
  }

  private append(connection: Connection, record: OutboundRecord, isSequenced: boolean): boolean {
    if (this.add(connection, record, isSequenced)) return true;
    this.parts.closer.abort(connection, DETACH_REASON.FORCED, "no send buffer is left");
    return false;
  }

  private add(connection: Connection, record: OutboundRecord, isSequenced: boolean): boolean {
    const { bytes } = this.ring.slots;
    const { payloadOffset, payloadBytes } = record;
    const { sender, counters } = this.parts;
    const isBegun = (record.flags & OUTBOUND_FLAG.BEGUN) !== 0;
    const begunBytes = isBegun ? sender.mend(connection) : 0;
    if (isBegun) counters.add(GATE_COUNTERS.bytesOut, begunBytes);
    const restBytes = payloadBytes - begunBytes;
    const countedBytes = isSequenced ? restBytes : 0;
    return sender.append(connection, bytes, payloadOffset + begunBytes, restBytes, countedBytes);
  }
}

/** The lane has told the client. Takeovers are everyday, and in the order log. */
const whyClosed = (reason: number): string =>
  reason === DETACH_REASON.PROTOCOL ? "too many malformed messages (session.offencesMax)" : "";
