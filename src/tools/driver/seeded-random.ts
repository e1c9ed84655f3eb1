// A small repeatable random source for load: the same seed gives the same flow on every machine.

/** xorshift32: its state lives in a typed array, so that drawing a number allocates nothing. */
export class SeededRandom {
  private readonly state = new Int32Array(1);

  constructor(seed: number) {
    // Zero is the one state that xorshift never leaves; the factor spreads neighbouring seeds apart.
    this.state[0] = Math.imul(seed | 0, 0x9e3779b1) || 0x2545f491;
    for (let round = 0; round < 8; round++) this.next();
  }

  /** The next 32 bits, signed. */
  next(): number {
    let bits = this.state[0]!;
    bits ^= bits << 13;
    bits ^= bits >>> 17;
    bits ^= bits << 5;
    this.state[0] = bits;
    return bits;
  }

  /** A whole number in [0, count). */
  below(count: number): number {
    return (this.next() >>> 1) % count;
  }

  /** A fraction in (0, 1): never 0, so that its logarithm is finite. */
  fraction(): number {
    return ((this.next() >>> 0) + 0.5) / 2 ** 32;
  }
}
