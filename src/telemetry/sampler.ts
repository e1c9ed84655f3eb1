// Which answers are logged that nothing else is to be said about: a share of each class, exact over time, and half of
// it while there are very many. Gate thread.

import { SampleCounts } from "./sample-counts.ts";
import { SAMPLE_CLASS_NAMES, SHARE_WHOLE, type TelemetryControl } from "./telemetry-control.ts";

/** A class goes back to its full share when a second had less than this part of the rate that halves it. */
const BACK_BELOW = 0.8;
const NS_PER_SECOND = 1e9;

export class Sampler {
  readonly counts: SampleCounts;
  private readonly control: TelemetryControl;
  // By class; typed, as fields would box each new value.
  private readonly owed = new Float64Array(SAMPLE_CLASS_NAMES.length);
  private readonly thisSecond = new Int32Array(SAMPLE_CLASS_NAMES.length);
  private readonly halved = new Uint8Array(SAMPLE_CLASS_NAMES.length);
  private second = -1;

  constructor(control: TelemetryControl, counts: SharedArrayBuffer) {
    this.control = control;
    this.counts = new SampleCounts(counts);
  }

  /** Every few milliseconds, and before answers of this moment: a second begins and ends whether any come or not. */
  moveTo(nowNs: number): void {
    const second = Math.floor(nowNs / NS_PER_SECOND);
    if (second === this.second) return;
    const wasIdle = second > this.second + 1;
    this.second = second;
    for (let each = 0; each < SAMPLE_CLASS_NAMES.length; each++) {
      const backBelow = this.control.halveAbove(each) * BACK_BELOW;
      const isCalm = wasIdle || this.thisSecond[each]! < backBelow || backBelow === 0;
      if (this.halved[each] === 1 && isCalm) this.setHalved(each, 0);
      this.thisSecond[each] = 0;
    }
  }

  /** One answer: whether it is its turn, which is counted then. `sampleClass` of SAMPLE_CLASS. */
  isDue(sampleClass: number): boolean {
    const seen = this.thisSecond[sampleClass]! + 1;
    this.thisSecond[sampleClass] = seen;
    const halveAbove = this.control.halveAbove(sampleClass);
    if (seen > halveAbove && halveAbove > 0 && this.halved[sampleClass] === 0) {
      this.setHalved(sampleClass, 1);
    }
    let share = this.control.sharePerMillion(sampleClass);
    if (this.halved[sampleClass] === 1) share /= 2;
    const owed = this.owed[sampleClass]! + share;
    if (owed < SHARE_WHOLE) {
      this.owed[sampleClass] = owed;
      return false;
    }
    this.owed[sampleClass] = owed - SHARE_WHOLE;
    this.counts.addSampled(sampleClass);
    return true;
  }

  private setHalved(sampleClass: number, halved: number): void {
    this.halved[sampleClass] = halved;
    this.counts.setHalved(sampleClass, halved === 1);
  }
}
