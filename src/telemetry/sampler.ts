// Which answers are logged that nothing else is to be said about: a share of each class, exact over time; half of it
// above the class's rate, and half of that above twice the rate, and so on: when orders come in a flood, the log does
// not. Gate thread.

import { SampleCounts } from "./sample-counts.ts";
import { SAMPLE_CLASS_NAMES, SHARE_WHOLE, type TelemetryControl } from "./telemetry-control.ts";

/** A halving is taken back when a second had less than this part of the rate that it began at. */
const BACK_BELOW = 0.8;
/** Beyond it a share is nothing. */
const HALVINGS_MAX = 16;
const NS_PER_SECOND = 1e9;

export class Sampler {
  readonly counts: SampleCounts;
  private readonly control: TelemetryControl;
  // By class; typed, as fields would box each new value.
  private readonly owed = new Float64Array(SAMPLE_CLASS_NAMES.length);
  private readonly thisSecond = new Int32Array(SAMPLE_CLASS_NAMES.length);
  private readonly halvings = new Uint8Array(SAMPLE_CLASS_NAMES.length);
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
      this.takeBack(each, wasIdle ? 0 : this.thisSecond[each]!);
      this.thisSecond[each] = 0;
    }
  }

  /** One answer: whether it is its turn, which is counted then. `sampleClass` of SAMPLE_CLASS. */
  isDue(sampleClass: number): boolean {
    const seen = this.thisSecond[sampleClass]! + 1;
    this.thisSecond[sampleClass] = seen;
    const halvings = this.halvings[sampleClass]!;
    const halveAbove = this.control.halveAbove(sampleClass);
    if (halveAbove > 0 && seen > halveAbove * (1 << halvings) && halvings < HALVINGS_MAX) {
      this.setHalvings(sampleClass, halvings + 1);
    }
    const share = this.control.sharePerMillion(sampleClass) / (1 << this.halvings[sampleClass]!);
    const owed = this.owed[sampleClass]! + share;
    if (owed < SHARE_WHOLE) {
      this.owed[sampleClass] = owed;
      return false;
    }
    this.owed[sampleClass] = owed - SHARE_WHOLE;
    this.counts.addSampled(sampleClass);
    return true;
  }

  /** At the end of a second that had so many answers of the class. */
  private takeBack(sampleClass: number, seen: number): void {
    let halvings = this.halvings[sampleClass]!;
    if (halvings === 0) return;
    const backBelow = this.control.halveAbove(sampleClass) * BACK_BELOW;
    while (halvings > 0 && (backBelow === 0 || seen < backBelow * (1 << (halvings - 1))))
      halvings--;
    this.setHalvings(sampleClass, halvings);
  }

  private setHalvings(sampleClass: number, halvings: number): void {
    this.halvings[sampleClass] = halvings;
    this.counts.setHalvings(sampleClass, halvings);
  }
}
