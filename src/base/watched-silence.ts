// For how long somebody has shown no life, as far as the one who watches ran himself. What held him up (SIGSTOP, a frozen
// machine) held up the other one, too, who may have been in the middle of something: how long that takes counts, not how
// long nobody ran. Any thread.

/** Of what may be waited, what one look adds to the silence at most. */
const LOOK_SHARE = 4;

export class WatchedSilence {
  private readonly lookMsMax: number;
  private previousMs: number;
  private countedMs = 0;

  /** Somebody who may be silent for `silentMsMax`, from now on. */
  constructor(silentMsMax: number, nowMs: number) {
    this.lookMsMax = silentMsMax / LOOK_SHARE;
    this.previousMs = nowMs;
  }

  /** With each look: `sinceSignMs` after the last sign of life. Returns what counts of that. */
  look(sinceSignMs: number, nowMs: number): number {
    const sinceLookMs = nowMs - this.previousMs;
    this.previousMs = nowMs;
    if (sinceSignMs < sinceLookMs) this.countedMs = 0;
    // A sign may be younger than the look.
    this.countedMs += Math.min(Math.max(0, sinceSignMs), sinceLookMs, this.lookMsMax);
    return this.countedMs;
  }

  /** Nothing was expected until now. */
  forget(): void {
    this.countedMs = 0;
  }
}
