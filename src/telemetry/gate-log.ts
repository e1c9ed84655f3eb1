// The gate's log records: answers, of which most are left out, and what happens to connections. A full ring drops the
// newest and counts it; nothing here ever waits.

import { DETACH_REASON } from "../memory/inbound-record.ts";
import { OUTBOUND_FLAG, OUTBOUND_OFFSETS } from "../memory/outbound-record.ts";
import { THREAD } from "./event-record.ts";
import {
  LOG_ANSWER,
  LOG_FRAME_BYTES_MAX,
  LOG_KIND,
  LOG_RECORD_BYTES,
  LOG_STATUS,
  LOG_WHY,
  writeLogFrame,
  writeLogHead,
  writeLogOrder,
  writeLogPeer,
} from "./log-record.ts";
import { isDelayedOutcome, isRejectedOutcome, ORDER_BYTE, ORDER_STAMP } from "./order-record.ts";
import { RECORD_DROPPED, RecordRingWriter } from "./record-ring.ts";
import type { Sampler } from "./sampler.ts";
import { SAMPLE_CLASS } from "./telemetry-control.ts";

export interface GateLogLimits {
  readonly slaNs: number;
  /** An answer that took longer is always kept. */
  readonly tailNs: number;
}

/** By the request's letter. Market orders are found by their answer. */
const CLASS_OF_TYPE = new Uint8Array(256).fill(SAMPLE_CLASS.other);
CLASS_OF_TYPE["O".charCodeAt(0)] = SAMPLE_CLASS.limit;
CLASS_OF_TYPE["U".charCodeAt(0)] = SAMPLE_CLASS.replace;
CLASS_OF_TYPE["X".charCodeAt(0)] = SAMPLE_CLASS.cancel;
CLASS_OF_TYPE["C".charCodeAt(0)] = SAMPLE_CLASS.cancel;

export class GateLog {
  readonly ring: RecordRingWriter;
  readonly sampler: Sampler;
  private readonly limits: Float64Array;
  private readonly stamps = new Float64Array(1);

  constructor(memory: SharedArrayBuffer, sampler: Sampler, { slaNs, tailNs }: GateLogLimits) {
    this.ring = new RecordRingWriter(memory, LOG_RECORD_BYTES);
    this.sampler = sampler;
    this.limits = Float64Array.of(slaNs, tailNs);
  }

  /**
   * One answer that the kernel has, as an order record at byte `base` of the three views. True: it was due for the log,
   * or is one that is always kept, and a tracer wants it too. handOver() follows.
   */
  answer(words: Int32Array, doubles: Float64Array, bytes: Buffer, base: number): boolean {
    const type = bytes[base + ORDER_BYTE.REQUEST_TYPE]!;
    const flags = bytes[base + ORDER_BYTE.FLAGS]!;
    const isMarket = (flags & OUTBOUND_FLAG.MARKET) !== 0;
    const sampleClass = isMarket ? SAMPLE_CLASS.market : CLASS_OF_TYPE[type]!;
    // Whatever else is kept counts to its class as well: what is due does not depend on it.
    let why = this.sampler.isDue(sampleClass) ? LOG_WHY.SAMPLED : 0;
    const first = base >> 3;
    const totalNs =
      doubles[first + ORDER_STAMP.WRITTEN_NS]! - doubles[first + ORDER_STAMP.SINCE_NS]!;
    const outcome = bytes[base + ORDER_BYTE.OUTCOME]!;
    const isRejected = isRejectedOutcome(outcome);
    if (isRejected) why |= LOG_WHY.REJECTED;
    if (totalNs > this.limits[TAIL_NS]!) why |= LOG_WHY.SLOW;
    if (why === 0) {
      this.sampler.counts.addLeftOut(sampleClass);
      return false;
    }
    if ((why & LOG_WHY.SAMPLED) === 0) this.sampler.counts.addKept(sampleClass);

    const { ring } = this;
    const target = ring.claim();
    if (target === RECORD_DROPPED) return true;
    let status: number = isRejected ? LOG_STATUS.ERROR : LOG_STATUS.OK;
    if (status === LOG_STATUS.OK && totalNs > this.limits[SLA_NS]!) status = LOG_STATUS.TIME_OUT;
    let bits = isMarket ? LOG_ANSWER.MARKET : 0;
    if ((flags & OUTBOUND_FLAG.PEER_LIMITED) !== 0) bits |= LOG_ANSWER.PEER_LIMITED;
    if (isDelayedOutcome(outcome)) bits |= LOG_ANSWER.DELAYED;
    const detail = bytes[base + ORDER_BYTE.ANSWER_TYPE]! | (bits << 8);
    const length = base + OUTBOUND_OFFSETS.PAYLOAD_BYTES;
    const packetBytes = bytes[length]! | (bytes[length + 1]! << 8);
    const to = ring.words;
    writeLogHead(
      to,
      target,
      LOG_KIND.ANSWER,
      THREAD.GATE,
      status,
      type,
      why,
      detail,
      Math.min(packetBytes, LOG_FRAME_BYTES_MAX),
      doubles,
      first + ORDER_STAMP.SINCE_NS,
      first + ORDER_STAMP.WRITTEN_NS,
    );
    const word = base >> 2;
    writeLogOrder(
      to,
      target,
      bytes[base + ORDER_BYTE.LANE]!,
      words[word + (OUTBOUND_OFFSETS.ACCOUNT >> 2)]!,
      words[word + (OUTBOUND_OFFSETS.USER_REF_NUM >> 2)]!,
      words[word + (OUTBOUND_OFFSETS.CONNECTION >> 2)]!,
    );
    writeLogFrame(to, target, words, base + ORDER_BYTE.FRAME);
    ring.keepBack();
    return true;
  }

