// A lane that the test plays: it takes inbound records and puts outbound ones, in the test's own thread.

import { AttachPayload } from "../../src/memory/attach-payload.ts";
import { COMMAND_CODE, INBOUND_KIND, InboundRecord } from "../../src/memory/inbound-record.ts";
import { createLaneSignal, LaneSignal } from "../../src/memory/lane-signal.ts";
import { OUTBOUND_KIND, OutboundRecord } from "../../src/memory/outbound-record.ts";
import type { Progress } from "../../src/memory/progress.ts";
import { RING_EMPTY, RingConsumer } from "../../src/memory/ring-consumer.ts";
import { createRing } from "../../src/memory/ring-layout.ts";
import { RING_FULL, RingProducer } from "../../src/memory/ring-producer.ts";
import {
  LOGIN_ACCEPTED_PACKET_BYTES,
  writeLoginAccepted,
} from "../../src/protocol/soupbintcp/login-accepted.ts";

export interface SeenRecord {
  readonly kind: number;
  readonly connection: number;
  readonly epoch: number;
  readonly detail: number;
  readonly payload: Buffer;
  readonly eventNs: number;
  readonly sinceNs: number;
  readonly readNs: number;
  readonly inboundNs: number;
}

const HEADER_BYTES = 3;

export class FakeLane {
  readonly inbound: RingProducer; // the gate's end
  readonly outbound: RingConsumer; // the gate's end
  readonly signal: LaneSignal;
  readonly seen: SeenRecord[] = [];
  /** Called after something was put into the outbound ring. */
  ring: () => void = () => undefined;
  private readonly consumer: RingConsumer;
  private readonly producer: RingProducer;
  private readonly progress: Progress;
  private readonly record = new InboundRecord();
  private readonly answer = new OutboundRecord();

  constructor(progress: Progress, inboundSlots = 64, outboundSlots = 64) {
    const inbound = createRing(inboundSlots);
    const outbound = createRing(outboundSlots);
    this.inbound = new RingProducer(inbound);
    this.consumer = new RingConsumer(inbound);
    this.producer = new RingProducer(outbound);
    this.outbound = new RingConsumer(outbound);
    this.signal = new LaneSignal(createLaneSignal());
    this.progress = progress;
  }

  /** Takes what is there and hands the slots back. Ticks are left out. Fences are answered. */
  take(max = Number.MAX_SAFE_INTEGER): SeenRecord[] {
    const taken: SeenRecord[] = [];
    while (taken.length < max) {
      const offset = this.consumer.take();
      if (offset === RING_EMPTY) break;
      const record = this.record.wrap(this.consumer.slots, offset);
      if (record.kind === INBOUND_KIND.TICK) continue;
      if (record.kind === INBOUND_KIND.COMMAND && record.flags === COMMAND_CODE.FENCE) {
        this.put(OUTBOUND_KIND.COMMAND_ANSWER, -1, 0, Buffer.alloc(0), record.detail);
      }
      const { payloadOffset, payloadBytes } = record;
      taken.push({
        kind: record.kind,
        connection: record.connection,
        epoch: record.epoch,
        detail: record.detail,
        eventNs: record.eventNs,
        sinceNs: record.sinceNs,
        readNs: record.readNs,
        inboundNs: record.inboundNs,
        payload: Buffer.from(
          this.consumer.slots.bytes.subarray(payloadOffset, payloadOffset + payloadBytes),
        ),
      });
    }
    this.consumer.release();
    this.seen.push(...taken);
    return taken;
  }

  /** Takes, accepts every ATTACH, and answers each message with itself in a sequenced packet. */
  echo(): void {
    for (const record of this.take()) {
      if (record.kind === INBOUND_KIND.ATTACH) this.accept(record);
      else if (record.kind === INBOUND_KIND.MESSAGE) this.sequenced(record, record.payload);
    }
  }

  accept(record: SeenRecord, session = "S1", sequence = 1): void {
    this.progress.startSent(record.connection, record.detail);
    const packet = Buffer.alloc(LOGIN_ACCEPTED_PACKET_BYTES);
    writeLoginAccepted(new DataView(packet.buffer, packet.byteOffset), 0, session, sequence);
    this.put(OUTBOUND_KIND.LOGIN_ACCEPTED, record.connection, record.epoch, packet);
  }

  sequenced(to: { connection: number; epoch: number }, message: Buffer): boolean {
    const packet = Buffer.alloc(HEADER_BYTES + message.length);
    packet.writeUInt16BE(1 + message.length);
    packet.write("S", 2);
    message.copy(packet, HEADER_BYTES);
    if (!this.put(OUTBOUND_KIND.SEQUENCED, to.connection, to.epoch, packet)) return false;
    this.progress.addSent(to.connection, packet.length);
    return true;
  }

  /** False: the ring is full. `amend`: whatever else is to stand in the record. */
  put(
    kind: number,
    connection: number,
    epoch: number,
    payload: Buffer,
    detail = 0,
    amend: (record: OutboundRecord) => void = () => undefined,
  ): boolean {
    const offset = this.producer.claim(0);
    if (offset === RING_FULL) return false;
    const answer = this.answer.wrap(this.producer.slots, offset).start(kind, connection, epoch);
    answer.payloadBytes = payload.length;
    answer.detail = detail;
    payload.copy(this.producer.slots.bytes, answer.payloadOffset);
    amend(answer);
    this.producer.publish();
    if (this.signal.shouldRing()) this.ring();
    return true;
  }

  static accountOf(record: SeenRecord): AttachPayload {
    return new AttachPayload().wrap(record.payload, 0);
  }
}
