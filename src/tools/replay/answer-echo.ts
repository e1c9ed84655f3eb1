// What an answer says again of its request: the same in a capture and in its replay, whenever they are and whatever else
// is traded. Each field is kept as 16 bits, enough to tell that two of them differ. What is left of a replaced order
// depends on its fills, and is no such field. Hot path of a replay; allocates nothing per message.

import { mixed } from "../../base/mixed.ts";
import { CL_ORD_ID_BYTES } from "../../protocol/ouch/cl-ord-id.ts";
import type { OrderAccepted } from "../../protocol/ouch/order-accepted.ts";
import type { OrderReplaced } from "../../protocol/ouch/order-replaced.ts";

/** Terms: time in force, display, capacity, inter-market sweep and cross type. */
export const ECHO_FIELDS = ["symbol", "side", "shares", "price", "terms", "ClOrdID"] as const;
const FIELD = { SYMBOL: 0, SIDE: 1, SHARES: 2, PRICE: 3, TERMS: 4, CL_ORD_ID: 5 } as const;

const TWO_POW_32 = 2 ** 32;

export class AnswerEcho {
  /** As in ECHO_FIELDS; 0 = the answer does not say. */
  readonly digests = new Uint16Array(ECHO_FIELDS.length);

  clear(): void {
    this.digests.fill(0);
  }

  readAccepted(answer: OrderAccepted): void {
    this.readOrder(answer);
    this.digests[FIELD.SHARES] = digestOf(answer.quantity, 0);
  }

  readOrder(answer: OrderAccepted | OrderReplaced): void {
    const { digests } = this;
    const { price, timeInForce, display, capacity } = answer;
    digests[FIELD.SYMBOL] = digestOf(answer.symbolHigh, answer.symbolLow);
    digests[FIELD.SIDE] = digestOf(answer.side, 0);
    digests[FIELD.PRICE] = digestOf(price / TWO_POW_32, price % TWO_POW_32);
    const letters = (timeInForce << 16) | (display << 8) | capacity;
    digests[FIELD.TERMS] = digestOf(letters, (answer.interMarketSweep << 8) | answer.crossType);
  }

  /** It is the last field of each message that has it. */
  readClOrdId(view: DataView, fieldsEnd: number): void {
    let digest = 0;
    for (let at = fieldsEnd - CL_ORD_ID_BYTES; at < fieldsEnd; at++) {
      digest = digestOf(digest, view.getUint8(at));
    }
    this.digests[FIELD.CL_ORD_ID] = digest;
  }
}

/** Of two words. Never 0. */
const digestOf = (high: number, low: number): number => mixed(mixed(high) ^ low) & 0xffff || 1;
