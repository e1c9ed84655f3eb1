// npm run compare: is B slower than A? --help says more, ops/compare.md how it decides.

import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { makeDirectories } from "../base/make-directories.ts";
import { messageOf } from "../base/message-of.ts";
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
import { onEndingSignals } from "./ending-signals.ts";
import { PeopleOutput } from "./people-output.ts";
import { WriteError } from "./write-error.ts";

/** Wrong arguments, and whatever else went wrong: never 1, which says something of B. */
const FAILED = 2;
const STATUS: Readonly<Record<Outcome, number>> = {
  "not regressed": 0,
  regressed: 1,
  "cannot tell": 2,
};
/** git bisect run: 125 = this commit cannot be tested, from 128 on = stop bisecting. */
const BISECT_SKIP = 125;
const BISECT_STOP = 128;

async function main(args: string[]): Promise<number> {
  const failed = args.includes("--bisect") ? BISECT_STOP : FAILED;
  // Behind every promise, too: Node itself would end with 1.
  process.on("uncaughtException", (error) => {
    console.error(failureText(error));
    process.exit(failed);
  });
  let request: CompareRequest | undefined;
  try {
    request = parseCompareOptions(args);
  } catch (error) {
    console.error(`${messageOf(error)}\n(npm run compare -- --help says what there is)`);
    return failed;
  }
  if (request === undefined) {
    console.log(COMPARE_HELP);
    return 0;
  }
  try {
    return await compare(request);
  } catch (error) {
    console.error(failureText(error));
    return failed;
  }
}

async function compare(request: CompareRequest): Promise<number> {
  const { isJson, isBisect, outDirectory } = request;
  const people = new PeopleOutput(isJson);
  const watcher: ComparisonWatcher = {
    onRun: (run) => people.tell(runLine(run)),
    onBlock: (blocksDone, decision) => people.tell(blockLine(blocksDone, decision)),
  };
  makeRoom(request);
  const baseline = request.baseline === undefined ? undefined : readBaseline(request.baseline);
  const comparison = baseline
    ? new BaselineComparison(request, baseline, watcher)
    : new Comparison(request, watcher);
  let lost: Error | undefined;
  for (const stream of [process.stdout, process.stderr]) {
    // Full, or closed (| head): nobody would hear the verdict.
    stream.on("error", (error) => {
      lost ??= new WriteError("its own output", error);
      comparison.interrupt();
    });
  }
  onEndingSignals(
    () => comparison.interrupt(),
    // Not even for targets to end in their own time.
    () => process.exit(isBisect ? BISECT_STOP : FAILED),
  );
  people.tell(
    baseline ? `A  the baseline ${baseline.file}` : targetLine("A", targetFacts(request.a)),
  );
  if (request.saveBaseline === undefined) people.tell(targetLine("B", targetFacts(request.b)));
  people.tell(`\n${runTitles()}`);

  const record = await comparison.run();
  if (lost !== undefined) throw lost;
  let status = STATUS[record.outcome];
  if (request.saveBaseline === undefined) {
    people.tell("");
    for (const text of verdictLines(record)) people.tell(text);
  } else {
    status = keep(request, request.saveBaseline, record, people);
  }
  // Before the files: where those cannot be written, there is still this.
  if (isJson) process.stdout.write(`${JSON.stringify(record)}\n`);
  if (outDirectory !== undefined) {
    for (const file of writeReports(outDirectory, record)) people.tell(`wrote ${file}`);
  }
  await setImmediate(); // by then a stream that cannot be written to has said so
  if (lost !== undefined) throw lost;
  // Whoever pressed Ctrl-C wants the whole bisection to end; and without A no other commit can be told of either.
  if (isBisect && (comparison.isInterrupted || comparison.isWithoutA)) return BISECT_STOP;
  if (request.saveBaseline !== undefined) return status;
  return isBisect && record.outcome === "cannot tell" ? BISECT_SKIP : status;
}

/** What cannot be written is better known before half an hour of measuring than behind it. */
function makeRoom({ outDirectory, saveBaseline }: CompareRequest): void {
  if (outDirectory !== undefined) makeDirectories(outDirectory);
  if (saveBaseline === undefined) return;
  const isThere = existsSync(saveBaseline);
  if (isThere && statSync(saveBaseline).isDirectory()) {
    throw new BaselineError(`--save-baseline ${saveBaseline} is a directory`);
  }
  accessSync(isThere ? saveBaseline : join(dirname(saveBaseline), "/"), constants.W_OK);
}

function keep(
  request: CompareRequest,
  file: string,
  record: ComparisonRecord,
  people: PeopleOutput,
): number {
  const problem = saveBaseline(file, record, request.length);
  if (problem !== undefined) {
    people.tell(`\nno baseline was saved: ${problem}`);
    return FAILED;
  }
  people.tell(`\nwrote ${file}`);
  return 0;
}

/** One line. What nobody expected has its place in the code with it. */
function failureText(error: unknown): string {
  const isExpected =
    error instanceof BaselineError ||
    error instanceof WriteError ||
    (error instanceof Error && "code" in error && "path" in error);
  if (isExpected) return messageOf(error);
  const stack = error instanceof Error ? error.stack : undefined;
  const place = stack?.split("\n").find((line) => line.startsWith("    at ")) ?? "";
  return `unexpected: ${messageOf(error)} ${place.trim()}`.trimEnd();
}

process.exitCode = await main(process.argv.slice(2));
