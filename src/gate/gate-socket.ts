// What the gate asks of a socket. The real one is in accepted-socket.ts; tests and the model bring theirs.

import type { SendChain } from "./send-chain.ts";

/** One read, and one pass over the socket's bytes (E12). */
export const RECEIVE_BYTES = 16 * 1024;

/** The system has no number for it that others could write to. */
export const NO_DESCRIPTOR = -1;

export interface GateSocket {
  /** For whoever may write to it besides write(); NO_DESCRIPTOR: nobody else can. */
  readonly descriptor: number;
  readonly remoteAddress: string;
  readonly remotePort: number;

  /** Begins to read. At most one read of RECEIVE_BYTES per turn of the event loop. */
  open(sink: SocketSink): void;

  /**
   * Sends `used` bytes of each buffer, in order. True: the kernel has them all and the buffers are free. False: they
   * belong to the socket until onWritten() or onClosed(), and nothing may be written before that.
   */
  write(chain: SendChain): boolean;

  /** Takes effect at once: the rest of what is being read must be kept by the caller. */
  pauseReading(): void;
  resumeReading(): void;

  /** Sends FIN behind what was written. */
  end(): void;
  /** Closes at once. onClosed() follows, in a later turn. */
  destroy(): void;
}

export interface SocketSink {
  /** The bytes are the sink's for the duration of the call. */
  onRead(bytes: Buffer, view: DataView, length: number): void;
  onWritten(): void;
  /** The peer has sent its last byte. */
  onEnd(): void;
  /** The descriptor is closed when this returns: nobody may write to it any more. */
  onClosing(): void;
  /** Last call: the descriptor is free, and so is every buffer. */
  onClosed(): void;
}
