// A socket of the gate with a kernel of few bytes. Nothing moves by itself: the scheduler says when a chunk arrives,
// when the kernel takes some of what was written, and when the gate is told so. What was written is read where it
// lies, as a kernel does: whoever uses a buffer again too early changes what the client gets.

import assert from "node:assert/strict";
import { Connection } from "../../src/gate/connection.ts";
import type { GateSocket, SocketSink } from "../../src/gate/gate-socket.ts";
import { RECEIVE_BYTES } from "../../src/gate/gate-socket.ts";
import type { SendChain } from "../../src/gate/send-chain.ts";

const LEFT_BEHIND = 0xdb;

/** The buffer that all sockets of a gate are read into. */
export class SharedReceive {
  readonly memory = new ArrayBuffer(RECEIVE_BYTES);
  readonly bytes = Buffer.from(this.memory);
  readonly view = new DataView(this.memory);
  /** The event loop is among its sockets: a lane that sleeps may not have been told of all that was read. */
  isReading = false;
}

/** Bytes in a row, taken from the front in pieces. */
class ByteQueue {
  private readonly chunks: Buffer[] = [];
  length = 0;

  push(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.chunks.push(bytes);
    this.length += bytes.length;
  }

  /** At most so many bytes, copied. */
  take(bytesMax: number): Buffer {
    const taken: Buffer[] = [];
    let left = bytesMax;
    while (left > 0) {
      const first = this.chunks[0];
      if (first === undefined) break;
      const piece = first.subarray(0, left);
      taken.push(piece);
      if (piece.length === first.length) this.chunks.shift();
      else this.chunks[0] = first.subarray(piece.length);
      left -= piece.length;
      this.length -= piece.length;
    }
    return Buffer.concat(taken);
  }

  clear(): void {
    this.chunks.length = 0;
    this.length = 0;
  }
}

export class ModelSocket implements GateSocket {
  readonly remoteAddress = "127.0.0.1";
  readonly remotePort: number;
  descriptor = 0;
  /** Of the gate's connection. */
  epoch = 0;
  /** Bytes that the kernel holds for a client that does not read. */
  kernelBytesMax: number;
  private readonly receive: SharedReceive;
  private sink: SocketSink | undefined = undefined;
  // Client to gate.
  private readonly toGate = new ByteQueue();
  private hasClientEnded = false;
  private isEndTold = false;
  private isReset = false;
  private isAbandoned = false;
  private isPaused = false;
  // Gate to client.
  private readonly written = new ByteQueue(); // still the gate's memory
  private readonly toClient = new ByteQueue();
  private isWrittenDue = false;
  private hasGateEnded = false;
  private isDestroyed = false;
  private isClosed = false;

  constructor(remotePort: number, receive: SharedReceive, kernelBytesMax: number) {
    this.remotePort = remotePort;
    this.receive = receive;
    this.kernelBytesMax = kernelBytesMax;
  }

  // What the gate does.

  open(sink: SocketSink): void {
    this.sink = sink;
    if (sink instanceof Connection) this.epoch = sink.epoch;
  }

  write(chain: SendChain): boolean {
    assert(!this.isClosed, "the gate writes to a closed socket");
    if (this.isDestroyed) return true; // thrown away, and nothing stays in the queue
    assert(!this.hasGateEnded, "the gate writes behind its FIN");
    assert(this.written.length === 0 && !this.isWrittenDue, "the gate writes before onWritten()");
    for (let index = 0; index < chain.count; index++) {
      const { bytes, used } = chain.at(index);
      assert(used > 0, "the gate writes an empty buffer");
      this.written.push(bytes.subarray(0, used));
    }
    if (this.isReset) return false;
    this.moveToKernel(Number.MAX_SAFE_INTEGER);
    return this.written.length === 0;
  }

  pauseReading(): void {
    this.isPaused = true;
  }
  resumeReading(): void {
    this.isPaused = false;
  }
  end(): void {
    this.hasGateEnded = true;
  }
  destroy(): void {
    if (this.isDestroyed || this.isClosed) return;
    this.sink?.onClosing();
    this.isDestroyed = true;
    this.written.clear();
    // Input that nobody read makes it a reset, which takes what the client has not read yet.
    if (this.toGate.length > 0) this.toClient.clear();
    this.toGate.clear();
  }

  // What a lane does.

