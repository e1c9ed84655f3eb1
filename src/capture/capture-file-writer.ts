// Writes a capture file. Records are gathered into blocks; a block is on its way to the disk when flush() returns. A disk
// that takes nothing throws the errno, and the file then ends with the last whole block.

import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";
import { assert } from "../base/assert.ts";
import {
  BLOCK_HEADER_BYTES,
  BLOCK_KIND,
  BLOCK_PAYLOAD_BYTES_MAX,
  fileHead,
  paddedJson,
  trailerOf,
  writeBlockHeader,
} from "./capture-file-layout.ts";
import { type CaptureIndex, CaptureTotals, type IndexedBlocks } from "./capture-index.ts";
import { CAPTURE_HEADER_BYTES, CAPTURE_VERSION, type CaptureInfo } from "./capture-record.ts";
import {
  atNsAt,
  connectionAt,
  kindAt,
  paddedBytes,
  recordBytesAt,
  writeRecordHeader,
} from "./capture-record-layout.ts";

const BLOCK_BYTES = 256 * 1024;
/** Smaller blocks share an entry of the index. */
const INDEXED_BYTES_MIN = 256 * 1024;

export type WriteBytes = (
  descriptor: number,
  bytes: Buffer,
  offset: number,
  length: number,
) => number;

/** Where a file that somebody else began is gone on with: capture-file-tail.ts finds it. */
export interface CaptureTail {
  /** Behind the last whole block; what follows is cut off. */
  readonly bytes: number;
  readonly nextSequence: number;
  /** As the last block has it; undefined: there is no block. */
  readonly source: number | undefined;
  readonly blocks: readonly IndexedBlocks[];
  readonly records: number;
}

export class CaptureFileWriter {
  private readonly descriptor: number;
  private readonly isCutAtTrouble: boolean;
  private readonly writeBytes: WriteBytes;
  private readonly totals = new CaptureTotals();
  private readonly isWhole: boolean;
  private readonly recordsBefore: number;
  private readonly blocks: IndexedBlocks[];
  private block = Buffer.alloc(BLOCK_BYTES);
  private view = viewOf(this.block);
  private end = BLOCK_HEADER_BYTES; // of what is in the block
  private recordCount = 0; // in the block
  private firstAtNs = Number.POSITIVE_INFINITY;
  private lastAtNs = Number.NEGATIVE_INFINITY;
  private sequence: number;
  private source: number; // position behind what was added last
  private writtenSource: number; // behind what the file has
  private fileBytes: number;
  private unwritten = 0; // records that an abandoned file was to have

  /**
   * Makes the file, which must not exist, and does not when there is trouble; with `tail`, goes on with one that does. One
   * that is open already is written from where it stands, and closed. `write` is as writeSync of node:fs. Throws what
   * node:fs throws.
   */
  constructor(
    file: string | number,
    info: CaptureInfo,
    write: WriteBytes = writeSync,
    tail?: CaptureTail,
  ) {
    assert(info.version === CAPTURE_VERSION, "a capture of another version is not written");
    this.isCutAtTrouble = typeof file === "string";
    this.writeBytes = write;
    this.isWhole = tail === undefined;
    this.blocks = [...(tail?.blocks ?? [])];
    this.recordsBefore = tail?.records ?? 0;
    this.sequence = tail?.nextSequence ?? 0;
    this.source = tail?.source ?? 0;
    this.writtenSource = this.source;
    this.fileBytes = tail?.bytes ?? 0;
    this.descriptor =
      typeof file === "number" ? file : openSync(file, tail === undefined ? "ax" : "a");
    try {
      if (tail !== undefined) ftruncateSync(this.descriptor, tail.bytes);
      else this.append(fileHead(CAPTURE_VERSION, paddedJson(info)));
    } catch (error) {
      closeSync(this.descriptor);
      // Nobody could make one of that name once there is room again.
      if (tail === undefined && typeof file === "string") rmSync(file, { force: true });
      throw error;
    }
  }

  /** Of the file, with what has not been flushed. */
  get bytes(): number {
    return this.fileBytes + (this.recordCount === 0 ? 0 : this.end);
  }
  /** The position behind the last record that the file has of where they come from; 0: it has none. */
  get writtenTo(): number {
    return this.writtenSource;
  }
  /** That were added, here and before the file was gone on with; of one that was abandoned, those that it has. */
  get records(): number {
    return this.recordsBefore + this.totals.recordCount - this.unwritten;
  }

  add(
    kind: number,
    flags: number,
    connection: number,
    detail: number,
    atNs: number,
    payload: Uint8Array,
  ): void {
    const recordBytes = paddedBytes(CAPTURE_HEADER_BYTES + payload.length);
    const offset = this.claim(recordBytes);
    const { block, view } = this;
    writeRecordHeader(view, offset, payload.length, kind, flags, connection, detail, atNs);
    block.set(payload, offset + CAPTURE_HEADER_BYTES);
    block.fill(0, offset + CAPTURE_HEADER_BYTES + payload.length, offset + recordBytes);
    this.count(offset);
  }

