// How much a level has gone up in all, whatever it went down meanwhile: that of a session begins at zero again.

export class Risen {
  private total = 0;
  private latest = Number.POSITIVE_INFINITY;

  /** The level is this now. Returns what it has risen since it was noted for the first time. */
  note(level: number): number {
    if (level > this.latest) this.total += level - this.latest;
    this.latest = level;
    return this.total;
  }
}
