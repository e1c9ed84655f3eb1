// Any number of rounds of the crash test, in chapters: each has a journal directory, a configuration and accounts of
// its own.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChapterOptions, type ChapterReport, CrashChapter } from "./crash-chapter.ts";
import { SeededRandom } from "./seeded-random.ts";

const CHAPTER_ROUNDS_MAX = 10;

export interface CrashRunOptions extends Omit<ChapterOptions, "directory"> {
  readonly rounds: number;
}

/** Fails at the first thing that is wrong, and leaves the journal directory of that chapter for whoever looks. */
export async function runCrashRounds(options: CrashRunOptions): Promise<ChapterReport> {
  const { seed, rounds } = options;
  const random = new SeededRandom(seed);
  const total = {
    messages: 0,
    compared: 0,
    matches: 0,
    rolls: 0,
    checkpoints: 0,
    fromCheckpoint: 0,
    torn: 0,
  };
  let round = 0;
  while (round < rounds) {
    const count = Math.min(rounds - round, 1 + random.below(CHAPTER_ROUNDS_MAX));
    const directory = mkdtempSync(join(tmpdir(), "tailgate-crash-"));
    const tell = (line: string): void => {
      round++;
      options.tell(`round ${round}: ${line}`);
    };
    const { patienceMs } = options;
    const chapter = new CrashChapter({ seed: random.u32(), directory, patienceMs, tell });
    try {
      const report = await chapter.run(count);
      for (const key of Object.keys(total) as (keyof ChapterReport)[]) total[key] += report[key];
    } catch (thrown) {
      const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
      const where = `round ${round + 1} of seed ${seed}; its journal is kept in ${directory}`;
      throw new Error(`${where}\n${cause.message}`, { cause });
    }
    rmSync(directory, { recursive: true, force: true });
  }
  return total;
}
