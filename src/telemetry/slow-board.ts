// The slowest answers of each second, and a fair choice of the others over the threshold, with all their stamps. The
// gate collects a second on a board of its own and goes on to the next; the scribe reads the ones that are over.
//
//   place     written by   read by   order
//   SECOND    gate         scribe    per board: second + 1 that it holds, 0 while it is being cleared; stored around that
//   per board SLOWEST_KEPT + OTHERS_KEPT order records, the number of each, and how many there were over the threshold
//
// A board is used again after BOARDS seconds: a scribe that is later than that loses what it held, nobody else does.

import { assert } from "../base/assert.ts";
import { ORDER_RECORD_BYTES, ORDER_RECORD_WORDS, ORDER_STAMP } from "./order-record.ts";

export const SLOWEST_KEPT = 64;
export const OTHERS_KEPT = 64;
export const BOARDS = 4;

const SECOND = 0; // double
const SLOWEST_COUNT = SECOND + 1; // double
const OVER_COUNT = SLOWEST_COUNT + 1; // double, answers over the threshold
const OTHERS_SEEN = OVER_COUNT + 1; // double, of these, not among the slowest
const HEADER_BYTES = 128;
const RECORDS = SLOWEST_KEPT + OTHERS_KEPT;
const BOARD_BYTES = HEADER_BYTES + RECORDS * ORDER_RECORD_BYTES;
const NS_PER_SECOND = 1e9;

export const createSlowBoard = (): SharedArrayBuffer => new SharedArrayBuffer(BOARDS * BOARD_BYTES);

/** Gate. */
export class SlowBoardWriter {
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;
  /** Of the slowest that are kept now: their times, and the place of the shortest. */
  private readonly totals = new Float64Array(SLOWEST_KEPT);
  private readonly own = new Float64Array(3);
  private count = 0;
  private shortest = 0;
  private base = 0; // bytes
  private random = 0x2545f491;

  constructor(memory: SharedArrayBuffer, overNs: number) {
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    this.own[OWN.OVER_NS] = overNs;
    this.own[OWN.SECOND] = -1;
  }

  /** Before offers of this moment, and now and then without any: a board is read when the next one is begun. */
  moveTo(nowNs: number): void {
    const second = Math.floor(nowNs / NS_PER_SECOND);
    if (second === this.own[OWN.SECOND]) return;
    this.own[OWN.SECOND] = second;
    this.own[OWN.FLOOR_NS] = 0;
    this.count = 0;
    this.base = (second % BOARDS) * BOARD_BYTES;
    const header = this.base >> 3;
    this.doubles[header + SECOND] = 0;
    this.doubles[header + SLOWEST_COUNT] = 0;
    this.doubles[header + OVER_COUNT] = 0;
    this.doubles[header + OTHERS_SEEN] = 0;
    this.doubles[header + SECOND] = second + 1;
  }

  /** Whether offer() would do anything with an answer that took so long: a look without a call's cost. */
  wants(totalNs: number): boolean {
    return totalNs > this.own[OWN.FLOOR_NS]! || totalNs > this.own[OWN.OVER_NS]!;
  }

  /** One answer; `source` holds its order record from word `sourceWord` on. */
  offer(source: Int32Array, sourceWord: number, totalNs: number): void {
    const header = this.base >> 3;
    const isOver = totalNs > this.own[OWN.OVER_NS]!;
    if (isOver) this.doubles[header + OVER_COUNT]! += 1;
    if (this.count < SLOWEST_KEPT) {
      this.copy(source, sourceWord, this.count);
      this.totals[this.count++] = totalNs;
      this.doubles[header + SLOWEST_COUNT] = this.count;
      if (this.count === SLOWEST_KEPT) this.findShortest();
      return;
    }
    if (totalNs <= this.own[OWN.FLOOR_NS]!) {
      if (isOver) this.reservoir(source, sourceWord);
      return;
    }
    // Who leaves the slowest is one of the others, if it was over the threshold.
    const leaving = this.shortest;
    if (this.totals[leaving]! > this.own[OWN.OVER_NS]!) {
      this.reservoir(this.words, this.recordWord(leaving));
    }
    this.copy(source, sourceWord, leaving);
    this.totals[leaving] = totalNs;
    this.findShortest();
  }

