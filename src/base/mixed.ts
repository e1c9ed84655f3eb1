// Any thread.

/** 32 bits, of which each depends on every bit that was given: the end of MurmurHash3 (Appleby). No two give the same. */
export function mixed(bits: number): number {
  let mix = bits ^ (bits >>> 16);
  mix = Math.imul(mix, 0x85ebca6b);
  mix ^= mix >>> 13;
  mix = Math.imul(mix, 0xc2b2ae35);
  return mix ^ (mix >>> 16);
}
