// How far the end of the session has come (semantics §8). closing-work.ts takes the steps. Lane thread.

import type { Saved, StateReader, StateWriter } from "../journal/state-stream.ts";
import { DAY_PHASE } from "../memory/inbound-record.ts";
import { NO_ORDER } from "../venue/order-slab.ts";

export class EndOfDay implements Saved {
  /** DAY_PHASE. */
  phase: number = DAY_PHASE.OPEN;
  /** Accounts before this number have had their System Event. */
  toldCount = 0;
  /** Accounts before this number have no order left. */
  clearedCount = 0;
  /** The order whose end must come before the next one's cancel, or NO_ORDER. */
  waitsFor = NO_ORDER;
  /** Stamp of the record that closed, for what it causes. */
  sinceNs = 0;
  /** Somebody waits to hear that all orders are gone. */
  isAnswerOwed = false;

  get isOpen(): boolean {
    return this.phase === DAY_PHASE.OPEN;
  }

  /** An account that begins when all before it have been told must be told at once. */
  tellsNewcomer(account: number): boolean {
    if (this.isOpen || account !== this.toldCount) return false;
    this.toldCount++;
    return true;
  }

  onDone(order: number): void {
    if (this.waitsFor === order) this.waitsFor = NO_ORDER;
  }

  save(out: StateWriter): void {
    out.number(this.phase);
    out.number(this.toldCount);
    out.number(this.clearedCount);
    out.number(this.waitsFor);
    out.number(this.sinceNs);
    out.number(this.isAnswerOwed ? 1 : 0);
  }

  restore(from: StateReader): void {
    this.phase = from.number();
    this.toldCount = from.number();
    this.clearedCount = from.number();
    this.waitsFor = from.number();
    this.sinceNs = from.number();
    this.isAnswerOwed = from.number() === 1;
  }
}
