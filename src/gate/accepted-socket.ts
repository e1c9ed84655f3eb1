// Accepted connections that read into one shared buffer, and the only place that knows how.
//
// Node gives `onread` to outgoing sockets only. So the handle of an accepted one is moved to a socket made with
// `onread`; the socket it came from is destroyed, or server.close() would never complete (E28). Where there is no
// such handle the socket is read through 'data', which costs a buffer per read and is otherwise the same.

import { Socket, type SocketConstructorOpts } from "node:net";
import { type GateSocket, NO_DESCRIPTOR, RECEIVE_BYTES, type SocketSink } from "./gate-socket.ts";
import type { SendChain } from "./send-chain.ts";

/** libuv's handle, as far as we touch it. */
interface MovableHandle {
  readStart(): number;
  close(callback?: () => void): void;
  readonly fd?: number;
}
interface HandleOwner {
  _handle: MovableHandle | null;
}

interface Peer {
  readonly address: string;
  readonly port: number;
}

export type ReceiveMode = "onread" | "data";

/** The buffer that every socket of a listener reads into. Valid until the next read callback. */
export class ReceiveBuffer {
  readonly bytes: Buffer;
  readonly view: DataView;

  constructor() {
    const memory = new ArrayBuffer(RECEIVE_BYTES);
    this.bytes = Buffer.from(memory);
    this.view = new DataView(memory);
  }
}

/** Sockets that filled the buffer and go on reading in the next turn. One immediate serves them all. */
export class ReadTurns {
  private waiting: AcceptedSocket[] = [];
  private resuming: AcceptedSocket[] = [];
  private readonly resumeAll = (): void => {
    const sockets = this.waiting;
    this.waiting = this.resuming;
    this.resuming = sockets;
    for (const socket of sockets) socket.onNextTurn();
    sockets.length = 0;
  };

  add(socket: AcceptedSocket): void {
    if (this.waiting.length === 0) setImmediate(this.resumeAll);
    this.waiting.push(socket);
  }
}

/**
 * Takes over a connection that a server accepted with `pauseOnConnect`. The mode falls back to "data" by itself;
 * asking for it is for tests.
 */
export function acceptSocket(
  accepted: Socket,
  receive: ReceiveBuffer,
  turns: ReadTurns,
  mode: ReceiveMode,
): AcceptedSocket {
  const owner = accepted as unknown as HandleOwner;
  const handle = owner._handle;
  const peer = { address: accepted.remoteAddress ?? "", port: accepted.remotePort ?? 0 };
  if (mode === "data" || !isMovable(handle)) {
    return new ChunkedSocket(accepted, peer, receive, turns);
  }
  owner._handle = null;
  accepted.destroy();
  return new SharedBufferSocket(handle, peer, receive, turns);
}

const isMovable = (handle: MovableHandle | null | undefined): handle is MovableHandle =>
  typeof handle?.readStart === "function" && typeof handle.close === "function";

const NOTHING = Buffer.alloc(0);
const NO_SINK: SocketSink = {
  onRead: () => undefined,
  onWritten: () => undefined,
  onEnd: () => undefined,
  onClosing: () => undefined,
  onClosed: () => undefined,
};

/** What both ways of reading share: writing, ending, and who is told. */
abstract class AcceptedSocket implements GateSocket {
  abstract readonly mode: ReceiveMode;
  abstract readonly descriptor: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  protected readonly socket: Socket;
  protected readonly receive: ReceiveBuffer;
  protected readonly turns: ReadTurns;
  protected sink = NO_SINK;
  protected isPaused = false;
  private readonly onWritten = (error?: Error | null): void => {
    // A failed write is followed by 'close', which frees the buffers.
    if (error == null) this.sink.onWritten();
  };

  constructor(socket: Socket, peer: Peer, receive: ReceiveBuffer, turns: ReadTurns) {
    this.socket = socket;
    this.remoteAddress = peer.address;
    this.remotePort = peer.port;
    this.receive = receive;
    this.turns = turns;
  }

