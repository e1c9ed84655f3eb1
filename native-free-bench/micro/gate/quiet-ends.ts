// The two ends of the gate's bench: sockets without a kernel and a lane without orders. Neither keeps anything nor
// makes garbage, so what the heap loses is the gate's.

import { type GateSocket, NO_DESCRIPTOR, type SocketSink } from "../../../src/gate/gate-socket.ts";
import type { LaneLink } from "../../../src/gate/inbound-lane.ts";
import type { SendChain } from "../../../src/gate/send-chain.ts";
import { INBOUND_KIND, InboundRecord } from "../../../src/memory/inbound-record.ts";
import { createLaneSignal, LaneSignal } from "../../../src/memory/lane-signal.ts";
import { OUTBOUND_KIND, OutboundRecord } from "../../../src/memory/outbound-record.ts";
import type { Progress } from "../../../src/memory/progress.ts";
import { RING_EMPTY, RingConsumer } from "../../../src/memory/ring-consumer.ts";
import { createRing } from "../../../src/memory/ring-layout.ts";
import { RingProducer } from "../../../src/memory/ring-producer.ts";
import {
  LOGIN_ACCEPTED_PACKET_BYTES,
  writeLoginAccepted,
} from "../../../src/protocol/soupbintcp/login-accepted.ts";

/** The kernel takes everything at once. */
export class QuietSocket implements GateSocket {
  readonly remoteAddress = "127.0.0.1";
  readonly remotePort = 1;
  descriptor: number = NO_DESCRIPTOR;
  sink: SocketSink | undefined = undefined;
  writes = 0;
  bytesTaken = 0;
  /** Of all bytes, in their order. */
  checksum = 0;

  open(sink: SocketSink): void {
    this.sink = sink;
  }
  write(chain: SendChain): boolean {
    this.writes = (this.writes + 1) | 0;
    for (let index = 0; index < chain.count; index++) {
      const { bytes, used } = chain.at(index);
      this.bytesTaken = (this.bytesTaken + used) | 0;
      this.checksum = (Math.imul(this.checksum, 31) + used + bytes[used - 1]!) | 0;
    }
    return true;
  }
  pauseReading(): void {
    throw new Error("the bench's ring is too small");
  }
  resumeReading(): void {}
  end(): void {}
  destroy(): void {
    throw new Error("the gate gave the bench's connection up");
  }
}

/** Answers each message with one and the same packet. */
export class QuietLane implements LaneLink {
  readonly inbound: RingProducer; // the gate's end
  readonly outbound: RingConsumer; // the gate's end
  readonly signal = new LaneSignal(createLaneSignal());
  messages = 0;
  private readonly consumer: RingConsumer;
  private readonly producer: RingProducer;
  private readonly progress: Progress;
  private readonly answer: Buffer;
  private readonly record = new InboundRecord();
  private readonly answerRecord = new OutboundRecord();

  constructor(slots: number, progress: Progress, answer: Buffer) {
    const inbound = createRing(slots);
    const outbound = createRing(slots);
    this.inbound = new RingProducer(inbound);
    this.consumer = new RingConsumer(inbound);
    this.producer = new RingProducer(outbound);
    this.outbound = new RingConsumer(outbound);
    this.progress = progress;
    this.answer = answer;
  }

  /** Takes and answers what is there. */
  turn(): void {
    const { consumer, record } = this;
    for (let offset = consumer.take(); offset !== RING_EMPTY; offset = consumer.take()) {
      record.wrap(consumer.slots, offset);
      if (record.kind === INBOUND_KIND.MESSAGE) this.answerMessage();
      else if (record.kind === INBOUND_KIND.ATTACH) this.acceptLogin();
    }
    consumer.release();
    this.producer.publish();
  }

  private answerMessage(): void {
    const { answer, progress, record } = this;
    this.messages = (this.messages + 1) | 0;
    const to = this.start(OUTBOUND_KIND.SEQUENCED);
    to.payloadBytes = answer.length;
    answer.copy(this.producer.slots.bytes, to.payloadOffset);
    progress.addSent(record.connection, answer.length);
  }

  private acceptLogin(): void {
    this.progress.startSent(this.record.connection, this.record.detail);
    const to = this.start(OUTBOUND_KIND.LOGIN_ACCEPTED);
    to.payloadBytes = LOGIN_ACCEPTED_PACKET_BYTES;
    writeLoginAccepted(this.producer.slots.view, to.payloadOffset, "S1", 1);
  }

  private start(kind: number): OutboundRecord {
    const { producer, record } = this;
    const to = this.answerRecord.wrap(producer.slots, producer.claim(0));
    return to.start(kind, record.connection, record.epoch);
  }
}
