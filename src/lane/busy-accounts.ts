// Accounts with an unfinished mass cancel or requests that wait behind one, in the order of their next turn.
// Lane thread.

import type { Saved, StateReader, StateWriter } from "../journal/state-stream.ts";
import type { Account, Accounts } from "./accounts.ts";

/** Ends the row where it is written down. */
const NO_MORE = -1;

export class BusyAccounts implements Saved {
  private head: Account | undefined = undefined;
  private tail: Account | undefined = undefined;
  private readonly accounts: Accounts;

  constructor(accounts: Accounts) {
    this.accounts = accounts;
  }

  get isEmpty(): boolean {
    return this.head === undefined;
  }

  /** Puts an account at the end; one that is here already stays where it is. */
  add(account: Account): void {
    if (account.isBusy) return;
    account.isBusy = true;
    account.nextBusy = undefined;
    if (this.tail === undefined) this.head = account;
    else this.tail.nextBusy = account;
    this.tail = account;
  }

  takeFirst(): Account | undefined {
    const account = this.head;
    if (account === undefined) return undefined;
    this.head = account.nextBusy;
    if (this.head === undefined) this.tail = undefined;
    account.isBusy = false;
    account.nextBusy = undefined;
    return account;
  }

  save(out: StateWriter): void {
    for (let account = this.head; account !== undefined; account = account.nextBusy) {
      out.number(account.number);
    }
    out.number(NO_MORE);
  }
  restore(from: StateReader): void {
    for (let number = from.number(); number !== NO_MORE; number = from.number()) {
      this.add(this.accounts.at(number));
    }
  }
}
