// One OUCH message of a client, as far as a replay must know it: what it asks, the numbers in it, and where new ones go.
// The gateway's own idea of what is malformed (src/lane/intake) decides here too: such a message can only be rejected by
// its number, or be told in a text.

import {
  ACCOUNT_QUERY_REQUEST_BYTES,
  ACCOUNT_QUERY_REQUEST_TAGS,
  ACCOUNT_QUERY_REQUEST_TYPE,
} from "../../protocol/ouch/account-query-request.ts";
import {
  APPENDAGE_MALFORMED,
  APPENDAGE_OK,
  AppendageReader,
} from "../../protocol/ouch/appendage-reader.ts";
import {
  CANCEL_ORDER_REQUEST_BYTES,
  CANCEL_ORDER_REQUEST_TAGS,
  CANCEL_ORDER_REQUEST_TYPE,
  CancelOrderRequest,
} from "../../protocol/ouch/cancel-order-request.ts";
import {
  DISABLE_ORDER_ENTRY_REQUEST_BYTES,
  DISABLE_ORDER_ENTRY_REQUEST_TAGS,
  DISABLE_ORDER_ENTRY_REQUEST_TYPE,
  DisableOrderEntryRequest,
} from "../../protocol/ouch/disable-order-entry-request.ts";
import {
  ENABLE_ORDER_ENTRY_REQUEST_BYTES,
  ENABLE_ORDER_ENTRY_REQUEST_TAGS,
  ENABLE_ORDER_ENTRY_REQUEST_TYPE,
  EnableOrderEntryRequest,
} from "../../protocol/ouch/enable-order-entry-request.ts";
import {
  ENTER_ORDER_BYTES,
  ENTER_ORDER_TAGS,
  ENTER_ORDER_TYPE,
  EnterOrder,
} from "../../protocol/ouch/enter-order.ts";
import {
  MASS_CANCEL_REQUEST_BYTES,
  MASS_CANCEL_REQUEST_TAGS,
  MASS_CANCEL_REQUEST_TYPE,
  MassCancelRequest,
} from "../../protocol/ouch/mass-cancel-request.ts";
import { INBOUND_FIELDS_OFFSET } from "../../protocol/ouch/message-header.ts";
import {
  MODIFY_ORDER_REQUEST_BYTES,
  MODIFY_ORDER_REQUEST_TAGS,
  MODIFY_ORDER_REQUEST_TYPE,
  ModifyOrderRequest,
} from "../../protocol/ouch/modify-order-request.ts";
import {
  REPLACE_ORDER_REQUEST_BYTES,
  REPLACE_ORDER_REQUEST_TAGS,
  REPLACE_ORDER_REQUEST_TYPE,
  ReplaceOrderRequest,
} from "../../protocol/ouch/replace-order-request.ts";
import { REQUEST } from "../driver/requests.ts";

/** What was asked. The first four are those of the load's order model and make the headline. */
export const ASKED = {
  ...REQUEST,
  MASS_CANCEL: 4,
  DISABLE: 5,
  ENABLE: 6,
  QUERY: 7,
  MALFORMED: 8,
} as const;

export const ASKED_NAMES = [
  "enter",
  "replace",
  "cancel",
  "modify",
  "mass cancel",
  "disable",
  "enable",
  "account query",
  "malformed",
] as const;

const NUMBER_BYTES = 4;
/** What a request is, and the numbers that it is to have. */
export interface NumberedRequest {
  readonly asked: number;
  readonly hasNumber: boolean;
  readonly number: number;
  readonly target: number;
}

/** Enough behind a short message for the widest flyweight to stand on. */
export const SPARE_BYTES = 64;

export class RequestReader {
  asked: number = ASKED.MALFORMED;
  /** UserRefIdx. */
  channel = 0;
  /** The number that the request brings, if it brings one. */
  number = 0;
  hasNumber = false;
  /** The number of the order that it names, if it names one. */
  target = 0;
  hasTarget = false;
  quantity = 0;
  side = 0;
  /** As four letters; "" where there is none. Of mass cancel, disable and enable. */
  firm = "";

  private readonly tags = new AppendageReader();
  private readonly enter = new EnterOrder();
  private readonly replace = new ReplaceOrderRequest();
  private readonly cancel = new CancelOrderRequest();
  private readonly modify = new ModifyOrderRequest();
  private readonly massCancel = new MassCancelRequest();
  private readonly disable = new DisableOrderEntryRequest();
  private readonly enable = new EnableOrderEntryRequest();

