// The blocks of a capture file, one after the other: whole ones are handed out, damaged ones are skipped and told.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import {
  BLOCK_HEADER_BYTES,
  type BlockHeader,
  FILE_HEADER_BYTES,
  hasFileMagic,
  INFO_BYTES_MAX,
  infoBytesOf,
  isHeadSound,
  isPayloadSound,
  readBlockHeader,
  readTrailer,
  TRAILER_BYTES,
  versionOf,
} from "./capture-file-layout.ts";
import { CAPTURE_VERSION, type CaptureInfo } from "./capture-record.ts";
import { paddedBytes } from "./capture-record-layout.ts";
import { infoOf } from "./record-facts.ts";

const SEARCHED_BYTES = 256 * 1024;

/** A file that is no capture, or none that can be read: one line that says what is wrong with it. */
export class CaptureFileError extends Error {
  constructor(path: string, reason: string) {
    super(`${path}: ${reason}`);
    this.name = "CaptureFileError";
  }
}

export interface FoundBlock {
  readonly offset: number;
  readonly header: BlockHeader;
  /** Valid until the next block is asked for. */
  readonly payload: Buffer;
  /** Bytes before the block that were damaged and left out. */
  readonly skippedBytes: number;
}

export class CaptureFileBlocks {
  readonly path: string;
  readonly info: CaptureInfo;
  /** Of the first block. */
  readonly firstOffset: number;
  private readonly descriptor: number;
  private readonly header = Buffer.alloc(BLOCK_HEADER_BYTES);
  private payload = Buffer.alloc(0);

  private constructor(path: string, descriptor: number) {
    this.path = path;
    this.descriptor = descriptor;
    const head = this.read(FILE_HEADER_BYTES, 0);
    if (head.length === 0) throw new CaptureFileError(path, "the file is empty");
    if (!hasFileMagic(head)) throw new CaptureFileError(path, "this is no capture of a gateway");
    if (head.length < FILE_HEADER_BYTES) throw new CaptureFileError(path, CUT_OFF);
    const version = versionOf(head);
    if (version !== CAPTURE_VERSION) {
      const reason = `a capture of version ${version}, and only version ${CAPTURE_VERSION} is known here`;
      throw new CaptureFileError(path, reason);
    }
    const infoBytes = infoBytesOf(head);
    if (infoBytes > INFO_BYTES_MAX) throw new CaptureFileError(path, DAMAGED);
    const info = this.read(infoBytes, FILE_HEADER_BYTES);
    if (info.length < infoBytes) throw new CaptureFileError(path, `${CUT_OFF}, or that is damaged`);
    if (!isHeadSound(head, info)) throw new CaptureFileError(path, DAMAGED);
    const described = infoOf(info);
    if (described === undefined)
      throw new CaptureFileError(path, "the capture says nothing of itself that can be used");
    this.info = described;
    this.firstOffset = FILE_HEADER_BYTES + paddedBytes(infoBytes);
  }

  /** Throws a CaptureFileError. */
  static open(path: string): CaptureFileBlocks {
    let descriptor: number;
    try {
      descriptor = openSync(path, "r");
    } catch (error) {
      throw new CaptureFileError(path, reasonOf(error));
    }
    try {
      return new CaptureFileBlocks(path, descriptor);
    } catch (error) {
      closeSync(descriptor);
      if (error instanceof CaptureFileError) throw error;
      throw new CaptureFileError(path, reasonOf(error));
    }
  }

  get fileBytes(): number {
    return fstatSync(this.descriptor).size;
  }

  /** Where the index begins, of a file that was ended. */
  get indexOffset(): number | undefined {
    const { fileBytes } = this;
    const trailer =
      fileBytes < TRAILER_BYTES ? [] : this.read(TRAILER_BYTES, fileBytes - TRAILER_BYTES);
    const offset = readTrailer(Buffer.from(trailer));
    return Number.isSafeInteger(offset) && Number(offset) >= this.firstOffset ? offset : undefined;
  }

  /** The next whole block at `from` or behind it. Undefined: there is none. */
  next(from: number): FoundBlock | undefined {
    let offset = from;
    for (;;) {
      const block = this.at(offset);
      if (block === undefined) return undefined;
      if (block !== "damaged") return { ...block, skippedBytes: offset - from };
      const found = this.search(offset + 8);
      if (found === undefined) return undefined;
      offset = found;
    }
  }

  /** Header of the block there: its payload lies within the file, but nobody looked at it. */
  headerAt(offset: number): BlockHeader | undefined {
    if (this.readInto(this.header, BLOCK_HEADER_BYTES, offset) < BLOCK_HEADER_BYTES)
      return undefined;
    const header = readBlockHeader(this.header);
    const end = offset + BLOCK_HEADER_BYTES + (header?.payloadBytes ?? 0);
    return end <= this.fileBytes ? header : undefined;
  }

  /** The block there, "damaged", or undefined when the file ends before it could. */
  at(offset: number): Omit<FoundBlock, "skippedBytes"> | "damaged" | undefined {
    if (offset + BLOCK_HEADER_BYTES > this.fileBytes) return undefined;
    const header = this.headerAt(offset);
    if (header === undefined) return "damaged";
    const { payloadBytes } = header;
    if (this.payload.length < payloadBytes) this.payload = Buffer.alloc(payloadBytes);
    const read = this.readInto(this.payload, payloadBytes, offset + BLOCK_HEADER_BYTES);
    if (read < payloadBytes) return "damaged";
    const payload = this.payload.subarray(0, payloadBytes);
    return isPayloadSound(this.header, payload) ? { offset, header, payload } : "damaged";
  }

  close(): void {
    closeSync(this.descriptor);
  }

  /** The first offset from there on at which a header stands. */
  private search(from: number): number | undefined {
    for (let start = from; ; start += SEARCHED_BYTES) {
      const bytes = this.read(SEARCHED_BYTES + BLOCK_HEADER_BYTES, start);
      if (bytes.length < BLOCK_HEADER_BYTES) return undefined;
      for (let offset = 0; offset < Math.min(bytes.length, SEARCHED_BYTES); offset += 8) {
        if (readBlockHeader(bytes, offset) !== undefined) return start + offset;
      }
    }
  }

  private read(count: number, offset: number): Buffer {
    const bytes = Buffer.alloc(count);
    return bytes.subarray(0, this.readInto(bytes, count, offset));
  }

  private readInto(bytes: Buffer, count: number, offset: number): number {
    let done = 0;
    while (done < count) {
      const read = readSync(this.descriptor, bytes, done, count - done, offset + done);
      if (read === 0) break;
      done += read;
    }
    return done;
  }
}

const CUT_OFF = "the capture is cut off within its header";
const DAMAGED = "the header of the capture is damaged";

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "this is a directory";
  if (code === "EACCES") return "the file may not be read";
  return code ?? message;
}
