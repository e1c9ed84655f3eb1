// Since when the bytes of a read can have been waiting, where that is longer than the turn tells (E1). A read that
// fills the buffer leaves the rest for the next turn, and a socket that is paused is not read at all. TCP brings bytes
// in order: what is read next came no earlier than what was read last, and may have come right behind it. Only a read
// that did not fill the buffer says that nothing was left. Main thread.

import type { TurnClock } from "./turn-clock.ts";

export class UnreadInput {
  private readonly turnClock: Pick<TurnClock, "sinceNs" | "turn">;
  // By connection.
  private readonly since: Float64Array; // since when what its latest read brought can have been waiting
  private readonly untilTurn: Float64Array; // what is read until then may have been left by that

  constructor(turnClock: Pick<TurnClock, "sinceNs" | "turn">, connectionsMax: number) {
    this.turnClock = turnClock;
    this.since = new Float64Array(connectionsMax);
    this.untilTurn = new Float64Array(connectionsMax);
  }

  /** A read of a connection; `isFull`: it may have left something. */
  onRead(connection: number, isFull: boolean): void {
    const { turnClock, since, untilTurn } = this;
    if (turnClock.turn > untilTurn[connection]!) since[connection] = turnClock.sinceNs();
    if (isFull) this.onReadable(connection);
    else untilTurn[connection] = 0;
  }

  /** It will be read again, in this turn or in the next. */
  onReadable(connection: number): void {
    this.untilTurn[connection] = this.turnClock.turn + 1;
  }

  /** The earliest moment at which what its latest read brought can have been waiting. */
  sinceNs(connection: number): number {
    return this.since[connection]!;
  }
}