  /** Each of the others has the same chance to be kept. */
  private reservoir(source: Int32Array, sourceWord: number): void {
    const header = this.base >> 3;
    const seen = this.doubles[header + OTHERS_SEEN]! + 1;
    this.doubles[header + OTHERS_SEEN] = seen;
    let place = seen - 1;
    if (place >= OTHERS_KEPT) {
      this.random ^= this.random << 13;
      this.random ^= this.random >>> 17;
      this.random ^= this.random << 5;
      place = (this.random >>> 0) % seen;
      if (place >= OTHERS_KEPT) return;
    }
    this.copy(source, sourceWord, SLOWEST_KEPT + place);
  }

  private findShortest(): void {
    const { totals } = this;
    let shortest = 0;
    for (let place = 1; place < SLOWEST_KEPT; place++) {
      if (totals[place]! < totals[shortest]!) shortest = place;
    }
    this.shortest = shortest;
    this.own[OWN.FLOOR_NS] = totals[shortest]!;
  }

  private recordWord(place: number): number {
    return (this.base + HEADER_BYTES + place * ORDER_RECORD_BYTES) >> 2;
  }

  private copy(source: Int32Array, sourceWord: number, place: number): void {
    const target = this.recordWord(place);
    const { words } = this;
    for (let word = 0; word < ORDER_RECORD_WORDS; word++)
      words[target + word] = source[sourceWord + word]!;
  }
}

/** What only the writer needs: typed, as fields would box each new value. */
const OWN = { SECOND: 0, FLOOR_NS: 1, OVER_NS: 2 } as const;

/** One second that is over. */
export interface SlowSecond {
  readonly second: number;
  /** Answers over the threshold, of which at most SLOWEST_KEPT + OTHERS_KEPT are here. */
  readonly overCount: number;
  /** Order records, one behind the other, in no order. */
  readonly records: ArrayBuffer;
  readonly recordCount: number;
}

/** Scribe. */
export class SlowBoardReader {
  private readonly memory: SharedArrayBuffer;
  private readonly doubles: Float64Array;
  private latest = -1;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.doubles = new Float64Array(memory);
  }

  /** Seconds that are over and were not read yet, oldest first. Ask more often than every BOARDS - 1 seconds. */
  read(): SlowSecond[] {
    const boards = Array.from({ length: BOARDS }, (_, board) => board)
      .map((board) => ({ board, second: this.doubles[(board * BOARD_BYTES) >> 3]! - 1 }))
      .sort((a, b) => a.second - b.second);
    const current = boards.at(-1)!.second;
    const seconds: SlowSecond[] = [];
    for (const { board, second } of boards) {
      if (second < 0 || second <= this.latest || second === current) continue;
      const read = this.copyOf(board, second);
      // The gate began it anew meanwhile.
      if (read === undefined) continue;
      seconds.push(read);
      this.latest = second;
    }
    return seconds;
  }

  private copyOf(board: number, second: number): SlowSecond | undefined {
    const base = board * BOARD_BYTES;
    const header = base >> 3;
    const slowest = this.doubles[header + SLOWEST_COUNT]!;
    const others = Math.min(OTHERS_KEPT, this.doubles[header + OTHERS_SEEN]!);
    const overCount = this.doubles[header + OVER_COUNT]!;
    const records = new Uint8Array((slowest + others) * ORDER_RECORD_BYTES);
    const first = base + HEADER_BYTES;
    records.set(new Uint8Array(this.memory, first, slowest * ORDER_RECORD_BYTES));
    const firstOther = first + SLOWEST_KEPT * ORDER_RECORD_BYTES;
    records.set(
      new Uint8Array(this.memory, firstOther, others * ORDER_RECORD_BYTES),
      slowest * ORDER_RECORD_BYTES,
    );
    if (this.doubles[header + SECOND] !== second + 1) return undefined;
    return { second, overCount, records: records.buffer, recordCount: slowest + others };
  }
}

assert(ORDER_STAMP.WRITTEN_NS * 8 + 8 === ORDER_RECORD_BYTES, "a record has grown");
