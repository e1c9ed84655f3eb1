// Writes one lane's checkpoints (semantics §3.5): replays finished segments at the lane's double, and writes down what
// that knows before a recovery from the checkpoint before would take too long. In small pieces with pauses: the lane has
// the better right to the processor and to the disk. Keeper thread.
//
// Whatever goes wrong here costs a longer recovery and nothing else: the journal is the truth.

import { FaultError, reasonOf } from "../base/fault.ts";
import { isNoRoom, isOutOfDescriptors } from "../journal/file-faults.ts";
import type { Files } from "../journal/files.ts";
import { segmentPath } from "../journal/journal-names.ts";
import { type JournalBlock, SHORTAGE } from "../memory/journal-block.ts";
import type { KeeperMessage } from "../memory/keeper-worker-data.ts";
import type * as shadowCheckpoints from "./shadow-checkpoints.ts";
import type { ShadowLane, ShadowLaneOptions } from "./shadow-lane.ts";

/** shadow-checkpoints.ts, and with it all code of a lane. */
export type Shadows = Pick<typeof shadowCheckpoints, "loadShadow" | "writeCheckpoint">;

export interface CheckpointerOptions extends ShadowLaneOptions {
  /** Asked when the first segment is finished: until then the keeper needs no lane's code. Undefined: on its way. */
  readonly shadows: () => Shadows | undefined;
  readonly block: JournalBlock;
  /** For what is long: see gentleFiles(). */
  readonly gentleFiles: Files;
  /** What this thread has had of a processor so far. */
  readonly cpuMs: () => number;
  readonly recoverySecondsMax: number;
  /** Undefined: after so many records as follow from recoverySecondsMax. */
  readonly recordsMax?: number | undefined;
  readonly tell: (message: KeeperMessage) => void;
}

const PIECE_NS = 10e6;
const PAUSE_MS = 10;
/** A piece that had less of a processor took it from somebody, or somebody from it: threads that orders wait for. */
const ALONE_SHARE = 0.8;
const CROWDED_PAUSE_MS = 200;
const SHORT_MS = 1000;
const LOADING_MS = 20;
/** After a full disk: what could not be written is replayed again from the checkpoint before. */
const RETRY_MS = 60_000;
/**
 * Of recoverySecondsMax: a quarter for what is replayed since the checkpoint, a quarter for segments that wait until the
 * processors are less crowded; the rest is for what is in work.
 */
const RECOVERY_SHARE = 4;
/** Until it is measured. */
const ASSUMED_RECORDS_PER_SECOND = 200_000;
const MEASURED_RECORDS_MIN = 10_000;

type Phase = "replay" | "flush" | "write";

export class Checkpointer {
  private readonly options: CheckpointerOptions;
  private shadows: Shadows | undefined;
  private shadow: ShadowLane | undefined;
  private phase: Phase = "replay";
  /** Finished segments up to this one are replayed. */
  private replayedSegment = 0;
  /** Its double began behind this one. */
  private loadedSegment = 0;
  private checkpointSegment = 0;
  private recordsAtCheckpoint = 0;
  private syncedSegment = 0;
  /** Mean of those that this process has replayed; 0 = none yet. */
  private recordsPerSegment = 0;
  private isCrowded = false;
  private nextMs = 0;
  private isBroken = false;

  constructor(options: CheckpointerOptions) {
    this.options = options;
  }

  /** False: something went wrong, and the log has said what. */
  get isWorking(): boolean {
    return !this.isBroken;
  }
  /** Packets in memory. */
  get outboxBytes(): number {
    return this.shadow?.outbox.usedBytes ?? 0;
  }
  /** 0 = not known yet. */
  get recordsPerSecond(): number {
    const { shadow } = this;
    if (shadow === undefined || shadow.records < MEASURED_RECORDS_MIN) return 0;
    return Math.round(shadow.records / (Math.max(1, shadow.replayNs) / 1e9));
  }

  /** Does one piece. Returns in how many milliseconds there is more to do; infinity: when the lane has ended a segment. */
  step(): number {
    const { block } = this.options;
    const finished = block.currentSegment - 1;
    const isIdle = this.phase === "replay" && finished <= this.replayedSegment;
    if (this.isBroken || isIdle) return Number.POSITIVE_INFINITY;
    // What room there is belongs to the journal.
    if (block.shortage === SHORTAGE.SHORT) return SHORT_MS;
    this.shadows ??= this.options.shadows();
    if (this.shadows === undefined) return LOADING_MS;
    const nowMs = this.nowMs();
    if (nowMs < this.nextMs) return this.nextMs - nowMs;
    this.nextMs = nowMs + this.workInPeace(finished);
    return this.nextMs - nowMs;
  }

  close(): void {
    try {
      this.shadow?.close();
    } catch {
      // A descriptor that does not close is the smaller trouble: all that it was for can be made again.
    }
    this.shadow = undefined;
  }

  /** Returns the pause that is due. */
  private workInPeace(finished: number): number {
    try {
      this.work(finished);
      return this.isCrowded && !this.isFarBehind(finished) ? CROWDED_PAUSE_MS : PAUSE_MS;
    } catch (thrown) {
      const willRetry = isNoRoom(thrown) || isOutboxFull(thrown) || isOutOfDescriptors(thrown);
      this.isBroken = !willRetry;
      this.tellFailure(finished, thrown, willRetry);
      this.forget();
      return RETRY_MS;
    }
  }

