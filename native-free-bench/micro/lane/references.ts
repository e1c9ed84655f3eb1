// What a number for an order costs: 64 bits from event time, node, lane and a counter, in two halves; beside it the
// same number made as a BigInt, and put on the wire from either.
// Run: node native-free-bench/micro/lane/references.ts

import { References } from "../../../src/lane/references.ts";
import { type BenchCase, type BenchSize, measure } from "../../harness/measure.ts";
import { printResults } from "../../harness/print.ts";

const MIDNIGHT_MS = Date.UTC(2026, 10, 20, 5);
const START_NS = 34_200e9;
/** A hundred thousand orders a second. */
const STEP_NS = 10_000;
const NODE = 3;
const LANE = 1;

// As lane/references.ts has them.
const EPOCH_MS = 1_577_836_800_000;
const COUNTER_BITS = 12n;
const PLACE = (BigInt(NODE) << 4n) | BigInt(LANE);
const PLACE_BITS = 10n;
const COUNTER_MAX = (1n << COUNTER_BITS) - 1n;

const wire = new DataView(new ArrayBuffer(8));

const empty: BenchCase = {
  name: "empty",
  run(count) {
    let checksum = 0;
    for (let index = 0; index < count; index++) {
      checksum = (checksum + START_NS + index * STEP_NS) | 0;
    }
    return checksum;
  },
};

/** Of a number's halves; the same for every way to make it. */
const mix = (checksum: number, high: number, low: number): number =>
  (Math.imul(checksum, 31) + high + low) | 0;

const halves: BenchCase = {
  name: "two halves",
  run(count) {
    const references = new References(MIDNIGHT_MS, NODE, LANE);
    let checksum = 0;
    for (let index = 0; index < count; index++) {
      references.next(START_NS + index * STEP_NS);
      checksum = mix(checksum, references.high, references.low);
    }
    return checksum;
  },
};

const halvesOnWire: BenchCase = {
  name: "two halves, to the wire",
  run(count) {
    const references = new References(MIDNIGHT_MS, NODE, LANE);
    let checksum = 0;
    for (let index = 0; index < count; index++) {
      references.next(START_NS + index * STEP_NS);
      wire.setUint32(0, references.high);
      wire.setUint32(4, references.low);
      checksum = mix(checksum, wire.getUint32(0), wire.getUint32(4));
    }
    return checksum;
  },
};

/** Without borrowing: at this rate no millisecond is used up. */
const bigIntOnWire: BenchCase = {
  name: "a BigInt, to the wire",
  run(count) {
    const midnightMs = MIDNIGHT_MS - EPOCH_MS;
    let lastMs = 0;
    let counter = 0n;
    let checksum = 0;
    for (let index = 0; index < count; index++) {
      const ms = midnightMs + Math.floor((START_NS + index * STEP_NS) / 1e6);
      counter = ms > lastMs ? 0n : (counter + 1n) & COUNTER_MAX;
      lastMs = ms;
      const reference = (((BigInt(ms) << PLACE_BITS) | PLACE) << COUNTER_BITS) | counter;
      wire.setBigUint64(0, reference);
      checksum = mix(checksum, wire.getUint32(0), wire.getUint32(4));
    }
    return checksum;
  },
};

export const REFERENCE_CASES: readonly BenchCase[] = [empty, halves, halvesOnWire, bigIntOnWire];

if (import.meta.main) {
  const size: BenchSize = { count: 1_000_000, rounds: 9 };
  printResults(size, await measure(REFERENCE_CASES, size));
}
