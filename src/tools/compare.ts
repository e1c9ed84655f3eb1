// npm run compare: is B slower than A? --help says more, ops/compare.md how it decides.

import { accessSync } from "node:fs";
import { dirname } from "node:path";
import { makeDirectories } from "../base/make-directories.ts";
import { BaselineError, readBaseline, saveBaseline } from "./compare/baseline.ts";
import { BaselineComparison } from "./compare/baseline-comparison.ts";
import { Comparison, type ComparisonWatcher } from "./compare/comparison.ts";
import type { ComparisonRecord } from "./compare/comparison-record.ts";
import {
  blockLine,
  runLine,
  runTitles,
  targetLine,
  verdictLines,
} from "./compare/comparison-text.ts";
import type { Outcome } from "./compare/percentile-verdict.ts";
import { writeReports } from "./compare/report-files.ts";
import { targetFacts } from "./compare/target-facts.ts";
import { COMPARE_HELP, type CompareRequest, parseCompareOptions } from "./compare-options.ts";

const USAGE = 2;
const STATUS: Readonly<Record<Outcome, number>> = {
  "not regressed": 0,
  regressed: 1,
  "cannot tell": 2,
};
/** git bisect run: 125 = this commit cannot be tested, from 128 on = stop bisecting. */
const BISECT_SKIP = 125;
const BISECT_STOP = 128;

async function main(args: string[]): Promise<number> {
  let request: CompareRequest | undefined;
  try {
    request = parseCompareOptions(args);
  } catch (error) {
    console.error(`${textOf(error)}\n(npm run compare -- --help says what there is)`);
    return args.includes("--bisect") ? BISECT_STOP : USAGE;
  }
  if (request === undefined) {
    console.log(COMPARE_HELP);
    return 0;
  }
  try {
    return await compare(request);
  } catch (error) {
    if (!(error instanceof BaselineError) && !isFileError(error)) throw error;
    console.error(textOf(error));
    return request.isBisect ? BISECT_STOP : USAGE;
  }
}

async function compare(request: CompareRequest): Promise<number> {
  const { isJson, isBisect, outDirectory } = request;
  const tell = (text: string): void => {
    (isJson ? process.stderr : process.stdout).write(`${text}\n`);
  };
  const watcher: ComparisonWatcher = {
    onRun: (run) => tell(runLine(run)),
    onBlock: (blocksDone, decision) => tell(blockLine(blocksDone, decision)),
  };
  makeRoom(request);
  const baseline = request.baseline === undefined ? undefined : readBaseline(request.baseline);
  const comparison = baseline
    ? new BaselineComparison(request, baseline, watcher)
    : new Comparison(request, watcher);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => comparison.interrupt());
  }
  tell(baseline ? `A  the baseline ${baseline.file}` : targetLine("A", targetFacts(request.a)));
  if (request.saveBaseline === undefined) tell(targetLine("B", targetFacts(request.b)));
  tell(`\n${runTitles()}`);

  const record = await comparison.run();
  if (request.saveBaseline !== undefined) return keep(request, request.saveBaseline, record, tell);
  tell("");
  for (const text of verdictLines(record)) tell(text);
  if (outDirectory !== undefined) {
    for (const file of writeReports(outDirectory, record)) tell(`wrote ${file}`);
  }
  if (isJson) console.log(JSON.stringify(record));
  const status = STATUS[record.outcome];
  // Whoever pressed Ctrl-C wants the whole bisection to end.
  if (isBisect && comparison.isInterrupted) return BISECT_STOP;
  return isBisect && record.outcome === "cannot tell" ? BISECT_SKIP : status;
}

/** What cannot be written is better known before half an hour of measuring than behind it. */
function makeRoom({ outDirectory, saveBaseline }: CompareRequest): void {
  if (outDirectory !== undefined) makeDirectories(outDirectory);
  if (saveBaseline !== undefined) accessSync(dirname(saveBaseline));
}

function keep(
  request: CompareRequest,
  file: string,
  record: ComparisonRecord,
  tell: (text: string) => void,
): number {
  const problem = saveBaseline(file, record, request.length);
  if (problem !== undefined) {
    tell(`\nno baseline was saved: ${problem}`);
    return USAGE;
  }
  tell(`\nwrote ${file}`);
  return 0;
}

const isFileError = (error: unknown): boolean =>
  error instanceof Error && "code" in error && "path" in error;

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

process.exitCode = await main(process.argv.slice(2));
