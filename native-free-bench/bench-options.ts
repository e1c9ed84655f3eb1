// What npm run bench can be asked for.

import { parseOnce } from "../src/tools/parse-once.ts";

/** In the order in which they run. */
export const SECTION_NAMES = [
  "side-by-side",
  "highest-rate",
  "collections",
  "connections",
  "start-up",
  "recovery",
  "nagle",
  "micro",
] as const;
export type SectionName = (typeof SECTION_NAMES)[number];

/** A quick look leaves out what has no shorter form. */
const QUICK_SECTIONS: readonly SectionName[] = SECTION_NAMES.filter((name) => name !== "micro");

export const BENCH_HELP = `npm run bench -- [options]

  --quick       a look at everything but micro in three minutes: shows that it works, its figures are no results
  --only A,B    these parts only: ${SECTION_NAMES.join(", ")}
  --rounds N    rounds of the comparison, there and back (2)
  --out DIR     where the results go, as <date>-<commit>.json and .md (native-free-bench/results; with --quick nowhere)

Compares in one interleaved run a bare echo, the npm package soupbintcp and the gateway per venue and durability, at
several rates, and measures what stands beside that. Takes half an hour, on a machine that does nothing else. Ctrl-C ends
it behind the run that is under way and shows what was measured.

Ends with status 0; 1 when a target did something wrong, a part could not run, a mark-sweep was seen in steady state, or
it was interrupted; 2 when it was asked for something impossible or its results cannot be written.`;

export interface BenchOptions {
  readonly isQuick: boolean;
  readonly sections: readonly SectionName[];
  readonly rounds: number;
  /** undefined: the results are printed and not kept. */
  readonly directory: string | undefined;
}

const ROUNDS = 2;

/** undefined = help was asked for. Throws for what cannot be. */
export function parseBenchOptions(
  args: readonly string[],
  resultsDirectory: string,
): BenchOptions | undefined {
  const { values } = parseOnce({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      rounds: { type: "string" },
      out: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const isQuick = values.quick;
  const everything = isQuick ? QUICK_SECTIONS : SECTION_NAMES;
  const names = values.only?.split(",");
  const unknown = names?.find((name) => !SECTION_NAMES.some((section) => section === name));
  if (unknown !== undefined) {
    throw new Error(`--only knows ${SECTION_NAMES.join(", ")}, not "${unknown}"`);
  }
  const rounds = Number(values.rounds ?? (isQuick ? 1 : ROUNDS));
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100) {
    throw new Error(`--rounds is a whole number from 1 to 100, not "${values.rounds}"`);
  }
  const sections =
    names === undefined ? everything : SECTION_NAMES.filter((name) => names.includes(name));
  return {
    isQuick,
    sections,
    rounds,
    directory: values.out ?? (isQuick ? undefined : resultsDirectory),
  };
}
