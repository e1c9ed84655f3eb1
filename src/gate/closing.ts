// How a connection ends. Last words and whatever was written leave first, then FIN, then what the peer still sends is
// thrown away until it closes or its time is over: a reset would take our last words from it.

import type { Clock } from "../base/clock.ts";
import type { BufferPool } from "../memory/buffer-pool.ts";
import { type CounterWriter, detachCounter, GATE_COUNTERS } from "../memory/counters.ts";
import { DETACH_REASON } from "../memory/inbound-record.ts";
import { writeDebug } from "../protocol/soupbintcp/debug.ts";
import {
  LOGIN_REJECTED_PACKET_BYTES,
  writeLoginRejected,
} from "../protocol/soupbintcp/login-rejected.ts";
import { type Connection, PHASE } from "./connection.ts";
import type { ConnectionLog } from "./connection-log.ts";
import type { Connections } from "./connections.ts";
import type { Log } from "./gate-config.ts";
import type { InboundLane } from "./inbound-lane.ts";
import type { LostSessions } from "./lost-sessions.ts";
import type { Sender } from "./send.ts";
import type { SessionTimers } from "./session-timers.ts";

const TEXT_BYTES_MAX = 200;

export interface CloserParts {
  readonly clock: Clock;
  readonly connections: Connections;
  readonly lanes: readonly InboundLane[];
  readonly sender: Sender;
  readonly timers: SessionTimers;
  readonly carries: BufferPool;
  readonly stashes: BufferPool;
  readonly counters: CounterWriter;
  readonly connectionLog: ConnectionLog;
  readonly lostSessions: LostSessions;
  readonly log: Log;
}

export class Closer {
  private readonly parts: CloserParts;
  private readonly bytes: Buffer;
  private readonly view: DataView;

  constructor(parts: CloserParts) {
    this.parts = parts;
    const memory = new ArrayBuffer(TEXT_BYTES_MAX * 2);
    this.bytes = Buffer.from(memory);
    this.view = new DataView(memory);
  }

  /** A '+' for people; one that finds no room is left out. */
  explain(connection: Connection, text: string): void {
    const length = writeDebug(this.bytes, this.view, 0, text, TEXT_BYTES_MAX);
    this.parts.sender.append(connection, this.bytes, 0, length, 0);
  }

  /** Refuses a login, `refusal` of LOGIN_REFUSAL: '+' when there is something to say, 'J', close. */
  reject(
    connection: Connection,
    reason: number,
    refusal: number,
    text: string,
    nowMs: number,
  ): void {
    if (connection.phase === PHASE.CLOSING) return;
    if (text !== "") this.explain(connection, text);
    writeLoginRejected(this.view, 0, reason);
    this.parts.sender.append(connection, this.bytes, 0, LOGIN_REJECTED_PACKET_BYTES, 0);
    this.parts.counters.add(GATE_COUNTERS.loginsRefused, 1);
    this.parts.connectionLog.onLoginRefused(connection, refusal);
    this.close(connection, DETACH_REASON.FORCED, "", nowMs);
  }

  /** Flushes and closes; `text` goes to the client as a '+', and `why` to the operator when it is another. */
  close(connection: Connection, reason: number, text: string, nowMs: number, why = text): void {
    if (connection.phase === PHASE.CLOSING) return;
    if (text !== "") this.explain(connection, text);
    this.leave(connection, reason, why);
    this.parts.sender.flush(connection, nowMs);
    this.parts.timers.startLinger(connection, nowMs);
    this.finish(connection);
    connection.socket.resumeReading();
  }

  /** Closes without a word: the peer does not read, or is gone. */
  abort(connection: Connection, reason: number, why: string): void {
    if (connection.phase !== PHASE.CLOSING) this.leave(connection, reason, why);
    this.parts.timers.stop(connection);
    connection.socket.destroy();
  }

  /** A closing connection has sent all it had: FIN. */
  finish(connection: Connection): void {
    if (connection.phase !== PHASE.CLOSING || connection.isSocketClosed) return;
    if (!connection.isSending && !connection.hasOutput) connection.socket.end();
  }

  /** The descriptor is free. */
  onClosed(connection: Connection): void {
    if (connection.phase !== PHASE.CLOSING) this.leave(connection, DETACH_REASON.CLOSED, "");
    connection.isSocketClosed = true;
    this.parts.timers.stop(connection);
    this.parts.sender.release(connection);
    this.removeIfOver(connection);
  }

  /** Gives places back whose DETACH the lane has handled. */
  collect(lane: InboundLane): void {
    for (;;) {
      const index = lane.takeDetached();
      if (index < 0) return;
      const connection = this.parts.connections.at(index);
      if (connection === undefined) continue;
      connection.isAttached = false;
      this.removeIfOver(connection);
    }
  }

  /** Input that was kept is of no use any more. */
  forgetInput(connection: Connection): void {
    const { carries, stashes } = this.parts;
    if (connection.carry !== undefined) carries.give(connection.carry, connection.carry.used);
    if (connection.stash !== undefined) {
      const pool = connection.stash.bytes.length === carries.bufferBytes ? carries : stashes;
      pool.give(connection.stash, connection.stash.used);
    }
    connection.carry = undefined;
    connection.stash = undefined;
    connection.isHeld = false;
  }

  private leave(connection: Connection, reason: number, why: string): void {
    const { connections, counters, connectionLog, lanes, log, sender } = this.parts;
    // What ends with the session, or with the gateway, is not lost.
    const isLost = connection.phase === PHASE.LIVE && reason !== DETACH_REASON.DRAIN;
    if (isLost) this.noteLost(connection, reason);
    sender.reclaim(connection);
    connections.enter(connection, PHASE.CLOSING);
    connection.detachReason = reason;
    counters.add(detachCounter(reason), 1);
    connectionLog.onLeave(connection, reason);
    this.forgetInput(connection);
    if (connection.isAttached) lanes[connection.lane]!.detach(connection);
    if (why !== "") {
      const { remoteAddress, remotePort } = connection.socket;
      log.warn("connection closed", {
        account: connection.account,
        remoteAddress,
        remotePort,
        why,
      });
    }
  }

  private noteLost({ account, socket }: Connection, reason: number): void {
    const { lostSessions, clock } = this.parts;
    const remote = `${socket.remoteAddress}:${socket.remotePort}`;
    lostSessions.add(account, remote, reason, clock.nowNs() / 1e6);
  }

  private removeIfOver(connection: Connection): void {
    if (!connection.isSocketClosed || connection.isAttached) return;
    this.parts.connections.remove(connection);
    this.parts.counters.set(GATE_COUNTERS.connectionsOpen, this.parts.connections.openCount);
  }
}
