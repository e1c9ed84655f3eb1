// From the log rings to files: JSON lines and, if asked for, the core of each record in a binary file. What waits is
// taken in bounded pieces, so that a backlog holds up nothing else of the scribe. Scribe thread.

import { AccountNames } from "../../telemetry/account-names.ts";
import type { EventLog } from "../../telemetry/event-log.ts";
import { EVENT_KIND, THREAD, threadName } from "../../telemetry/event-record.ts";
import {
  LOG_CORE_BYTES,
  LOG_RECORD_BYTES,
  LogRecord,
  writeLogCore,
} from "../../telemetry/log-record.ts";
import { RecordRingReader } from "../../telemetry/record-ring.ts";
import { SampleCounts } from "../../telemetry/sample-counts.ts";
import { SAMPLE_CLASS_NAMES } from "../../telemetry/telemetry-control.ts";
import type { TelemetryMemory } from "../../telemetry/telemetry-memory.ts";
import { RotatingFile } from "../rotating-file.ts";
import type { ScribePart } from "../scribe-part.ts";
import type { OrderLines } from "./order-lines.ts";

export interface LogDrainOptions {
  readonly memory: TelemetryMemory;
  readonly directory: string;
  readonly bytesMax: number;
  readonly filesMax: number;
  readonly json: boolean;
  readonly binary: boolean;
  /** Of a moment on the common clock: since 1970. */
  readonly timeOf: (ns: number) => readonly [seconds: number, nanoseconds: number];
  /** The scribe's own: a gap in the log is an event. */
  readonly events: EventLog;
  readonly onTrouble: (line: string) => void;
}

export interface LogStats {
  /** Records of which something was written, and records lost because a ring was full or the disk took nothing. */
  readonly written: number;
  readonly dropped: number;
  /** Answers of each class, and what the sampler made of them. */
  readonly classes: readonly LogClassStats[];
  readonly rings: readonly LogRingStats[];
  /** Times that the disk took nothing, and what it should have taken. */
  readonly fileFailures: number;
  readonly lostBytes: number;
}
export interface LogClassStats {
  readonly name: string;
  readonly seen: number;
  readonly sampled: number;
  readonly sampledOut: number;
  /** How often the share is halved now, because there are very many. */
  readonly halvings: number;
}
export interface LogRingStats {
  readonly thread: string;
  readonly waiting: number;
  readonly dropped: number;
  readonly isBreakerOpen: boolean;
}

/**
 * Lines of one tick, ten times a second: each takes the scribe microseconds of a core that gate and lanes may need. When all orders are slow all are to be logged, and a scribe that kept up would make them slower still: it stays
 * behind instead, and what the ring does not hold is dropped and counted (ops/decisions/0008).
 */
const LINES_PER_TICK = 1024;
/** Cores take a tenth of that: the scribe comes back for more. */
const CORES_PER_TICK = 16_384;
/** Cores are handed to the file in pieces. */
const PIECE_CORES = 1024;
const WORD_VALUES = 2 ** 32;
const NS_PER_SECOND = 1_000_000_000n;

/** pino is loaded only when lines are wanted. */
export async function openLogDrain(options: LogDrainOptions): Promise<LogDrain> {
  const { memory, json, directory, bytesMax, filesMax, onTrouble } = options;
  const file = { directory, prefix: LOG_PREFIX, bytesMax, filesMax, onTrouble };
  const lineFile = json ? new RotatingFile({ ...file, suffix: LINES_SUFFIX }) : undefined;
  const coreFile = options.binary ? new RotatingFile({ ...file, suffix: CORES_SUFFIX }) : undefined;
  if (lineFile === undefined) return new LogDrain(options, undefined, undefined, coreFile);
  const { OrderLines } = await import("./order-lines.ts");
  const names = new AccountNames(memory.accountNames, memory.lanes.length);
  return new LogDrain(options, new OrderLines(lineFile, names), lineFile, coreFile);
}

export const LOG_PREFIX = "orders-";
export const LINES_SUFFIX = ".log";
export const CORES_SUFFIX = ".bin";

