// A lane's own writes (decision 0011): the packets of one visit to a connection leave in one write(), from the lane,
// when the gate has lent the wire. Each packet has its record in the outbound ring all the same: one that the kernel
// took is marked as SENT, with its last two stamps, for the gate's books; one that it did not take, or of which it took
// a part, stays a SEQUENCED record, and the wire is the gate's again. Lane thread.

import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import {
  OUTBOUND_FLAG,
  OUTBOUND_KIND,
  OUTBOUND_PAYLOAD_BYTES_MAX,
  OutboundRecord,
} from "../memory/outbound-record.ts";
import type { RingProducer } from "../memory/ring-producer.ts";
import { NO_WIRE, type Wires, type WriteToSocket } from "../memory/wires.ts";
import { markMarketAnswer } from "../telemetry/market-answer.ts";
import { ORDER_STAMP } from "../telemetry/order-record.ts";

/** Of one write. */
export const WRITE_BYTES_MAX = 16 * 1024;
/** Of one write: an S packet has more bytes than a heartbeat. */
const PACKETS_MAX = WRITE_BYTES_MAX >>> 4;

/**
 * What a peer can do to its own connection, or the network on the way to it: a connection that is given up after its
 * time has the error of the last ICMP message that came for it. Anything else is a mistake of ours.
 */
const OF_THE_PEER: ReadonlySet<string | undefined> = new Set([
  "EAGAIN",
  "EWOULDBLOCK",
  "EPIPE",
  "ECONNRESET",
  "ECONNABORTED",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "ECONNREFUSED",
  "EHOSTDOWN",
  "ENONET",
  "EACCES",
  "EPROTO",
  "ENOPROTOOPT",
  "ENOTSUP",
  "ENOBUFS",
  "ENOMEM",
]);

export class WireWriter {
  /** Records marked as SENT since takeSentCount(). */
  private sentCount = 0;
  private readonly ring: RingProducer;
  private readonly wires: Wires;
  private readonly clock: Clock;
  private readonly writeToSocket: WriteToSocket;
  private readonly record = new OutboundRecord();
  private readonly bytes = Buffer.alloc(WRITE_BYTES_MAX);
  private usedBytes = 0;
  private readonly offsets = new Int32Array(PACKETS_MAX); // of the records whose packets are in `bytes`
  private packets = 0;
  private isHeldBack = false;
  private notBefore = 0; // sequence in the ring
  private connection = 0;
  private descriptor = NO_WIRE;
  private readonly latestNs = new Float64Array(1); // when the write before this one was over

  constructor(ring: RingProducer, wires: Wires, clock: Clock, writeToSocket: WriteToSocket) {
    this.ring = ring;
    this.wires = wires;
    this.clock = clock;
    this.writeToSocket = writeToSocket;
  }

  /** What is in the ring by now goes before anything that is written here. */
  holdBack(): void {
    this.isHeldBack = true;
    this.notBefore = this.ring.tailSequence;
  }

  /** A round of visits begins. */
  start(): void {
    this.latestNs[0] = this.clock.nowNs();
    // What the gate has handed back it has appended, and the wire is not lent again before that has gone.
    if (this.isHeldBack) this.isHeldBack = ((this.ring.headSequence() - this.notBefore) | 0) < 0;
  }

  /** True: the wire is ours until end(). Nothing of the connection may be in the ring. */
  take(connection: number, epoch: number): boolean {
    assert(this.descriptor === NO_WIRE, "a wire is taken while there is another");
    if (this.isHeldBack) return false;
    this.connection = connection;
    this.descriptor = this.wires.take(connection, epoch);
    return this.descriptor !== NO_WIRE;
  }

  /** The wire is ours, and what was added leaves by it. */
  get isOpen(): boolean {
    return this.descriptor !== NO_WIRE;
  }
  /** A SEQUENCED record of the connection, claimed and written, at `offset` of the ring. False: flush() comes next. */
  add(offset: number): boolean {
    this.usedBytes += this.record.wrap(this.ring.slots, offset).payloadBytes;
    this.offsets[this.packets++] = offset;
    const hasBytes = this.usedBytes + OUTBOUND_PAYLOAD_BYTES_MAX <= WRITE_BYTES_MAX;
    return hasBytes && this.packets < PACKETS_MAX;
  }

  /** Writes what was added. Returns how many bytes of it the kernel did not take: with any, the wire is lost. */
  flush(): number {
    if (this.packets === 0) return 0;
    const length = this.usedBytes;
    const taken = this.write(length);
    const begunBytes = this.mark(taken);
    this.usedBytes = 0;
    this.packets = 0;
    if (taken < length) {
      this.descriptor = NO_WIRE;
      this.wires.leave(this.connection, begunBytes);
    }
    return length - taken;
  }

  /** The visit is over, and everything was flushed. */
  end(): void {
    if (this.descriptor === NO_WIRE) return;
    assert(this.packets === 0, "a wire is given back before its packets were written");
    this.descriptor = NO_WIRE;
    this.wires.giveBack(this.connection);
  }

  /** How many SENT records there have been since the last call. */
  takeSentCount(): number {
    const { sentCount } = this;
    this.sentCount = 0;
    return sentCount;
  }

  private write(length: number): number {
    const { slots } = this.ring;
    const isOne = this.packets === 1; // it leaves from where it lies
    const bytes = isOne ? slots.bytes : this.gather();
    const start = isOne ? this.record.wrap(slots, this.offsets[0]!).payloadOffset : 0;
    try {
      return this.writeToSocket(this.descriptor, bytes, start, length);
    } catch (error) {
      if (!OF_THE_PEER.has((error as NodeJS.ErrnoException).code)) throw error;
      return 0; // the gate will find out what it is
    }
  }

  private gather(): Buffer {
    const { bytes, record } = this;
    const { slots } = this.ring;
    let used = 0;
    for (let index = 0; index < this.packets; index++) {
      const { payloadOffset, payloadBytes } = record.wrap(slots, this.offsets[index]!);
      slots.bytes.copy(bytes, used, payloadOffset, payloadOffset + payloadBytes);
      used += payloadBytes;
    }
    return bytes;
  }

  /** What each record of the write is to the gate. Returns how much was taken of the one that is not complete. */
  private mark(taken: number): number {
    const { record, latestNs } = this;
    const { slots } = this.ring;
    const writtenNs = this.clock.nowNs();
    let left = taken;
    let begunBytes = 0;
    for (let index = 0; index < this.packets; index++) {
      record.wrap(slots, this.offsets[index]!);
      const { payloadBytes } = record;
      if (left >= payloadBytes) {
        this.markSent(record, writtenNs);
        left -= payloadBytes;
      } else if (left > 0) {
        record.flags |= OUTBOUND_FLAG.BEGUN;
        begunBytes = left;
        left = 0;
      }
    }
    latestNs[0] = writtenNs;
    return begunBytes;
  }

  /** Its packet is where it belongs: the two stamps go where an order record has them. */
  private markSent(record: OutboundRecord, writtenNs: number): void {
    const { slots } = this.ring;
    const base = record.baseOffset;
    if (record.sinceNs !== 0) markMarketAnswer(slots.bytes, base);
    record.kind = OUTBOUND_KIND.SENT;
    slots.doubles[(base >> 3) + ORDER_STAMP.OUTBOUND_NS] = this.latestNs[0]!;
    slots.doubles[(base >> 3) + ORDER_STAMP.WRITTEN_NS] = writtenNs;
    this.sentCount++;
  }
}
