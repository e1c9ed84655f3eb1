// What a lane has to say without a sequence number: login answers, texts, closes, answers to commands. Records wait
// here until their batch may leave and the outbound ring has room. Lane thread.
//
// Some go before the batch's sequenced packets (a login is accepted before its stream begins), some
// behind them (a connection is closed after its last packet), and commands are answered last.

import { assert } from "../base/assert.ts";
import type { LaneSignal } from "../memory/lane-signal.ts";
import {
  OUTBOUND_KIND,
  OUTBOUND_PAYLOAD_BYTES_MAX,
  OutboundRecord,
} from "../memory/outbound-record.ts";
import { RING_FULL, type RingProducer } from "../memory/ring-producer.ts";
import { SLOT_BYTES, SlotMemory } from "../memory/slot-memory.ts";
import { writeDebug } from "../protocol/soupbintcp/debug.ts";
import { writeLoginAccepted } from "../protocol/soupbintcp/login-accepted.ts";
import { LOGIN_REJECT_REASON, writeLoginRejected } from "../protocol/soupbintcp/login-rejected.ts";
import { PACKET_HEADER_BYTES } from "../protocol/soupbintcp/packet-header.ts";

const NO_CONNECTION = -1;
/** Most records of one queue that one inbound record can cause. */
const PER_INPUT_MAX = 3;
const TEXT_BYTES_MAX = OUTBOUND_PAYLOAD_BYTES_MAX - PACKET_HEADER_BYTES;

/** A first-in first-out circle of outbound records. */
class RecordQueue {
  private readonly slots: SlotMemory;
  private readonly recordsMax: number;
  private readonly record = new OutboundRecord();
  private head = 0;
  private count = 0;

  constructor(recordsMax: number) {
    this.slots = new SlotMemory(new ArrayBuffer(recordsMax * SLOT_BYTES));
    this.recordsMax = recordsMax;
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }
  get room(): number {
    return this.recordsMax - this.count;
  }
  clear(): void {
    this.count = 0;
  }

  /** The next record, started. Filled in by the caller. */
  add(kind: number, connection: number, epoch: number): OutboundRecord {
    assert(this.count < this.recordsMax, "more unsequenced records than an input can cause");
    const place = (this.head + this.count) % this.recordsMax;
    this.count++;
    return this.record.wrap(this.slots, place * SLOT_BYTES).start(kind, connection, epoch);
  }
  get view(): DataView {
    return this.slots.view;
  }
  get bytes(): Buffer {
    return this.slots.bytes;
  }

  /** Moves records into the ring while it has room, reserved slots included. Returns how many. */
  release(ring: RingProducer, signal: LaneSignal): number {
    let released = 0;
    while (this.count > 0) {
      let offset = ring.claim(0);
      if (offset === RING_FULL) {
        signal.setRingStarved();
        offset = ring.claim(0); // the gate may have made room just before it could see that
      }
      if (offset === RING_FULL) break;
      const start = this.head * SLOT_BYTES;
      this.slots.bytes.copy(ring.slots.bytes, offset, start, start + SLOT_BYTES);
      this.head = (this.head + 1) % this.recordsMax;
      this.count--;
      released++;
    }
    return released;
  }
}

export class Unsequenced {
  private readonly before = new RecordQueue(64);
  private readonly behind = new RecordQueue(64);
  /** These wait until every other output is released. */
  private readonly commandAnswers = new RecordQueue(64);

  /** True while any one more inbound record can have its say. */
  canTake(): boolean {
    return (
      this.before.room >= PER_INPUT_MAX &&
      this.behind.room >= PER_INPUT_MAX &&
      this.commandAnswers.room >= PER_INPUT_MAX
    );
  }
  /** Nothing that belongs to a connection is left. */
  get isEmpty(): boolean {
    return this.before.isEmpty && this.behind.isEmpty;
  }
  get isNothingBefore(): boolean {
    return this.before.isEmpty;
  }

  /** In a replay nobody is there to hear it. */
  clear(): void {
    this.before.clear();
    this.behind.clear();
    this.commandAnswers.clear();
  }

  loginAccepted(
    connection: number,
    epoch: number,
    account: number,
    session: string,
    sequence: number,
  ): void {
    const record = this.before.add(OUTBOUND_KIND.LOGIN_ACCEPTED, connection, epoch);
    record.account = account;
    const view = this.before.view;
    record.payloadBytes = writeLoginAccepted(view, record.payloadOffset, session, sequence);
  }

  /** `refusal`: LOGIN_REFUSAL. */
  loginRejected(connection: number, epoch: number, refusal: number): void {
    const record = this.before.add(OUTBOUND_KIND.LOGIN_REJECTED, connection, epoch);
    record.detail = refusal;
    const reason = LOGIN_REJECT_REASON.SESSION_NOT_AVAILABLE;
    record.payloadBytes = writeLoginRejected(this.before.view, record.payloadOffset, reason);
  }

  /** A line for people. Rare: it is made of strings. */
  debug(connection: number, epoch: number, text: string): void {
    const record = this.before.add(OUTBOUND_KIND.DEBUG, connection, epoch);
    const { bytes, view } = this.before;
    record.payloadBytes = writeDebug(bytes, view, record.payloadOffset, text, TEXT_BYTES_MAX);
  }

  close(connection: number, epoch: number, reason: number): void {
    this.behind.add(OUTBOUND_KIND.CLOSE, connection, epoch).detail = reason;
  }

  commandAnswer(connection: number, epoch: number, requestId: number): void {
    this.commandAnswers.add(OUTBOUND_KIND.COMMAND_ANSWER, connection, epoch).detail = requestId;
  }

  /** As commandAnswer(), but waits for nobody who reads slowly: only for what can leave at once. */
  promptAnswer(requestId: number): void {
    this.behind.add(OUTBOUND_KIND.COMMAND_ANSWER, NO_CONNECTION, 0).detail = requestId;
  }

  releaseBefore(ring: RingProducer, signal: LaneSignal): number {
    return this.before.release(ring, signal);
  }
  releaseBehind(ring: RingProducer, signal: LaneSignal): number {
    return this.behind.release(ring, signal);
  }
  releaseCommandAnswers(ring: RingProducer, signal: LaneSignal): number {
    return this.commandAnswers.release(ring, signal);
  }
}
