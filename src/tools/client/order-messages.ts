// OUCH requests from plain fields, for people and tests. Load tools write through the flyweights themselves.

import { assert } from "../../base/assert.ts";
import {
  ACCOUNT_QUERY_REQUEST_BYTES,
  AccountQueryRequest,
} from "../../protocol/ouch/account-query-request.ts";
import { AppendageWriter } from "../../protocol/ouch/appendage-writer.ts";
import {
  CANCEL_ORDER_REQUEST_BYTES,
  CancelOrderRequest,
} from "../../protocol/ouch/cancel-order-request.ts";
import {
  DISABLE_ORDER_ENTRY_REQUEST_BYTES,
  DisableOrderEntryRequest,
} from "../../protocol/ouch/disable-order-entry-request.ts";
import {
  ENABLE_ORDER_ENTRY_REQUEST_BYTES,
  EnableOrderEntryRequest,
} from "../../protocol/ouch/enable-order-entry-request.ts";
import { ENTER_ORDER_BYTES, EnterOrder } from "../../protocol/ouch/enter-order.ts";
import {
  MASS_CANCEL_REQUEST_BYTES,
  MassCancelRequest,
} from "../../protocol/ouch/mass-cancel-request.ts";
import {
  MODIFY_ORDER_REQUEST_BYTES,
  ModifyOrderRequest,
} from "../../protocol/ouch/modify-order-request.ts";
import {
  REPLACE_ORDER_REQUEST_BYTES,
  ReplaceOrderRequest,
} from "../../protocol/ouch/replace-order-request.ts";
import { TAG, TAG_VALUE_BYTES } from "../../protocol/ouch/tag.ts";

export type TagName = keyof typeof TAG;

/** Tag values by name: numbers for integers and prices, text for letters (padded with spaces). */
export type TagFields = Partial<Record<TagName, number | string>>;

/** Prices are in units of the wire: $1 is 10,000. One-letter fields are that letter. */
export interface EnterFields {
  readonly userRefNum: number;
  readonly side: string;
  readonly quantity: number;
  readonly symbol: string;
  readonly price: number;
  readonly timeInForce?: string; // "0"
  readonly display?: string; // "Y"
  readonly capacity?: string; // "P"
  readonly interMarketSweep?: string; // "N"
  readonly crossType?: string; // "N"
  readonly clOrdId?: string; // "N" and the UserRefNum
  readonly tags?: TagFields;
}

export interface ReplaceFields {
  readonly origUserRefNum: number;
  readonly userRefNum: number;
  /** Total for the whole chain of replaces, executed shares included. */
  readonly quantity: number;
  readonly price: number;
  readonly timeInForce?: string; // "0"
  readonly display?: string; // "Y"
  readonly interMarketSweep?: string; // "N"
  readonly clOrdId?: string;
  readonly tags?: TagFields;
}

export interface CancelFields {
  readonly userRefNum: number;
  /** Intended total, executed shares included; 0 (the default) = all that is open. */
  readonly quantity?: number;
  readonly tags?: TagFields;
}

export interface ModifyFields {
  readonly userRefNum: number;
  readonly side: string;
  /** Intended total, executed shares included. */
  readonly quantity: number;
  readonly tags?: TagFields;
}

export interface MassCancelFields {
  readonly userRefNum: number;
  readonly firm: string;
  /** "" (the default) = every symbol. */
  readonly symbol?: string;
  readonly tags?: TagFields;
}

export interface EntryControlFields {
  readonly userRefNum: number;
  readonly firm: string;
  readonly tags?: TagFields;
}

export interface QueryFields {
  readonly tags?: TagFields;
}

/** Each writes one message at `offset` and returns how many bytes it has. */
export function writeEnter(view: DataView, offset: number, fields: EnterFields): number {
  const enter = new EnterOrder().wrap(view, offset).start();
  enter.userRefNum = fields.userRefNum;
  enter.side = letterCode(fields.side);
  enter.quantity = fields.quantity;
  enter.symbol = fields.symbol;
  enter.price = fields.price;
  enter.timeInForce = letterCode(fields.timeInForce ?? "0");
  enter.display = letterCode(fields.display ?? "Y");
  enter.capacity = letterCode(fields.capacity ?? "P");
  enter.interMarketSweep = letterCode(fields.interMarketSweep ?? "N");
  enter.crossType = letterCode(fields.crossType ?? "N");
  enter.clOrdId = fields.clOrdId ?? `N${fields.userRefNum}`;
  return ENTER_ORDER_BYTES + writeTags(view, offset + ENTER_ORDER_BYTES, fields.tags ?? {});
}

