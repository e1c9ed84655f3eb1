// Whether an answer accepts a market order. Its price lies beyond what an order record keeps of the frame, so the gate
// looks while it has the whole packet, and marks the record.

import { OUTBOUND_FLAG, OUTBOUND_OFFSETS } from "../memory/outbound-record.ts";
import { PRICE_MARKET } from "../protocol/ouch/codes.ts";
import { acceptedPriceAt, ORDER_ACCEPTED_TYPE } from "../protocol/ouch/order-accepted.ts";
import { PACKET_HEADER_BYTES } from "../protocol/soupbintcp/packet-header.ts";

const MESSAGE_OFFSET = OUTBOUND_OFFSETS.PAYLOAD + PACKET_HEADER_BYTES;

/** `base`: an outbound record that carries an answer. Before its beginning is copied. */
export function markMarketAnswer(bytes: Buffer, base: number): void {
  if (bytes[base + OUTBOUND_OFFSETS.ANSWER_TYPE] !== ORDER_ACCEPTED_TYPE) return;
  if (acceptedPriceAt(bytes, base + MESSAGE_OFFSET) !== PRICE_MARKET) return;
  bytes[base + OUTBOUND_OFFSETS.FLAGS]! |= OUTBOUND_FLAG.MARKET;
}
