// Reads a capture file, whole or not: one that was cut off or is still being written ends where its last whole block
// does, and damage in the middle costs what was damaged.

import { CaptureFileBlocks } from "./capture-file-blocks.ts";
import { BLOCK_HEADER_BYTES, BLOCK_KIND, TRAILER_BYTES } from "./capture-file-layout.ts";
import type { CaptureIndex } from "./capture-index.ts";
import {
  CAPTURE_HEADER_BYTES,
  CAPTURE_KIND,
  type CaptureInfo,
  type CaptureRecord,
  type LossFacts,
} from "./capture-record.ts";
import { paddedBytes, readRecord, recordBytesAt } from "./capture-record-layout.ts";
import { isUsable } from "./record-facts.ts";

export { CaptureFileError } from "./capture-file-blocks.ts";

export class CaptureFileReader {
  readonly info: CaptureInfo;
  /** Of a file that was ended; undefined: read all of it. */
  readonly index: CaptureIndex | undefined;
  /** What is wrong with the file, a line each: known when records() has come to its end. */
  readonly problems: string[] = [];
  private readonly blocks: CaptureFileBlocks;
  /** Connections that came and did not go. */
  private readonly open = new Set<number>();
  /** Of the latest record that was read. */
  private atNs = 0;

  private constructor(blocks: CaptureFileBlocks) {
    this.blocks = blocks;
    this.info = blocks.info;
    this.index = readIndex(blocks);
  }

  /** Throws a CaptureFileError: one clear line. */
  static open(path: string): CaptureFileReader {
    return new CaptureFileReader(CaptureFileBlocks.open(path));
  }

  /**
   * All that can be read, as it stands in the file: in the order in which each thread wrote, which is not quite that of
   * time. Behind damage, each connection that is open has a LOST record for each direction, with 0 chunks and bytes as
   * nobody knows how many; so has the connection of bytes that cannot be used. Begins anew with each call.
   */
  *records(): Generator<CaptureRecord> {
    const { blocks, open, problems } = this;
    problems.length = 0;
    open.clear();
    let offset = blocks.firstOffset;
    let sequence = 0;
    this.atNs = this.info.anchorNs;
    for (;;) {
      const block = blocks.next(offset);
      if (block === undefined) break;
      const { header, payload, skippedBytes } = block;
      if (skippedBytes > 0 || header.sequence !== sequence) {
        const missing = (header.sequence - sequence) >>> 0;
        problems.push(
          `damaged at offset ${offset}: ${skippedBytes} bytes are left out, ${missing} blocks are missing`,
        );
        yield* losses(open, this.atNs);
      }
      sequence = (header.sequence + 1) >>> 0;
      offset = block.offset + BLOCK_HEADER_BYTES + payload.length;
      if (header.kind === BLOCK_KIND.INDEX) {
        const behind = blocks.fileBytes - offset - TRAILER_BYTES;
        if (behind > 0) {
          problems.push(
            `${behind} bytes behind its end are left out: captures are joined by npm run capture -- merge`,
          );
        }
        return;
      }
      if (header.kind !== BLOCK_KIND.RECORDS) continue;
      yield* this.recordsOf(payload, block.offset);
    }
    const rest = blocks.fileBytes - offset;
    problems.push(
      rest > 0
        ? `no end: the capture is cut off or still running, and its last ${rest} bytes, from offset ${offset}, are no whole block`
        : "no end: the capture was cut off, or it is still running",
    );
  }

  close(): void {
    this.blocks.close();
  }

  private *recordsOf(payload: Buffer, blockOffset: number): Generator<CaptureRecord> {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    let offset = 0;
    let unusable = 0;
    while (offset < payload.length) {
      const room = payload.length - offset;
      const recordBytes = room < CAPTURE_HEADER_BYTES ? 0 : recordBytesAt(view, offset);
      if (recordBytes < CAPTURE_HEADER_BYTES || recordBytes > room) {
        this.problems.push(
          `the block at offset ${blockOffset} is no row of records: the rest of it is left out`,
        );
        break;
      }
      const record = readRecord(payload, view, offset);
      offset += paddedBytes(recordBytes);
      if (!isUsable(record)) {
        unusable++;
        // With that a connection came, none of its bytes are gone.
        const isLoss = record.connection !== 0 && record.kind !== CAPTURE_KIND.CONNECT;
        if (isLoss) yield* losses([record.connection], this.atNs);
        continue;
      }
      this.atNs = Math.max(this.atNs, record.atNs);
      if (record.connection !== 0) {
        if (record.kind === CAPTURE_KIND.CLOSE) this.open.delete(record.connection);
        else this.open.add(record.connection);
      }
      yield record;
    }
    if (unusable > 0) {
      this.problems.push(
        `${unusable} records of the block at offset ${blockOffset} say nothing that can be used: left out`,
      );
    }
  }
}

function* losses(connections: Iterable<number>, atNs: number): Generator<CaptureRecord> {
  for (const connection of connections) {
    for (const direction of ["in", "out"] as const) {
      const facts: LossFacts = { direction, chunks: 0, bytes: 0 };
      const payload = Buffer.from(JSON.stringify(facts));
      yield { kind: CAPTURE_KIND.LOST, flags: 0, connection, detail: 0, atNs, payload };
    }
  }
}

function readIndex(blocks: CaptureFileBlocks): CaptureIndex | undefined {
  const { indexOffset } = blocks;
  if (indexOffset === undefined) return undefined;
  const block = blocks.at(indexOffset);
  if (block === undefined || block === "damaged") return undefined;
  if (block.header.kind !== BLOCK_KIND.INDEX) return undefined;
  try {
    return JSON.parse(block.payload.toString()) as CaptureIndex;
  } catch {
    return undefined; // the records say all that it would
  }
}
