// The tagged fields of a message as people read them. For tools.

import type { AppendageReader } from "./appendage-reader.ts";
import { type Fields, letter, priceText } from "./code-meanings.ts";
import { TAG } from "./tag.ts";

const WORD_BITS = 32n;
const LETTER_BITS = 8;

/** Adds each tag that the reader has read, by its name. */
export function describeAppendage(tags: AppendageReader, fields: Fields): void {
  if (tags.has(TAG.SECONDARY_ORDER_REFERENCE)) {
    const high = BigInt(tags.secondaryReferenceHigh) << WORD_BITS;
    fields.secondaryReference = String(high | BigInt(tags.secondaryReferenceLow));
  }
  if (tags.has(TAG.FIRM)) fields.firm = lettersOf(tags.firm);
  if (tags.has(TAG.MIN_QTY)) fields.minQty = tags.minQty;
  if (tags.has(TAG.CUSTOMER_TYPE)) fields.customerType = letter(tags.customerType);
  if (tags.has(TAG.MAX_FLOOR)) fields.maxFloor = tags.maxFloor;
  if (tags.has(TAG.PRICE_TYPE)) fields.priceType = letter(tags.priceType);
  if (tags.has(TAG.PEG_OFFSET)) fields.pegOffset = priceText(tags.pegOffset);
  if (tags.has(TAG.DISCRETION_PRICE)) fields.discretionPrice = priceText(tags.discretionPrice);
  if (tags.has(TAG.DISCRETION_PRICE_TYPE)) {
    fields.discretionPriceType = letter(tags.discretionPriceType);
  }
  if (tags.has(TAG.DISCRETION_PEG_OFFSET)) {
    fields.discretionPegOffset = priceText(tags.discretionPegOffset);
  }
  if (tags.has(TAG.POST_ONLY)) fields.postOnly = letter(tags.postOnly);
  if (tags.has(TAG.RANDOM_RESERVES)) fields.randomReserves = tags.randomReserves;
  if (tags.has(TAG.ROUTE)) fields.route = lettersOf(tags.route);
  if (tags.has(TAG.EXPIRE_TIME)) fields.expireTime = tags.expireTime;
  if (tags.has(TAG.TRADE_NOW)) fields.tradeNow = letter(tags.tradeNow);
  if (tags.has(TAG.HANDLE_INST)) fields.handleInst = letter(tags.handleInst);
  if (tags.has(TAG.BBO_WEIGHT)) fields.bboWeight = letter(tags.bboWeight);
  if (tags.has(TAG.DISPLAY_QUANTITY)) fields.displayQuantity = tags.displayQuantity;
  if (tags.has(TAG.DISPLAY_PRICE)) fields.displayPrice = priceText(tags.displayPrice);
  if (tags.has(TAG.GROUP_ID)) fields.groupId = tags.groupId;
  if (tags.has(TAG.SHARES_LOCATED)) fields.sharesLocated = letter(tags.sharesLocated);
  if (tags.has(TAG.LOCATE_BROKER)) fields.locateBroker = lettersOf(tags.locateBroker);
  if (tags.has(TAG.SIDE)) fields.side = letter(tags.side);
  if (tags.has(TAG.USER_REF_IDX)) fields.userRefIdx = tags.userRefIdx;
  if (tags.has(TAG.AIQ_STRATEGY)) fields.aiqStrategy = letter(tags.aiqStrategy);
  if (tags.has(TAG.AIQ_GROUP)) fields.aiqGroup = lettersOf(tags.aiqGroup);
}

/** Two or four letters that travel as one number. */
function lettersOf(value: number): string {
  let text = "";
  for (let rest = value; rest > 0; rest >>>= LETTER_BITS) text = letter(rest & 0xff) + text;
  return text.trimEnd();
}
