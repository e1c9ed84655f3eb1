// How scenarios tell the latencies of interleaved runs: medians over the valid ones, and ratios within a round.

import type { Percentiles } from "../../src/tools/driver/percentiles.ts";
import { compare, type RatioRange } from "../../src/tools/pairs-statistics.ts";
import { timeText } from "../../src/tools/terminal-text.ts";
import { medianOf } from "./measure.ts";

/** What a run of any load says of itself. */
export interface MeasuredLoad {
  readonly isValid: boolean;
  readonly invalid: readonly string[];
  readonly latency: { readonly response: Percentiles };
}

const NAMES = ["p50", "p99", "p999"] as const;
type Name = (typeof NAMES)[number];

export const percentileColumns = NAMES.map((name) => ({ title: name.toUpperCase(), width: 8 }));

/** Medians. */
export const percentileCells = (all: readonly Percentiles[]): string[] =>
  NAMES.map((name) => {
    const values = all.map((percentiles) => percentiles[name]).filter((value) => value !== null);
    return timeText(values.length === 0 ? null : medianOf(values));
  });

export const percentilesText = (percentiles: Percentiles): string =>
  NAMES.map((name) => `${name.toUpperCase()} ${timeText(percentiles[name])}`).join("  ");

export const loadText = ({ isValid, invalid, latency }: MeasuredLoad): string =>
  isValid ? percentilesText(latency.response) : `INVALID: ${invalid[0]}`;

export const validResponses = (loads: readonly MeasuredLoad[]): Percentiles[] =>
  loads.filter(({ isValid }) => isValid).map(({ latency }) => latency.response);

export const invalidText = (loads: readonly MeasuredLoad[]): string =>
  `${loads.filter(({ isValid }) => !isValid).length} of ${loads.length}`;

/**
 * Loads of a round stand side by side, that of the way there and that of the way back. `others` to the two plain ones
 * around them, and these to each other (A/A).
 */
export function ratioTexts(
  plain: readonly MeasuredLoad[],
  others: readonly MeasuredLoad[],
): string[] {
  return NAMES.map((name) => {
    const rounds = Array.from({ length: plain.length >> 1 }, (_, round) => {
      const [there, back] = [2 * round, 2 * round + 1];
      const known = [valueAt(others[there], name), valueAt(others[back], name)].filter(
        (value) => value !== null,
      );
      return {
        first: valueAt(plain[there], name),
        other: known.length === 0 ? null : medianOf(known),
        again: valueAt(plain[back], name),
      };
    });
    const { ratio, noise, isBeyondNoise } = compare(rounds);
    if (ratio === null) return `${name.toUpperCase()} not measured`;
    const verdict = isBeyondNoise ? "beyond noise" : "within noise";
    return `${name.toUpperCase()} ${rangeText(ratio)}, A/A ${rangeText(noise)}: ${verdict}`;
  });
}

const valueAt = (load: MeasuredLoad | undefined, name: Name): number | null =>
  load?.isValid ? load.latency.response[name] : null;

const rangeText = (range: RatioRange | null): string =>
  range === null
    ? "–"
    : `×${range.median.toFixed(2)} (${range.min.toFixed(2)} … ${range.max.toFixed(2)})`;
