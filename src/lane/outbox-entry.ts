// One entry of an outbox page: what the gate must be told with a packet, and the packet. Lane thread.

import type { SlotMemory } from "../memory/slot-memory.ts";

const SINCE_NS_OFFSET = 0; // f64, monotonic, of the record that caused it
const BATCH_OFFSET = SINCE_NS_OFFSET + 8; // i32, the batch it was written in
const USER_REF_NUM_OFFSET = BATCH_OFFSET + 4; // u32, of the request
const PACKET_BYTES_OFFSET = USER_REF_NUM_OFFSET + 4; // u16
const BATCH_INDEX_OFFSET = PACKET_BYTES_OFFSET + 2; // u16, the request's place in its batch
const REQUEST_TYPE_OFFSET = BATCH_INDEX_OFFSET + 2; // u8, 0 = not an answer
const OUTCOME_OFFSET = REQUEST_TYPE_OFFSET + 1; // u8, OUTCOME
const ANSWER_TYPE_OFFSET = OUTCOME_OFFSET + 1; // u8, OUCH outbound type
const PACKET_OFFSET = ANSWER_TYPE_OFFSET + 2; // padded to a whole 8

/** No batch of this process. */
export const NO_BATCH = -1;

/** Bytes of an entry with such a packet: entries start on a whole 8. */
export const outboxEntryBytes = (packetBytes: number): number =>
  (PACKET_OFFSET + packetBytes + 7) & ~7;

const EMPTY = new ArrayBuffer(0);

/** A window on one entry. */
export class OutboxEntry {
  private words: Int32Array = new Int32Array(EMPTY);
  private doubles: Float64Array = new Float64Array(EMPTY);
  private view: DataView = new DataView(EMPTY);
  private base = 0;

  wrap(memory: SlotMemory, base: number): this {
    this.words = memory.words;
    this.doubles = memory.doubles;
    this.view = memory.view;
    this.base = base;
    return this;
  }

  get sinceNs(): number {
    return this.doubles[(this.base + SINCE_NS_OFFSET) >> 3]!;
  }
  set sinceNs(value: number) {
    this.doubles[(this.base + SINCE_NS_OFFSET) >> 3] = value;
  }
  /** A double that crosses a call which V8 does not inline is boxed, 16 bytes for each answer; an object is not. */
  copySinceNsFrom(cause: { readonly sinceNs: number }): void {
    this.doubles[(this.base + SINCE_NS_OFFSET) >> 3] = cause.sinceNs;
  }
  get batch(): number {
    return this.words[(this.base + BATCH_OFFSET) >> 2]!;
  }
  set batch(value: number) {
    this.words[(this.base + BATCH_OFFSET) >> 2] = value;
  }
  get userRefNum(): number {
    return this.words[(this.base + USER_REF_NUM_OFFSET) >> 2]! >>> 0;
  }
  set userRefNum(value: number) {
    this.words[(this.base + USER_REF_NUM_OFFSET) >> 2] = value;
  }
  get packetBytes(): number {
    return this.view.getUint16(this.base + PACKET_BYTES_OFFSET, true);
  }
  set packetBytes(value: number) {
    this.view.setUint16(this.base + PACKET_BYTES_OFFSET, value, true);
  }
  get batchIndex(): number {
    return this.view.getUint16(this.base + BATCH_INDEX_OFFSET, true);
  }
  set batchIndex(value: number) {
    this.view.setUint16(this.base + BATCH_INDEX_OFFSET, value, true);
  }
  get requestType(): number {
    return this.view.getUint8(this.base + REQUEST_TYPE_OFFSET);
  }
  set requestType(value: number) {
    this.view.setUint8(this.base + REQUEST_TYPE_OFFSET, value);
  }
  get outcome(): number {
    return this.view.getUint8(this.base + OUTCOME_OFFSET);
  }
  set outcome(value: number) {
    this.view.setUint8(this.base + OUTCOME_OFFSET, value);
  }
  get answerType(): number {
    return this.view.getUint8(this.base + ANSWER_TYPE_OFFSET);
  }
  set answerType(value: number) {
    this.view.setUint8(this.base + ANSWER_TYPE_OFFSET, value);
  }
  /** Byte offset of the packet within the memory. */
  get packetOffset(): number {
    return this.base + PACKET_OFFSET;
  }
}
