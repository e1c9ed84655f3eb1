// A lane's double at the keeper: the same code, fed with what the lane has written, some way behind it. What it knows at
// the end of a segment is a checkpoint. Keeper thread.

import path from "node:path";
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { Files } from "../journal/files.ts";
import { STORE_NAME } from "../journal/journal-names.ts";
import { JOURNAL_START, type JournalPosition } from "../journal/journal-position.ts";
import { JournalReader } from "../journal/journal-reader.ts";
import { LaneCore } from "../lane/lane-core.ts";
import { type MakeVenue, makeVenue } from "../lane/make-venue.ts";
import { Outbox } from "../lane/outbox.ts";
import { OUTBOX_PAGE_BYTES } from "../lane/outbox-page-layout.ts";
import { Replay } from "../lane/replay.ts";
import type { Streams } from "../lane/streams.ts";
import { Unsequenced } from "../lane/unsequenced.ts";
import { CounterWriter, createCounters, LANE_COUNTERS } from "../memory/counters.ts";
import { LANE_BEHAVIOUR_VERSION } from "../memory/lane-config.ts";

export interface ShadowLaneOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly lane: number;
  readonly laneDirectory: string;
  readonly session: string;
  readonly build: string;
  readonly outboxBytesMax: number;
  readonly makeVenue?: MakeVenue | undefined;
}

/** Between two looks at the clock. */
const STEP_RECORDS = 500;
/** A piece ends here at the latest, whatever the clock says. */
const PIECE_RECORDS_MAX = 50_000;
/** Of full pages in memory: the longer they wait, the longer the runs in the store. */
const FULL_PAGES_BYTES = 96 * 2 ** 20;
const CHUNKS_PER_PIECE = 4;

const NOBODY: Streams = {
  onAttached() {},
  onDetached() {},
  onClosing() {},
  onWritten() {},
  onHeld() {},
};

export class ShadowLane {
  readonly core: LaneCore;
  readonly outbox: Outbox;
  /** What replaying took so far, without its pauses. */
  replayNs = 0;
  records = 0;

  private readonly options: ShadowLaneOptions;
  private readonly unsequenced = new Unsequenced();
  private readonly fullBytesMax: number;
  private reader: JournalReader | undefined;
  private replay: Replay | undefined;
  private incarnationBefore = 0;

  constructor(options: ShadowLaneOptions) {
    const { files, lane, laneDirectory, outboxBytesMax } = options;
    this.options = options;
    this.fullBytesMax = Math.min(FULL_PAGES_BYTES, outboxBytesMax / 2);
    const storePath = path.join(laneDirectory, STORE_NAME);
    const spill = { files, path: storePath, storePath };
    this.outbox = new Outbox({ lane, bytesMax: outboxBytesMax, spill });
    const counters = new CounterWriter(createCounters(LANE_COUNTERS));
    const make = options.makeVenue ?? makeVenue;
    this.core = new LaneCore(this.outbox, this.unsequenced, NOBODY, counters, make);
  }

  /** Behind the last batch that was replayed. */
  get position(): JournalPosition {
    return this.reader?.position ?? JOURNAL_START;
  }
  /** The highest of the batches before it. */
  get incarnation(): number {
    return Math.max(this.incarnationBefore, this.reader?.incarnation ?? 0);
  }

  /** From the start, or from where the state that was restored into it was saved. */
  begin(from: JournalPosition, incarnation: number): void {
    this.incarnationBefore = incarnation;
    const { files, lane, laneDirectory, session, build } = this.options;
    const behaviourVersion = LANE_BEHAVIOUR_VERSION;
    this.reader = new JournalReader({
      files,
      laneDirectory,
      lane,
      session,
      from,
      behaviourVersion,
    });
    this.replay = new Replay(lane, build, this.core, this.unsequenced, this.reader);
  }

  /** Replays for so long at most, and no further than to the end of a segment. True when it is there. */
  replayPiece(lastSegment: number, nsMax: number): boolean {
    const { reader, replay } = this;
    const { clock } = this.options;
    if (reader === undefined || replay === undefined) return false;
    if (reader.lastSegment !== lastSegment) {
      reader.lastSegment = lastSegment;
      if (reader.end !== undefined) reader.refresh();
    }
    const beganNs = clock.nowNs();
    let count = 0;
    let isThere = false;
    while (!isThere && count < PIECE_RECORDS_MAX && clock.nowNs() - beganNs < nsMax) {
      const handled = replay.step(STEP_RECORDS);
      count += handled;
      isThere = handled === 0;
    }
    this.records += count;
    this.replayNs += clock.nowNs() - beganNs;
    if (isThere) {
      const { end } = reader;
      const isWhole = end?.kind === "clean" && end.segment === lastSegment;
      assert(isWhole, "a finished segment cannot be read to its end");
    }
    return isThere;
  }

  /** Full pages beyond what is kept in memory go to the store, a piece of them. True when some did. */
  evictPiece(): boolean {
    const accountBytes = (this.core.state?.accounts.count ?? 0) * OUTBOX_PAGE_BYTES;
    if (this.outbox.usedBytes - accountBytes <= this.fullBytesMax) return false;
    return this.flushPiece();
  }

  /** Full pages go to the store, a piece of them. True when some did: there may be more. */
  flushPiece(): boolean {
    const { outbox } = this;
    let chunks = 0;
    while (chunks < CHUNKS_PER_PIECE && outbox.spill?.evict() === true) chunks++;
    if (chunks > 0) outbox.sync();
    return chunks > 0;
  }

  close(): void {
    this.reader?.close();
    this.outbox.close();
  }
}
