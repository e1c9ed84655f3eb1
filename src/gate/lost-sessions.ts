// Who lost his session lately, and why: the first thing that an operator asks about. Gate thread; a few stores for each.

import { DETACH_REASON } from "../memory/inbound-record.ts";

/** So many are remembered, whenever they were. */
const KEPT = 256;

export interface LostSession {
  readonly account: string;
  readonly remote: string;
  readonly reason: string;
  readonly agoMs: number;
}

const REASON_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(DETACH_REASON).map(([name, reason]) => [reason, name.toLowerCase()]),
);
export const detachReasonName = (reason: number): string =>
  REASON_NAMES.get(reason) ?? `reason ${reason}`;

export class LostSessions {
  private readonly entries: { account: string; remote: string; reason: number; atMs: number }[] =
    [];
  private next = 0;

  /** `nowMs` is of the common clock. */
  add(account: string, remote: string, reason: number, nowMs: number): void {
    this.entries[this.next] = { account, remote, reason, atMs: nowMs };
    this.next = (this.next + 1) % KEPT;
  }

  /** The latest first. As many as are kept at most, which is then too few. */
  within(seconds: number, nowMs: number): LostSession[] {
    return this.entries
      .filter(({ atMs }) => nowMs - atMs <= seconds * 1000)
      .sort((one, other) => other.atMs - one.atMs)
      .map(({ account, remote, reason, atMs }) => {
        return { account, remote, reason: detachReasonName(reason), agoMs: nowMs - atMs };
      });
  }
}
