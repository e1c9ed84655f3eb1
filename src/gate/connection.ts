// One accepted connection: its place, its owner and what it holds. Data only; the modules of the gate act on it.

import type { PoolBuffer } from "../memory/buffer-pool.ts";
import type { CapturedConnection } from "./captured-connection.ts";
import type { GateSocket, SocketSink } from "./gate-socket.ts";
import { SendChain } from "./send-chain.ts";

export const PHASE = {
  /** Waiting for a login. */
  SILENT: 0,
  /** The credentials are being checked. */
  CHECKING: 1,
  /** They are wrong, and the answer is being delayed. What comes is thrown away. */
  REFUSED: 2,
  /** The lane has the ATTACH, or will have it when there is room. */
  ATTACHING: 3,
  /** Login Accepted has been sent. */
  LIVE: 4,
  /** We are done with it: what was written leaves, what comes is thrown away. */
  CLOSING: 5,
} as const;

/** Who hears of a connection's socket. */
export interface ConnectionEvents {
  onRead(connection: Connection, bytes: Buffer, view: DataView, length: number): void;
  onWritten(connection: Connection): void;
  onEnd(connection: Connection): void;
  onClosing(connection: Connection): void;
  onClosed(connection: Connection): void;
}

export class Connection implements SocketSink {
  /** Place in the table; used again by later connections. */
  readonly index: number;
  /** Rises with every accepted connection, never used again. */
  readonly epoch: number;
  readonly socket: GateSocket;
  private readonly events: ConnectionEvents;

  phase: number = PHASE.SILENT;
  account = "";
  lane = -1;
  requestedSession = "";
  requestedSequence = 0;
  idleTimeoutMs = 0;
  /** The lane has an ATTACH of this connection; a DETACH must follow. */
  isAttached = false;
  detachReason = 0;
  /** Its descriptor is closed, or will be before anything else happens. */
  isSocketClosing = false;
  isSocketClosed = false;

  // Input. The beginning of a packet lies in `carry`; complete packets that cannot be handed on yet lie in
  // `carry` and then in `stash`, from `stashOffset` on. While input is held, the socket is paused.
  carry: PoolBuffer | undefined = undefined;
  stash: PoolBuffer | undefined = undefined;
  stashOffset = 0;
  isHeld = false;

  // Output: `filling` is ours, `sending` belongs to the socket.
  filling = new SendChain();
  sending = new SendChain();
  isTouched = false;

  /** Of the capture that runs, or of an earlier one. */
  captured: CapturedConnection | undefined = undefined;

  constructor(index: number, epoch: number, socket: GateSocket, events: ConnectionEvents) {
    this.index = index;
    this.epoch = epoch;
    this.socket = socket;
    this.events = events;
  }

  /** Nothing that it sends is of any interest; only that it goes. */
  get isUnheard(): boolean {
    return this.phase === PHASE.REFUSED || this.phase === PHASE.CLOSING;
  }
  get isSending(): boolean {
    return this.sending.count > 0;
  }
  get hasOutput(): boolean {
    return this.filling.count > 0;
  }

  onRead(bytes: Buffer, view: DataView, length: number): void {
    this.events.onRead(this, bytes, view, length);
  }
  onWritten(): void {
    this.events.onWritten(this);
  }
  onEnd(): void {
    this.events.onEnd(this);
  }
  onClosing(): void {
    this.events.onClosing(this);
  }
  onClosed(): void {
    this.events.onClosed(this);
  }
}
