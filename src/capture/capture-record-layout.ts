// Where the fields of a capture record stand: capture-record.ts says what they mean. The same in ring and file.

import { assert } from "../base/assert.ts";
import { CAPTURE_HEADER_BYTES, type CaptureRecord } from "./capture-record.ts";

const RECORD_BYTES_OFFSET = 0; // u32
const KIND_OFFSET = RECORD_BYTES_OFFSET + 4; // u16
const FLAGS_OFFSET = KIND_OFFSET + 2; // u16
const CONNECTION_OFFSET = FLAGS_OFFSET + 2; // u32
const DETAIL_OFFSET = CONNECTION_OFFSET + 4; // u32
const AT_NS_OFFSET = DETAIL_OFFSET + 4; // f64

const ALIGNMENT = 8;

/** Bytes that something of that size takes: records lie on multiples of 8. */
export const paddedBytes = (bytes: number): number => (bytes + ALIGNMENT - 1) & -ALIGNMENT;

/** Of header and payload, without padding. */
export const recordBytesAt = (view: DataView, offset: number): number =>
  view.getUint32(offset + RECORD_BYTES_OFFSET, true);
export const kindAt = (view: DataView, offset: number): number =>
  view.getUint16(offset + KIND_OFFSET, true);
export const flagsAt = (view: DataView, offset: number): number =>
  view.getUint16(offset + FLAGS_OFFSET, true);
export const connectionAt = (view: DataView, offset: number): number =>
  view.getUint32(offset + CONNECTION_OFFSET, true);
export const detailAt = (view: DataView, offset: number): number =>
  view.getUint32(offset + DETAIL_OFFSET, true);
export const atNsAt = (view: DataView, offset: number): number =>
  view.getFloat64(offset + AT_NS_OFFSET, true);

/** Everything before the payload, of which there are so many bytes. */
export function writeRecordHeader(
  view: DataView,
  offset: number,
  payloadBytes: number,
  kind: number,
  flags: number,
  connection: number,
  detail: number,
  atNs: number,
): void {
  view.setUint32(offset + RECORD_BYTES_OFFSET, CAPTURE_HEADER_BYTES + payloadBytes, true);
  view.setUint16(offset + KIND_OFFSET, kind, true);
  view.setUint16(offset + FLAGS_OFFSET, flags, true);
  view.setUint32(offset + CONNECTION_OFFSET, connection, true);
  view.setUint32(offset + DETAIL_OFFSET, detail, true);
  view.setFloat64(offset + AT_NS_OFFSET, atNs, true);
}

/** The payload is a window on `bytes`, which `view` lies over too. */
export function readRecord(bytes: Buffer, view: DataView, offset: number): CaptureRecord {
  return {
    kind: kindAt(view, offset),
    flags: flagsAt(view, offset),
    connection: connectionAt(view, offset),
    detail: detailAt(view, offset),
    atNs: atNsAt(view, offset),
    payload: bytes.subarray(offset + CAPTURE_HEADER_BYTES, offset + recordBytesAt(view, offset)),
  };
}

assert(AT_NS_OFFSET + 8 === CAPTURE_HEADER_BYTES, "the header has another size than its fields");
assert(CAPTURE_HEADER_BYTES % ALIGNMENT === 0, "a payload is not aligned");
