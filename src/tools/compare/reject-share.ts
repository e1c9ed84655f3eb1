// How much of what is asked a side rejects. A rejection is short work, and what was rejected is not in the book when the
// next request comes: the times of a side that rejects more, or less, do not compare with those of the other.

import { isValid, type RunSample } from "./run-sample.ts";

/** Shares of all answers; null where the tool does not count them. */
export interface RejectShares {
  readonly a: number | null;
  readonly b: number | null;
}

/** Of all answers: less can be the luck of a few orders. */
const DIFFERENCE_MIN = 0.01;
/** A single block can have met an accident. */
const BLOCKS_TO_DIFFER = 2;

export function rejectShares(runs: readonly RunSample[]): RejectShares {
  // In the noise phase both sides are A.
  const isOfA = ({ side, phase }: RunSample): boolean => side === "A" || phase === "noise";
  return { a: shareOf(runs.filter(isOfA)), b: shareOf(runs.filter((run) => !isOfA(run))) };
}

/** Why the times do not compare; undefined when they do. `stored`: the share of an A that is not run now. */
export function differentWork(
  runs: readonly RunSample[],
  stored: number | null | undefined,
): string | undefined {
  const differences = differencesOf(runs, "blocks", stored);
  const mean = differences.reduce((sum, each) => sum + each, 0) / differences.length;
  // Where A differs from itself (a limit on the rate of requests, for one), that much says nothing.
  const noise = differencesOf(runs, "noise", null).map(Math.abs);
  if (
    differences.length < BLOCKS_TO_DIFFER ||
    Math.abs(mean) <= Math.max(DIFFERENCE_MIN, ...noise)
  ) {
    return undefined;
  }
  const { a, b } = rejectShares(runs);
  return `B rejects ${shareText(b)} of the requests and A ${shareText(a ?? stored ?? null)}: they do different work, their times do not compare`;
}

/** Of B to A, block by block. */
function differencesOf(
  runs: readonly RunSample[],
  phase: RunSample["phase"],
  stored: number | null | undefined,
): number[] {
  const ofPhase = runs.filter((run) => run.phase === phase);
  return [...new Set(ofPhase.map(({ block }) => block))].flatMap((block) => {
    const own = ofPhase.filter((run) => run.block === block);
    const a = shareOf(own.filter(({ side }) => side === "A")) ?? stored ?? null;
    const b = shareOf(own.filter(({ side }) => side === "B"));
    return a === null || b === null ? [] : [b - a];
  });
}

function shareOf(runs: readonly RunSample[]): number | null {
  let rejected = 0;
  let answered = 0;
  for (const { answers } of runs.filter(isValid)) {
    rejected += answers?.rejected ?? 0;
    answered += (answers?.rejected ?? 0) + (answers?.accepted ?? 0);
  }
  return answered === 0 ? null : rejected / answered;
}

/** "B rejects everything" is "100 %", what is not counted is "–". */
export function shareText(share: number | null): string {
  if (share === null) return "–";
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return "under 0.1 %";
  return `${percent.toFixed(Number.isInteger(percent) || percent >= 9.95 ? 0 : 1)} %`;
}
