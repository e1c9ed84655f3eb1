// The accounts that logged in today, numbered in the order of their first login (E8). Lane thread.

import { IGNORED_REASON } from "../venue/venue.ts";
import type { AccountChannels } from "./channels.ts";
import type { MassCancel } from "./mass-cancels.ts";

export const NO_CONNECTION = -1;
export const NO_HELD = -1;
const IGNORED_REASON_COUNT = Object.keys(IGNORED_REASON).length + 1;
/** An account may disable this many firms: more than it can have, short of any firm at all. */
const DISABLED_FIRMS_MAX = 64;
const BLANK_FIRM = 0x20202020;

export class Account {
  readonly number: number;
  readonly name: string;
  readonly channels: AccountChannels;
  /** Ignored requests by IGNORED_REASON. */
  readonly ignoredCounts = new Uint32Array(IGNORED_REASON_COUNT);
  /** Event times of the latest takeovers, oldest first. */
  readonly takeoversNs: number[] = [];

  connection = NO_CONNECTION;
  epoch = 0;
  /** Malformed messages of this connection. */
  offences = 0;
  /** When an ignored request was last explained. */
  explainedAtNs = Number.NEGATIVE_INFINITY;
  /** Takeovers are refused until then. */
  refuseUntilNs = 0;

  /** The mass cancel that is going on, if any. */
  massCancel: MassCancel | undefined = undefined;
  /** Requests that wait behind it. */
  firstHeld = NO_HELD;
  lastHeld = NO_HELD;
  /** In the queue of BusyAccounts. */
  isBusy = false;
  nextBusy: Account | undefined = undefined;

  private firms: readonly number[] = [];
  private anyFirm = false;
  private readonly disabledFirms: number[] = [];

  constructor(number: number, name: string, channels: AccountChannels) {
    this.number = number;
    this.name = name;
    this.channels = channels;
  }

  get isAttached(): boolean {
    return this.connection !== NO_CONNECTION;
  }
  /** New orders and replaces wait. */
  get isHolding(): boolean {
    return this.massCancel !== undefined || this.firstHeld !== NO_HELD;
  }

  /** As the gate found them at login; the first is the account's own. */
  setFirms(firms: readonly number[], anyFirm: boolean): void {
    this.firms = firms;
    this.anyFirm = anyFirm;
  }
  /** The firm that a request means: blank stands for the account's own. */
  firmOf(firm: number): number {
    return firm === BLANK_FIRM ? this.firms[0]! : firm;
  }
  hasFirm(firm: number): boolean {
    return this.anyFirm || this.firms.includes(firm);
  }

  isDisabled(firm: number): boolean {
    return this.disabledFirms.length > 0 && this.disabledFirms.includes(firm);
  }
  /** False when too many are disabled already. */
  disable(firm: number): boolean {
    if (this.disabledFirms.includes(firm)) return true;
    if (this.disabledFirms.length === DISABLED_FIRMS_MAX) return false;
    this.disabledFirms.push(firm);
    return true;
  }
  enable(firm: number): void {
    const place = this.disabledFirms.indexOf(firm);
    if (place >= 0) this.disabledFirms.splice(place, 1);
  }
}

export class Accounts {
  private readonly byName = new Map<string, Account>();
  private readonly byNumber: Account[] = [];
  /** Account attached to each place in the gate's table. */
  private readonly byConnection: (Account | undefined)[] = [];

  get count(): number {
    return this.byNumber.length;
  }
  find(name: string): Account | undefined {
    return this.byName.get(name);
  }
  at(number: number): Account {
    return this.byNumber[number]!;
  }

  add(name: string, channels: AccountChannels): Account {
    const account = new Account(this.byNumber.length, name, channels);
    this.byName.set(name, account);
    this.byNumber.push(account);
    return account;
  }

  /** The account attached to this very connection, or undefined: the record comes from the past. */
  attached(connection: number, epoch: number): Account | undefined {
    const account = this.byConnection[connection];
    return account !== undefined && account.epoch === epoch ? account : undefined;
  }

  /** Whoever is attached to this place, of whatever epoch. */
  occupant(connection: number): Account | undefined {
    return this.byConnection[connection];
  }

  attach(account: Account, connection: number, epoch: number): void {
    while (this.byConnection.length <= connection) this.byConnection.push(undefined);
    this.byConnection[connection] = account;
    account.connection = connection;
    account.epoch = epoch;
    account.offences = 0;
    account.explainedAtNs = Number.NEGATIVE_INFINITY;
  }

  detach(account: Account): void {
    this.byConnection[account.connection] = undefined;
    account.connection = NO_CONNECTION;
  }
}
