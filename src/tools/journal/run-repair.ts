// npm run journal -- repair: the operator's way out of a journal that cannot be followed to its end.

import path from "node:path";
import type { Files } from "../../journal/files.ts";
import { realFiles } from "../../journal/files.ts";
import { lockDirectory } from "../../journal/lock.ts";
import { writeSmallFile } from "../../journal/small-file.ts";
import { cutJournal } from "./cut-journal.ts";
import { type CutPlace, cutFile, followLane, planCut, type Readable } from "./cut-plan.ts";
import { cutReportJson, cutReportText } from "./cut-report.ts";
import type { RepairOptions } from "./journal-options.ts";
import { findPlace, type LanePlace, NoJournal, openSessionOf } from "./journal-place.ts";
import { problemText } from "./journal-problem.ts";
import { RunProgress } from "./run-progress.ts";
import { TextOutput } from "./text-output.ts";

/** False: something is wrong, and nothing was cut. */
export async function runRepair(options: RepairOptions): Promise<boolean> {
  const output = new TextOutput();
  const place = laneToRepair(options);
  // Throws JOURNAL_LOCKED while a gateway runs on it.
  const lock = lockDirectory(path.dirname(path.dirname(place.directory)));
  try {
    return await repair(place, options, output);
  } finally {
    output.flush();
    lock.release();
  }
}

async function repair(
  place: LanePlace,
  { cutAt, isCertain }: RepairOptions,
  output: TextOutput,
): Promise<boolean> {
  const progress = new RunProgress(output);
  const readable = await followLane(place, cutAt, progress);
  progress.clear();
  if (cutAt === undefined) return tellBreak(readable, output);
  const { cut, end, problem } = readable;
  if (cut === undefined) {
    const isPastEnd = problem === undefined;
    output.line(
      isPastEnd
        ? `the journal is whole, and its last record is ${end.record - 1}: nothing to cut at ${cutAt}`
        : `records can be followed up to ${end.record - 1}: cut at ${end.record} or before`,
    );
    return false;
  }
  const plan = await planCut(place, readable, cut, progress);
  progress.clear();
  const text = cutReportText(plan, cutAt);
  output.line(text);
  if (!isCertain) {
    output.line("\nNothing has been changed: --yes does it.");
    return true;
  }
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const session = path.dirname(place.directory);
  const report = path.join(session, `repair-${stamp}`);
  writeSmallFile(realFiles, `${report}.txt`, `${text}\n`);
  writeSmallFile(realFiles, `${report}.json`, `${JSON.stringify(cutReportJson(plan, cutAt))}\n`);
  realFiles.syncDirectory(session);
  const kept = cutJournal(realFiles, place.directory, cut, stamp);
  return tellDone(place, cut, [`${report}.txt`, `${report}.json`, ...kept], output);
}

function tellBreak({ problem, end }: Readable, output: TextOutput): boolean {
  if (problem === undefined) {
    output.line(`the journal is whole: ${end.record - 1} records`);
    return true;
  }
  output.line(problemText(problem));
  output.line(
    problem.code === "TORN"
      ? "The gateway's next start cuts that off by itself."
      : `Records up to ${end.record - 1} can be followed: --cut-at ${end.record} keeps them all.`,
  );
  return problem.code === "TORN";
}

/** Looks once more: the next start will. */
async function tellDone(
  place: LanePlace,
  cut: CutPlace,
  files: readonly string[],
  output: TextOutput,
): Promise<boolean> {
  const { problem, end } = await followLane(place, undefined, new RunProgress(output));
  const isDone = problem === undefined && end.record === cut.record;
  output.line("");
  if (isDone)
    output.line(`Done: the journal now ends with record ${cut.record - 1}. Kept beside it:`);
  else
    output.line(`NOT done: ${cutFile(place, cut)} does not end where it was cut. Kept beside it:`);
  for (const file of files) output.line(`  ${file}`);
  return isDone;
}

function laneToRepair({ path: given, lane }: RepairOptions, files: Files = realFiles): LanePlace {
  const place = findPlace(files, given);
  if (place.kind === "segment") throw new NoJournal("a lane is repaired, not a segment of it");
  const lanes = place.kind === "lane" ? [place.lane] : openSessionOf(place)?.lanes;
  const open = lanes?.filter(({ isArchived }) => !isArchived) ?? [];
  if (open.length === 0) {
    throw new NoJournal("only an open session is repaired: nobody goes on with an archived one");
  }
  const found = open.filter((one) => lane === undefined || one.lane === lane);
  const [only, other] = found;
  if (only === undefined) throw new NoJournal(`there is no lane ${lane}`);
  if (other !== undefined) throw new NoJournal("it has several lanes: say which with --lane L");
  return only;
}
