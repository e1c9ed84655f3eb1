// What operators may change about telemetry while it runs: main writes it, the threads that record look at it.
//
//   place      written by   read by            what
//   per class  main         gate               answers per million that are logged, and the rate above which it is halved
//   LIMITS     main         lanes              what of an order's life is always logged, nanoseconds
//   TRACES     scribe       gate               1 = a tracer wants sampled and slow answers
//
// Plain doubles: a value may be a moment old.

import { numbered } from "../base/numbered.ts";

/** Kinds of answers that are sampled apart (issue's "order type"). */
export const SAMPLE_CLASS = numbered(["market", "limit", "replace", "cancel", "other"]);
export const SAMPLE_CLASS_NAMES = Object.keys(
  SAMPLE_CLASS,
) as readonly (keyof typeof SAMPLE_CLASS)[];

/** All of a class, in the unit in which shares are kept. */
export const SHARE_WHOLE = 1e6;

const SHARES = 0; // double each
const HALVE_ABOVE = SHARES + SAMPLE_CLASS_NAMES.length; // double each
const TRACES = HALVE_ABOVE + SAMPLE_CLASS_NAMES.length; // double
const MARKET_FILL_NS = TRACES + 1; // double
const RESTED_NS = MARKET_FILL_NS + 1; // double
const CANCEL_AGAIN_NS = RESTED_NS + 1; // double
const DOUBLES = CANCEL_AGAIN_NS + 1;

export const createTelemetryControl = (): SharedArrayBuffer =>
  new SharedArrayBuffer(DOUBLES * Float64Array.BYTES_PER_ELEMENT);

export class TelemetryControl {
  private readonly doubles: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.doubles = new Float64Array(memory);
  }

  /** `sampleClass` of SAMPLE_CLASS; 0 = none, 1 = all. */
  share(sampleClass: number): number {
    return this.sharePerMillion(sampleClass) / SHARE_WHOLE;
  }
  setShare(sampleClass: number, share: number): void {
    this.doubles[SHARES + sampleClass] = Math.round(share * SHARE_WHOLE);
  }
  /** A whole number, so that nothing is lost to rounding when it is added up: ten tenths are one. */
  sharePerMillion(sampleClass: number): number {
    return this.doubles[SHARES + sampleClass]!;
  }
  /** Answers of the class in a second, above which half the share is logged. 0 = never. */
  halveAbove(sampleClass: number): number {
    return this.doubles[HALVE_ABOVE + sampleClass]!;
  }
  setHalveAbove(sampleClass: number, perSecond: number): void {
    this.doubles[HALVE_ABOVE + sampleClass] = perSecond;
  }
  /** A market order that trades later than this after it was sent. */
  get marketFillNsMax(): number {
    return this.doubles[MARKET_FILL_NS]!;
  }
  set marketFillNsMax(value: number) {
    this.doubles[MARKET_FILL_NS] = value;
  }
  /** An order that ends after a longer rest. */
  get restedNsMax(): number {
    return this.doubles[RESTED_NS]!;
  }
  set restedNsMax(value: number) {
    this.doubles[RESTED_NS] = value;
  }
  /** A cancel of an order within this time after another one of it. */
  get cancelAgainNsMax(): number {
    return this.doubles[CANCEL_AGAIN_NS]!;
  }
  set cancelAgainNsMax(value: number) {
    this.doubles[CANCEL_AGAIN_NS] = value;
  }
  get wantsTraces(): boolean {
    return this.doubles[TRACES] === 1;
  }
  set wantsTraces(value: boolean) {
    this.doubles[TRACES] = value ? 1 : 0;
  }
}
