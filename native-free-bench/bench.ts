// npm run bench: everything that is to be compared, in one run, with its environment and its noise floor.
// --help says more.

import { loadavg } from "node:os";
import { join } from "node:path";
import {
  BENCH_HELP,
  type BenchOptions,
  parseBenchOptions,
  type SectionName,
} from "./bench-options.ts";
import { type Progress, SECTIONS } from "./bench-sections.ts";
import { environment } from "./harness/environment.ts";
import { Interruption } from "./harness/interruption.ts";
import {
  type BenchResults,
  environmentLines,
  makeResultsDirectory,
  type SectionResult,
  sectionLines,
  writeResults,
} from "./harness/result-files.ts";

const STATUS = { OK: 0, FAULT: 1, USAGE: 2 } as const;

async function main(): Promise<number> {
  let options: BenchOptions | undefined;
  try {
    const args = process.argv.slice(2);
    options = parseBenchOptions(args, join(import.meta.dirname, "results"));
  } catch (error) {
    console.error(`${textOf(error)}\n\n${BENCH_HELP}`);
    return STATUS.USAGE;
  }
  if (options === undefined) {
    console.log(BENCH_HELP);
    return STATUS.OK;
  }
  try {
    return await bench(options);
  } catch (error) {
    console.error(textOf(error));
    return STATUS.USAGE;
  }
}

async function bench(options: BenchOptions): Promise<number> {
  if (options.directory !== undefined) makeResultsDirectory(options.directory);
  const interruption = new Interruption();
  const before = environment();
  const sections: SectionResult[] = [];
  for (const name of options.sections) {
    if (interruption.isAsked) break;
    console.error(`\n-- ${name}`);
    const progress: Progress = {
      tell: (text) => console.error(text),
      isStopped: () => interruption.isAsked,
    };
    sections.push(await runSection(name, options, progress));
  }
  const results: BenchResults = {
    environment: before,
    loadAfter: loadavg(),
    command: ["npm run bench", ...process.argv.slice(2)].join(" "),
    isQuick: options.isQuick,
    isInterrupted: interruption.isAsked,
    sections,
  };
  report(results, options.directory);
  const isFaulty = sections.some(({ faults }) => faults.length > 0);
  return isFaulty || interruption.isAsked ? STATUS.FAULT : STATUS.OK;
}

/** A part that could not run says so in its place, and the others go on. */
async function runSection(
  name: SectionName,
  options: BenchOptions,
  progress: Progress,
): Promise<SectionResult> {
  const startMs = performance.now();
  const secondsSince = (): number => (performance.now() - startMs) / 1000;
  try {
    const { data, lines, faults } = await SECTIONS[name](options, progress);
    const isInterrupted = progress.isStopped();
    return { name, seconds: secondsSince(), isInterrupted, data, lines, faults };
  } catch (error) {
    // Ctrl-C reaches whatever is under way as well: then there is nothing to complain of.
    const isInterrupted = progress.isStopped();
    const faults = isInterrupted ? [] : [`${name} could not run: ${textOf(error)}`];
    for (const fault of faults) console.error(fault);
    const lines = ["not measured"];
    return { name, seconds: secondsSince(), isInterrupted, data: null, lines, faults };
  }
}

function report(results: BenchResults, directory: string | undefined): void {
  console.log(environmentLines(results).join("\n"));
  for (const section of results.sections) {
    console.log(`\n${section.name}\n${sectionLines(section).join("\n").trimEnd()}`);
  }
  if (results.isQuick) console.log("\na quick look: no results to rely on");
  if (directory === undefined) return;
  for (const path of writeResults(directory, results)) console.error(`written: ${path}`);
}

/** What an error was caused by is what the gateway could not say any more. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : "";
  return [error.message, cause].filter((text) => text !== "").join("; ");
}

process.exitCode = await main();
