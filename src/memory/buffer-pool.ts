// Buffers of one size that connections borrow: carry, send, stash. One thread owns a pool. Buffers are carved
// out of slabs that are made when they are first needed, up to a cap; what is given back is used again first,
// while it is warm. Nobody gets a buffer with bytes of its former owner in it.

import { assert } from "../base/assert.ts";

const SLAB_BYTES = 256 * 1024;

export interface PoolBuffer {
  readonly bytes: Buffer;
  /** The same bytes, for numbers. */
  readonly view: DataView;
  /** The owner's own count; 0 when it is taken. */
  used: number;
}

interface OwnedBuffer extends PoolBuffer {
  readonly pool: BufferPool;
  isTaken: boolean;
}

export class BufferPool {
  readonly bufferBytes: number;
  readonly buffersMax: number;
  private readonly free: OwnedBuffer[] = [];
  private madeCount = 0;
  private takenCount = 0;
  private takenCountMax = 0;
  private takeCount = 0;

  constructor(bufferBytes: number, buffersMax: number, buffersStart: number) {
    assert(buffersStart <= buffersMax, "pool starts above its cap");
    this.bufferBytes = bufferBytes;
    this.buffersMax = buffersMax;
    while (this.madeCount < buffersStart) this.addSlab();
  }

  /** An all-zero buffer, or undefined when every buffer the cap allows is out. */
  take(): PoolBuffer | undefined {
    if (this.free.length === 0) this.addSlab();
    const buffer = this.free.pop();
    if (buffer === undefined) return undefined;
    buffer.isTaken = true;
    this.takenCount++;
    this.takeCount++;
    if (this.takenCount > this.takenCountMax) this.takenCountMax = this.takenCount;
    return buffer;
  }

  /** Back to the pool. `usedBytes` bounds what the owner ever wrote, when it is sure; only that is cleared. */
  give(buffer: PoolBuffer, usedBytes: number = this.bufferBytes): void {
    const owned = buffer as OwnedBuffer;
    assert(owned.pool === this, "buffer belongs to another pool");
    assert(owned.isTaken, "buffer was given back twice");
    owned.bytes.fill(0, 0, usedBytes);
    owned.used = 0;
    owned.isTaken = false;
    this.takenCount--;
    this.free.push(owned);
  }

  /** Buffers out with owners now. */
  get inUse(): number {
    return this.takenCount;
  }
  /** Most that were ever out at once. */
  get highWater(): number {
    return this.takenCountMax;
  }
  /** How often one was taken. */
  get takes(): number {
    return this.takeCount;
  }
  /** Buffers made so far: made × bufferBytes is what the pool occupies. */
  get made(): number {
    return this.madeCount;
  }

  private addSlab(): void {
    const perSlab = Math.max(1, Math.floor(SLAB_BYTES / this.bufferBytes));
    const count = Math.min(perSlab, this.buffersMax - this.madeCount);
    if (count === 0) return;
    const slab = new ArrayBuffer(count * this.bufferBytes);
    for (let index = count - 1; index >= 0; index--) {
      const offset = index * this.bufferBytes;
      this.free.push({
        bytes: Buffer.from(slab, offset, this.bufferBytes),
        view: new DataView(slab, offset, this.bufferBytes),
        used: 0,
        pool: this,
        isTaken: false,
      });
    }
    this.madeCount += count;
  }
}
