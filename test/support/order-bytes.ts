// Order records as the gate makes them, for who reads them.

import { OUTBOUND_KIND, OUTCOME, OutboundRecord } from "../../src/memory/outbound-record.ts";
import { SLOT_BYTES, SlotMemory } from "../../src/memory/slot-memory.ts";
import { OrderAccepted } from "../../src/protocol/ouch/order-accepted.ts";
import { SEQUENCED_HEADER_BYTES } from "../../src/protocol/soupbintcp/sequenced.ts";
import { STAGE, STAGE_NAMES } from "../../src/telemetry/latency-series.ts";
import {
  ORDER_BYTE,
  ORDER_RECORD_BYTES,
  ORDER_RECORD_COPIED_BYTES,
  ORDER_STAMPS,
} from "../../src/telemetry/order-record.ts";

export type StageName = Exclude<(typeof STAGE_NAMES)[number], "service">;

export interface OrderBytesOptions {
  readonly sinceNs: number;
  /** Each of the others takes nothing. */
  readonly stagesNs: Partial<Record<StageName, number>>;
  readonly lane?: number;
  readonly account?: number;
  readonly userRefNum?: number;
  readonly symbol?: string;
  readonly outcome?: number;
  readonly depth?: number;
}

/** An accepted Enter Order's record. */
export function orderBytes(options: OrderBytesOptions): Int32Array<ArrayBuffer> {
  const slots = new SlotMemory(new ArrayBuffer(SLOT_BYTES));
  const record = new OutboundRecord().wrap(slots, 0).start(OUTBOUND_KIND.SEQUENCED, 5, 1);
  record.outcome = options.outcome ?? OUTCOME.ACCEPTED;
  record.detail = options.depth ?? 0;
  record.account = options.account ?? 0;
  record.userRefNum = options.userRefNum ?? 1;
  record.requestType = "O".charCodeAt(0);
  record.answerType = "A".charCodeAt(0);
  record.batchCount = 3;
  record.batchIndex = 2;
  record.payloadBytes = 64;
  const messageOffset = record.payloadOffset + SEQUENCED_HEADER_BYTES;
  new OrderAccepted().wrap(slots.view, messageOffset).start().symbol = options.symbol ?? "AAPL";
  const bytes = new Uint8Array(ORDER_RECORD_BYTES);
  bytes.set(new Uint8Array(slots.bytes.buffer, slots.bytes.byteOffset, ORDER_RECORD_COPIED_BYTES));
  bytes[ORDER_BYTE.LANE] = options.lane ?? 0;
  const doubles = new Float64Array(bytes.buffer);
  let atNs = options.sinceNs;
  doubles[ORDER_STAMPS[0]!] = atNs;
  for (let stage = 0; stage < STAGE.service; stage++) {
    atNs += options.stagesNs[STAGE_NAMES[stage] as StageName] ?? 0;
    doubles[ORDER_STAMPS[stage + 1]!] = atNs;
  }
  return new Int32Array(bytes.buffer);
}