  /** Reads one message of `bytes` bytes. The view has SPARE_BYTES behind it. */
  read(view: DataView, base: number, bytes: number): void {
    this.asked = ASKED.MALFORMED;
    this.channel = 0;
    this.hasNumber = false;
    this.hasTarget = false;
    this.number = 0;
    this.target = 0;
    this.quantity = 0;
    this.side = 0;
    this.firm = "";
    const type = bytes === 0 ? 0 : view.getUint8(base);
    switch (type) {
      case ENTER_ORDER_TYPE:
        this.readEnter(view, base, bytes);
        break;
      case REPLACE_ORDER_REQUEST_TYPE:
        this.readReplace(view, base, bytes);
        break;
      case CANCEL_ORDER_REQUEST_TYPE: {
        const fixed = CANCEL_ORDER_REQUEST_BYTES;
        if (!this.isWhole(view, base, bytes, fixed, CANCEL_ORDER_REQUEST_TAGS)) break;
        const cancel = this.cancel.wrap(view, base);
        this.asked = ASKED.CANCEL;
        this.names(cancel.userRefNum);
        this.quantity = cancel.quantity;
        break;
      }
      case MODIFY_ORDER_REQUEST_TYPE: {
        const fixed = MODIFY_ORDER_REQUEST_BYTES;
        if (!this.isWhole(view, base, bytes, fixed, MODIFY_ORDER_REQUEST_TAGS)) break;
        const modify = this.modify.wrap(view, base);
        this.asked = ASKED.MODIFY;
        this.names(modify.userRefNum);
        this.quantity = modify.quantity;
        this.side = modify.side;
        break;
      }
      case MASS_CANCEL_REQUEST_TYPE:
        if (
          !this.isReadable(view, base, bytes, MASS_CANCEL_REQUEST_BYTES, MASS_CANCEL_REQUEST_TAGS)
        )
          break;
        this.controls(ASKED.MASS_CANCEL, this.massCancel.wrap(view, base));
        break;
      case DISABLE_ORDER_ENTRY_REQUEST_TYPE: {
        const fixed = DISABLE_ORDER_ENTRY_REQUEST_BYTES;
        if (!this.isReadable(view, base, bytes, fixed, DISABLE_ORDER_ENTRY_REQUEST_TAGS)) break;
        this.controls(ASKED.DISABLE, this.disable.wrap(view, base));
        break;
      }
      case ENABLE_ORDER_ENTRY_REQUEST_TYPE: {
        const fixed = ENABLE_ORDER_ENTRY_REQUEST_BYTES;
        if (!this.isReadable(view, base, bytes, fixed, ENABLE_ORDER_ENTRY_REQUEST_TAGS)) break;
        this.controls(ASKED.ENABLE, this.enable.wrap(view, base));
        break;
      }
      case ACCOUNT_QUERY_REQUEST_TYPE: {
        const fixed = ACCOUNT_QUERY_REQUEST_BYTES;
        if (!this.isWhole(view, base, bytes, fixed, ACCOUNT_QUERY_REQUEST_TAGS)) break;
        this.asked = ASKED.QUERY;
        break;
      }
    }
  }

  /** Writes the numbers of a message that read() found to be such a request. */
  renumber(view: DataView, base: number, request: NumberedRequest): void {
    const { asked, hasNumber, number, target } = request;
    if (asked === ASKED.MALFORMED) {
      // Too short for its type, but not for its number.
      if (!hasNumber) return;
      if (view.getUint8(base) === ENTER_ORDER_TYPE) this.enter.wrap(view, base).userRefNum = number;
      else this.replace.wrap(view, base).userRefNum = number;
    } else if (asked === ASKED.ENTER) {
      this.enter.wrap(view, base).userRefNum = number;
    } else if (asked === ASKED.REPLACE) {
      this.replace.wrap(view, base).userRefNum = number;
      this.replace.origUserRefNum = target;
    } else if (asked === ASKED.CANCEL) {
      this.cancel.wrap(view, base).userRefNum = target;
    } else if (asked === ASKED.MODIFY) {
      this.modify.wrap(view, base).userRefNum = target;
    } else if (asked === ASKED.MASS_CANCEL) {
      this.massCancel.wrap(view, base).userRefNum = number;
    } else if (asked === ASKED.DISABLE) {
      this.disable.wrap(view, base).userRefNum = number;
    } else if (asked === ASKED.ENABLE) {
      this.enable.wrap(view, base).userRefNum = number;
    }
  }

  private readEnter(view: DataView, base: number, bytes: number): void {
    const enter = this.enter.wrap(view, base);
    if (this.isReadable(view, base, bytes, ENTER_ORDER_BYTES, ENTER_ORDER_TAGS)) {
      this.asked = ASKED.ENTER;
      this.brings(enter.userRefNum);
      this.quantity = enter.quantity;
      this.side = enter.side;
    } else if (bytes >= INBOUND_FIELDS_OFFSET + NUMBER_BYTES) {
      this.channel = 0;
      this.brings(enter.userRefNum);
    }
  }

  private readReplace(view: DataView, base: number, bytes: number): void {
    const replace = this.replace.wrap(view, base);
    const fixed = REPLACE_ORDER_REQUEST_BYTES;
    if (this.isReadable(view, base, bytes, fixed, REPLACE_ORDER_REQUEST_TAGS)) {
      this.asked = ASKED.REPLACE;
      this.brings(replace.userRefNum);
      this.names(replace.origUserRefNum);
      this.quantity = replace.quantity;
    } else if (bytes >= INBOUND_FIELDS_OFFSET + 2 * NUMBER_BYTES) {
      this.channel = 0;
      this.brings(replace.userRefNum);
    }
  }

  private controls(asked: number, request: { userRefNum: number; firmText: string }): void {
    this.asked = asked;
    this.brings(request.userRefNum);
    this.firm = request.firmText.trim();
  }

  private brings(number: number): void {
    this.number = number;
    this.hasNumber = true;
  }

  private names(target: number): void {
    this.target = target;
    this.hasTarget = true;
  }

  /** Of a message that cannot be rejected: one wrong tag makes it malformed. */
  private isWhole(
    view: DataView,
    base: number,
    bytes: number,
    fixedBytes: number,
    allowed: number,
  ): boolean {
    if (bytes < fixedBytes) return false;
    const structure = this.tags.read(view, base, bytes, fixedBytes, true, allowed);
    this.channel = structure === APPENDAGE_OK ? this.tags.userRefIdx : 0;
    return structure === APPENDAGE_OK;
  }

  private isReadable(
    view: DataView,
    base: number,
    bytes: number,
    fixedBytes: number,
    allowed: number,
  ): boolean {
    const structure = this.tags.read(view, base, bytes, fixedBytes, false, allowed);
    this.channel = structure === APPENDAGE_MALFORMED ? 0 : this.tags.userRefIdx;
    return structure !== APPENDAGE_MALFORMED;
  }
}
