// Every answer's latency (semantics §6), at the only place that knows when the kernel had it. Main thread. Each
// message of the outbound ring is noted when it is appended to a connection and stamped when that write is over; what
// no kernel took is undelivered. An answer is recorded once, in its total and in each of its stages, some milliseconds
// later with many others: recorded between two writes, each would hold up the answers behind it, and one by one they
// find nothing of what they need in the caches.

import { type CounterWriter, GATE_COUNTERS } from "../memory/counters.ts";
import { OUTBOUND_FLAG, type OutboundRecord } from "../memory/outbound-record.ts";
import type { GateTelemetry } from "../telemetry/gate-telemetry.ts";
import {
  answerSeries,
  eventSeries,
  isHeadlineType,
  requestTypeIndex,
  STAGE,
  stageClass,
  stageSeries,
  typeCounter,
} from "../telemetry/latency-series.ts";
import { markMarketAnswer } from "../telemetry/market-answer.ts";
import {
  isDelayedOutcome,
  isRejectedOutcome,
  ORDER_BYTE,
  ORDER_RECORD_BYTES,
  ORDER_STAMP,
  ORDER_STAMPS,
} from "../telemetry/order-record.ts";
import { AnswersUnderway, NO_ANSWER } from "./answers-underway.ts";
import type { Connection } from "./connection.ts";
import type { SendChain } from "./send-chain.ts";

/** Of all connections together; more are timed when they are appended. */
const ANSWERS_MAX = 65_536;

const FIRST_STAMP = ORDER_STAMP.SINCE_NS;
const READ_STAMP = ORDER_STAMP.READ_NS;
const LAST_STAMP = ORDER_STAMP.WRITTEN_NS;
/** So many are worth recording before the next tick. */
const RECORD_AT = 128;

/** Stamps that an answer may lack which left later than its batch. */
const FILLED_STAMPS = ORDER_STAMPS.slice(1, -2);

/** Where order records lie: among those under way, or in a lane's ring. */
interface RecordMemory {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly bytes: Buffer;
}

export class AnswerRecorder {
  private readonly telemetry: GateTelemetry;
  private readonly counters: CounterWriter;
  private readonly underway: AnswersUnderway;
  private firstWritten = NO_ANSWER; // the list of those whose write is over
  private lastWritten = NO_ANSWER;
  private writtenCount = 0;
  private sentCount = 0; // of this drain
  private readonly stamps = Int32Array.from(ORDER_STAMPS);
  private readonly filledStamps = Int32Array.from(FILLED_STAMPS);

  constructor(telemetry: GateTelemetry, counters: CounterWriter, answersMax = ANSWERS_MAX) {
    this.telemetry = telemetry;
    this.counters = counters;
    this.underway = new AnswersUnderway(answersMax);
  }

  /**
   * The lane has written this one itself: its record, as it lies in the ring, is an order record with all its stamps.
   * Behind the last of a drain comes endSent().
   */
  onSent(record: OutboundRecord, nowNs: number): void {
    if (record.sinceNs === 0 || record.slots === undefined) return;
    if (this.sentCount++ === 0) this.telemetry.moveTo(nowNs);
    this.record(record.slots, record.baseOffset);
  }
  endSent(): void {
    if (this.sentCount === 0) return;
    this.sentCount = 0;
    this.telemetry.log.handOver();
  }

  /** A message was appended to what the connection sends next. */
  onAppended(connection: Connection, record: OutboundRecord, outboundNs: number): void {
    // Caused by nothing that somebody waits for: resume traffic, the beginning of a stream.
    if (record.sinceNs === 0) return;
    const { underway } = this;
    const bytes = record.slots?.bytes;
    if (bytes === undefined) return;
    markMarketAnswer(bytes, record.baseOffset);
    const chain = connection.filling;
    const place = underway.add(record, bytes, outboundNs);
    if (place === NO_ANSWER) {
      this.recordEarly(record, bytes, outboundNs);
      return;
    }
    // What goes before it has not been taken: it waits for its own client.
    if (connection.isSending) {
      underway.bytes[place * ORDER_RECORD_BYTES + ORDER_BYTE.FLAGS]! |= OUTBOUND_FLAG.PEER_LIMITED;
    }
    if (chain.lastAnswer === NO_ANSWER) chain.firstAnswer = place;
    else underway.append(chain.lastAnswer, place);
    chain.lastAnswer = place;
  }

  /** The kernel has all of the chain. `isPeerLimited`: it did not take it at once. */
  settle(chain: SendChain, writtenNs: number, isPeerLimited: boolean): void {
    const { underway } = this;
    const { firstAnswer, lastAnswer } = chain;
    if (firstAnswer === NO_ANSWER) return;
    for (let place = firstAnswer; place !== NO_ANSWER; place = underway.next(place)) {
      const base = place * ORDER_RECORD_BYTES;
      underway.doubles[(base >> 3) + LAST_STAMP] = writtenNs;
      if (isPeerLimited) underway.bytes[base + ORDER_BYTE.FLAGS]! |= OUTBOUND_FLAG.PEER_LIMITED;
      this.writtenCount++;
    }
    if (this.firstWritten === NO_ANSWER) this.firstWritten = firstAnswer;
    else underway.append(this.lastWritten, firstAnswer);
    this.lastWritten = lastAnswer;
    chain.firstAnswer = NO_ANSWER;
    chain.lastAnswer = NO_ANSWER;
  }

