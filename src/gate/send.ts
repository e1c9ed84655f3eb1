// Bytes on their way to clients. What a drain appends to a connection leaves in one write; what the kernel did not
// take at once belongs to the socket until it says so (E23), and nothing else is written before that. The window
// counts sequenced bytes only: taken when the write that carried them is over. While there is nothing to send, the
// wire is lent to the lane, which then writes for itself (wires.ts).

import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { BufferPool } from "../memory/buffer-pool.ts";
import { type CounterWriter, GATE_COUNTERS } from "../memory/counters.ts";
import type { Progress } from "../memory/progress.ts";
import type { Wires } from "../memory/wires.ts";
import {
  SIMPLE_PACKET_BYTES,
  writeServerHeartbeat,
} from "../protocol/soupbintcp/simple-packets.ts";
import type { AnswerRecorder } from "./answer-recorder.ts";
import type { CaptureSwitch } from "./capture-tap.ts";
import { type Connection, PHASE } from "./connection.ts";
import { NO_DESCRIPTOR } from "./gate-socket.ts";
import type { InboundLane } from "./inbound-lane.ts";
import type { SessionTimers } from "./session-timers.ts";

/** Beside a whole window: heartbeats, login answers and texts. */
const UNSEQUENCED_BYTES_MAX = 8 * 1024;

export interface SenderParts {
  readonly pool: BufferPool;
  readonly progress: Progress;
  /** Undefined: no lane writes. */
  readonly wires: Wires | undefined;
  readonly lanes: readonly InboundLane[];
  readonly timers: SessionTimers;
  readonly counters: CounterWriter;
  readonly clock: Clock;
  readonly capture: CaptureSwitch;
  /** Undefined: nothing is recorded. */
  readonly recorder: AnswerRecorder | undefined;
  readonly windowBytes: number;
  readonly connectionsMax: number;
}

export class Sender {
  private readonly parts: SenderParts;
  private readonly buffersMax: number; // of one connection
  private readonly touched: (Connection | undefined)[] = []; // never shrinks: send-chain.ts says why
  private touchedCount = 0;
  private readonly heartbeat = Buffer.alloc(SIMPLE_PACKET_BYTES);

  constructor(parts: SenderParts) {
    this.parts = parts;
    const bytesMax = parts.windowBytes + UNSEQUENCED_BYTES_MAX;
    writeServerHeartbeat(new DataView(this.heartbeat.buffer, this.heartbeat.byteOffset), 0);
    this.buffersMax = Math.ceil(bytesMax / parts.pool.bufferBytes) + 1;
  }

  /**
   * Adds a whole packet to what leaves with the next flush. False: there is no room, or the lane has left a packet
   * unfinished, and nothing was added.
   */
  append(
    connection: Connection,
    bytes: Buffer,
    offset: number,
    length: number,
    sequencedBytes: number,
  ): boolean {
    const { wires } = this.parts;
    if (wires !== undefined && !wires.reclaim(connection.index)) return false;
    const { filling } = connection;
    const last = filling.last();
    const room = last === undefined ? 0 : last.bytes.length - last.used;
    const fitting = Math.min(room, length);
    if (fitting < length) {
      const added = filling.count < this.buffersMax ? this.parts.pool.take() : undefined;
      if (added === undefined) return false;
      assert(length - fitting <= added.bytes.length, "packet is longer than a buffer");
      bytes.copy(added.bytes, 0, offset + fitting, offset + length);
      added.used = length - fitting;
      filling.push(added);
    }
    if (last !== undefined && fitting > 0) {
      bytes.copy(last.bytes, last.used, offset, offset + fitting);
      last.used += fitting;
    }
    filling.sequencedBytes += sequencedBytes;
    if (!connection.isTouched) {
      connection.isTouched = true;
      this.touched[this.touchedCount++] = connection;
    }
    return true;
  }

  /** One write for each connection that something was added to. */
  flushAll(nowMs: number): void {
    const { touched } = this;
    for (let index = 0; index < this.touchedCount; index++) {
      const connection = touched[index];
      touched[index] = undefined;
      if (connection !== undefined) this.flush(connection, nowMs);
    }
    this.touchedCount = 0;
  }

