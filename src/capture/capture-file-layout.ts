// A capture file: a header that describes it, blocks of whole records, and at a clean end an index and a trailer. All
// little endian; everything starts at a multiple of 8. ops/capture.md has the same for people.

import { crc32 } from "node:zlib";
import { assert } from "../base/assert.ts";
import { paddedBytes } from "./capture-record-layout.ts";

// The file's header; behind it CaptureInfo as JSON, padded with blanks.
export const FILE_MAGIC = Buffer.from("TAILGCAP", "latin1");
const VERSION_OFFSET = FILE_MAGIC.length; // u32
const INFO_BYTES_OFFSET = VERSION_OFFSET + 4; // u32, with the padding
const FILE_CRC_OFFSET = INFO_BYTES_OFFSET + 4; // u32, of what stands before it and of the info
export const FILE_HEADER_BYTES = FILE_CRC_OFFSET + 8; // u32 unused
export const INFO_BYTES_MAX = 64 * 1024;

// A block's header; behind it the payload.
const BLOCK_MAGIC_OFFSET = 0; // u32
const BLOCK_MAGIC = 0x4b424754; // "TGBK"
const BLOCK_KIND_OFFSET = BLOCK_MAGIC_OFFSET + 4; // u32, BLOCK_KIND
const SEQUENCE_OFFSET = BLOCK_KIND_OFFSET + 4; // u32, from 0
const PAYLOAD_BYTES_OFFSET = SEQUENCE_OFFSET + 4; // u32
const RECORD_COUNT_OFFSET = PAYLOAD_BYTES_OFFSET + 4; // u32
const SOURCE_OFFSET = RECORD_COUNT_OFFSET + 4; // u32, where in the ring what follows the block begins
const FIRST_AT_NS_OFFSET = SOURCE_OFFSET + 4; // f64, earliest
const LAST_AT_NS_OFFSET = FIRST_AT_NS_OFFSET + 8; // f64, latest
const PAYLOAD_CRC_OFFSET = LAST_AT_NS_OFFSET + 8; // u32
const BLOCK_CRC_OFFSET = PAYLOAD_CRC_OFFSET + 4; // u32, of the header before it
export const BLOCK_HEADER_BYTES = BLOCK_CRC_OFFSET + 4;
export const BLOCK_PAYLOAD_BYTES_MAX = 64 * 1024 * 1024;

export const BLOCK_KIND = {
  RECORDS: 1,
  /** CaptureIndex as JSON, padded with blanks. */
  INDEX: 2,
} as const;

// The trailer: the last bytes of a file that was ended.
const TRAILER_MAGIC = Buffer.from("TGCAPEND", "latin1");
const INDEX_OFFSET_OFFSET = TRAILER_MAGIC.length; // f64
const TRAILER_CRC_OFFSET = INDEX_OFFSET_OFFSET + 8; // u32, of what stands before it
export const TRAILER_BYTES = TRAILER_CRC_OFFSET + 8; // u32 unused

export interface BlockHeader {
  readonly kind: number;
  readonly sequence: number;
  readonly payloadBytes: number;
  readonly recordCount: number;
  readonly source: number;
  readonly firstAtNs: number;
  readonly lastAtNs: number;
}

/** JSON in UTF-8, with blanks up to a multiple of 8. */
export function paddedJson(value: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  const bytes = Buffer.alloc(paddedBytes(text.length), " ");
  text.copy(bytes);
  return bytes;
}

/** Header and description of a file of that version. */
export function fileHead(version: number, info: Buffer): Buffer {
  assert(info.length <= INFO_BYTES_MAX, "the description of a capture is too long");
  const head = Buffer.alloc(FILE_HEADER_BYTES);
  FILE_MAGIC.copy(head);
  head.writeUInt32LE(version, VERSION_OFFSET);
  head.writeUInt32LE(info.length, INFO_BYTES_OFFSET);
  head.writeUInt32LE(crc32(info, crc32(head.subarray(0, FILE_CRC_OFFSET))), FILE_CRC_OFFSET);
  return Buffer.concat([head, info]);
}

export const hasFileMagic = (head: Buffer): boolean =>
  head.subarray(0, FILE_MAGIC.length).equals(FILE_MAGIC);
