// How many answers of each class there were, and what the log's sampler did with them.
//
//   place      written by   read by   what
//   per class  gate         scribe    answers kept because it was their turn, or for another reason; left out; how often
//                                     the share is halved now
//
// Plain doubles, one writer (E5): they count up, but the last, a gauge.

import { SAMPLE_CLASS_NAMES } from "./telemetry-control.ts";

const SAMPLED = 0;
const KEPT = SAMPLED + 1;
const LEFT_OUT = KEPT + 1;
const HALVINGS = LEFT_OUT + 1;
const DOUBLES = HALVINGS + 1;

export const createSampleCounts = (): SharedArrayBuffer =>
  new SharedArrayBuffer(SAMPLE_CLASS_NAMES.length * DOUBLES * Float64Array.BYTES_PER_ELEMENT);

/** `sampleClass` of SAMPLE_CLASS throughout. */
export class SampleCounts {
  private readonly doubles: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.doubles = new Float64Array(memory);
  }

  seen(sampleClass: number): number {
    return this.sampled(sampleClass) + this.kept(sampleClass) + this.leftOut(sampleClass);
  }
  sampled(sampleClass: number): number {
    return this.doubles[sampleClass * DOUBLES + SAMPLED]!;
  }
  addSampled(sampleClass: number): void {
    this.doubles[sampleClass * DOUBLES + SAMPLED]! += 1;
  }
  /** Not their turn, and always kept. */
  kept(sampleClass: number): number {
    return this.doubles[sampleClass * DOUBLES + KEPT]!;
  }
  addKept(sampleClass: number): void {
    this.doubles[sampleClass * DOUBLES + KEPT]! += 1;
  }
  /** Neither their turn nor anything that is always kept. */
  leftOut(sampleClass: number): number {
    return this.doubles[sampleClass * DOUBLES + LEFT_OUT]!;
  }
  addLeftOut(sampleClass: number): void {
    this.doubles[sampleClass * DOUBLES + LEFT_OUT]! += 1;
  }
  /** How often the share is halved now. */
  halvings(sampleClass: number): number {
    return this.doubles[sampleClass * DOUBLES + HALVINGS]!;
  }
  setHalvings(sampleClass: number, halvings: number): void {
    this.doubles[sampleClass * DOUBLES + HALVINGS] = halvings;
  }
}
