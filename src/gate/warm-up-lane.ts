// The lane of a gate that warms up: it accepts every login and every message, half of the answers through the ring and
// half by itself, as lanes do (wires.ts). Main thread, in memory of its own.

import { writeSync } from "node:fs";
import type { Clock } from "../base/clock.ts";
import { INBOUND_KIND, InboundRecord } from "../memory/inbound-record.ts";
import { createLaneSignal, LaneSignal } from "../memory/lane-signal.ts";
import { OUTBOUND_KIND, OUTCOME, OutboundRecord } from "../memory/outbound-record.ts";
import type { Progress } from "../memory/progress.ts";
import { RING_EMPTY, RingConsumer } from "../memory/ring-consumer.ts";
import { createRing } from "../memory/ring-layout.ts";
import { RING_FULL, RingProducer } from "../memory/ring-producer.ts";
import { NO_WIRE, type Wires } from "../memory/wires.ts";
import { ENTER_ORDER_TYPE } from "../protocol/ouch/enter-order.ts";
import { ORDER_ACCEPTED_BYTES, ORDER_ACCEPTED_TYPE } from "../protocol/ouch/order-accepted.ts";
import { writeLoginAccepted } from "../protocol/soupbintcp/login-accepted.ts";
import { writeSequencedHeader } from "../protocol/soupbintcp/sequenced.ts";
import { ORDER_STAMP } from "../telemetry/order-record.ts";
import type { LaneLink } from "./inbound-lane.ts";

const SLOTS = 1024;
const SESSION = "WARMUP";
/** What each accepted message is answered with: one packet, with an appendage of no tags. */
export const ANSWER_BYTES = 3 + ORDER_ACCEPTED_BYTES + 2;

export class WarmUpLane {
  readonly link: LaneLink;
  private readonly inbound: RingConsumer;
  private readonly outbound: RingProducer;
  private readonly progress: Progress;
  private readonly wires: Wires;
  private readonly clock: Clock;
  private readonly request = new InboundRecord();
  private readonly answer = new OutboundRecord();
  private answers = 0;

  constructor(progress: Progress, wires: Wires, clock: Clock) {
    const inbound = createRing(SLOTS);
    const outbound = createRing(SLOTS);
    this.inbound = new RingConsumer(inbound);
    this.outbound = new RingProducer(outbound);
    this.progress = progress;
    this.wires = wires;
    this.clock = clock;
    this.link = {
      inbound: new RingProducer(inbound),
      outbound: new RingConsumer(outbound),
      signal: new LaneSignal(createLaneSignal()),
    };
  }

  turn(): void {
    const { inbound, request } = this;
    for (let offset = inbound.take(); offset !== RING_EMPTY; offset = inbound.take()) {
      request.wrap(inbound.slots, offset);
      if (request.kind === INBOUND_KIND.ATTACH) this.acceptLogin();
      if (request.kind === INBOUND_KIND.MESSAGE) this.accept();
    }
    inbound.release();
    this.outbound.publish();
    this.link.signal.announcePark();
  }

  private acceptLogin(): void {
    const { connection } = this.request;
    this.progress.startSent(connection, this.progress.taken(connection));
    const answer = this.start(OUTBOUND_KIND.LOGIN_ACCEPTED);
    if (answer === undefined) return;
    const { view } = this.outbound.slots;
    answer.payloadBytes = writeLoginAccepted(view, answer.payloadOffset, SESSION, 1);
  }

  private accept(): void {
    const answer = this.start(OUTBOUND_KIND.SEQUENCED);
    if (answer === undefined) return;
    const { request } = this;
    const { view, bytes } = this.outbound.slots;
    const { payloadOffset, connection, epoch } = answer;
    const nowNs = this.clock.nowNs();
    bytes.fill(0, payloadOffset, payloadOffset + ANSWER_BYTES);
    writeSequencedHeader(view, payloadOffset, ANSWER_BYTES - 3);
    bytes[payloadOffset + 3] = ORDER_ACCEPTED_TYPE;
    answer.payloadBytes = ANSWER_BYTES;
    answer.requestType = ENTER_ORDER_TYPE;
    answer.answerType = ORDER_ACCEPTED_TYPE;
    answer.outcome = OUTCOME.ACCEPTED;
    answer.sinceNs = request.sinceNs;
    answer.readNs = request.readNs;
    answer.inboundNs = request.inboundNs;
    answer.laneNs = nowNs;
    answer.doneNs = nowNs;
    answer.durableNs = nowNs;
    if (this.answers++ % 2 === 0 || !this.write(answer, connection, epoch, nowNs)) {
      this.progress.addSent(connection, ANSWER_BYTES);
    }
  }

  /** As a lane writes for itself. */
  private write(answer: OutboundRecord, connection: number, epoch: number, nowNs: number): boolean {
    if (this.progress.inFlight(connection) !== 0) return false;
    const descriptor = this.wires.take(connection, epoch);
    if (descriptor === NO_WIRE) return false;
    const { bytes, doubles } = this.outbound.slots;
    try {
      writeSync(descriptor, bytes, answer.payloadOffset, ANSWER_BYTES);
    } catch {
      // A client that was sent away, when there is too little time: the gate will hear of it.
      this.wires.leave(connection, 0);
      return false;
    }
    this.wires.giveBack(connection);
    answer.kind = OUTBOUND_KIND.SENT;
    doubles[(answer.baseOffset >> 3) + ORDER_STAMP.OUTBOUND_NS] = nowNs;
    doubles[(answer.baseOffset >> 3) + ORDER_STAMP.WRITTEN_NS] = this.clock.nowNs();
    return true;
  }

  private start(kind: number): OutboundRecord | undefined {
    const offset = this.outbound.claim(0);
    if (offset === RING_FULL) return undefined;
    const { connection, epoch } = this.request;
    return this.answer.wrap(this.outbound.slots, offset).start(kind, connection, epoch);
  }
}
