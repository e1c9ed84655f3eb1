// Blocks of runs as a shared machine gives them, with a known truth behind them.

import type { Block } from "../../src/tools/compare/block-ratio.ts";
import type { SeededRandom } from "./seeded-random.ts";

export interface Noise {
  /** Of the logarithm of one run. */
  readonly runSpread: number;
  /** Of the logarithm, for the length of a process. */
  readonly processSpread: number;
  /** The share of runs that take three times as long. */
  readonly outliers: number;
}

/** How much the machine itself drifts between blocks. */
const DRIFT_SPREAD = 0.3;
const OUTLIER_LOG = Math.log(3);
const TYPICAL_NS = 1_000_000;

export class NoisyBlocks {
  private readonly random: SeededRandom;
  private readonly noise: Noise;

  constructor(random: SeededRandom, noise: Noise) {
    this.random = random;
    this.noise = noise;
  }

  /** Two runs of each side; B takes `ratio` times as long as A. */
  block(ratio: number): Block {
    const mood = DRIFT_SPREAD * this.normal();
    const side = (log: number): number[] => {
      const process = mood + log + this.noise.processSpread * this.normal();
      return [this.run(process), this.run(process)];
    };
    return { a: side(0), b: side(Math.log(ratio)) };
  }

  blocks(count: number, ratio: number): Block[] {
    return Array.from({ length: count }, () => this.block(ratio));
  }

  private run(log: number): number {
    const { runSpread, outliers } = this.noise;
    const outlier = this.fraction() < outliers ? OUTLIER_LOG : 0;
    return TYPICAL_NS * Math.exp(log + runSpread * this.normal() + outlier);
  }

  private fraction(): number {
    return (this.random.u32() + 0.5) / 2 ** 32;
  }

  private normal(): number {
    return Math.sqrt(-2 * Math.log(this.fraction())) * Math.cos(2 * Math.PI * this.fraction());
  }
}
