// A ring with one producer and one consumer, in a SharedArrayBuffer of its own.
//
//   word    written by   read by    order
//   TAIL    producer     consumer   stored after the slots' bytes: hands the slots over
//   HEAD    consumer     producer   stored after the slots are handled: hands them back
//   slots   producer     consumer   plain; owned by whoever the two words say
//
// TAIL and HEAD are sequences that wrap at 2^32. Compare them with usedSlots() only.

import { assert } from "../base/assert.ts";
import { SLOT_BYTES } from "./slot-memory.ts";

/** Keeps words that different threads write out of each other's cache lines. */
export const WORDS_APART = 128 / Int32Array.BYTES_PER_ELEMENT;

export const TAIL = 0;
export const HEAD = TAIL + WORDS_APART;
const HEADER_WORDS = HEAD + WORDS_APART;

export const SLOTS_OFFSET = HEADER_WORDS * Int32Array.BYTES_PER_ELEMENT;

export const ringBytes = (slotCount: number): number => SLOTS_OFFSET + slotCount * SLOT_BYTES;
export const usedSlots = (tail: number, head: number): number => (tail - head) | 0;
export const slotOffset = (sequence: number, slotMask: number): number =>
  SLOTS_OFFSET + (sequence & slotMask) * SLOT_BYTES;

/** Slots that only control records may take: an eighth, at least one, at most 64. */
export const reservedSlots = (slotCount: number): number =>
  Math.max(1, Math.min(64, slotCount >>> 3));

export function createRing(slotCount: number): SharedArrayBuffer {
  assert(slotCount >= 2 && (slotCount & (slotCount - 1)) === 0, "slot count is no power of two");
  return new SharedArrayBuffer(ringBytes(slotCount));
}

/** The slot count of a ring that createRing() made. */
export const ringSlots = (memory: SharedArrayBuffer): number =>
  (memory.byteLength - SLOTS_OFFSET) / SLOT_BYTES;

/** Starts both cursors at one sequence, so that a test can begin just before the wrap. */
export function startRingAt(memory: SharedArrayBuffer, sequence: number): void {
  const words = new Int32Array(memory);
  Atomics.store(words, HEAD, sequence | 0);
  Atomics.store(words, TAIL, sequence | 0);
}

assert(SLOTS_OFFSET % SLOT_BYTES === 0, "slots do not start on a slot boundary");
