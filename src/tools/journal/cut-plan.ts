// Where a journal would be cut, and who would lose what by it: found out by reading alone.

import { setImmediate as nextTurn } from "node:timers/promises";
import { segmentPath } from "../../journal/journal-names.ts";
import { INBOUND_KIND, type InboundRecord } from "../../memory/inbound-record.ts";
import type { SlotMemory } from "../../memory/slot-memory.ts";
import { timeOfDay } from "../../protocol/ouch/describe.ts";
import { AttachedAccounts } from "./attached-accounts.ts";
import type { LanePlace } from "./journal-place.ts";
import { type Problem, problemOf, tornProblem } from "./journal-problem.ts";
import { LaneRecords } from "./lane-records.ts";
import type { RunProgress } from "./run-progress.ts";
import { salvage } from "./salvage.ts";

const SLICE_RECORDS = 20_000;

/** A place between two batches. */
export interface CutPlace {
  readonly segment: number;
  readonly offset: number;
  /** The first record behind it. */
  readonly record: number;
}

/** How far a journal can be followed. */
export interface Readable {
  readonly end: CutPlace;
  /** The place asked for; undefined when it is not within what can be followed. */
  readonly cut: CutPlace | undefined;
  /** What stands at the end; undefined when it is clean. */
  readonly problem: Problem | undefined;
}

export interface AccountLoss {
  readonly account: string;
  /** Its messages from this number on are lost; those before stay. */
  readonly nextSequence: number;
  /** Of those, how many are known to have been written. */
  readonly messagesLost: number;
  /** Its requests behind the cut, as far as they can be read. */
  readonly requestsLost: number;
}

export interface CutPlan {
  readonly place: LanePlace;
  readonly cut: CutPlace;
  readonly problem: Problem | undefined;
  /** Event time of the last record that stays; "" = none does. */
  readonly keptUntil: string;
  /** Records behind the cut that can be followed, and those found behind the damage. */
  readonly recordsFollowed: number;
  readonly recordsSalvaged: number;
  /** Requests behind the cut whose account nobody can tell. */
  readonly requestsOfUnknown: number;
  /** Every account that logged in; those that are known to lose something come first. */
  readonly accounts: readonly AccountLoss[];
  /** Until where the answers behind the cut could be made again, when that is not all that can be followed. */
  readonly answersUntil: string;
}

/** Follows the journal to where it ends or breaks; `cutAt` is looked for on the way. */
export async function followLane(
  place: LanePlace,
  cutAt: number | undefined,
  progress: RunProgress,
): Promise<Readable> {
  const records = new LaneRecords(place);
  const { reader } = records;
  let batch: CutPlace = { segment: 0, offset: 0, record: 1 };
  let cut: CutPlace | undefined;
  let problem: Problem | undefined;
  try {
    for (let isMore = true; isMore; ) {
      for (let count = 1; records.next(); count++) {
        const { segment } = reader.position;
        const { batchOffset: offset } = reader;
        if (segment !== batch.segment || offset !== batch.offset) {
          batch = { segment, offset, record: records.number };
        }
        if (records.number === cutAt) cut = batch;
        if (count % SLICE_RECORDS > 0) continue;
        progress.note("reading", records.number, reader.batchBytesRead);
        await nextTurn();
      }
      const end = await records.settle();
      isMore = end === undefined;
      if (end?.kind === "torn") problem = tornProblem(end);
    }
  } catch (error) {
    problem = problemOf(error, records);
  } finally {
    records.close();
  }
  const { segment, offset, nextRecord } = reader.position;
  const isWhole = nextRecord === records.number + 1;
  const end = isWhole ? { segment, offset, record: nextRecord } : batch;
  if (cutAt === end.record && problem !== undefined) cut = end;
  return { end, cut, problem };
}

/** Answers the journal again up to the cut, and beyond it as far as that goes. */
export async function planCut(
  place: LanePlace,
  { end, problem }: Readable,
  cut: CutPlace,
  progress: RunProgress,
): Promise<CutPlan> {
  const losses = new Losses();
  const records = new LaneRecords(place, { isAnswering: true });
  let answersUntil = "";
  let kept: ReadonlyMap<string, number> = new Map();
  let keptUntil = "";
  try {
    for (let number = 1; number < cut.record; number++) {
      if (!records.next()) throw new Error("invariant: the journal ends before its cut");
      losses.accounts.nameOf(records.record, records.slots);
      if (number % SLICE_RECORDS > 0) continue;
      progress.note("answering again", number, records.reader.batchBytesRead);
      await nextTurn();
    }
    kept = records.answering?.nextSequences() ?? kept;
    if (cut.record > 1) keptUntil = timeOfDay(records.record.eventNs);
    answersUntil = await answerBehind(records, end, losses);
    const written = records.answering?.nextSequences() ?? kept;
    if (problem !== undefined) losses.salvage(place, end);
    return {
      place,
      cut,
      problem,
      keptUntil,
      answersUntil,
      recordsFollowed: end.record - cut.record,
      recordsSalvaged: losses.salvaged,
      requestsOfUnknown: losses.requestsOfUnknown,
      accounts: losses.byAccount(kept, written),
    };
  } finally {
    records.close();
  }
}

export const cutFile = ({ directory }: LanePlace, { segment }: CutPlace): string =>
  segmentPath(directory, Math.max(segment, 1));

/** Behind the cut a record may be the very one that no lane survives. */
async function answerBehind(records: LaneRecords, end: CutPlace, losses: Losses): Promise<string> {
  try {
    while (records.number < end.record - 1 && records.next()) {
      losses.note(records.record, records.slots);
    }
    return "";
  } catch (error) {
    const { reason } = problemOf(error, records);
    losses.note(records.record, records.slots);
    const rest = new LaneRecords(records.place);
    try {
      while (rest.number < end.record - 1 && rest.next()) {
        if (rest.number > records.number) losses.note(rest.record, rest.slots);
      }
    } finally {
      rest.close();
    }
    return reason;
  }
}

class Losses {
  readonly accounts = new AttachedAccounts();
  requestsOfUnknown = 0;
  salvaged = 0;
  private readonly requests = new Map<string, number>();

  note(record: InboundRecord, slots: SlotMemory): void {
    const account = this.accounts.nameOf(record, slots);
    if (record.kind !== INBOUND_KIND.MESSAGE) return;
    if (account === "") this.requestsOfUnknown++;
    else this.requests.set(account, (this.requests.get(account) ?? 0) + 1);
  }

  salvage({ files, directory }: LanePlace, end: CutPlace): void {
    salvage(files, directory, end, end.record, (record, slots) => {
      this.salvaged++;
      this.note(record, slots);
    });
  }

  byAccount(
    kept: ReadonlyMap<string, number>,
    written: ReadonlyMap<string, number>,
  ): AccountLoss[] {
    const losses = [...this.accounts.names].map((account): AccountLoss => {
      const nextSequence = kept.get(account) ?? 1;
      return {
        account,
        nextSequence,
        messagesLost: (written.get(account) ?? nextSequence) - nextSequence,
        requestsLost: this.requests.get(account) ?? 0,
      };
    });
    const isHit = (loss: AccountLoss): boolean => loss.messagesLost + loss.requestsLost > 0;
    return [...losses.filter(isHit), ...losses.filter((loss) => !isHit(loss))];
  }
}
