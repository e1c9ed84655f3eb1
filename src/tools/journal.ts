// npm run journal: shows what stands in a journal, verifies it, and repairs it. --help says more.

import { FaultError } from "../base/fault.ts";
import { messageOf } from "../base/message-of.ts";
import { realFiles } from "../journal/files.ts";
import {
  JOURNAL_HELP,
  type ListOptions,
  parseJournalOptions,
  type RepairOptions,
} from "./journal/journal-options.ts";
import { overviewLines, summaries } from "./journal/journal-overview.ts";
import {
  findPlace,
  type JournalPlace,
  type LanePlace,
  NoJournal,
  openSessionOf,
  type SessionPlace,
} from "./journal/journal-place.ts";
import { isHarmless, type Problem, problemText } from "./journal/journal-problem.ts";
import { StartsLate } from "./journal/lane-records.ts";
import { follow, LaneList, type Listing } from "./journal/record-list.ts";
import { RunProgress } from "./journal/run-progress.ts";
import { TextOutput } from "./journal/text-output.ts";
import { verdictJson, verdictText, verifyLane } from "./journal/verify-lane.ts";
import { UNWRITABLE_STATUS } from "./own-output.ts";
import { WriteError } from "./write-error.ts";

const STATUS = { OK: 0, WRONG: 1, USAGE: 2, UNWRITABLE: UNWRITABLE_STATUS } as const;
type Status = (typeof STATUS)[keyof typeof STATUS];

async function main(): Promise<Status> {
  let options: ListOptions | RepairOptions | undefined;
  try {
    options = parseJournalOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${JOURNAL_HELP}`);
    return STATUS.USAGE;
  }
  if (options === undefined) {
    console.log(JOURNAL_HELP);
    return STATUS.OK;
  }
  try {
    if (options.command === "list") return await inspect(options);
    // Only repair needs the lock, and Node warns about what it is made of.
    const { runRepair } = await import("./journal/run-repair.ts");
    return (await runRepair(options)) ? STATUS.OK : STATUS.WRONG;
  } catch (error) {
    if (error instanceof FaultError) {
      console.error(error.message);
      return STATUS.WRONG;
    }
    const isUnwritable = error instanceof WriteError;
    const isTold = isUnwritable || error instanceof NoJournal || error instanceof StartsLate;
    if (!isTold) throw error;
    console.error(error.message);
    return isUnwritable ? STATUS.UNWRITABLE : STATUS.USAGE;
  }
}

async function inspect(options: ListOptions): Promise<Status> {
  const place = findPlace(realFiles, options.path);
  const output = new TextOutput();
  const progress = new RunProgress(output);
  const listing: Listing = { options, output, progress, isInterrupted: false };
  let status: Status;
  if (place.kind === "journal" && options.isPlain) status = tellOverview(place, listing);
  else if (options.isVerifying) status = await verify(lanesOf(place, options, true), listing);
  else status = await list(lanesOf(place, options, false), listing);
  output.flush();
  progress.clear();
  return status;
}

/** Those that are asked for: of a journal directory, the open session's, or for verifying all. */
function lanesOf(place: JournalPlace, { path, lane }: ListOptions, isAll: boolean): LanePlace[] {
  if (place.kind === "lane" || place.kind === "segment") return [place.lane];
  if (place.kind === "journal" && isAll) {
    return chosen(place.sessions.flatMap(lanesToVerify), lane);
  }
  const session = place.kind === "session" ? place.session : openSessionOf(place);
  if (session === undefined) {
    throw new NoJournal(`${path} has no open session: name a session's folder of its archive`);
  }
  return chosen(isAll ? lanesToVerify(session) : session.lanes, lane);
}

const lanesToVerify = ({ lanes, lostLanes }: SessionPlace): LanePlace[] => [...lanes, ...lostLanes];

function chosen(lanes: readonly LanePlace[], lane: number | undefined): LanePlace[] {
  const found = lanes.filter((place) => lane === undefined || place.lane === lane);
  if (found.length === 0)
    throw new NoJournal(`there is no ${lane === undefined ? "lane" : `lane ${lane}`}`);
  return found;
}

function tellOverview(
  { sessions }: Extract<JournalPlace, { kind: "journal" }>,
  { options, output }: Listing,
): Status {
  const lanes = summaries(sessions);
  if (options.isJson) for (const lane of lanes) output.json(lane);
  else for (const line of overviewLines(lanes)) output.line(line);
  return STATUS.OK;
}

async function verify(lanes: readonly LanePlace[], listing: Listing): Promise<Status> {
  const { options, output, progress } = listing;
  let status: Status = STATUS.OK;
  for (const lane of lanes) {
    const verdict = await verifyLane(lane, progress);
    progress.clear();
    if (options.isJson) output.json(verdictJson(verdict));
    else output.line(verdictText(verdict));
    output.flush();
    if (verdict.problem !== undefined) status = STATUS.WRONG;
  }
  return status;
}

async function list(lanes: readonly LanePlace[], listing: Listing): Promise<Status> {
  const { options, progress } = listing;
  if (options.isFollowing) {
    process.once("SIGINT", () => {
      listing.isInterrupted = true;
    });
  }
  const lists: LaneList[] = [];
  let problem: Problem | undefined;
  let status: Status = STATUS.OK;
  const tell = (list: LaneList): void => {
    if (problem === undefined) return;
    progress.clear();
    console.error(problemText(problem));
    if (!isHarmless(problem, list.records)) status = STATUS.WRONG;
  };
  for (const lane of lanes) {
    const list = new LaneList(lane, listing);
    lists.push(list);
    if (!(await list.learnAccounts())) {
      console.error("the segments before are not at hand: accounts that logged in there are ?");
    }
    problem = await list.readToEnd();
    tell(list);
    if (!options.isFollowing) finish(list, listing);
  }
  tellUnknownAccount(lists, options);
  if (!options.isFollowing) return status;
  problem = status === STATUS.OK ? await follow(lists) : undefined;
  if (problem !== undefined) {
    console.error(problemText(problem));
    status = STATUS.WRONG;
  }
  for (const each of lists) finish(each, listing);
  return status;
}

/** A name that is misspelled finds nothing, as does one that was not there. */
function tellUnknownAccount(lists: readonly LaneList[], { selection }: ListOptions): void {
  const { account } = selection;
  if (account === undefined || lists.some(({ accounts }) => accounts.names.has(account))) return;
  console.error(`no login of ${account} was read`);
}

/** A client's stream stays what the client got: what it amounts to is told beside it. */
function finish(list: LaneList, { options, output, progress }: Listing): void {
  const { isAnswering, selection, isTotalsOnly } = options;
  const { account } = selection;
  const { nextSequence } = list;
  list.records.close();
  progress.clear();
  if (!isAnswering || account === undefined || isTotalsOnly) list.tellTotals();
  output.flush();
  if (nextSequence !== undefined) console.error(`${account}: the next message is ${nextSequence}`);
}

process.exitCode = await main();
