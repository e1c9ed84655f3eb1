// A socket of the gate without a kernel: the test plays the client, and says how much the kernel takes.

import type { GateSocket, SocketSink } from "../../src/gate/gate-socket.ts";
import { NO_DESCRIPTOR, RECEIVE_BYTES } from "../../src/gate/gate-socket.ts";
import type { SendChain } from "../../src/gate/send-chain.ts";

export class FakeSocket implements GateSocket {
  readonly remoteAddress: string;
  readonly remotePort = 1;
  descriptor: number = NO_DESCRIPTOR;
  /** What the gate has sent and the kernel has taken. */
  readonly sent: Buffer[] = [];
  writes = 0;
  isPaused = false;
  isEnded = false;
  isDestroyed = false;
  isClosed = false;
  /** False: writes stay with the socket until takeAll(). */
  isTaking = true;
  /** Called when the kernel has taken something. */
  onSent: () => void = () => {};
  private isClosing = false;
  private outstanding: Buffer[] = [];
  private sink: SocketSink | undefined = undefined;
  private readonly receive = new ArrayBuffer(RECEIVE_BYTES);
  private waiting: Buffer = Buffer.alloc(0);

  constructor(remoteAddress = "127.0.0.1") {
    this.remoteAddress = remoteAddress;
  }

  open(sink: SocketSink): void {
    this.sink = sink;
  }

  write(chain: SendChain): boolean {
    this.writes++;
    const copies = Array.from({ length: chain.count }, (_, index) => {
      const { bytes, used } = chain.at(index);
      return Buffer.from(bytes.subarray(0, used));
    });
    if (this.isTaking) {
      this.sent.push(...copies);
      this.onSent();
      return true;
    }
    this.outstanding.push(...copies);
    return false;
  }

  /** The kernel takes what it left before, and what comes. */
  takeAll(): void {
    this.isTaking = true;
    if (this.outstanding.length === 0) return;
    this.sent.push(...this.outstanding);
    this.outstanding = [];
    this.onSent();
    this.sink?.onWritten();
  }

  pauseReading(): void {
    this.isPaused = true;
  }
  resumeReading(): void {
    this.isPaused = false;
  }
  end(): void {
    this.isEnded = true;
  }
  destroy(): void {
    this.isDestroyed = true;
    this.giveUpDescriptor();
  }

  /** The client sends. What arrives while the gate does not read waits for deliver(). */
  clientSends(bytes: Buffer): void {
    this.waiting = Buffer.concat([this.waiting, bytes]);
    this.deliver();
  }
  deliver(): void {
    const shared = Buffer.from(this.receive);
    while (!this.isPaused && !this.isDestroyed && this.waiting.length > 0) {
      const length = Math.min(RECEIVE_BYTES, this.waiting.length);
      this.waiting.copy(shared, 0, 0, length);
      this.waiting = this.waiting.subarray(length);
      this.sink?.onRead(shared, new DataView(this.receive), length);
    }
  }
  clientEnds(): void {
    this.sink?.onEnd();
  }
  /** A read or a write has failed: the descriptor is gone, and the gate learns why in a later turn, with close(). */
  clientResets(): void {
    this.destroy();
  }
  /** The last turn: all is over. */
  close(): void {
    if (this.isClosed) return;
    this.giveUpDescriptor();
    this.isClosed = true;
    this.sink?.onClosed();
  }
  closeIfOver(): void {
    if (this.isEnded || this.isDestroyed) this.close();
  }

  private giveUpDescriptor(): void {
    if (this.isClosing) return;
    this.isClosing = true;
    this.sink?.onClosing();
  }

  get unreadBytes(): number {
    return this.waiting.length;
  }
  get receiveBytes(): Buffer {
    return Buffer.from(this.receive);
  }
  get sentBytes(): Buffer {
    return Buffer.concat(this.sent);
  }
}