  /** As write(2) has it for a socket that does not block. */
  laneWrites(bytes: Uint8Array, offset: number, length: number): number {
    assert(!this.isOver, "a lane writes to a closed socket");
    assert(!this.hasGateEnded, "a lane writes behind the gate's FIN");
    assert(this.written.length === 0, "a lane writes before what the gate has written");
    if (this.isReset) throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
    const room = Math.min(length, Math.max(0, this.kernelBytesMax - this.toClient.length));
    if (room === 0) throw Object.assign(new Error("full"), { code: "EAGAIN" });
    if (!this.isAbandoned) this.toClient.push(Buffer.from(bytes.subarray(offset, offset + room)));
    return room;
  }

  // What the kernel does. Each returns whether something happened.

  /** A chunk arrives, or the end of the stream. */
  stepRead(bytesMax: number): boolean {
    if (this.isOver || this.isPaused || this.sink === undefined || this.isReset) return false;
    if (this.toGate.length > 0) {
      const chunk = this.toGate.take(Math.min(bytesMax, RECEIVE_BYTES));
      const { bytes, view } = this.receive;
      bytes.set(chunk);
      this.receive.isReading = true;
      this.sink.onRead(bytes, view, chunk.length);
      // The next socket's bytes.
      bytes.fill(LEFT_BEHIND, 0, chunk.length);
      return true;
    }
    if (!this.hasClientEnded || this.isEndTold) return false;
    this.isEndTold = true;
    this.sink.onEnd();
    return true;
  }

  /** Takes some of what was written and did not fit. */
  stepKernel(bytesMax: number): boolean {
    if (this.isOver || this.isReset || this.written.length === 0) return false;
    const moved = this.moveToKernel(bytesMax);
    if (this.written.length === 0) this.isWrittenDue = true;
    return moved > 0;
  }

  /** Tells the gate that a write is over, or that the socket is. */
  stepTell(): boolean {
    if (this.isClosed || this.sink === undefined) return false;
    if (this.isWrittenDue && !this.isDestroyed && !this.isReset) {
      this.isWrittenDue = false;
      this.sink.onWritten();
      return true;
    }
    // A reset is noticed by reading or by writing.
    const isResetSeen = this.isReset && (!this.isPaused || this.written.length > 0);
    const isFinished = this.hasGateEnded && this.isEndTold && this.written.length === 0;
    if (!this.isDestroyed && !isResetSeen && !isFinished) return false;
    if (!this.isDestroyed) this.sink.onClosing();
    this.isClosed = true;
    this.written.clear();
    this.sink.onClosed();
    return true;
  }

  /** The process is gone; what its kernel had taken still arrives. */
  die(): void {
    this.isDestroyed = true;
    this.isClosed = true;
    this.written.clear();
    this.toGate.clear();
  }

  // What the client does.

  clientSends(bytes: Buffer): void {
    if (!this.isOver && !this.hasClientEnded && !this.isReset) this.toGate.push(bytes);
  }
  clientReads(bytesMax: number): Buffer {
    return this.toClient.take(bytesMax);
  }
  clientEnds(): void {
    this.hasClientEnded = true;
  }
  /** Ends, and reads nothing any more. */
  clientCloses(): void {
    this.hasClientEnded = true;
    this.isAbandoned = true;
    this.toClient.clear();
  }
  clientResets(): void {
    this.isReset = true;
    this.toGate.clear();
    this.toClient.clear();
  }

  /** The gate has said its last, and the client has read it. */
  get isAtEnd(): boolean {
    if (this.toClient.length > 0) return false;
    return this.isReset || this.isOver || (this.hasGateEnded && this.written.length === 0);
  }
  get isOver(): boolean {
    return this.isDestroyed || this.isClosed;
  }
  get isGone(): boolean {
    return this.isClosed && this.toClient.length === 0;
  }
  /** Nothing is on its way in either direction. */
  get isQuiet(): boolean {
    const isSilent = this.written.length === 0 && this.toClient.length === 0 && !this.isWrittenDue;
    return isSilent && this.toGate.length === 0;
  }

  description(): string {
    const { isPaused, isReset, isDestroyed, isClosed, hasClientEnded, isEndTold, hasGateEnded } =
      this;
    const bytes = `${this.toGate.length} in, ${this.written.length} + ${this.toClient.length} out`;
    const words = Object.entries({
      isPaused,
      isReset,
      isDestroyed,
      isClosed,
      hasClientEnded,
      isEndTold,
      hasGateEnded,
    }).filter(([, value]) => value);
    return `socket ${this.remotePort}: ${bytes} ${words.map(([word]) => word).join(" ")}`;
  }

  private moveToKernel(bytesMax: number): number {
    const room = Math.max(0, this.kernelBytesMax - this.toClient.length);
    const piece = this.written.take(Math.min(room, bytesMax));
    if (!this.isAbandoned) this.toClient.push(piece);
    return piece.length;
  }
}
