// Messages that cannot be read: an unknown type, an impossible length, a broken appendage (ouch50.md §6.8). Each is
// told in a text; an Enter or Replace whose new number can be read is rejected by it; too many close the connection.
// Lane thread.

import { LANE_COUNTERS } from "../../memory/counters.ts";
import { DETACH_REASON } from "../../memory/inbound-record.ts";
import { CL_ORD_ID_BYTES } from "../../protocol/ouch/cl-ord-id.ts";
import { REJECT_REASON } from "../../protocol/ouch/codes.ts";
import {
  ENTER_ORDER_BYTES,
  ENTER_ORDER_TYPE,
  EnterOrder,
} from "../../protocol/ouch/enter-order.ts";
import { INBOUND_FIELDS_OFFSET } from "../../protocol/ouch/message-header.ts";
import {
  REPLACE_ORDER_REQUEST_BYTES,
  REPLACE_ORDER_REQUEST_TYPE,
  ReplaceOrderRequest,
} from "../../protocol/ouch/replace-order-request.ts";
import { typeCounter } from "../../telemetry/latency-series.ts";
import type { Account } from "../accounts.ts";
import type { LaneState } from "../lane-state.ts";

const NUMBER_BYTES = 4;
/** From here on the new number of an Enter is there, */
const ENTER_READABLE_BYTES = INBOUND_FIELDS_OFFSET + NUMBER_BYTES;
/** and of a Replace, which names the old one first. */
const REPLACE_READABLE_BYTES = ENTER_READABLE_BYTES + NUMBER_BYTES;

export class MalformedIntake {
  private readonly state: LaneState;
  private readonly enter = new EnterOrder();
  private readonly replace = new ReplaceOrderRequest();
  private readonly clOrdId = new DataView(new ArrayBuffer(CL_ORD_ID_BYTES));

  constructor(state: LaneState) {
    this.state = state;
  }

  /** `heldBytes` of the message are at hand; it had `messageBytes`. */
  take(
    account: Account,
    view: DataView,
    base: number,
    heldBytes: number,
    messageBytes: number,
  ): void {
    const { state } = this;
    const type = heldBytes === 0 ? 0 : view.getUint8(base);
    state.counters.add(LANE_COUNTERS.malformed, 1);
    state.isChanged = true; // the offences count
    account.offences++;
    this.tell(account, type, messageBytes);
    if (type === ENTER_ORDER_TYPE && heldBytes >= ENTER_READABLE_BYTES) {
      this.enter.wrap(view, base);
      const hasClOrdId = heldBytes >= ENTER_ORDER_BYTES;
      if (hasClOrdId) this.enter.copyClOrdIdTo(this.clOrdId, 0);
      this.reject(account, type, this.enter.userRefNum, hasClOrdId);
    } else if (type === REPLACE_ORDER_REQUEST_TYPE && heldBytes >= REPLACE_READABLE_BYTES) {
      this.replace.wrap(view, base);
      const hasClOrdId = heldBytes >= REPLACE_ORDER_REQUEST_BYTES;
      if (hasClOrdId) this.replace.copyClOrdIdTo(this.clOrdId, 0);
      this.reject(account, type, this.replace.userRefNum, hasClOrdId);
    }
    // Whatever was answered for it was a reject.
    if (!state.cause.isAnswered) state.counters.add(typeCounter(LANE_COUNTERS.ignoredO, type), 1);
    if (account.offences < state.config.offencesMax) return;
    state.unsequenced.close(account.connection, account.epoch, DETACH_REASON.PROTOCOL);
    state.streams.onClosing(account.number);
    state.accounts.detach(account);
  }

  private tell(account: Account, type: number, messageBytes: number): void {
    const { unsequenced, config } = this.state;
    const isLetter = type > 0x20 && type < 0x7f;
    const name = isLetter ? String.fromCharCode(type) : `type ${type}`;
    const count = `${account.offences} of ${config.offencesMax}`;
    const text = `malformed OUCH message: ${name}, ${messageBytes} bytes (${count})`;
    unsequenced.debug(account.connection, account.epoch, text);
  }

  /** The channel could not be read: the number counts as one of the port's own. */
  private reject(account: Account, type: number, userRefNum: number, hasClOrdId: boolean): void {
    const { channels, answers, cause } = this.state;
    const channel = account.channels.portWide;
    if (userRefNum === 0 || userRefNum <= channels.high(channel)) return;
    cause.begin(type, account.number, userRefNum);
    channels.setHigh(channel, userRefNum);
    const clOrdId = hasClOrdId ? this.clOrdId : undefined;
    answers.rejected(account.number, userRefNum, 0, REJECT_REASON.OTHER, clOrdId, 0);
  }
}
