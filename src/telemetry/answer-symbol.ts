// Which instrument an answer is about, from as much of its packet as telemetry keeps. For readers off the path.

import { assert } from "../base/assert.ts";
import { printable } from "../base/printable.ts";
import {
  MASS_CANCEL_RESPONSE_BYTES,
  MASS_CANCEL_RESPONSE_TYPE,
  MassCancelResponse,
} from "../protocol/ouch/mass-cancel-response.ts";
import { TYPE_OFFSET } from "../protocol/ouch/message-header.ts";
import {
  ORDER_ACCEPTED_BYTES,
  ORDER_ACCEPTED_TYPE,
  OrderAccepted,
} from "../protocol/ouch/order-accepted.ts";
import {
  ORDER_REPLACED_BYTES,
  ORDER_REPLACED_TYPE,
  OrderReplaced,
} from "../protocol/ouch/order-replaced.ts";
import { SEQUENCED_HEADER_BYTES } from "../protocol/soupbintcp/sequenced.ts";
import { SPACE } from "../protocol/wire-fields.ts";
import { FRAME_BYTES_KEPT } from "./order-record.ts";

/** Room for a whole message: what was not kept reads as spaces, with which a symbol is padded anyway. */
const WHOLE_BYTES =
  SEQUENCED_HEADER_BYTES +
  Math.max(ORDER_ACCEPTED_BYTES, ORDER_REPLACED_BYTES, MASS_CANCEL_RESPONSE_BYTES);
const whole = new Uint8Array(WHOLE_BYTES);
const view = new DataView(whole.buffer);
const accepted = new OrderAccepted().wrap(view, SEQUENCED_HEADER_BYTES);
const replaced = new OrderReplaced().wrap(view, SEQUENCED_HEADER_BYTES);
const massCanceled = new MassCancelResponse().wrap(view, SEQUENCED_HEADER_BYTES);

/**
 * `frame` is the beginning of the answer's SoupBinTCP packet. Empty: the answer names none. Of a replaced order's
 * symbol seven letters are kept, so that the eighth, which hardly any has, is missing.
 */
export function answerSymbol(frame: Uint8Array): string {
  whole.fill(SPACE).set(frame);
  switch (whole[SEQUENCED_HEADER_BYTES + TYPE_OFFSET]) {
    case ORDER_ACCEPTED_TYPE:
      return printable(accepted.symbol);
    case ORDER_REPLACED_TYPE:
      return printable(replaced.symbol);
    case MASS_CANCEL_RESPONSE_TYPE:
      return printable(massCanceled.symbol);
    default:
      return "";
  }
}

assert(
  FRAME_BYTES_KEPT <= WHOLE_BYTES,
  "a frame is longer than the messages that are read from it",
);
