// Waits for things that arrive: each looks whenever something did, and fails by time-out or when nothing more can come.

/** A wait that did not get what it waited for; the message says what did arrive. */
export class ClientWaitError extends Error {
  override readonly name = "ClientWaitError";
}

export interface WaitOptions {
  /** The end of the connection does not fail it: it is what is waited for, or as good. */
  readonly outlivesConnection?: boolean;
  readonly mayTakeForEver?: boolean;
}

interface Wait {
  /** True when it has what it wants, and has settled its promise. */
  readonly tryEnd: () => boolean;
  readonly fail: (why: string) => void;
}

export class Waits {
  private readonly timeoutMs: number;
  private readonly received: () => string;
  private readonly waits = new Set<Wait>();
  private endReason: string | undefined = undefined;

  /** `received` tells what has arrived so far, for those who wait in vain. */
  constructor(timeoutMs: number, received: () => string) {
    this.timeoutMs = timeoutMs;
    this.received = received;
  }

  /** Resolves with what `look` finds, at once or as soon as something has arrived that makes it find it. */
  wait<T>(what: string, look: () => T | undefined, options: WaitOptions = {}): Promise<T> {
    const found = look();
    if (found !== undefined) return Promise.resolve(found);
    const { outlivesConnection = false, mayTakeForEver = false } = options;
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.waits.delete(wait);
      };
      const wait: Wait = {
        tryEnd: () => {
          const found = look();
          if (found === undefined) return false;
          end();
          resolve(found);
          return true;
        },
        fail: (why) => {
          end();
          reject(new ClientWaitError(`waited for ${what}: ${why}; ${this.received()}`));
        },
      };
      const timer = mayTakeForEver
        ? undefined
        : setTimeout(() => wait.fail(`nothing in ${this.timeoutMs} ms`), this.timeoutMs);
      if (this.endReason !== undefined && !outlivesConnection) wait.fail(this.endReason);
      else this.waits.add(wait);
    });
  }

  /** Something has arrived. */
  wake(): void {
    for (const wait of [...this.waits]) wait.tryEnd();
  }

  /** Nothing more will arrive. */
  end(reason: string): void {
    this.endReason = reason;
    for (const wait of [...this.waits]) if (!wait.tryEnd()) wait.fail(reason);
  }
}
