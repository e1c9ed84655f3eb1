// A lane that takes its wire again and again and writes with it: two words that only whoever has the wire may touch.
// Some writes it leaves, as if the kernel had not taken all.

import { workerData } from "node:worker_threads";
import { NO_WIRE, Wires } from "../../src/memory/wires.ts";
import { SeededRandom } from "./seeded-random.ts";

export interface WireWorkerData {
  readonly wires: SharedArrayBuffer;
  /** Word 0: not 0 = this is enough. Words 1 and 2: what both sides write. Word 3: writes of the worker. */
  readonly words: SharedArrayBuffer;
  readonly connection: number;
  readonly epoch: number;
  readonly seed: number;
}

/** Each side's turn: the first word runs ahead of the second for as long as it lasts. */
export function writeBoth(words: Int32Array, steps: number): void {
  if (words[1] !== words[2]) throw new Error("somebody else has the wire");
  for (let step = 0; step < steps; step++) words[1]!++;
  for (let step = 0; step < steps; step++) words[2]!++;
}

/** Bytes begun are known to both sides: they follow from how much was written before. */
export const begunBytesAt = (written: number): number => 1 + (written % 100);

function run({ wires: memory, words: shared, connection, epoch, seed }: WireWorkerData): void {
  const wires = new Wires(memory);
  const words = new Int32Array(shared);
  const random = new SeededRandom(seed);
  while (Atomics.load(words, 0) === 0) {
    if (wires.take(connection, epoch) === NO_WIRE) continue;
    writeBoth(words, 1 + random.below(2000));
    words[3]!++;
    const what = random.below(8);
    if (what === 0) wires.leave(connection, 0);
    else if (what === 1) wires.leave(connection, begunBytesAt(words[1]!));
    else wires.giveBack(connection);
  }
}

// The test imports what both sides share.
if (workerData !== null) run(workerData as WireWorkerData);