  private work(finished: number): void {
    if (this.shadow === undefined && this.shadows !== undefined) this.load(this.shadows);
    const { shadow } = this;
    if (shadow === undefined) return;
    if (this.phase === "replay") this.replay(shadow, finished);
    else if (this.phase === "flush") this.flush(shadow);
    else this.write(shadow);
  }

  /** One long piece, once. */
  private load({ loadShadow }: Shadows): void {
    const { block, lane, tell } = this.options;
    const { shadow, segment, refusal } = loadShadow(this.options);
    this.shadow = shadow;
    this.checkpointSegment = segment;
    this.replayedSegment = segment;
    this.loadedSegment = segment;
    this.recordsPerSegment = 0;
    this.syncedSegment = segment;
    this.recordsAtCheckpoint = 0;
    block.checkpointSegment = segment;
    if (refusal === "") return;
    const fields = { lane, segment, refusal };
    tell({ kind: "line", level: "warn", event: "checkpoint-refused", fields });
  }

  private replay(shadow: ShadowLane, finished: number): void {
    if (shadow.evictPiece()) return;
    if (finished <= this.replayedSegment) return;
    const next = this.replayedSegment + 1;
    if (!this.replayPiece(shadow, next)) return;
    this.replayedSegment = next;
    this.recordsPerSegment = shadow.records / (next - this.loadedSegment);
    this.isCrowded = false;
    if (this.isDue(shadow)) this.phase = "flush";
  }

  /** True at the end of that segment. */
  private replayPiece(shadow: ShadowLane, lastSegment: number): boolean {
    const { cpuMs } = this.options;
    const beganMs = this.nowMs();
    const cpuBeforeMs = cpuMs();
    const isThere = shadow.replayPiece(lastSegment, PIECE_NS);
    const elapsedMs = this.nowMs() - beganMs;
    this.isCrowded = cpuMs() - cpuBeforeMs < elapsedMs * ALONE_SHARE;
    return isThere;
  }

  private isDue(shadow: ShadowLane): boolean {
    const due = this.options.recordsMax ?? this.recordsOfShare;
    return shadow.records - this.recordsAtCheckpoint >= due;
  }

  /** Before a segment's records are known, one of them may wait. */
  private isFarBehind(finished: number): boolean {
    const segments = finished - this.replayedSegment;
    const { recordsPerSegment } = this;
    if (recordsPerSegment === 0) return segments > 1;
    return segments * recordsPerSegment > this.recordsOfShare;
  }

  /** How many a recovery replays in its share of recoverySecondsMax. */
  private get recordsOfShare(): number {
    const rate = this.recordsPerSecond || ASSUMED_RECORDS_PER_SECOND;
    return (this.options.recoverySecondsMax / RECOVERY_SHARE) * rate;
  }

  /** A checkpoint counts on the journal before it and on the store: both must be on the disk. */
  private flush(shadow: ShadowLane): void {
    if (this.syncedSegment < this.replayedSegment) {
      this.syncedSegment++;
      this.syncSegment(this.syncedSegment);
      return;
    }
    if (shadow.flushPiece()) return;
    if (!shadow.outbox.flush()) throw new NoRoom();
    shadow.outbox.sync();
    this.phase = "write";
  }

  private syncSegment(segment: number): void {
    const { files, laneDirectory } = this.options;
    const descriptor = files.open(segmentPath(laneDirectory, segment), false);
    try {
      files.sync(descriptor);
    } finally {
      files.close(descriptor);
    }
  }

  /** One piece, and a long one: the gentle files see to the rest of the keeper's work meanwhile. */
  private write(shadow: ShadowLane): void {
    const { block, lane, tell, gentleFiles } = this.options;
    const beganMs = this.nowMs();
    const segment = this.replayedSegment;
    this.shadows?.writeCheckpoint(this.options, gentleFiles, shadow);
    this.phase = "replay";
    this.checkpointSegment = segment;
    block.checkpointSegment = segment;
    const records = shadow.records - this.recordsAtCheckpoint;
    this.recordsAtCheckpoint = shadow.records;
    const elapsedMs = Math.round(this.nowMs() - beganMs);
    const storeBytes = shadow.outbox.spilledBytes;
    const fields = { lane, segment, records, storeBytes, elapsedMs };
    tell({ kind: "line", level: "info", event: "checkpoint", fields });
  }

  private tellFailure(segment: number, thrown: unknown, willRetry: boolean): void {
    const { lane, tell } = this.options;
    const reason = reasonOf(thrown);
    const { checkpointSegment } = this;
    const fields = { lane, segment, checkpointSegment, reason, willRetry };
    tell({ kind: "line", level: "error", event: "checkpoint-failed", fields });
  }

  private forget(): void {
    this.phase = "replay";
    this.replayedSegment = 0;
    this.close();
  }

  private nowMs(): number {
    return this.options.clock.nowNs() / 1e6;
  }
}

class NoRoom extends Error {
  readonly code = "ENOSPC";

  constructor() {
    super("ENOSPC: the store of answers finds no room");
  }
}

/** The store could not take what the double's memory has no room for: for want of room on the disk as well. */
const isOutboxFull = (thrown: unknown): boolean =>
  thrown instanceof FaultError && thrown.fault.code === "OUTBOX_FULL";
