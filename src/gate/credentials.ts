// Who may log in. A scrypt check runs off the event loop, one at a time (E29); a password that was found right is
// remembered for the life of the process as an HMAC under a process key, so a reconnect or the next account of a
// range costs microseconds.

import { createHmac, timingSafeEqual } from "node:crypto";
import {
  derive,
  foldPassword,
  type PasswordHash,
  parsePasswordHash,
} from "../config/password-hash.ts";
import type { GateAccount } from "./gate-config.ts";

export interface LoginAttempt {
  /** Upper case. */
  readonly user: string;
  readonly password: string;
  /** False: whoever asked has gone, and his password is not checked. */
  readonly isAwaited: () => boolean;
  /** Called in a later turn, unless check() gave the verdict. */
  readonly onVerdict: (account: GateAccount | undefined) => void;
}

export type DerivePassword = (
  password: string,
  terms: Omit<PasswordHash, "hash">,
) => Promise<Buffer>;

/** From so many waiting attempts on, those of callers who have gone are looked for. */
const SWEEP_MIN = 256;

/** The verdict comes by onVerdict(). */
export const VERDICT_LATER = "later";

export class Credentials {
  private readonly accounts = new Map<string, GateAccount>();
  private readonly hashes = new Map<string, PasswordHash>(); // by the text in the configuration
  private readonly remembered = new Map<string, Buffer>(); // by the text in the configuration
  private readonly key: Buffer;
  private readonly deriveKey: DerivePassword;
  /** What an unknown user is checked against, so that he takes as long as a known one. */
  private readonly decoy: PasswordHash | undefined;
  private queue: LoginAttempt[] = [];
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
    return this.queue.length;
  }

  check(attempt: LoginAttempt): GateAccount | undefined | typeof VERDICT_LATER {
    const account = this.accounts.get(attempt.user);
    if (account !== undefined && this.isKnownGood(account, attempt.password)) return account;
    const hash = account === undefined ? this.decoy : this.hashes.get(account.password);
    if (hash === undefined) return undefined;
    this.queue.push(attempt);
    if (this.queue.length >= this.sweepAt) this.sweep();
    if (!this.isBusy) void this.work();
    return VERDICT_LATER;
  }

  private async work(): Promise<void> {
    this.isBusy = true;
    for (;;) {
      const attempt = this.queue.shift();
      if (attempt === undefined) break;
      // A crowd that asks and goes must not keep those who stay waiting: a check takes milliseconds.
      if (!attempt.isAwaited()) continue;
      // A check that cannot be made (out of memory) is a refusal, not the end of the process.
      const verdict = await this.judge(attempt).catch(() => undefined);
      attempt.onVerdict(verdict);
    }
    this.isBusy = false;
  }

  private sweep(): void {
    this.queue = this.queue.filter((attempt) => attempt.isAwaited());
    this.sweepAt = Math.max(SWEEP_MIN, 2 * this.queue.length);
  }

  private async judge({ user, password }: LoginAttempt): Promise<GateAccount | undefined> {
    const account = this.accounts.get(user);
    // Another account of the range may have been checked while this one waited.
    if (account !== undefined && this.isKnownGood(account, password)) return account;
    const hash = account === undefined ? this.decoy : this.hashes.get(account.password);
    if (hash === undefined) return undefined;
    const derived = await this.deriveKey(password, hash);
    if (account === undefined || !timingSafeEqual(derived, hash.hash)) return undefined;
    this.remembered.set(account.password, this.mark(password));
    return account;
  }

  private isKnownGood(account: GateAccount, password: string): boolean {
    const right = this.hashes.has(account.password)
      ? this.remembered.get(account.password)
      : this.mark(account.password);
    return right !== undefined && timingSafeEqual(right, this.mark(password));
  }

  private mark(password: string): Buffer {
    return createHmac("sha256", this.key).update(foldPassword(password)).digest();
  }
}
