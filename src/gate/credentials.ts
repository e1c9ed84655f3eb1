// Who may log in. A scrypt check runs off the event loop, one at a time (E29); a password that was found right is
// remembered for the life of the process as an HMAC under a process key, so a reconnect or the next account of a
// range costs microseconds.
//
// Attempts take turns, and every turn takes one check. A turn that has nothing to find out, an unknown user's say, goes
// to somebody else's password, and a right one lets him in at once. That one is wrong is told in its own turn alone, as
// to an unknown user: when it is told gives nobody away (decision 0024).

import { createHmac, timingSafeEqual } from "node:crypto";
import {
  derive,
  foldPassword,
  type PasswordHash,
  parsePasswordHash,
} from "../config/password-hash.ts";
import type { GateAccount } from "./gate-config.ts";
import { Turns } from "./turns.ts";

export interface LoginAttempt {
  /** Upper case. */
  readonly user: string;
  readonly password: string;
  /** With whom he takes turns: a path of Turns, in which nothing depends on whether the user exists. */
  readonly turn: readonly string[];
  /** False: whoever asked has gone, and his password is not checked. */
  readonly isAwaited: () => boolean;
  /** Called in a later turn, unless check() gave the verdict. */
  readonly onVerdict: (account: GateAccount | undefined) => void;
}

export type DerivePassword = (
  password: string,
  terms: Omit<PasswordHash, "hash">,
) => Promise<Buffer>;

interface Waiting {
  readonly attempt: LoginAttempt;
  /** Undefined: there is no such user. */
  readonly account: GateAccount | undefined;
  /** Of his password. */
  readonly mark: Buffer;
  /** Nothing is left to find out: only his turn has not come. */
  isChecked: boolean;
  isAnswered: boolean;
}

/** From so many waiting attempts on, those of callers who have gone are looked for. */
const SWEEP_MIN = 256;

/** The verdict comes by onVerdict(). */
export const VERDICT_LATER = "later";

export class Credentials {
  private readonly accounts = new Map<string, GateAccount>();
  private readonly hashes = new Map<string, PasswordHash>(); // by the text in the configuration
  private readonly remembered = new Map<string, Buffer>(); // by the text in the configuration
  /** The latest wrong one: a crowd with one old password costs one check. By the text in the configuration. */
  private readonly wrong = new Map<string, Buffer>();
  private readonly key: Buffer;
  private readonly deriveKey: DerivePassword;
  /** What an unknown user is checked against, so that he takes as long as a known one. */
  private readonly decoy: PasswordHash | undefined;
  /** All who have no answer. */
  private answers = new Turns<Waiting>();
  /** Those of them whose passwords can be checked. */
  private checks = new Turns<Waiting>();
  private sweepAt = SWEEP_MIN;
  private isBusy = false;

  constructor(accounts: Iterable<GateAccount>, key: Buffer, deriveKey: DerivePassword = derive) {
    this.key = key;
    this.deriveKey = deriveKey;
    for (const account of accounts) {
      this.accounts.set(account.user, account);
      if (this.hashes.has(account.password)) continue;
      const hash = parsePasswordHash(account.password);
      if (hash !== undefined) this.hashes.set(account.password, hash);
    }
    this.decoy = this.hashes.values().next().value;
  }

  /** `user` in upper case. */
  has(user: string): boolean {
    return this.accounts.has(user);
  }
  find(user: string): GateAccount | undefined {
    return this.accounts.get(user);
  }
  get accountCount(): number {
    return this.accounts.size;
  }
  /** Attempts that wait; bounded by twice the cap on connections that have not logged in. */
  get waitingCount(): number {
    return this.answers.count;
  }

  check(attempt: LoginAttempt): GateAccount | undefined | typeof VERDICT_LATER {
    const account = this.accounts.get(attempt.user);
    const mark = this.mark(attempt.password);
    if (account !== undefined && this.isKnownGood(account, mark)) return account;
    const hash = account === undefined ? this.decoy : this.hashes.get(account.password);
    if (hash === undefined) return undefined;
    const isChecked = account === undefined;
    const waiting: Waiting = { attempt, account, mark, isChecked, isAnswered: false };
    this.answers.push(attempt.turn, waiting);
    if (!isChecked) this.checks.push(attempt.turn, waiting);
    if (Math.max(this.answers.count, this.checks.count) >= this.sweepAt) this.sweep();
    if (!this.isBusy) void this.work();
    return VERDICT_LATER;
  }

  private async work(): Promise<void> {
    this.isBusy = true;
    for (;;) {
      const due = this.next(this.answers);
      if (due === undefined) break;
      const checked = due.isChecked ? (this.nextUnchecked() ?? due) : due;
      // A check that cannot be made (out of memory) is a refusal, not the end of the process.
      const isRight = await this.isRight(checked).catch(() => false);
      checked.isChecked = true;
      if (isRight) this.answer(checked, checked.account);
      if (!due.isAnswered) this.answer(due, undefined);
    }
    this.checks = new Turns(); // their passwords are of no use any more
    this.isBusy = false;
  }

  /** A crowd that asks and goes must not keep those who stay waiting: a check takes milliseconds. */
  private next(turns: Turns<Waiting>): Waiting | undefined {
    for (;;) {
      const waiting = turns.take();
      if (waiting === undefined) return undefined;
      const { attempt, account, mark } = waiting;
      if (waiting.isAnswered || !attempt.isAwaited()) continue;
      if (account === undefined) return waiting;
      // Another account of the range may have been checked while this one waited.
      if (this.isKnownGood(account, mark)) {
        this.answer(waiting, account);
        continue;
      }
      if (this.wrong.get(account.password)?.equals(mark)) waiting.isChecked = true;
      return waiting;
    }
  }

  private nextUnchecked(): Waiting | undefined {
    for (;;) {
      const waiting = this.next(this.checks);
      if (waiting?.isChecked !== true) return waiting;
    }
  }

  private answer(waiting: Waiting, account: GateAccount | undefined): void {
    waiting.isAnswered = true;
    waiting.attempt.onVerdict(account);
  }

  private sweep(): void {
    this.answers.keep(({ isAnswered, attempt }) => !isAnswered && attempt.isAwaited());
    this.checks.keep((waiting) => {
      return !waiting.isAnswered && !waiting.isChecked && waiting.attempt.isAwaited();
    });
    this.sweepAt = Math.max(SWEEP_MIN, 2 * this.answers.count);
  }

  private async isRight({ attempt, account, mark }: Waiting): Promise<boolean> {
    const hash = account === undefined ? this.decoy : this.hashes.get(account.password);
    if (hash === undefined) return false;
    const derived = await this.deriveKey(attempt.password, hash);
    if (account === undefined) return false;
    const isRight = timingSafeEqual(derived, hash.hash);
    (isRight ? this.remembered : this.wrong).set(account.password, mark);
    return isRight;
  }

  private isKnownGood(account: GateAccount, mark: Buffer): boolean {
    const right = this.hashes.has(account.password)
      ? this.remembered.get(account.password)
      : this.mark(account.password);
    return right !== undefined && timingSafeEqual(right, mark);
  }

  private mark(password: string): Buffer {
    return createHmac("sha256", this.key).update(foldPassword(password)).digest();
  }
}
