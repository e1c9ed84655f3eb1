// The views of one block of fixed slots. A record flyweight is pointed at a slot of such a block,
// whether the block is a ring shared by two threads, a recorded run or a buffer of a test.

import { assert } from "../base/assert.ts";

export const SLOT_BYTES = 256;

export class SlotMemory {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly bytes: Buffer;
  readonly view: DataView;

  constructor(memory: SharedArrayBuffer | ArrayBuffer) {
    assert(memory.byteLength % SLOT_BYTES === 0, "slot memory is not a whole number of slots");
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    this.bytes = Buffer.from(memory as ArrayBuffer);
    this.view = new DataView(memory);
  }
}