  flush(connection: Connection, nowMs: number): void {
    connection.isTouched = false;
    if (connection.isSending || !connection.hasOutput || connection.isSocketClosed) return;
    const { timers, counters, capture, clock } = this.parts;
    const chain = connection.filling;
    connection.filling = connection.sending;
    connection.sending = chain;
    if (capture.tap !== undefined) capture.tap.onWrite(connection, chain, clock.nowNs());
    timers.noteWritten(connection.index, nowMs);
    for (let index = 0; index < chain.count; index++) {
      counters.add(GATE_COUNTERS.bytesOut, chain.at(index).used);
    }
    if (connection.socket.write(chain)) this.settle(connection, false);
    else timers.startStall(connection, nowMs);
  }

  /** Says that we live, unless the lane says so this very moment. */
  sendHeartbeat(connection: Connection, nowMs: number): void {
    if (this.parts.wires?.takeBack(connection.index) === false) return;
    if (this.append(connection, this.heartbeat, 0, SIMPLE_PACKET_BYTES, 0)) {
      this.flush(connection, nowMs);
    }
  }

  /** The socket has got rid of its buffers. */
  onWritten(connection: Connection, nowMs: number): void {
    this.parts.timers.stopStall(connection);
    this.settle(connection, true);
    this.flush(connection, nowMs);
  }

  /**
   * No lane writes to the connection any more: before the gate says its last words, or looks at all it is sent. False:
   * what it was sent last is the beginning of a packet.
   */
  reclaim(connection: Connection): boolean {
    return this.parts.wires?.reclaim(connection.index) ?? true;
  }
  /** The place of a new connection. */
  start(connection: Connection): void {
    this.parts.wires?.start(connection.index);
  }
  /** How much of the packet in hand the lane has sent; the rest must be the next that is appended. */
  mend(connection: Connection): number {
    return this.parts.wires?.mend(connection.index) ?? 0;
  }

  /** What the lane has written to it. */
  onSent(connection: Connection, nowMs: number): void {
    this.parts.timers.noteWritten(connection.index, nowMs);
  }

  /** The socket is gone: whatever it was to carry is forgotten. */
  release(connection: Connection): void {
    const { recorder } = this.parts;
    if (recorder !== undefined) {
      recorder.drop(connection.sending);
      recorder.drop(connection.filling);
    }
    connection.sending.giveBack(this.parts.pool);
    connection.filling.giveBack(this.parts.pool);
  }

  /** `wasDelayed`: the kernel did not take it at once. */
  private settle(connection: Connection, wasDelayed: boolean): void {
    const { pool, recorder, clock } = this.parts;
    recorder?.settle(connection.sending, clock.nowNs(), wasDelayed);
    const bytes = connection.sending.sequencedBytes;
    connection.sending.giveBack(pool);
    if (bytes > 0) this.giveCredit(connection, bytes);
    this.lend(connection);
  }

  /** Nothing is on its way to it, from us or from the ring: the lane may write. */
  private lend(connection: Connection): void {
    const { wires, progress, capture } = this.parts;
    const { index, epoch, phase, socket, isSocketClosing } = connection;
    if (wires === undefined || socket.descriptor === NO_DESCRIPTOR) return;
    if (phase !== PHASE.LIVE || isSocketClosing) return;
    if (connection.hasOutput || capture.tap !== undefined || progress.inFlight(index) !== 0) return;
    wires.lend(index, socket.descriptor, epoch);
  }

  private giveCredit(connection: Connection, bytes: number): void {
    const { progress, lanes, windowBytes } = this.parts;
    progress.addTaken(connection.index, bytes);
    if (progress.inFlight(connection.index) * 2 > windowBytes) return;
    if (!progress.clearStarved(connection.index)) return;
    const { signal } = lanes[connection.lane]!;
    signal.addCredit();
    signal.wakeLaneIfParked();
  }
}
