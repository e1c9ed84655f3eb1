// The results of a bench as files: one for machines, one for people, named for day and commit.

import { accessSync, constants, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeDirectories } from "../../src/base/make-directories.ts";
import { type Environment, loadText } from "./environment.ts";

export interface SectionResult {
  readonly name: string;
  readonly seconds: number;
  /** Ctrl-C came while it ran: it is not all that it should be. */
  readonly isInterrupted: boolean;
  /** Everything that was measured. */
  readonly data: unknown;
  /** The same for people. */
  readonly lines: readonly string[];
  /** What a target did wrong, or what must not be. */
  readonly faults: readonly string[];
}

export interface BenchResults {
  readonly environment: Environment;
  /** Over 1, 5 and 15 minutes, the bench's own load included. */
  readonly loadAfter: readonly number[];
  readonly command: string;
  readonly isQuick: boolean;
  readonly isInterrupted: boolean;
  readonly sections: readonly SectionResult[];
}

/** Throws where no results can be written: that is better known before half an hour of measuring than behind it. */
export function makeResultsDirectory(directory: string): void {
  makeDirectories(directory);
  accessSync(directory, constants.W_OK);
}

/** Returns the paths. Results that are there already stay: later ones of the same day and commit get a number. */
export function writeResults(directory: string, results: BenchResults): string[] {
  makeResultsDirectory(directory); // it may have gone in the meantime
  const { startedAt, commit } = results.environment;
  const name = `${startedAt.slice(0, 10)}-${commit}`;
  let path = join(directory, name);
  for (let number = 2; existsSync(`${path}.json`) || existsSync(`${path}.md`); number++) {
    path = join(directory, `${name}-${number}`);
  }
  writeFileSync(`${path}.json`, `${JSON.stringify(results, undefined, 1)}\n`);
  writeFileSync(`${path}.md`, markdownOf(results));
  return [`${path}.json`, `${path}.md`];
}

export function environmentLines({ environment, loadAfter, command }: BenchResults): string[] {
  const { startedAt, commit, node, flags, cpu, cores, memoryBytes, kernel } = environment;
  const { loadBefore, journalDirectory, isOnDisk } = environment;
  const memory = `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`;
  return [
    command,
    `${startedAt}, commit ${commit}, Node ${node} ${flags.join(" ")}`,
    `${cores} × ${cpu}, ${memory}, Linux ${kernel}; the load client runs on the same cores`,
    `load averages before ${loadText(loadBefore)}, after ${loadText(loadAfter)}`,
    `journals in ${journalDirectory}${isOnDisk ? "" : ", which is memory: syncs cost nothing"}`,
  ];
}

/** What people read of a section, and what is wrong with it. */
export function sectionLines({ lines, faults, isInterrupted }: SectionResult): string[] {
  const told = [...lines, ...faults.map((fault) => `FAULT: ${fault}`)];
  return isInterrupted ? [...told, "INTERRUPTED: what had been measured until then"] : told;
}

function markdownOf(results: BenchResults): string {
  const parts = results.sections.map((section) => {
    const { name, seconds, isInterrupted } = section;
    const text = sectionLines(section).join("\n").trimEnd();
    const length = `${seconds.toFixed(0)} s${isInterrupted ? ", interrupted" : ""}.`;
    return `## ${name}\n\n${length}\n\n\`\`\`\n${text}\n\`\`\`\n`;
  });
  const notes = [
    results.isQuick ? "A quick look: no results to rely on.\n" : "",
    results.isInterrupted ? "Interrupted: what had been measured until then.\n" : "",
  ].filter((note) => note !== "");
  const head = `# Benches\n\n\`\`\`\n${environmentLines(results).join("\n")}\n\`\`\`\n`;
  return [head, ...notes, ...parts].join("\n");
}
