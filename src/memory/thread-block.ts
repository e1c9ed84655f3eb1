// What one thread tells about itself, in a block of its own.
//
//   place         written by   read by        order
//   TID           the thread   scribe, main   once, when it starts; 0 = not started, or not on Linux
//   HEARTBEAT_MS  the thread   scribe, main   each pass through its loop
//   LOOPS         the thread   scribe         plain double, counts up
//   PARKED_NS     the thread   scribe         plain double, counts up
//   HEAP_BYTES    the thread   scribe         plain double, JavaScript heap in use, a second old at most
//
// HEARTBEAT_MS wraps at 2^32: silentMs() is the only way to read it.

import { readlinkSync } from "node:fs";

const TID = 0; // word
const HEARTBEAT_MS = TID + 1; // word
const LOOPS = 1; // double, after the two words
const PARKED_NS = LOOPS + 1; // double
const HEAP_BYTES = PARKED_NS + 1; // double
const BLOCK_BYTES = 128;

export const createThreadBlock = (): SharedArrayBuffer => new SharedArrayBuffer(BLOCK_BYTES);

/** Either side's hand on the block; setters and adders are the thread's own. */
export class ThreadBlock {
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
  }

  get tid(): number {
    return Atomics.load(this.words, TID);
  }
  set tid(value: number) {
    Atomics.store(this.words, TID, value);
  }

  /** The thread, each pass: it is alive at this moment of the common clock. */
  beat(nowMs: number): void {
    Atomics.store(this.words, HEARTBEAT_MS, nowMs);
  }
  /** How long the thread has been silent. */
  silentMs(nowMs: number): number {
    return (nowMs - Atomics.load(this.words, HEARTBEAT_MS)) | 0;
  }

  addLoop(): void {
    this.doubles[LOOPS]! += 1;
  }
  get loops(): number {
    return this.doubles[LOOPS]!;
  }

  addParkedNs(value: number): void {
    this.doubles[PARKED_NS]! += value;
  }
  get parkedNs(): number {
    return this.doubles[PARKED_NS]!;
  }

  set heapBytes(value: number) {
    this.doubles[HEAP_BYTES] = value;
  }
  get heapBytes(): number {
    return this.doubles[HEAP_BYTES]!;
  }
}

/** The kernel's number of the calling thread (E17); 0 where the kernel does not say. */
export function readTid(): number {
  try {
    return Number(readlinkSync("/proc/thread-self").split("/").at(-1));
  } catch {
    return 0; // no Linux: the thread stays invisible, nothing depends on it
  }
}