  /**
   * Records that have the layout already, one behind the other with their padding. `source`: the position of the first,
   * where they came from; a block says at which one whoever goes on with the file must read on.
   */
  addRaw(bytes: Buffer, start: number, end: number, source = 0): void {
    const view = viewOf(bytes);
    let from = start;
    this.source = source;
    while (from < end) {
      const recordBytes = paddedBytes(recordBytesAt(view, from));
      assert(recordBytes >= CAPTURE_HEADER_BYTES, "a record is shorter than its header");
      assert(from + recordBytes <= end, "a record overruns its bytes");
      const offset = this.claim(recordBytes);
      bytes.copy(this.block, offset, from, from + recordBytes);
      this.count(offset);
      from += recordBytes;
      this.source = (this.source + recordBytes) | 0;
    }
  }

  /** Gives the disk what was added, if anything was. */
  flush(): void {
    if (this.recordCount === 0) return;
    const { block, end, sequence, recordCount, firstAtNs, lastAtNs, source } = this;
    const header = { sequence, recordCount, source, firstAtNs, lastAtNs };
    const payloadBytes = end - BLOCK_HEADER_BYTES;
    writeBlockHeader(block, { ...header, kind: BLOCK_KIND.RECORDS, payloadBytes });
    const offset = this.fileBytes;
    this.append(block.subarray(0, end));
    this.writtenSource = source;
    this.index({ offset, firstAtNs, lastAtNs, records: recordCount });
    this.sequence++;
    this.startBlock();
  }

  /** Ends the file with its index. */
  close(): void {
    this.flush();
    const index = paddedJson({
      blocks: this.blocks,
      connections: this.totals.connections,
      hasAllConnections: this.isWhole && this.totals.hasAll,
      records: this.records,
    } satisfies CaptureIndex);
    const block = Buffer.concat([Buffer.alloc(BLOCK_HEADER_BYTES), index]);
    const { sequence } = this;
    const nothing = { recordCount: 0, source: 0, firstAtNs: 0, lastAtNs: 0 };
    const header = { kind: BLOCK_KIND.INDEX, sequence, payloadBytes: index.length };
    writeBlockHeader(block, { ...nothing, ...header });
    this.append(Buffer.concat([block, trailerOf(this.fileBytes)]));
    closeSync(this.descriptor);
  }

  /** Leaves the file as it is, without an end: after trouble. */
  abandon(): void {
    this.unwritten = this.recordCount;
    this.startBlock();
    closeSync(this.descriptor);
  }

  /** Room for a record; what was in the block may be flushed for that. */
  private claim(recordBytes: number): number {
    assert(recordBytes <= BLOCK_PAYLOAD_BYTES_MAX, "a record is too long for a capture");
    if (this.end + recordBytes > this.block.length) {
      this.flush();
      const blockBytes = BLOCK_HEADER_BYTES + recordBytes;
      if (blockBytes > this.block.length) {
        this.block = Buffer.alloc(blockBytes);
        this.view = viewOf(this.block);
      }
    }
    return this.end;
  }

  private count(offset: number): void {
    const { block, view } = this;
    const recordBytes = recordBytesAt(view, offset);
    const atNs = atNsAt(view, offset);
    const start = offset + CAPTURE_HEADER_BYTES;
    const end = offset + recordBytes;
    this.totals.add(kindAt(view, offset), connectionAt(view, offset), atNs, block, start, end);
    this.end = offset + paddedBytes(recordBytes);
    this.recordCount++;
    this.firstAtNs = Math.min(this.firstAtNs, atNs);
    this.lastAtNs = Math.max(this.lastAtNs, atNs);
  }

  private startBlock(): void {
    this.end = BLOCK_HEADER_BYTES;
    this.recordCount = 0;
    this.firstAtNs = Number.POSITIVE_INFINITY;
    this.lastAtNs = Number.NEGATIVE_INFINITY;
  }

  private index(blocks: IndexedBlocks): void {
    const last = this.blocks.at(-1);
    if (last === undefined || blocks.offset - last.offset >= INDEXED_BYTES_MIN) {
      this.blocks.push(blocks);
      return;
    }
    this.blocks[this.blocks.length - 1] = {
      offset: last.offset,
      firstAtNs: Math.min(last.firstAtNs, blocks.firstAtNs),
      lastAtNs: Math.max(last.lastAtNs, blocks.lastAtNs),
      records: last.records + blocks.records,
    };
  }

  private append(bytes: Buffer): void {
    let written = 0;
    try {
      while (written < bytes.length) {
        written += this.writeBytes(this.descriptor, bytes, written, bytes.length - written);
      }
    } catch (error) {
      // Half a block would be reported as damage. What somebody else opened is theirs to cut, and may be a pipe.
      if (written > 0 && this.isCutAtTrouble) ftruncateSync(this.descriptor, this.fileBytes);
      throw error;
    }
    this.fileBytes += bytes.length;
  }
}

const viewOf = (bytes: Buffer): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
