// Reads the tagged fields that end an OUCH message. One reader per thread, used again for each message:
// the fields are those of the last read(). Hot path; allocates nothing.
//
// Broken structure makes the whole message malformed. A tag that the message may not carry, or twice, or with
// another size, leaves the structure readable: the request can be rejected by its number.

import { readU64 } from "../wire-fields.ts";
import { APPENDAGE_LENGTH_BYTES, ELEMENT_TAG_OFFSET, ELEMENT_VALUE_OFFSET } from "./appendage.ts";
import { hasTag, TAG, TAG_MAX, TAG_VALUE_BYTES } from "./tag.ts";

export const APPENDAGE_OK = 0;
/** The structure does not hold, or is missing where the message must have it. */
export const APPENDAGE_MALFORMED = 1;
/** An unknown, disallowed, repeated or wrongly sized tag. */
export const APPENDAGE_REFUSED = 2;

/** What an absent letter reads as; an absent number reads as 0. */
export const ABSENT_LETTER = 0x20;
const ABSENT_TWO_LETTERS = 0x2020;
const ABSENT_FOUR_LETTERS = 0x20202020;

export class AppendageReader {
  /** The set of tags that were read. */
  present = 0;

  secondaryReferenceHigh = 0;
  secondaryReferenceLow = 0;
  firm = ABSENT_FOUR_LETTERS;
  minQty = 0;
  customerType = ABSENT_LETTER;
  maxFloor = 0;
  priceType = ABSENT_LETTER;
  pegOffset = 0;
  discretionPrice = 0;
  discretionPriceType = ABSENT_LETTER;
  discretionPegOffset = 0;
  postOnly = ABSENT_LETTER;
  randomReserves = 0;
  route = ABSENT_FOUR_LETTERS;
  expireTime = 0;
  tradeNow = ABSENT_LETTER;
  handleInst = ABSENT_LETTER;
  bboWeight = ABSENT_LETTER;
  displayQuantity = 0;
  displayPrice = 0;
  groupId = 0;
  sharesLocated = ABSENT_LETTER;
  locateBroker = ABSENT_FOUR_LETTERS;
  side = ABSENT_LETTER;
  userRefIdx = 0;
  aiqStrategy = ABSENT_LETTER;
  aiqGroup = ABSENT_TWO_LETTERS;

  has(tag: number): boolean {
    return hasTag(this.present, tag);
  }

  /**
   * Reads what follows the fixed part of the message at `base`. `optional`: the message may end there.
   * `allowed` is the set of tags it may carry. When the answer is not OK, userRefIdx still holds what could
   * be read of it, since the answer must carry it.
   */
  read(
    view: DataView,
    base: number,
    messageBytes: number,
    fixedBytes: number,
    optional: boolean,
    allowed: number,
  ): number {
    if (this.present !== 0) this.clear();
    if (messageBytes === fixedBytes && optional) return APPENDAGE_OK;
    if (messageBytes < fixedBytes + APPENDAGE_LENGTH_BYTES) return APPENDAGE_MALFORMED;

    const end = base + messageBytes;
    let offset = base + fixedBytes + APPENDAGE_LENGTH_BYTES;
    if (view.getUint16(base + fixedBytes) !== end - offset) return APPENDAGE_MALFORMED;

    let result = APPENDAGE_OK;
    while (offset < end) {
      const next = offset + ELEMENT_TAG_OFFSET + view.getUint8(offset);
      // An element has at least its tag, and ends where the message does.
      if (next < offset + ELEMENT_VALUE_OFFSET || next > end) return APPENDAGE_MALFORMED;

      const tag = view.getUint8(offset + ELEMENT_TAG_OFFSET);
      const valueOffset = offset + ELEMENT_VALUE_OFFSET;
      if (this.isAcceptable(tag, next - valueOffset, allowed)) {
        this.present |= 1 << tag;
        this.take(tag, view, valueOffset);
      } else {
        result = APPENDAGE_REFUSED;
      }
      offset = next;
    }
    return result;
  }

  private isAcceptable(tag: number, valueBytes: number, allowed: number): boolean {
    return (
      valueBytes !== 0 && // the table's size of tags that do not exist
      tag <= TAG_MAX &&
      hasTag(allowed, tag) &&
      !hasTag(this.present, tag) &&
      TAG_VALUE_BYTES[tag] === valueBytes
    );
  }

