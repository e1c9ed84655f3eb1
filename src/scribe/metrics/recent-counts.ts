// Differences and peaks over the last while, in memory that does not grow: time is cut into slots, the oldest of which
// is used again.

/** How much a count went up over the last slots × slotNs. */
export class RecentCount {
  private readonly values: Float64Array;
  private readonly timesNs: Float64Array;
  private readonly slotNs: number;
  private kept = 0;
  private next = 0;

  constructor(slots: number, slotNs: number) {
    this.values = new Float64Array(slots);
    this.timesNs = new Float64Array(slots);
    this.slotNs = slotNs;
  }

  /** Any number of times; one look per slot is kept. */
  note(nowNs: number, value: number): void {
    const { values, timesNs } = this;
    const latest = (this.next + values.length - 1) % values.length;
    if (this.kept > 0 && nowNs - timesNs[latest]! < this.slotNs) return;
    values[this.next] = value;
    timesNs[this.next] = nowNs;
    this.next = (this.next + 1) % values.length;
    this.kept = Math.min(values.length, this.kept + 1);
  }

  increase(value: number): number {
    return this.kept === 0 ? 0 : value - this.values[this.oldest]!;
  }
  perSecond(nowNs: number, value: number): number {
    if (this.kept === 0) return 0;
    const seconds = (nowNs - this.timesNs[this.oldest]!) / 1e9;
    return seconds > 0 ? this.increase(value) / seconds : 0;
  }

  private get oldest(): number {
    return this.kept < this.values.length ? 0 : this.next;
  }
}

/** The largest of the values that were noted over the last slots × slotNs. */
export class RecentPeak {
  private readonly peaks: Float64Array;
  private readonly slotNs: number;
  private slot = -1;

  constructor(slots: number, slotNs: number) {
    this.peaks = new Float64Array(slots);
    this.slotNs = slotNs;
  }

  note(nowNs: number, value: number): void {
    const { peaks } = this;
    const slot = Math.floor(nowNs / this.slotNs);
    const first = Math.max(this.slot + 1, slot - peaks.length + 1);
    for (let each = first; each <= slot; each++) peaks[each % peaks.length] = 0;
    this.slot = Math.max(this.slot, slot);
    const place = this.slot % peaks.length;
    if (value > peaks[place]!) peaks[place] = value;
  }

  get peak(): number {
    return Math.max(...this.peaks);
  }
}
