// Order records for tests, written into a record ring as the gate writes them.

import { OUTBOUND_OFFSETS, OUTCOME } from "../../src/memory/outbound-record.ts";
import { OrderAccepted } from "../../src/protocol/ouch/order-accepted.ts";
import { SEQUENCED_HEADER_BYTES } from "../../src/protocol/soupbintcp/sequenced.ts";
import { writeText } from "../../src/protocol/wire-fields.ts";
import {
  FRAME_BYTES_KEPT,
  ORDER_BYTE,
  ORDER_RECORD_BYTES,
  ORDER_STAMPS,
} from "../../src/telemetry/order-record.ts";
import { RECORD_DROPPED, RecordRingWriter } from "../../src/telemetry/record-ring.ts";

export interface OrderFacts {
  readonly lane: number;
  readonly account: number;
  readonly userRefNum: number;
  readonly requestType: string;
  readonly answerType: string;
  readonly symbol: string;
  /** Of OUTCOME. */
  readonly outcome: number;
  readonly flags: number;
  readonly connection: number;
  readonly depth: number;
  readonly batchCount: number;
  readonly batchIndex: number;
  /** As many as ORDER_STAMPS. */
  readonly stampsNs: readonly number[];
}

/** An Enter Order that was accepted 10 ms ago, if nothing else is said. */
const USUAL: OrderFacts = {
  lane: 0,
  account: 0,
  userRefNum: 1,
  requestType: "O",
  answerType: "A",
  symbol: "AAPL",
  outcome: OUTCOME.ACCEPTED,
  flags: 0,
  connection: 3,
  depth: 2,
  batchCount: 5,
  batchIndex: 4,
  stampsNs: ORDER_STAMPS.map((_, index) => 1_000_000_001 + index * index * 10_007),
};

export class OrderRecords {
  private readonly ring: RecordRingWriter;
  private readonly view: DataView;

  constructor(memory: SharedArrayBuffer) {
    this.ring = new RecordRingWriter(memory, ORDER_RECORD_BYTES);
    this.view = new DataView(memory);
  }

  /** Returns all that stands in the record; undefined when the ring took none. */
  write(facts: Partial<OrderFacts>): OrderFacts | undefined {
    const all = { ...USUAL, ...facts };
    const base = this.ring.claim();
    if (base === RECORD_DROPPED) return undefined;
    const { view } = this;
    this.ring.bytes.fill(0, base, base + ORDER_RECORD_BYTES);
    view.setUint8(base + ORDER_BYTE.OUTCOME, all.outcome);
    view.setUint8(base + ORDER_BYTE.REQUEST_TYPE, all.requestType.charCodeAt(0));
    view.setUint8(base + ORDER_BYTE.ANSWER_TYPE, all.answerType.charCodeAt(0));
    view.setUint8(base + ORDER_BYTE.FLAGS, all.flags);
    view.setUint8(base + ORDER_BYTE.LANE, all.lane);
    view.setInt32(base + OUTBOUND_OFFSETS.CONNECTION, all.connection, true);
    view.setInt32(base + OUTBOUND_OFFSETS.ACCOUNT, all.account, true);
    view.setInt32(base + OUTBOUND_OFFSETS.DEPTH, all.depth, true);
    view.setUint32(base + OUTBOUND_OFFSETS.USER_REF_NUM, all.userRefNum, true);
    view.setUint16(base + OUTBOUND_OFFSETS.BATCH_COUNT, all.batchCount, true);
    view.setUint16(base + OUTBOUND_OFFSETS.BATCH_INDEX, all.batchIndex, true);
    for (const [index, stamp] of ORDER_STAMPS.entries()) {
      view.setFloat64(base + stamp * 8, all.stampsNs[index] ?? 0, true);
    }
    const frame = acceptedFrame(all.symbol, all.answerType);
    view.setUint16(base + OUTBOUND_OFFSETS.PAYLOAD_BYTES, frame.length, true);
    this.ring.bytes.set(frame.subarray(0, FRAME_BYTES_KEPT), base + ORDER_BYTE.FRAME);
    this.ring.publish();
    return all;
  }
}

const FRAME_BYTES_MAX = 256;

/** An 'A' with the symbol, or another message of which only the letter is there. */
function acceptedFrame(symbol: string, answerType: string): Uint8Array {
  const frame = new Uint8Array(FRAME_BYTES_MAX);
  const text = new DataView(new ArrayBuffer(8));
  writeText(text, 0, 8, symbol);
  const message = new OrderAccepted().wrap(new DataView(frame.buffer), SEQUENCED_HEADER_BYTES);
  message.start();
  message.symbolHigh = text.getUint32(0);
  message.symbolLow = text.getUint32(4);
  frame[SEQUENCED_HEADER_BYTES] = answerType.charCodeAt(0);
  return frame;
}
