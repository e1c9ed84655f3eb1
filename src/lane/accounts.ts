// The accounts that logged in today, numbered in the order of their first login (E8). Lane thread.

import type { Saved, StateReader, StateWriter } from "../journal/state-stream.ts";
import { firmName, firmsText } from "../memory/firms-text.ts";
import type { IgnoredOf } from "../memory/lane-worker-data.ts";
import { IGNORED_REASON } from "../venue/venue.ts";
import { type AccountChannels, restoreAccountChannels } from "./channels.ts";
import type { MassCancel, MassCancelPool } from "./mass-cancels.ts";

export const NO_CONNECTION = -1;
export const NO_HELD = -1;
const IGNORED_REASON_COUNT = Object.keys(IGNORED_REASON).length + 1;
/** An account may disable this many firms: more than it can have, short of any firm at all. */
const DISABLED_FIRMS_MAX = 64;
const BLANK_FIRM = 0x20202020;
const NO_MASS_CANCEL = -1;
/** So many accounts are told by ignoredMost(). */
const IGNORED_TOLD_MAX = 10;

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
  heldCount = 0;
  /** Replaces that the venue has and has not decided: each may still give its number back. */
  undecided = 0;
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

  firmsText(): string {
    return firmsText(this.firms.map(firmName), this.anyFirm);
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

  get ignoredCount(): number {
    return this.ignoredCounts.reduce((sum, count) => sum + count, 0);
  }
  get ignored(): IgnoredOf {
    const { DUPLICATE, ZERO, DEAD_TARGET, SUPERFLUOUS } = IGNORED_REASON;
    return {
      account: this.name,
      duplicate: this.ignoredCounts[DUPLICATE]!,
      zero: this.ignoredCounts[ZERO]!,
      deadTarget: this.ignoredCounts[DEAD_TARGET]!,
      superfluous: this.ignoredCounts[SUPERFLUOUS]!,
    };
  }

  /** Without number, name and channels, by which it is made; without its place among the busy ones, and what orders tell. */
  save(out: StateWriter): void {
    out.array(this.ignoredCounts, 0, IGNORED_REASON_COUNT);
    saveNumbers(out, this.takeoversNs);
    out.number(this.connection);
    out.number(this.epoch);
    out.number(this.offences);
    out.number(this.explainedAtNs);
    out.number(this.refuseUntilNs);
    out.number(this.massCancel?.place ?? NO_MASS_CANCEL);
    out.number(this.firstHeld);
    out.number(this.lastHeld);
    out.number(this.heldCount);
    saveNumbers(out, this.firms);
    out.number(this.anyFirm ? 1 : 0);
    saveNumbers(out, this.disabledFirms);
  }
  restore(from: StateReader, massCancels: MassCancelPool): void {
    from.array(this.ignoredCounts, 0, IGNORED_REASON_COUNT);
    this.takeoversNs.push(...restoreNumbers(from));
    this.connection = from.number();
    this.epoch = from.number();
    this.offences = from.number();
    this.explainedAtNs = from.number();
    this.refuseUntilNs = from.number();
    const massCancel = from.number();
    this.massCancel = massCancel === NO_MASS_CANCEL ? undefined : massCancels.at(massCancel);
    this.firstHeld = from.number();
    this.lastHeld = from.number();
    this.heldCount = from.number();
    this.firms = restoreNumbers(from);
    this.anyFirm = from.number() === 1;
    this.disabledFirms.push(...restoreNumbers(from));
  }
}

export class Accounts implements Saved {
  private readonly byName = new Map<string, Account>();
  private readonly byNumber: Account[] = [];
  /** Account attached to each place in the gate's table. */
  private readonly byConnection: (Account | undefined)[] = [];
  private readonly massCancels: MassCancelPool;

  constructor(massCancels: MassCancelPool) {
    this.massCancels = massCancels;
  }

  get count(): number {
    return this.byNumber.length;
  }
  find(name: string): Account | undefined {
    return this.byName.get(name);
  }
  at(number: number): Account {
    return this.byNumber[number]!;
  }

  /** Their names, by firmsText(). */
  byFirms(): Map<string, string[]> {
    const names = new Map<string, string[]>();
    for (const account of this.byNumber) {
      const firms = account.firmsText();
      const others = names.get(firms);
      if (others === undefined) names.set(firms, [account.name]);
      else others.push(account.name);
    }
    return names;
  }

  /** The accounts whose requests are ignored most, the worst first. For people: it looks at all of them. */
  ignoredMost(): IgnoredOf[] {
    return this.byNumber
      .filter(({ ignoredCount }) => ignoredCount > 0)
      .sort((a, b) => b.ignoredCount - a.ignoredCount)
      .slice(0, IGNORED_TOLD_MAX)
      .map(({ ignored }) => ignored);
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
    this.occupy(connection, account);
    account.connection = connection;
    account.epoch = epoch;
    account.offences = 0;
    account.explainedAtNs = Number.NEGATIVE_INFINITY;
  }

  detach(account: Account): void {
    this.byConnection[account.connection] = undefined;
    account.connection = NO_CONNECTION;
  }

  save(out: StateWriter): void {
    out.number(this.count);
    for (const account of this.byNumber) {
      out.text(account.name);
      account.channels.save(out);
      account.save(out);
    }
  }
  /** The mass cancels come first: accounts point at theirs. */
  restore(from: StateReader): void {
    for (let left = from.number(); left > 0; left--) {
      const name = from.text();
      const account = this.add(name, restoreAccountChannels(from));
      account.restore(from, this.massCancels);
      if (account.isAttached) this.occupy(account.connection, account);
    }
  }

  private occupy(connection: number, account: Account): void {
    while (this.byConnection.length <= connection) this.byConnection.push(undefined);
    this.byConnection[connection] = account;
  }
}

function saveNumbers(out: StateWriter, numbers: readonly number[]): void {
  out.number(numbers.length);
  for (const number of numbers) out.number(number);
}

function restoreNumbers(from: StateReader): number[] {
  const count = from.number();
  return Array.from({ length: count }, () => from.number());
}
