// How long a wrong password waits for its answer: longer with every failure of the same address on the same account.
// A right one never waits, whatever others have tried (semantics §2.4).

const DELAY_MS_MIN = 250;
const DELAY_MS_MAX = 8_000;
const FORGOTTEN_AFTER_MS = 600_000;
const ENTRIES_MAX = 10_000;

interface Failures {
  count: number;
  latestMs: number;
}

const keyOf = (address: string, user: string): string => `${address} ${user}`;

const isFresh = ({ latestMs }: Failures, nowMs: number): boolean =>
  nowMs - latestMs < FORGOTTEN_AFTER_MS;

export class PasswordDelays {
  private readonly failures = new Map<string, Failures>();

  /** Whether a failure is still remembered. */
  hasFailed(address: string, user: string, nowMs: number): boolean {
    const known = this.failures.get(keyOf(address, user));
    return known !== undefined && isFresh(known, nowMs);
  }

  /** Notes a failure and returns how long its answer waits. */
  onFailure(address: string, user: string, nowMs: number): number {
    const key = keyOf(address, user);
    const known = this.failures.get(key);
    const count = known !== undefined && isFresh(known, nowMs) ? known.count + 1 : 1;
    // Taken out and put in again, so that the first entry is the one that failed longest ago.
    this.failures.delete(key);
    this.failures.set(key, { count, latestMs: nowMs });
    if (this.failures.size > ENTRIES_MAX) {
      for (const oldest of this.failures.keys()) {
        this.failures.delete(oldest);
        break;
      }
    }
    return Math.min(DELAY_MS_MAX, DELAY_MS_MIN * 2 ** Math.min(count - 1, 16));
  }

  onSuccess(address: string, user: string): void {
    this.failures.delete(keyOf(address, user));
  }

  get entries(): number {
    return this.failures.size;
  }
}
