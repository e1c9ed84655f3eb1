// Between the deterministic part of a lane and its delivery: silent while the lane is rebuilt from its journal, when
// nobody is there to deliver to, and the connections of another process have no places in this one. Lane thread.

import type { Streams } from "./streams.ts";

export class StreamSwitch implements Streams {
  isSilent = false;
  private readonly delivery: Streams;

  constructor(delivery: Streams) {
    this.delivery = delivery;
  }

  onAttached(
    account: number,
    connection: number,
    epoch: number,
    sequence: number,
    taken: number,
  ): void {
    if (this.isSilent) return;
    this.delivery.onAttached(account, connection, epoch, sequence, taken);
  }
  onDetached(account: number): void {
    if (!this.isSilent) this.delivery.onDetached(account);
  }
  onClosing(account: number): void {
    if (!this.isSilent) this.delivery.onClosing(account);
  }
  onWritten(account: number, requestType: number): void {
    if (!this.isSilent) this.delivery.onWritten(account, requestType);
  }
  onHeld(account: number, requests: number): void {
    if (!this.isSilent) this.delivery.onHeld(account, requests);
  }
}
