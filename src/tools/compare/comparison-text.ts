// What a person reads at the terminal: a line for each run, one for each block, and the verdict.

import { type Column, tableLine, timeText } from "../terminal-text.ts";
import type { ComparisonRecord, TargetFacts } from "./comparison-record.ts";
import type { Decision } from "./decision.ts";
import { type PercentileVerdict, percentText } from "./percentile-verdict.ts";
import { shareText } from "./reject-share.ts";
import { isValid, type RunSample } from "./run-sample.ts";

const RUN_COLUMNS: readonly Column[] = [
  { title: "block", width: 7 },
  { title: "run", width: 3 },
  { title: "P50", width: 8 },
  { title: "P99", width: 8 },
  { title: "P999", width: 8 },
  { title: "max", width: 8 },
];

export const runTitles = (): string => tableLine(RUN_COLUMNS);

export function runLine(run: RunSample): string {
  const { p50, p99, p999, max } = run.percentiles;
  const isNoise = run.phase === "noise";
  const cells = [
    isNoise ? `A/A ${run.block + 1}` : `${run.block + 1}`,
    isNoise && run.side === "B" ? "A′" : run.side,
    ...(isValid(run) ? [p50, p99, p999, max].map(timeText) : ["–", "–", "–", "–"]),
  ];
  return `${tableLine(RUN_COLUMNS, cells)}${runNote(run)}`;
}

function runNote(run: RunSample): string {
  if (!isValid(run)) return `  left out: ${run.problem}`;
  const rejected = run.answers?.rejected ?? 0;
  if (rejected === 0) return "";
  return `  rejected: ${shareText(rejected / (rejected + (run.answers?.accepted ?? 0)))}`;
}

export function blockLine(blocksDone: number, { verdicts, outcome }: Decision): string {
  const parts = verdicts.map(({ name, estimate }) => `${name} ${estimateText({ estimate })}`);
  return `after ${blocksDone}: ${parts.join("   ")}   → ${outcome}`;
}

/** "+3.4 % (−1.2 … +8 %)", or "–". */
export function estimateText({ estimate }: Pick<PercentileVerdict, "estimate">): string {
  if (estimate === null) return "–";
  const { ratio, low, high } = estimate;
  return `${percentText(ratio)} (${percentText(low)} … ${percentText(high)})`;
}

const VERDICT_COLUMNS: readonly Column[] = [
  { title: "", width: 5 },
  { title: "B to A, with interval", width: 30 },
  { title: "limit", width: 7 },
  { title: "A/A", width: 7 },
  { title: "blocks", width: 6 },
];

export function verdictLines(record: ComparisonRecord): string[] {
  const rows = record.verdicts.map((verdict) => {
    const { name, limit, noise, estimate, outcome, reason } = verdict;
    const cells = [
      name.toUpperCase(),
      estimateText(verdict),
      percentText(limit),
      noise === null ? "–" : `±${percentText(noise).slice(1)}`,
      String(estimate?.blocks ?? 0),
    ];
    return `${tableLine(VERDICT_COLUMNS, cells)}  ${outcome}: ${reason}`;
  });
  const kind = record.kind === "side by side" ? "" : `   (${trustText(record)})`;
  return [
    tableLine(VERDICT_COLUMNS),
    ...rows,
    "",
    ...noteLines(record),
    `${record.outcome.toUpperCase()}${kind}`,
    ...record.reasons.map((reason) => `  ${reason}`),
  ];
}

/** Said wherever a verdict is shown that was not made side by side. */
export const trustText = (record: ComparisonRecord): string =>
  record.baseline === null
    ? "side by side"
    : `against the baseline of ${record.baseline.savedAt}, not side by side: trusted less`;

/** What has to be known beside a verdict: requests that were rejected, and runs that do not count. */
export const noteLines = (record: ComparisonRecord): string[] => [
  ...rejectLines(record),
  ...leftOutLines(record.runs),
];

function rejectLines({ rejectShares }: ComparisonRecord): string[] {
  const { a, b } = rejectShares ?? { a: null, b: null };
  if (!a && !b) return [];
  return [`rejected: A ${shareText(a)}, B ${shareText(b)} of the requests`];
}

function leftOutLines(runs: readonly RunSample[]): string[] {
  return (["A", "B"] as const).flatMap((side) => {
    const out = runs.filter((run) => run.side === side && run.phase === "blocks" && !isValid(run));
    if (out.length === 0) return [];
    const what = out.length === 1 ? "1 run" : `${out.length} runs`;
    return [`left out: ${what} of ${side}, the first ${out[0]?.problem}`];
  });
}

export function targetLine(side: string, target: TargetFacts): string {
  const commit = target.commit === null ? "" : `  (${target.commit})`;
  return `${side}  ${[target.text, ...target.settings].join("  ")}${commit}`;
}