  abstract onNextTurn(): void;
  protected abstract startReading(): void;

  open(sink: SocketSink): void {
    this.sink = sink;
    this.socket.on("end", () => this.sink.onEnd());
    // What went wrong is of no use to us: 'close' follows, and the peer comes back or does not.
    this.socket.on("error", () => undefined);
    this.socket.on("close", () => this.sink.onClosed());
    this.startReading();
  }

  write(chain: SendChain): boolean {
    const { socket } = this;
    // Corked writes leave as one writev().
    if (chain.count > 1) socket.cork();
    for (let index = 0; index < chain.count; index++) {
      const buffer = chain.at(index);
      socket.write(buffer.bytes.subarray(0, buffer.used));
    }
    if (chain.count > 1) socket.uncork();
    if (socket.writableLength === 0) return true;
    // Writes complete in order, so the callback of an empty one behind them says that they are over; a
    // callback with every write would cost all those that complete at once (E23).
    socket.write(NOTHING, this.onWritten);
    return false;
  }

  pauseReading(): void {
    if (this.isPaused) return;
    this.isPaused = true;
    this.socket.pause();
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  abstract resumeReading(): void;
}

class SharedBufferSocket extends AcceptedSocket {
  readonly mode = "onread";
  readonly descriptor: number;

  constructor(handle: MovableHandle, peer: Peer, receive: ReceiveBuffer, turns: ReadTurns) {
    const callback = (length: number): boolean => this.onChunk(length);
    const options = { handle, onread: { buffer: receive.bytes, callback } };
    super(new Socket(options as unknown as SocketConstructorOpts), peer, receive, turns);
    const { fd } = handle;
    this.descriptor = fd !== undefined && fd >= 0 ? fd : NO_DESCRIPTOR;
    // Whoever closes the handle, Node after a failed read among them, gives the number away to the next socket.
    const close = handle.close.bind(handle);
    handle.close = (closed) => {
      this.sink.onClosing();
      close(closed);
    };
  }

  onNextTurn(): void {
    if (!this.isPaused && !this.socket.destroyed) this.socket.resume();
  }

  resumeReading(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.socket.resume();
  }

  protected startReading(): void {
    this.socket.resume();
  }

  /** False stops libuv, which would otherwise read on at once when the buffer came back full (E12). */
  private onChunk(length: number): boolean {
    this.sink.onRead(this.receive.bytes, this.receive.view, length);
    if (this.isPaused) return false;
    if (length < RECEIVE_BYTES) return true;
    this.turns.add(this);
    return false;
  }
}

class ChunkedSocket extends AcceptedSocket {
  readonly mode = "data";
  readonly descriptor = NO_DESCRIPTOR;
  private chunk: Buffer = NOTHING;
  private chunkOffset = 0;

  onNextTurn(): void {
    if (!this.isPaused && !this.socket.destroyed) this.readOn();
  }

  resumeReading(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.readOn();
  }

  protected startReading(): void {
    this.socket.on("data", (chunk: Buffer) => {
      this.chunk = chunk;
      this.chunkOffset = 0;
      this.socket.pause();
      this.readOn();
    });
    this.socket.resume();
  }

  /** One piece of the chunk per turn, as the other way of reading has it. */
  private readOn(): void {
    const length = Math.min(RECEIVE_BYTES, this.chunk.length - this.chunkOffset);
    if (length > 0) {
      const { bytes, view } = this.receive;
      this.chunk.copy(bytes, 0, this.chunkOffset, this.chunkOffset + length);
      this.chunk.fill(0, this.chunkOffset, this.chunkOffset + length);
      this.chunkOffset += length;
      this.sink.onRead(bytes, view, length);
      if (this.isPaused) return;
    }
    if (this.chunkOffset < this.chunk.length) this.turns.add(this);
    else {
      this.chunk = NOTHING;
      this.chunkOffset = 0;
      this.socket.resume();
    }
  }
}
