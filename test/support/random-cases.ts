// Test cases chosen by a SeededRandom.

import type { SeededRandom } from "./seeded-random.ts";

export const oneIn = (random: SeededRandom, count: number): boolean => random.below(count) === 0;

export const pickOne = <T>(random: SeededRandom, from: readonly T[]): T => {
  const value = from[random.below(from.length)];
  if (value === undefined) throw new Error("nothing to pick from");
  return value;
};

export const randomBytes = (random: SeededRandom, count: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: count }, () => random.below(256)).buffer);