  /** Behind the last of some answers: the scribe sees them. */
  handOver(): void {
    this.ring.handOver();
  }

  login(connection: LoggedConnection, nowNs: number): void {
    this.peer(LOG_KIND.LOGIN, LOG_STATUS.OK, 0, connection, nowNs);
  }
  /** `refusal` of LOGIN_REFUSAL. */
  loginRefused(connection: LoggedConnection, refusal: number, nowNs: number): void {
    this.peer(LOG_KIND.LOGIN_REFUSED, LOG_STATUS.ERROR, refusal, connection, nowNs);
  }
  /** `reason` of DETACH_REASON. */
  disconnect(connection: LoggedConnection, reason: number, nowNs: number): void {
    this.peer(LOG_KIND.DISCONNECT, statusOfDetach(reason), reason, connection, nowNs);
  }
  /** A newcomer that never was a connection. */
  connectionRefused(address: string, nowNs: number): void {
    const nobody = { ...NOBODY, address };
    this.peer(LOG_KIND.CONNECTION_REFUSED, LOG_STATUS.ERROR, 0, nobody, nowNs);
  }

  private peer(
    kind: number,
    status: number,
    detail: number,
    { epoch, index, account, address }: LoggedConnection,
    nowNs: number,
  ): void {
    const { ring, stamps } = this;
    const target = ring.claim();
    if (target === RECORD_DROPPED) return;
    const { words, bytes } = ring;
    stamps[0] = nowNs;
    const why = LOG_WHY.ALWAYS;
    const frameBytes = LOG_FRAME_BYTES_MAX;
    const thread = THREAD.GATE;
    writeLogHead(words, target, kind, thread, status, 0, why, detail, frameBytes, stamps, 0, 0);
    writeLogPeer(words, bytes, target, epoch, index, account, address);
    ring.publish();
  }
}

/** Who a connection is. */
export interface LoggedConnection {
  readonly epoch: number;
  readonly index: number;
  /** As the client said it; empty before a login. */
  readonly account: string;
  readonly address: string;
}
const NOBODY = { epoch: 0, index: -1, account: "" } as const;

// Places of the limits: typed, as fields would be boxed.
const SLA_NS = 0;
const TAIL_NS = 1;

function statusOfDetach(reason: number): number {
  switch (reason) {
    case DETACH_REASON.CLOSED:
      return LOG_STATUS.DISCONNECT;
    case DETACH_REASON.LOGOUT:
    case DETACH_REASON.DRAIN:
      return LOG_STATUS.OK;
    case DETACH_REASON.IDLE:
    case DETACH_REASON.STALLED:
      return LOG_STATUS.TIME_OUT;
    default:
      return LOG_STATUS.CLOSED;
  }
}