  /** At the end of a turn. */
  get hasMany(): boolean {
    return this.writtenCount >= RECORD_AT;
  }

  /** What was written since the last time: every few milliseconds, and when there are many. */
  recordWritten(nowNs: number): void {
    if (this.firstWritten === NO_ANSWER) return;
    const { underway } = this;
    this.telemetry.moveTo(nowNs);
    for (let place = this.firstWritten; place !== NO_ANSWER; ) {
      this.record(underway, place * ORDER_RECORD_BYTES);
      const next = underway.next(place);
      underway.free(place);
      place = next;
    }
    this.telemetry.log.handOver();
    this.firstWritten = NO_ANSWER;
    this.lastWritten = NO_ANSWER;
    this.writtenCount = 0;
  }

  /** The socket is gone, and with it what was on its way. */
  drop(chain: SendChain): void {
    const { underway } = this;
    for (let place = chain.firstAnswer; place !== NO_ANSWER; ) {
      this.onUndelivered(underway.bytes[place * ORDER_RECORD_BYTES + ORDER_BYTE.REQUEST_TYPE]!);
      const next = underway.next(place);
      underway.free(place);
      place = next;
    }
    chain.firstAnswer = NO_ANSWER;
    chain.lastAnswer = NO_ANSWER;
  }

  /** A message found no connection; `requestType` 0 = it answers nothing. */
  onUndelivered(requestType: number): void {
    if (requestType === 0) return;
    this.counters.add(typeCounter(GATE_COUNTERS.undeliveredO, requestType), 1);
  }

  /** All places are taken: by whom, waits for its peer, and so most likely does this one. */
  private recordEarly(record: OutboundRecord, bytes: Buffer, outboundNs: number): void {
    const { underway } = this;
    this.counters.add(GATE_COUNTERS.answersUnderwayFull, 1);
    underway.write(underway.spare, record, bytes, outboundNs);
    const base = underway.spare * ORDER_RECORD_BYTES;
    const first = base >> 3;
    underway.doubles[first + LAST_STAMP] = underway.doubles[first + ORDER_STAMP.OUTBOUND_NS]!;
    underway.bytes[base + ORDER_BYTE.FLAGS]! |= OUTBOUND_FLAG.PEER_LIMITED;
    this.record(underway, base);
    this.telemetry.log.handOver();
  }

  private record({ words, doubles, bytes }: RecordMemory, base: number): void {
    const { telemetry } = this;
    const first = base >> 3;
    const requestType = bytes[base + ORDER_BYTE.REQUEST_TYPE]!;
    if (requestType === 0) {
      const series = eventSeries(bytes[base + ORDER_BYTE.ANSWER_TYPE]!);
      telemetry.stages.recordSpan(series, doubles, first + FIRST_STAMP, first + LAST_STAMP);
      return;
    }
    this.fillStamps(doubles, first);
    const type = requestTypeIndex(requestType);
    const outcome = bytes[base + ORDER_BYTE.OUTCOME]!;
    const isRejected = isRejectedOutcome(outcome);
    if (isDelayedOutcome(outcome)) this.counters.add(GATE_COUNTERS.delayedO + type, 1);
    const isPeerLimited = (bytes[base + ORDER_BYTE.FLAGS]! & OUTBOUND_FLAG.PEER_LIMITED) !== 0;
    const answers = answerSeries(type, isRejected, isPeerLimited);
    telemetry.answers.recordSpan(answers, doubles, first + FIRST_STAMP, first + LAST_STAMP);
    this.recordStages(doubles, first, stageSeries(0, stageClass(type, isRejected, isPeerLimited)));
    const totalNs = doubles[first + LAST_STAMP]! - doubles[first + FIRST_STAMP]!;
    if (!isRejected && !isPeerLimited && isHeadlineType(type)) {
      this.counters.add(GATE_COUNTERS.headline, 1);
      if (totalNs > telemetry.slaNs) this.counters.add(GATE_COUNTERS.headlineOverSla, 1);
    }
    if (telemetry.slow.wants(totalNs)) telemetry.slow.offer(words, base >> 2, totalNs);
    const isLogged = telemetry.log.answer(words, doubles, bytes, base);
    if (isLogged && telemetry.control.wantsTraces) telemetry.trace(words, base >> 2);
  }

  private recordStages(doubles: Float64Array, first: number, series: number): void {
    const { stamps, telemetry } = this;
    const { stages } = telemetry;
    for (let stage = 0; stage < STAGE.service; stage++) {
      const from = first + stamps[stage]!;
      stages.recordSpan(series + stage, doubles, from, first + stamps[stage + 1]!);
    }
    stages.recordSpan(series + STAGE.service, doubles, first + READ_STAMP, first + LAST_STAMP);
  }

  /**
   * An answer that left later than its batch has no stamps of it, one that was held back none of its reading: the
   * stage that it did not pass is over when it began.
   */
  private fillStamps(doubles: Float64Array, first: number): void {
    const { filledStamps } = this;
    let before = first + FIRST_STAMP;
    for (let index = 0; index < filledStamps.length; index++) {
      const stamp = first + filledStamps[index]!;
      if (doubles[stamp] === 0) doubles[stamp] = doubles[before]!;
      before = stamp;
    }
  }
}
