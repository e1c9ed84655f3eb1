// A running 64-bit digest in two 32-bit halves, for comparing two runs of a lane. Not cryptographic.
//
// One step is invertible for every word, and different words lead to different states. So two runs that differ
// in one word differ for ever after, by construction and not by luck; runs that differ in more collide by
// chance, one in 2^64. Bytes are put together by arithmetic: every machine gets the same digest.

const MULTIPLIER_LOW = 0x85ebca6b; // odd, so that multiplying loses nothing (murmur3's)
const MULTIPLIER_HIGH = 0xc2b2ae35;

export class Digest {
  private highWord = 0;
  private lowWord = 0;

  /** Goes on from a digest taken earlier; 0, 0 is a fresh one. */
  reset(high: number, low: number): void {
    this.highWord = high | 0;
    this.lowWord = low | 0;
  }

  get high(): number {
    return this.highWord >>> 0;
  }
  get low(): number {
    return this.lowWord >>> 0;
  }

  /** A u32 or an i32: only the bits count. */
  addWord(value: number): void {
    let low = Math.imul(this.lowWord ^ value, MULTIPLIER_LOW);
    low ^= low >>> 15;
    let high = Math.imul((this.highWord + low + 1) | 0, MULTIPLIER_HIGH);
    high ^= high >>> 13;
    this.highWord = high;
    this.lowWord = low ^ ((high << 7) | (high >>> 25));
  }

  /** The length counts too, so that moving a boundary between two pieces changes the digest. */
  addBytes(bytes: Uint8Array, offset: number, length: number): void {
    this.addWord(length);
    const end = offset + length;
    let at = offset;
    for (; at + 4 <= end; at += 4) {
      this.addWord(
        bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24),
      );
    }
    if (at === end) return;
    let rest = 0;
    for (let shift = 0; at < end; at++, shift += 8) rest |= bytes[at]! << shift;
    this.addWord(rest);
  }

  /** 16 digits, high half first. */
  hex(): string {
    return hexOf(this.high) + hexOf(this.low);
  }
}

const hexOf = (word: number): string => word.toString(16).padStart(8, "0");
