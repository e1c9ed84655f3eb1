// Accounts with an unfinished mass cancel or requests that wait behind one, in the order of their next turn.
// Lane thread.

import type { Account } from "./accounts.ts";

export class BusyAccounts {
  private head: Account | undefined = undefined;
  private tail: Account | undefined = undefined;

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
}
