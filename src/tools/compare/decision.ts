// What the runs so far allow to say, and whether more of them are worth while.

import type { Block } from "./block-ratio.ts";
import type { Limit } from "./comparison-record.ts";
import {
  judgePercentile,
  noiseSpread,
  type Outcome,
  overallOutcome,
  type PercentileVerdict,
} from "./percentile-verdict.ts";
import { differentWork } from "./reject-share.ts";
import { isValid, type PercentileName, type RunSample, SAMPLES_MIN } from "./run-sample.ts";

/** A single fault can be the machine's; */
const FAULTS_MIN = 2;
/** and a side without a valid run in so many blocks will not have one in the next. */
const BARREN_BLOCKS = 3;
/** When one percentile is regressed, the others have so many more blocks to be decided in: the verdict stands already. */
const BLOCKS_AFTER_REGRESSION = 8;

export interface Decision {
  readonly outcome: Outcome;
  readonly reasons: readonly string[];
  readonly verdicts: readonly PercentileVerdict[];
  /** No further block can change it, or is wanted. */
  readonly isOver: boolean;
}

export interface Evidence {
  readonly limits: readonly Limit[];
  readonly runs: readonly RunSample[];
  readonly blocksDone: number;
  readonly blocksMax: number;
  /** After how many blocks there was a regression first; undefined when there is none. */
  readonly regressedAfter?: number | undefined;
  /** Those that are run now; A alone is missing when it is a stored result. */
  readonly sides: readonly ("A" | "B")[];
  /** What A rejected when it was stored; undefined when A is run now, or that is not known. */
  readonly storedRejectShare?: number | null | undefined;
}

/** `judge` says what is known of one percentile. */
export function decide(
  evidence: Evidence,
  judge: (limit: Limit, evidence: Evidence) => PercentileVerdict = judgeSideBySide,
): Decision {
  const { limits, blocksDone, blocksMax, regressedAfter } = evidence;
  const verdicts = limits.map((limit) => judge(limit, evidence));
  const fault = faultReason(evidence);
  if (fault !== undefined)
    return { outcome: "regressed", reasons: [fault], verdicts, isOver: true };
  const faultsOfBoth = bothAtFault(evidence);
  if (faultsOfBoth !== undefined)
    return { outcome: "cannot tell", reasons: [faultsOfBoth], verdicts, isOver: true };
  // More blocks would say more exactly what says nothing.
  const other = differentWork(evidence.runs, evidence.storedRejectShare);
  if (other !== undefined)
    return { outcome: "cannot tell", reasons: [other], verdicts, isOver: true };

  const outcome = overallOutcome(verdicts);
  const barren = barrenReason(evidence);
  const reasons = barren === undefined ? reasonsOf(verdicts, outcome) : [barren];
  const isDecided =
    outcome === "not regressed" ||
    (outcome === "regressed" &&
      (verdicts.every((verdict) => verdict.outcome !== "cannot tell") ||
        blocksDone >= (regressedAfter ?? blocksDone) + BLOCKS_AFTER_REGRESSION));
  return {
    ...{ outcome, verdicts, reasons },
    isOver: isDecided || barren !== undefined || (blocksDone > 0 && blocksDone >= blocksMax),
  };
}

function judgeSideBySide({ name, limit }: Limit, { runs, blocksMax }: Evidence): PercentileVerdict {
  return judgePercentile({
    ...{ name, limit, blocksMax },
    blocks: blocksOf(runs, name, "blocks"),
    noiseSpread: noiseSpread(blocksOf(runs, name, "noise")),
  });
}

function reasonsOf(verdicts: readonly PercentileVerdict[], outcome: Outcome): string[] {
  const telling = verdicts.filter((verdict) => verdict.outcome === outcome);
  return telling.map(({ name, reason }) => `${name}: ${reason}`);
}

/** What the valid runs of a phase measured of one percentile, block by block. */
export function blocksOf(
  runs: readonly RunSample[],
  name: PercentileName,
  phase: RunSample["phase"],
): Block[] {
  const blocks = new Map<number, { a: number[]; b: number[] }>();
  for (const run of runs) {
    const value = run.percentiles[name];
    if (run.phase !== phase || !isValid(run) || value === null) continue;
    const block = blocks.get(run.block) ?? { a: [], b: [] };
    (run.side === "A" ? block.a : block.b).push(value);
    blocks.set(run.block, block);
  }
  return [...blocks.values()];
}

/** In the noise phase both sides are A. */
function faultyRuns(runs: readonly RunSample[]): { ofA: RunSample[]; ofB: RunSample[] } {
  const faulty = runs.filter(({ faults }) => faults.length > 0);
  const isOfB = ({ side, phase }: RunSample): boolean => side === "B" && phase === "blocks";
  return { ofA: faulty.filter((run) => !isOfB(run)), ofB: faulty.filter(isOfB) };
}

/** B loses answers, or dies, and A does not: that is worse than being slow. */
function faultReason({ runs, sides }: Evidence): string | undefined {
  const { ofA, ofB } = faultyRuns(runs);
  const soundA = runs.filter((run) => run.side === "A" && isValid(run));
  if (ofB.length < FAULTS_MIN || ofA.length > 0) return undefined;
  if (sides.includes("A") && soundA.length < FAULTS_MIN) return undefined;
  return `B was at fault in ${ofB.length} runs and A in none: ${ofB[0]?.faults[0]}`;
}

/** What is left of either is the luck of what went well. */
function bothAtFault({ runs }: Evidence): string | undefined {
  const { ofA, ofB } = faultyRuns(runs);
  if (ofB.length < FAULTS_MIN || ofA.length === 0) return undefined;
  return `both were at fault, A in ${ofA.length} runs and B in ${ofB.length}: ${ofB[0]?.faults[0]}`;
}

/** Why it makes no sense to go on; undefined when it does. */
function barrenReason({ limits, runs, blocksDone, sides }: Evidence): string | undefined {
  const valid = runs.filter(isValid);
  for (const { name } of limits) {
    const short = valid.filter((run) => run.percentiles[name] === null);
    if (short.length >= FAULTS_MIN && short.length === valid.length) {
      const samplesMin = SAMPLES_MIN[name] ?? 1;
      const count = short[0]?.count ?? 0;
      return count < samplesMin
        ? `${name} needs ${samplesMin} answers a run, and a run had ${count}: longer runs or a higher rate`
        : `no run has a ${name} above 0, although one had ${count} answers: there is no ratio of such times`;
    }
  }
  for (const side of sides) {
    const own = runs.filter((run) => run.side === side && run.phase === "blocks");
    if (blocksDone < BARREN_BLOCKS || own.some(isValid)) continue;
    return `no run of ${side} counts, the last one: ${own.at(-1)?.problem ?? "there was none"}`;
  }
  const noise = runs.filter(({ phase }) => phase === "noise");
  if (blocksDone === 0 && noise.length > 0 && !noise.some(isValid)) {
    return `no run of A against A counts, the last one: ${noise.at(-1)?.problem}`;
  }
  return undefined;
}