  private take(tag: number, view: DataView, offset: number): void {
    switch (tag) {
      case TAG.SECONDARY_ORDER_REFERENCE:
        this.secondaryReferenceHigh = view.getUint32(offset);
        this.secondaryReferenceLow = view.getUint32(offset + 4);
        break;
      case TAG.FIRM:
        this.firm = view.getUint32(offset);
        break;
      case TAG.MIN_QTY:
        this.minQty = view.getUint32(offset);
        break;
      case TAG.CUSTOMER_TYPE:
        this.customerType = view.getUint8(offset);
        break;
      case TAG.MAX_FLOOR:
        this.maxFloor = view.getUint32(offset);
        break;
      case TAG.PRICE_TYPE:
        this.priceType = view.getUint8(offset);
        break;
      case TAG.PEG_OFFSET:
        this.pegOffset = view.getInt32(offset);
        break;
      case TAG.DISCRETION_PRICE:
        this.discretionPrice = readU64(view, offset);
        break;
      case TAG.DISCRETION_PRICE_TYPE:
        this.discretionPriceType = view.getUint8(offset);
        break;
      case TAG.DISCRETION_PEG_OFFSET:
        this.discretionPegOffset = view.getInt32(offset);
        break;
      case TAG.POST_ONLY:
        this.postOnly = view.getUint8(offset);
        break;
      case TAG.RANDOM_RESERVES:
        this.randomReserves = view.getUint32(offset);
        break;
      case TAG.ROUTE:
        this.route = view.getUint32(offset);
        break;
      case TAG.EXPIRE_TIME:
        this.expireTime = view.getUint32(offset);
        break;
      case TAG.TRADE_NOW:
        this.tradeNow = view.getUint8(offset);
        break;
      case TAG.HANDLE_INST:
        this.handleInst = view.getUint8(offset);
        break;
      case TAG.BBO_WEIGHT:
        this.bboWeight = view.getUint8(offset);
        break;
      case TAG.DISPLAY_QUANTITY:
        this.displayQuantity = view.getUint32(offset);
        break;
      case TAG.DISPLAY_PRICE:
        this.displayPrice = readU64(view, offset);
        break;
      case TAG.GROUP_ID:
        this.groupId = view.getUint16(offset);
        break;
      case TAG.SHARES_LOCATED:
        this.sharesLocated = view.getUint8(offset);
        break;
      case TAG.LOCATE_BROKER:
        this.locateBroker = view.getUint32(offset);
        break;
      case TAG.SIDE:
        this.side = view.getUint8(offset);
        break;
      case TAG.USER_REF_IDX:
        this.userRefIdx = view.getUint8(offset);
        break;
      case TAG.AIQ_STRATEGY:
        this.aiqStrategy = view.getUint8(offset);
        break;
      case TAG.AIQ_GROUP:
        this.aiqGroup = view.getUint16(offset);
        break;
    }
  }

  private clear(): void {
    this.present = 0;
    this.secondaryReferenceHigh = 0;
    this.secondaryReferenceLow = 0;
    this.firm = ABSENT_FOUR_LETTERS;
    this.minQty = 0;
    this.customerType = ABSENT_LETTER;
    this.maxFloor = 0;
    this.priceType = ABSENT_LETTER;
    this.pegOffset = 0;
    this.discretionPrice = 0;
    this.discretionPriceType = ABSENT_LETTER;
    this.discretionPegOffset = 0;
    this.postOnly = ABSENT_LETTER;
    this.randomReserves = 0;
    this.route = ABSENT_FOUR_LETTERS;
    this.expireTime = 0;
    this.tradeNow = ABSENT_LETTER;
    this.handleInst = ABSENT_LETTER;
    this.bboWeight = ABSENT_LETTER;
    this.displayQuantity = 0;
    this.displayPrice = 0;
    this.groupId = 0;
    this.sharesLocated = ABSENT_LETTER;
    this.locateBroker = ABSENT_FOUR_LETTERS;
    this.side = ABSENT_LETTER;
    this.userRefIdx = 0;
    this.aiqStrategy = ABSENT_LETTER;
    this.aiqGroup = ABSENT_TWO_LETTERS;
  }
}
