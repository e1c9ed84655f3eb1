// Who does not read, and who only reads slowly. A full window says no more than that the kernel has no room for us, and
// it has some only when a third of its buffer is free again: with megabytes of it, a client that reads 50 KB a second
// looks for half a minute like one that reads nothing. What the kernel still holds tells them apart. Main thread.

import { DETACH_REASON } from "../memory/inbound-record.ts";
import type { Progress } from "../memory/progress.ts";
import type { Closer } from "./closing.ts";
import type { Connection } from "./connection.ts";
import type { KernelQueues } from "./kernel-queues.ts";

interface SlowReaderParts {
  readonly connectionsMax: number;
  readonly progress: Progress;
  /** More on its way to a connection than that: its window is full. */
  readonly fullBytes: number;
  readonly closer: Pick<Closer, "abort">;
  /** Undefined: nobody can say what the kernel holds. */
  readonly queues: Pick<KernelQueues, "ask"> | undefined;
}

export class SlowReaders {
  private readonly parts: SlowReaderParts;
  /** By connection: what the kernel held when it was asked last; NaN: not known. */
  private readonly heldBytes: Float64Array;

  constructor(parts: SlowReaderParts) {
    this.parts = parts;
    this.heldBytes = new Float64Array(parts.connectionsMax);
  }

  /** A write to the connection has waited for a while: what it takes from now on counts. */
  onWaiting(connection: Connection): void {
    const { heldBytes } = this;
    heldBytes[connection.index] = Number.NaN;
    this.parts.queues?.ask(connection.socket.descriptor, (bytes = Number.NaN) => {
      if (!connection.isSocketClosed) heldBytes[connection.index] = bytes;
    });
  }

  /** It has waited for as long as a client may take nothing (semantics §2.2). */
  onStall(connection: Connection): void {
    const { queues } = this.parts;
    if (!this.isStuck(connection)) return;
    if (queues === undefined) this.close(connection);
    else queues.ask(connection.socket.descriptor, (bytes) => this.onHeld(connection, bytes));
  }

  private onHeld(connection: Connection, bytes = Number.NaN): void {
    if (!this.isStuck(connection)) return;
    const before = this.heldBytes[connection.index]!;
    this.heldBytes[connection.index] = bytes;
    const hasMoved = Math.abs(bytes - before) > 0; // never, where one of them is not known
    if (!hasMoved) this.close(connection);
  }

  /** Without a full window the lane has nothing more for a peer that it does not read. */
  private isStuck({ isSocketClosed, isSending, index }: Connection): boolean {
    const { progress, fullBytes } = this.parts;
    return !isSocketClosed && isSending && progress.inFlight(index) > fullBytes;
  }

  private close(connection: Connection): void {
    this.parts.closer.abort(connection, DETACH_REASON.STALLED, "the client does not read");
  }
}