export class LogDrain implements ScribePart {
  isBehind = false;
  private readonly options: LogDrainOptions;
  private readonly rings: readonly LogRing[];
  private readonly counts: SampleCounts;
  private readonly lines: OrderLines | undefined;
  private readonly lineFile: RotatingFile | undefined;
  private readonly coreFile: RotatingFile | undefined;
  private readonly record = new LogRecord();
  private readonly piece = Buffer.alloc(PIECE_CORES * LOG_CORE_BYTES);
  private pieceBytes = 0;
  private written = 0;
  private firstRing = 0;
  /** A gap is told in a line that no file has yet. */
  private hasNoted = false;
  private tickedNs = 0;
  /** The common clock's zero, since 1970: in halves for cores. */
  private zeroHigh = 0;
  private zeroLow = 0;

  constructor(
    options: LogDrainOptions,
    lines: OrderLines | undefined,
    lineFile: RotatingFile | undefined,
    coreFile: RotatingFile | undefined,
  ) {
    const { gate, lanes } = options.memory;
    this.options = options;
    this.rings = [
      new LogRing(gate.log, THREAD.GATE, this.visit),
      ...lanes.map(({ log }, lane) => new LogRing(log, THREAD.LANE + lane, this.visit)),
    ];
    this.counts = new SampleCounts(gate.sampled);
    this.lines = lines;
    this.lineFile = lineFile;
    this.coreFile = coreFile;
  }

  stats(): LogStats {
    const { counts, rings, lineFile, coreFile } = this;
    return {
      written: this.written,
      dropped: rings.reduce((sum, { dropped, lost }) => sum + dropped + lost, 0),
      classes: SAMPLE_CLASS_NAMES.map((name, each) => ({
        name,
        seen: counts.seen(each),
        sampled: counts.sampled(each),
        sampledOut: counts.leftOut(each),
        halvings: counts.halvings(each),
      })),
      rings: rings.map((ring) => ring.stats()),
      fileFailures: (lineFile?.failureCount ?? 0) + (coreFile?.failureCount ?? 0),
      lostBytes: (lineFile?.lostBytes ?? 0) + (coreFile?.lostBytes ?? 0),
    };
  }

  tick(nowNs: number): void {
    this.tickedNs = nowNs;
    this.findZero();
    for (const ring of this.rings) this.noteGap(ring, nowNs);
    if (this.lines === undefined) this.isBehind = this.take(CORES_PER_TICK) === CORES_PER_TICK;
    else this.take(LINES_PER_TICK);
  }

  /** Nobody writes any more: all that is in the rings goes to the files. */
  close(): void {
    this.findZero();
    while (this.take(CORES_PER_TICK) > 0);
    // A gap that lasted until now is over, and its line the last.
    for (const ring of this.rings) this.noteGap(ring, this.tickedNs);
    this.take(CORES_PER_TICK);
    this.lineFile?.close();
    this.coreFile?.close();
  }

  /**
   * Returns how many. Files have them before they are handed back: whoever follows a scribe that was killed may read a
   * record twice, and misses none (E22).
   */
  private take(recordsMax: number): number {
    const { lineFile, coreFile } = this;
    const lostLines = lineFile?.lostWrites ?? 0;
    const lostBytes = coreFile?.lostBytes ?? 0;
    let left = recordsMax;
    // Each ring is the first in its turn: a gate that fills its own does not keep the lanes' from being read.
    for (let ring = 0; ring < this.rings.length && left > 0; ring++) {
      left -= this.rings[(this.firstRing + ring) % this.rings.length]!.read(left);
    }
    this.firstRing = (this.firstRing + 1) % this.rings.length;
    if (left === recordsMax && !this.hasNoted) return 0;
    this.writePiece();
    lineFile?.flush();
    coreFile?.flush();
    this.count(recordsMax - left, lostLines, lostBytes);
    for (const ring of this.rings) ring.handBack();
    this.hasNoted = false;
    return recordsMax - left;
  }

  /** Which records a piece had is not known here: with two files, as many are lost as both have lost. */
  private count(records: number, lostLines: number, lostBytes: number): void {
    const { lineFile, coreFile } = this;
    this.written += records;
    if (lineFile === undefined && coreFile === undefined) return; // nothing was wanted
    const lines = lineFile ? lineFile.lostWrites - lostLines : records;
    const cores = coreFile ? (coreFile.lostBytes - lostBytes) / LOG_CORE_BYTES : records;
    const lost = Math.min(records, lines, cores);
    this.written -= lost;
    this.rings[0]!.lost += lost;
  }

