// Lists the records of lanes: those that were asked for, one line each, with their answers where these are wanted.

import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { AttachedAccounts } from "./attached-accounts.ts";
import { learnEarlierAccounts } from "./earlier-accounts.ts";
import type { ListOptions } from "./journal-options.ts";
import type { LanePlace } from "./journal-place.ts";
import { type Problem, problemOf, tornProblem } from "./journal-problem.ts";
import { JournalTotals } from "./journal-totals.ts";
import { LaneRecords } from "./lane-records.ts";
import {
  answerJson,
  answerText,
  recordJson,
  recordText,
  streamJson,
  streamText,
} from "./record-line.ts";
import type { RunProgress } from "./run-progress.ts";
import { RecordFilter } from "./selection.ts";
import type { TextOutput } from "./text-output.ts";

/** Between two looks at the clock, at signals and at who reads our output. */
const SLICE_RECORDS = 20_000;
const POLL_MS = 100;

export interface Listing {
  readonly options: ListOptions;
  readonly output: TextOutput;
  readonly progress: RunProgress;
  /** Ctrl-C was pressed: enough. */
  isInterrupted: boolean;
}

export class LaneList {
  readonly totals = new JournalTotals();
  readonly accounts = new AttachedAccounts();
  readonly records: LaneRecords;

  private readonly listing: Listing;
  private readonly filter: RecordFilter;
  /** The stream of one account is shown, not the records. */
  private readonly isStream: boolean;
  /** Nothing more is asked for. */
  private isDone = false;

  constructor(place: LanePlace, listing: Listing) {
    const { isAnswering, selection } = listing.options;
    this.listing = listing;
    this.filter = new RecordFilter(selection);
    this.isStream = isAnswering && selection.account !== undefined;
    this.records = new LaneRecords(place, { isAnswering, answersOf: selection.account ?? "" });
  }

  /** Whose the connections are that the journal does not say. False: that cannot be known. */
  learnAccounts(): Promise<boolean> {
    return learnEarlierAccounts(this.records.place, this.accounts, this.listing.progress);
  }

  /** To the end of what there is. Returns what is wrong there. */
  async readToEnd(): Promise<Problem | undefined> {
    const { records } = this;
    try {
      for (;;) {
        while (await this.readSlice());
        // Who follows takes an end for a pause.
        if (this.isOver || this.listing.options.isFollowing) return undefined;
        const end = await records.settle();
        if (end?.kind === "torn") return tornProblem(end);
        if (end !== undefined) return undefined;
      }
    } catch (error) {
      return problemOf(error, records);
    }
  }

  /** What has come since. False: nothing more will. */
  async readOn(): Promise<boolean> {
    const { records } = this;
    const { files, directory, session } = records.place;
    // Looked at before the last reading: what was written just before the journal was put away still comes.
    const wasThere = files.exists(directory);
    records.refresh();
    while (await this.readSlice());
    if (this.isOver) return false;
    if (wasThere) return true;
    this.listing.progress.clear();
    console.error(`session ${session} is over, and has been moved to the archive`);
    return false;
  }

  tellTotals(): void {
    const { totals, records, accounts } = this;
    const { output, options } = this.listing;
    const { place, reader } = records;
    if (options.isJson) {
      output.json({ totals: totals.toJson(place, reader, accounts.names.size) });
      return;
    }
    output.line("");
    for (const line of totals.toLines(place, reader, accounts.names.size)) output.line(line);
  }

  /** The number of the account's next message, when all of the journal has been answered. */
  get nextSequence(): number | undefined {
    const { account } = this.listing.options.selection;
    if (this.isOver || account === undefined) return undefined;
    return this.records.answering?.nextSequences().get(account);
  }

  private get isOver(): boolean {
    const { listing } = this;
    return this.isDone || listing.isInterrupted || listing.output.isClosed;
  }

  /** False when there is none at the moment, or nobody wants more. */
  private async readSlice(): Promise<boolean> {
    const { records, listing, totals } = this;
    let count = 0;
    while (count < SLICE_RECORDS && !this.isDone && !listing.output.isClosed && records.next()) {
      this.take();
      count++;
    }
    listing.output.flush();
    listing.progress.note(
      `lane ${records.place.lane}`,
      totals.records,
      records.reader.batchBytesRead,
    );
    await nextTurn();
    return count === SLICE_RECORDS && !this.isOver;
  }

  private take(): void {
    const { records, accounts, filter, totals } = this;
    const { record, slots, number, reader } = records;
    if (filter.isPast(number, record.eventNs)) {
      this.isDone = true;
      return;
    }
    const account = accounts.nameOf(record, slots);
    totals.note(record, slots, reader);
    if (this.isStream) this.showStream();
    else if (filter.takes(record, slots, number, account)) this.show(account);
    else records.answering?.takeAnswers();
  }

  private show(account: string): void {
    const { records, totals } = this;
    const { output, options } = this.listing;
    const { record, slots, number, place } = records;
    const answers = records.answering?.takeAnswers() ?? [];
    totals.shown++;
    totals.answers += answers.length;
    if (options.isTotalsOnly) return;
    const line = { record, slots, lane: place.lane, number, account };
    if (options.isJson) {
      const json = recordJson(line);
      output.json(options.isAnswering ? { ...json, answers: answers.map(answerJson) } : json);
      return;
    }
    output.line(recordText(line));
    for (const answer of answers) output.line(answerText(answer));
  }

  private showStream(): void {
    const { records, filter, totals } = this;
    const { output, options } = this.listing;
    const { firstSequence, lastSequence, isRaw, isJson, isTotalsOnly } = options;
    const answers = records.answering?.takeAnswers() ?? [];
    if (answers.length === 0 || !filter.isWithin(records.number, records.record.eventNs)) return;
    for (const answer of answers) {
      const { sequence } = answer;
      if (sequence > lastSequence) this.isDone = true;
      const isAskedFor = sequence >= firstSequence && sequence <= lastSequence;
      if (!isAskedFor || !filter.takesAnswer(answer)) continue;
      totals.answers++;
      if (isTotalsOnly) continue;
      if (isJson) output.json(streamJson(answer, isRaw));
      else output.line(streamText(answer, isRaw));
    }
  }
}

/** Goes on with lanes until none will ever have more. Returns what is wrong with one of them. */
export async function follow(lists: readonly LaneList[]): Promise<Problem | undefined> {
  for (let going = [...lists]; going.length > 0; ) {
    const still: LaneList[] = [];
    for (const list of going) {
      try {
        if (await list.readOn()) still.push(list);
      } catch (error) {
        return problemOf(error, list.records);
      }
    }
    going = still;
    if (going.length > 0) await sleep(POLL_MS);
  }
  return undefined;
}