export function writeReplace(view: DataView, offset: number, fields: ReplaceFields): number {
  const replace = new ReplaceOrderRequest().wrap(view, offset).start();
  replace.origUserRefNum = fields.origUserRefNum;
  replace.userRefNum = fields.userRefNum;
  replace.quantity = fields.quantity;
  replace.price = fields.price;
  replace.timeInForce = letterCode(fields.timeInForce ?? "0");
  replace.display = letterCode(fields.display ?? "Y");
  replace.interMarketSweep = letterCode(fields.interMarketSweep ?? "N");
  replace.clOrdId = fields.clOrdId ?? `N${fields.userRefNum}`;
  const fixedBytes = REPLACE_ORDER_REQUEST_BYTES;
  return fixedBytes + writeTags(view, offset + fixedBytes, fields.tags ?? {});
}

export function writeCancel(view: DataView, offset: number, fields: CancelFields): number {
  const cancel = new CancelOrderRequest().wrap(view, offset).start();
  cancel.userRefNum = fields.userRefNum;
  cancel.quantity = fields.quantity ?? 0;
  const fixedBytes = CANCEL_ORDER_REQUEST_BYTES;
  return fixedBytes + writeTagsIfAny(view, offset + fixedBytes, fields.tags);
}

export function writeModify(view: DataView, offset: number, fields: ModifyFields): number {
  const modify = new ModifyOrderRequest().wrap(view, offset).start();
  modify.userRefNum = fields.userRefNum;
  modify.side = letterCode(fields.side);
  modify.quantity = fields.quantity;
  const fixedBytes = MODIFY_ORDER_REQUEST_BYTES;
  return fixedBytes + writeTagsIfAny(view, offset + fixedBytes, fields.tags);
}

export function writeMassCancel(view: DataView, offset: number, fields: MassCancelFields): number {
  const massCancel = new MassCancelRequest().wrap(view, offset).start();
  massCancel.userRefNum = fields.userRefNum;
  massCancel.firmText = fields.firm;
  massCancel.symbol = fields.symbol ?? "";
  const fixedBytes = MASS_CANCEL_REQUEST_BYTES;
  return fixedBytes + writeTags(view, offset + fixedBytes, fields.tags ?? {});
}

export function writeDisable(view: DataView, offset: number, fields: EntryControlFields): number {
  const disable = new DisableOrderEntryRequest().wrap(view, offset).start();
  disable.userRefNum = fields.userRefNum;
  disable.firmText = fields.firm;
  const fixedBytes = DISABLE_ORDER_ENTRY_REQUEST_BYTES;
  return fixedBytes + writeTags(view, offset + fixedBytes, fields.tags ?? {});
}

export function writeEnable(view: DataView, offset: number, fields: EntryControlFields): number {
  const enable = new EnableOrderEntryRequest().wrap(view, offset).start();
  enable.userRefNum = fields.userRefNum;
  enable.firmText = fields.firm;
  const fixedBytes = ENABLE_ORDER_ENTRY_REQUEST_BYTES;
  return fixedBytes + writeTags(view, offset + fixedBytes, fields.tags ?? {});
}

export function writeQuery(view: DataView, offset: number, fields: QueryFields): number {
  new AccountQueryRequest().wrap(view, offset).start();
  const fixedBytes = ACCOUNT_QUERY_REQUEST_BYTES;
  return fixedBytes + writeTagsIfAny(view, offset + fixedBytes, fields.tags);
}

export function letterCode(letter: string): number {
  assert(letter.length === 1, "a one-letter field is one letter");
  return letter.charCodeAt(0);
}

const appendageWriter = new AppendageWriter();

/** Writes the appendage, its length first, and returns its bytes. */
function writeTags(view: DataView, lengthOffset: number, tags: TagFields): number {
  appendageWriter.begin(view, lengthOffset);
  for (const name of Object.keys(tags) as TagName[]) {
    const value = tags[name];
    if (value !== undefined) writeTag(TAG[name], value);
  }
  return appendageWriter.end() - lengthOffset;
}

/** The short form of a message whose appendage is optional has not even the length. */
const writeTagsIfAny = (
  view: DataView,
  lengthOffset: number,
  tags: TagFields | undefined,
): number => (tags === undefined ? 0 : writeTags(view, lengthOffset, tags));

function writeTag(tag: number, value: number | string): void {
  const valueBytes = TAG_VALUE_BYTES[tag] ?? 0;
  if (typeof value === "string") appendageWriter.text(tag, value);
  else if (valueBytes === 1) appendageWriter.u8(tag, value);
  else if (valueBytes === 2) appendageWriter.u16(tag, value);
  // Four bytes are signed for some tags; the bits of a negative number are the same either way.
  else if (valueBytes === 4) appendageWriter.i32(tag, value | 0);
  else appendageWriter.price(tag, value);
}
