// What a lane, the keeper and main tell one another about one lane's journal. Words of one shared block:
//   keeper → lane   staged segments (number and descriptor), room is short, no room at all
//   lane → keeper   the segment being written
//   lane → main     how far a recovery is
// One writer each. The lane waits on STAGED_COUNT, the keeper on WANTED.

import { assert } from "../base/assert.ts";

const STAGED_COUNT = 0; // keeper: segments handed over since start
const TAKEN_COUNT = 1; // lane: of these, taken
const WANTED = 2; // lane raises and notifies: look at the block
const CURRENT_SEGMENT = 3; // lane: number of the segment being written, 0 = none yet
const SHORT = 4; // keeper: SHORTAGE
const CHECKPOINT_SEGMENT = 5; // keeper: newest segment that a checkpoint covers
const WAITS = 6; // lane: times that it had to wait for a segment
const STAGED = 8; // STAGED_MAX pairs: number, descriptor
export const STAGED_MAX = 2;
const WORDS = 16;

const RECOVERED_RECORDS = 0; // f64
const RECOVERED_BYTES = 1;
const RECOVERY_BYTES = 2; // of all that is to be read
const DOUBLES_AT = WORDS * Int32Array.BYTES_PER_ELEMENT;
const COUNTS_AT = 3;

/** Places in JournalBlock.counts. Only the lane writes. */
export const JOURNAL_COUNT = {
  RECORDS: 0,
  BATCHES: 1,
  WRITES: 2,
  SYNCS: 3,
  BYTES: 4,
  /** Segments begun, and how often none was staged then. */
  SEGMENTS: 5,
  WAITS: 6,
  /** Of the latest batch; and the longest sync of all. */
  WRITE_NS: 7,
  SYNC_NS: 8,
  SYNC_NS_MAX: 9,
} as const;
const DOUBLES = COUNTS_AT + Object.keys(JOURNAL_COUNT).length;

export const SHORTAGE = {
  NONE: 0,
  /** The disk is nearly full, or the next segment cannot be staged: shed new orders. */
  SHORT: 1,
} as const;

export const createJournalBlock = (): SharedArrayBuffer =>
  new SharedArrayBuffer(DOUBLES_AT + DOUBLES * Float64Array.BYTES_PER_ELEMENT);

export class JournalBlock {
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;
  /** By JOURNAL_COUNT. */
  readonly counts: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory, 0, WORDS);
    this.doubles = new Float64Array(memory, DOUBLES_AT, DOUBLES);
    this.counts = this.doubles.subarray(COUNTS_AT);
  }

  /** Keeper: room for one more staged segment. */
  get canHandOver(): boolean {
    return this.stagedWaiting < STAGED_MAX;
  }
  /** Staged segments that the lane has not taken. */
  get stagedWaiting(): number {
    return (Atomics.load(this.words, STAGED_COUNT) - Atomics.load(this.words, TAKEN_COUNT)) | 0;
  }
  /** Keeper: a segment is ready to be written. */
  handOver(segment: number, descriptor: number): void {
    assert(this.canHandOver, "more segments are staged than there is room for");
    const count = Atomics.load(this.words, STAGED_COUNT);
    const place = STAGED + (count % STAGED_MAX) * 2;
    this.words[place] = segment;
    this.words[place + 1] = descriptor;
    Atomics.store(this.words, STAGED_COUNT, count + 1);
    Atomics.notify(this.words, STAGED_COUNT);
  }
  /** Number of the newest segment that was ever handed over, or 0: a keeper that is started anew goes on behind it. */
  get handedOverSegment(): number {
    const count = Atomics.load(this.words, STAGED_COUNT);
    return count === 0 ? 0 : this.words[STAGED + ((count - 1) % STAGED_MAX) * 2]!;
  }
  /** Keeper, when the lane will write no more: the newest staged segment is its own again. Returns the descriptor. */
  takeBack(): number {
    assert(this.stagedWaiting > 0, "no staged segment is left to take back");
    const count = Atomics.sub(this.words, STAGED_COUNT, 1);
    return this.words[STAGED + ((count - 1) % STAGED_MAX) * 2 + 1]!;
  }
  /** Lane: number of the next staged segment, or 0. Its descriptor is stagedDescriptor; taken() moves on. */
  get stagedSegment(): number {
    if (this.stagedWaiting === 0) return 0;
    return this.words[STAGED + (Atomics.load(this.words, TAKEN_COUNT) % STAGED_MAX) * 2]!;
  }
  get stagedDescriptor(): number {
    return this.words[STAGED + (Atomics.load(this.words, TAKEN_COUNT) % STAGED_MAX) * 2 + 1]!;
  }
  /** Lane: the next staged segment is in use now. */
  taken(): void {
    const segment = this.stagedSegment;
    Atomics.store(this.words, CURRENT_SEGMENT, segment);
    Atomics.add(this.words, TAKEN_COUNT, 1);
    this.wakeKeeper();
  }
  /** Lane: waits until a segment is staged, at most so long. */
  waitForStaged(msMax: number): void {
    const count = Atomics.load(this.words, STAGED_COUNT);
    if (this.stagedWaiting > 0) return;
    Atomics.add(this.words, WAITS, 1);
    this.wakeKeeper();
    Atomics.wait(this.words, STAGED_COUNT, count, msMax);
  }
  get waits(): number {
    return Atomics.load(this.words, WAITS);
  }
  /** Lane, when it goes on with a segment that is there already. */
  set currentSegment(segment: number) {
    Atomics.store(this.words, CURRENT_SEGMENT, segment);
    this.wakeKeeper();
  }
  get currentSegment(): number {
    return Atomics.load(this.words, CURRENT_SEGMENT);
  }
  wakeKeeper(): void {
    Atomics.add(this.words, WANTED, 1);
    Atomics.notify(this.words, WANTED);
  }
  /** Keeper: the word to wait on; its value is read before looking at the rest. */
  get wanted(): number {
    return Atomics.load(this.words, WANTED);
  }
  get wantedWords(): Int32Array {
    return this.words;
  }

  /** SHORTAGE. */
  set shortage(value: number) {
    Atomics.store(this.words, SHORT, value);
  }
  get shortage(): number {
    return Atomics.load(this.words, SHORT);
  }
  set checkpointSegment(segment: number) {
    Atomics.store(this.words, CHECKPOINT_SEGMENT, segment);
  }
  get checkpointSegment(): number {
    return Atomics.load(this.words, CHECKPOINT_SEGMENT);
  }

  noteRecovery(records: number, bytes: number, bytesOfAll: number): void {
    this.doubles[RECOVERED_RECORDS] = records;
    this.doubles[RECOVERED_BYTES] = bytes;
    this.doubles[RECOVERY_BYTES] = bytesOfAll;
  }
  get recoveredRecords(): number {
    return this.doubles[RECOVERED_RECORDS]!;
  }
  get recoveredBytes(): number {
    return this.doubles[RECOVERED_BYTES]!;
  }
  get recoveryBytes(): number {
    return this.doubles[RECOVERY_BYTES]!;
  }
}

/** Place of the word that the keeper waits on, within wantedWords. */
export const WANTED_WORD = WANTED;
