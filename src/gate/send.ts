// Bytes on their way to clients. What a drain appends to a connection leaves in one write; what the kernel did not
// take at once belongs to the socket until it says so (E23), and nothing else is written before that. The window
// counts sequenced bytes only: taken when the write that carried them is over.

import { assert } from "../base/assert.ts";
import type { BufferPool, PoolBuffer } from "../memory/buffer-pool.ts";
import { type CounterWriter, GATE_COUNTERS } from "../memory/counters.ts";
import type { Progress } from "../memory/progress.ts";
import type { Connection } from "./connection.ts";
import type { InboundLane } from "./inbound-lane.ts";
import type { SessionTimers } from "./session-timers.ts";

/** Beside a whole window: heartbeats, login answers and texts. */
const UNSEQUENCED_BYTES_MAX = 8 * 1024;

export interface SenderParts {
  readonly pool: BufferPool;
  readonly progress: Progress;
  readonly lanes: readonly InboundLane[];
  readonly timers: SessionTimers;
  readonly counters: CounterWriter;
  readonly windowBytes: number;
  readonly connectionsMax: number;
}

export class Sender {
  private readonly parts: SenderParts;
  private readonly buffersMax: number; // of one connection
  private readonly touched: Connection[] = [];

  constructor(parts: SenderParts) {
    this.parts = parts;
    const bytesMax = parts.windowBytes + UNSEQUENCED_BYTES_MAX;
    this.buffersMax = Math.ceil(bytesMax / parts.pool.bufferBytes) + 1;
  }

  /** Adds a whole packet to what leaves with the next flush. False: there is no room, and nothing was added. */
  append(
    connection: Connection,
    bytes: Buffer,
    offset: number,
    length: number,
    sequencedBytes: number,
  ): boolean {
    const { filling } = connection;
    const last = filling.length > 0 ? filling[filling.length - 1]! : undefined;
    const room = last === undefined ? 0 : last.bytes.length - last.used;
    const fitting = Math.min(room, length);
    if (fitting < length) {
      const added = filling.length < this.buffersMax ? this.parts.pool.take() : undefined;
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
    connection.fillingSequencedBytes += sequencedBytes;
    if (!connection.isTouched) {
      connection.isTouched = true;
      this.touched.push(connection);
    }
    return true;
  }

  /** One write for each connection that something was added to. */
  flushAll(nowMs: number): void {
    const { touched } = this;
    for (let index = 0; index < touched.length; index++) this.flush(touched[index]!, nowMs);
    touched.length = 0;
  }

  flush(connection: Connection, nowMs: number): void {
    connection.isTouched = false;
    if (connection.isSending || !connection.hasOutput || connection.isSocketClosed) return;
    const { timers, counters } = this.parts;
    const chain = connection.filling;
    connection.filling = connection.sending;
    connection.sending = chain;
    connection.sendingSequencedBytes = connection.fillingSequencedBytes;
    connection.fillingSequencedBytes = 0;
    timers.noteWritten(connection.index, nowMs);
    for (let index = 0; index < chain.length; index++) {
      counters.add(GATE_COUNTERS.bytesOut, chain[index]!.used);
    }
    if (connection.socket.write(chain)) this.settle(connection);
    else timers.startStall(connection, nowMs);
  }

  /** The socket has got rid of its buffers. */
  onWritten(connection: Connection, nowMs: number): void {
    this.parts.timers.stopStall(connection);
    this.settle(connection);
    this.flush(connection, nowMs);
  }

  /** The socket is gone: whatever it was to carry is forgotten. */
  release(connection: Connection): void {
    this.giveBack(connection.sending);
    this.giveBack(connection.filling);
    connection.sendingSequencedBytes = 0;
    connection.fillingSequencedBytes = 0;
  }

  private settle(connection: Connection): void {
    this.giveBack(connection.sending);
    const bytes = connection.sendingSequencedBytes;
    if (bytes === 0) return;
    connection.sendingSequencedBytes = 0;
    const { progress, lanes, windowBytes } = this.parts;
    progress.addTaken(connection.index, bytes);
    if (progress.inFlight(connection.index) * 2 > windowBytes) return;
    if (!progress.clearStarved(connection.index)) return;
    const { signal } = lanes[connection.lane]!;
    signal.addCredit();
    signal.wakeLaneIfParked();
  }

  private giveBack(chain: PoolBuffer[]): void {
    for (let index = 0; index < chain.length; index++) {
      this.parts.pool.give(chain[index]!, chain[index]!.used);
    }
    chain.length = 0;
  }
}