export const versionOf = (head: Buffer): number => head.readUInt32LE(VERSION_OFFSET);
export const infoBytesOf = (head: Buffer): number => head.readUInt32LE(INFO_BYTES_OFFSET);
export const isHeadSound = (head: Buffer, info: Buffer): boolean =>
  crc32(info, crc32(head.subarray(0, FILE_CRC_OFFSET))) === head.readUInt32LE(FILE_CRC_OFFSET);

/** Writes the header of a block whose payload stands behind it, at BLOCK_HEADER_BYTES. */
export function writeBlockHeader(block: Buffer, header: BlockHeader): void {
  block.writeUInt32LE(BLOCK_MAGIC, BLOCK_MAGIC_OFFSET);
  block.writeUInt32LE(header.kind, BLOCK_KIND_OFFSET);
  block.writeUInt32LE(header.sequence >>> 0, SEQUENCE_OFFSET);
  block.writeUInt32LE(header.payloadBytes, PAYLOAD_BYTES_OFFSET);
  block.writeUInt32LE(header.recordCount, RECORD_COUNT_OFFSET);
  block.writeUInt32LE(header.source >>> 0, SOURCE_OFFSET);
  block.writeDoubleLE(header.firstAtNs, FIRST_AT_NS_OFFSET);
  block.writeDoubleLE(header.lastAtNs, LAST_AT_NS_OFFSET);
  const payload = block.subarray(BLOCK_HEADER_BYTES, BLOCK_HEADER_BYTES + header.payloadBytes);
  block.writeUInt32LE(crc32(payload), PAYLOAD_CRC_OFFSET);
  block.writeUInt32LE(crc32(block.subarray(0, BLOCK_CRC_OFFSET)), BLOCK_CRC_OFFSET);
}

/** The header that stands there, or undefined when it is none, or damaged. */
export function readBlockHeader(bytes: Buffer, offset = 0): BlockHeader | undefined {
  const header = bytes.subarray(offset, offset + BLOCK_HEADER_BYTES);
  if (header.length < BLOCK_HEADER_BYTES) return undefined;
  if (header.readUInt32LE(BLOCK_MAGIC_OFFSET) !== BLOCK_MAGIC) return undefined;
  const crc = crc32(header.subarray(0, BLOCK_CRC_OFFSET));
  if (crc !== header.readUInt32LE(BLOCK_CRC_OFFSET)) return undefined;
  const payloadBytes = header.readUInt32LE(PAYLOAD_BYTES_OFFSET);
  if (payloadBytes > BLOCK_PAYLOAD_BYTES_MAX || payloadBytes % 8 !== 0) return undefined;
  return {
    kind: header.readUInt32LE(BLOCK_KIND_OFFSET),
    sequence: header.readUInt32LE(SEQUENCE_OFFSET),
    payloadBytes,
    recordCount: header.readUInt32LE(RECORD_COUNT_OFFSET),
    source: header.readUInt32LE(SOURCE_OFFSET),
    firstAtNs: header.readDoubleLE(FIRST_AT_NS_OFFSET),
    lastAtNs: header.readDoubleLE(LAST_AT_NS_OFFSET),
  };
}

export const isPayloadSound = (header: Buffer, payload: Buffer): boolean =>
  crc32(payload) === header.readUInt32LE(PAYLOAD_CRC_OFFSET);

export function trailerOf(indexOffset: number): Buffer {
  const trailer = Buffer.alloc(TRAILER_BYTES);
  TRAILER_MAGIC.copy(trailer);
  trailer.writeDoubleLE(indexOffset, INDEX_OFFSET_OFFSET);
  trailer.writeUInt32LE(crc32(trailer.subarray(0, TRAILER_CRC_OFFSET)), TRAILER_CRC_OFFSET);
  return trailer;
}

/** Where the index begins, or undefined when this is no trailer. */
export function readTrailer(trailer: Buffer): number | undefined {
  if (trailer.length < TRAILER_BYTES) return undefined;
  if (!trailer.subarray(0, TRAILER_MAGIC.length).equals(TRAILER_MAGIC)) return undefined;
  const crc = crc32(trailer.subarray(0, TRAILER_CRC_OFFSET));
  if (crc !== trailer.readUInt32LE(TRAILER_CRC_OFFSET)) return undefined;
  return trailer.readDoubleLE(INDEX_OFFSET_OFFSET);
}
