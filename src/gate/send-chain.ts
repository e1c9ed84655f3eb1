// Send buffers of one connection that leave together. The list is kept when it is emptied: an array that shrinks to
// nothing gives its memory back and takes new one with the next push, 150 bytes per write.

import type { BufferPool, PoolBuffer } from "../memory/buffer-pool.ts";
import { NO_ANSWER } from "./answers-underway.ts";

export class SendChain {
  /** How much of it counts towards the window. */
  sequencedBytes = 0;
  /** The list of its answers, whose times are being taken (answers-underway.ts). */
  firstAnswer = NO_ANSWER;
  lastAnswer = NO_ANSWER;
  private readonly buffers: PoolBuffer[] = []; // what lies behind `length` is no longer ours
  private length = 0;

  get count(): number {
    return this.length;
  }
  at(index: number): PoolBuffer {
    return this.buffers[index]!;
  }
  last(): PoolBuffer | undefined {
    return this.length === 0 ? undefined : this.buffers[this.length - 1];
  }

  push(buffer: PoolBuffer): void {
    if (this.length < this.buffers.length) this.buffers[this.length] = buffer;
    else this.buffers.push(buffer);
    this.length++;
  }

  totalBytes(): number {
    let bytes = 0;
    for (let index = 0; index < this.length; index++) bytes += this.at(index).used;
    return bytes;
  }

  /** Every buffer goes back to its pool. */
  giveBack(pool: BufferPool): void {
    for (let index = 0; index < this.length; index++) {
      const buffer = this.buffers[index]!;
      pool.give(buffer, buffer.used);
    }
    this.length = 0;
    this.sequencedBytes = 0;
  }
}