  private readonly visit = (bytes: Buffer, offset: number): void => {
    const { lines, coreFile, record } = this;
    record.wrap(bytes.buffer, offset);
    if (coreFile !== undefined) this.addCore(bytes, offset);
    if (lines === undefined) return;
    const [seconds, nanoseconds] = this.options.timeOf(record.ns);
    lines.write(record, seconds, nanoseconds);
  };

  private addCore(bytes: Buffer, offset: number): void {
    const low = this.zeroLow + this.record.nsLow;
    const carry = low >= WORD_VALUES ? 1 : 0;
    const high = this.zeroHigh + this.record.nsHigh + carry;
    writeLogCore(this.piece, this.pieceBytes, bytes, offset, high, low - carry * WORD_VALUES);
    this.pieceBytes += LOG_CORE_BYTES;
    if (this.pieceBytes === this.piece.length) this.writePiece();
  }

  private writePiece(): void {
    if (this.pieceBytes === 0) return;
    this.coreFile?.write(this.piece.subarray(0, this.pieceBytes));
    this.pieceBytes = 0;
  }

  /** The wall clock may have been set. */
  private findZero(): void {
    const [seconds, nanoseconds] = this.options.timeOf(0);
    const ns = BigInt(seconds) * NS_PER_SECOND + BigInt(Math.round(nanoseconds));
    this.zeroHigh = Number(ns / BigInt(WORD_VALUES));
    this.zeroLow = Number(ns % BigInt(WORD_VALUES));
  }

  private noteGap(ring: LogRing, nowNs: number): void {
    const dropped = ring.endOfGap(nowNs);
    if (dropped === 0) return;
    this.hasNoted = true;
    const { gapStartNs, thread } = ring;
    this.options.events.add(
      EVENT_KIND.LOG_OVERFLOW,
      gapStartNs,
      nowNs - gapStartNs,
      dropped,
      thread,
    );
    const [seconds, nanoseconds] = this.options.timeOf(nowNs);
    this.lines?.overflow(threadName(thread), dropped, seconds, nanoseconds);
  }
}

type Visit = (bytes: Buffer, offset: number) => void;

/** One thread's ring, and the gap that is open in it. */
class LogRing {
  readonly thread: number;
  gapStartNs = 0;
  private readonly ring: RecordRingReader;
  private readonly visit: (offset: number) => void;
  private told: number; // and put away with what is handed back
  private isInGap = false;
  private readCount = 0; // and not handed back
  private lookedNs = 0;

  /** `thread` of THREAD. */
  constructor(memory: SharedArrayBuffer, thread: number, visit: Visit) {
    const ring = new RecordRingReader(memory, LOG_RECORD_BYTES);
    this.ring = ring;
    this.thread = thread;
    this.visit = (offset) => visit(ring.bytes, offset);
    this.told = ring.toldCount;
  }

  get dropped(): number {
    return this.ring.droppedCount;
  }
  get lost(): number {
    return this.ring.lostCount;
  }
  set lost(value: number) {
    this.ring.lostCount = value;
  }

  read(recordsMax: number): number {
    this.readCount = this.ring.read(recordsMax, this.visit);
    return this.readCount;
  }

  handBack(): void {
    this.ring.handBack(this.readCount);
    this.readCount = 0;
    this.ring.toldCount = this.told;
  }

  /** What was dropped in a gap that is over, or 0. A gap may be shorter than from one look to the next. */
  endOfGap(nowNs: number): number {
    const { ring } = this;
    const beforeNs = this.lookedNs === 0 ? nowNs : this.lookedNs;
    this.lookedNs = nowNs;
    const dropped = ring.droppedCount - this.told;
    if (dropped === 0) return 0;
    if (!this.isInGap) this.gapStartNs = beforeNs;
    this.isInGap = ring.isBreakerOpen && ring.waitingCount * 2 > ring.recordCount;
    if (this.isInGap) return 0;
    this.told += dropped;
    return dropped;
  }

  stats(): LogRingStats {
    const { ring } = this;
    return {
      thread: threadName(this.thread),
      waiting: ring.waitingCount,
      dropped: ring.droppedCount,
      isBreakerOpen: ring.isBreakerOpen,
    };
  }
}
