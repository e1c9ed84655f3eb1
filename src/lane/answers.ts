// Writes every sequenced message into its account's outbox, with what the gate must be told, and into the digest.
// The one place where OUCH outbound messages are made. Lane thread.

import type { Digest } from "../base/digest.ts";
import { type CounterWriter, LANE_COUNTERS, rejectCounter } from "../memory/counters.ts";
import { OUTCOME } from "../memory/outbound-record.ts";
import {
  ACCOUNT_QUERY_RESPONSE_BYTES,
  AccountQueryResponse,
} from "../protocol/ouch/account-query-response.ts";
import { AppendageWriter } from "../protocol/ouch/appendage-writer.ts";
import { PRICE_TYPE } from "../protocol/ouch/codes.ts";
import {
  DISABLE_ORDER_ENTRY_RESPONSE_BYTES,
  DisableOrderEntryResponse,
} from "../protocol/ouch/disable-order-entry-response.ts";
import {
  ENABLE_ORDER_ENTRY_RESPONSE_BYTES,
  EnableOrderEntryResponse,
} from "../protocol/ouch/enable-order-entry-response.ts";
import {
  MASS_CANCEL_RESPONSE_BYTES,
  MassCancelResponse,
} from "../protocol/ouch/mass-cancel-response.ts";
import {
  ORDER_ACCEPTED_BYTES,
  ORDER_ACCEPTED_TAGS,
  OrderAccepted,
} from "../protocol/ouch/order-accepted.ts";
import { ORDER_CANCELED_BYTES, OrderCanceled } from "../protocol/ouch/order-canceled.ts";
import { ORDER_EXECUTED_BYTES, OrderExecuted } from "../protocol/ouch/order-executed.ts";
import { ORDER_MODIFIED_BYTES, OrderModified } from "../protocol/ouch/order-modified.ts";
import {
  ORDER_REJECTED_BYTES,
  ORDER_REJECTED_TYPE,
  OrderRejected,
} from "../protocol/ouch/order-rejected.ts";
import {
  ORDER_REPLACED_BYTES,
  ORDER_REPLACED_TAGS,
  OrderReplaced,
} from "../protocol/ouch/order-replaced.ts";
import { SYSTEM_EVENT_BYTES, SystemEvent } from "../protocol/ouch/system-event.ts";
import { hasTag, TAG } from "../protocol/ouch/tag.ts";
import { SEQUENCED_HEADER_BYTES, writeSequencedHeader } from "../protocol/soupbintcp/sequenced.ts";
import { writeU64 } from "../protocol/wire-fields.ts";
import type { Instruments } from "../venue/instruments.ts";
import type { OrderSlab } from "../venue/order-slab.ts";
import { hasLocateBroker, hasSharesLocated, sharesLocatedIn } from "./located-shares.ts";
import type { MassCancel } from "./mass-cancels.ts";
import type { Outbox } from "./outbox.ts";
import type { RequestCause } from "./request-cause.ts";
import type { Streams } from "./streams.ts";

const WORD_VALUES = 2 ** 32;
const TIMESTAMP_BYTES = 8;

export class Answers {
  /** The batch being handled, and the record's place in it. They travel with an answer, and are in no digest. */
  batch = 0;
  batchIndex = 0;
  /** Sequenced messages so far. */
  written = 0;

  /**
   * Event time of the record being handled, as it stands on the wire. Handed as a number to each message's setter, it
   * would be boxed wherever V8 does not inline that: 16 bytes for every Accepted and every Executed.
   */
  private readonly timestamp = new DataView(new ArrayBuffer(TIMESTAMP_BYTES));
  private readonly outbox: Outbox;
  private readonly digest: Digest;
  private readonly cause: RequestCause;
  private readonly orders: OrderSlab;
  private readonly instruments: Instruments;
  private readonly streams: Streams;
  private readonly counters: CounterWriter;

  private readonly systemEventMessage = new SystemEvent();
  private readonly acceptedMessage = new OrderAccepted();
  private readonly replacedMessage = new OrderReplaced();
  private readonly canceledMessage = new OrderCanceled();
  private readonly executedMessage = new OrderExecuted();
  private readonly modifiedMessage = new OrderModified();
  private readonly rejectedMessage = new OrderRejected();
  private readonly massCancelMessage = new MassCancelResponse();
  private readonly disableMessage = new DisableOrderEntryResponse();
  private readonly enableMessage = new EnableOrderEntryResponse();
  private readonly accountQueryMessage = new AccountQueryResponse();
  private readonly tags = new AppendageWriter();

  /** Where the message being written starts. */
  private view: DataView;
  private base = 0;

  constructor(
    outbox: Outbox,
    digest: Digest,
    cause: RequestCause,
    orders: OrderSlab,
    instruments: Instruments,
    streams: Streams,
    counters: CounterWriter,
  ) {
    this.outbox = outbox;
    this.digest = digest;
    this.cause = cause;
    this.orders = orders;
    this.instruments = instruments;
    this.streams = streams;
    this.counters = counters;
    this.view = outbox.memory.view;
  }

  /** The timestamp of what the record being handled causes. */
  setEventNs(eventNs: number): void {
    writeU64(this.timestamp, 0, eventNs);
  }

  systemEvent(account: number, eventCode: number): void {
    this.begin(account);
    const message = this.systemEventMessage.wrap(this.view, this.base).start();
    message.copyTimestampFrom(this.timestamp, 0);
    message.eventCode = eventCode;
    this.end(account, this.base + SYSTEM_EVENT_BYTES);
  }

  accepted(order: number, state: number): void {
    const orders = this.orders;
    const account = orders.account(order);
    const instrument = orders.instrument(order);
    this.begin(account);
    const message = this.acceptedMessage.wrap(this.view, this.base).start();
    message.copyTimestampFrom(this.timestamp, 0);
    message.userRefNum = orders.userRefNum(order);
    message.side = orders.side(order);
    message.quantity = orders.quantity(order);
    message.symbolHigh = this.instruments.symbolHigh(instrument);
    message.symbolLow = this.instruments.symbolLow(instrument);
    message.price = orders.price(order);
    message.timeInForce = orders.tif(order);
    message.display = orders.display(order);
    message.orderReferenceHigh = orders.referenceHigh(order);
    message.orderReferenceLow = orders.referenceLow(order) | 0; // the same bits, and never boxed
    message.capacity = orders.capacity(order);
    message.interMarketSweep = orders.iso(order);
    message.crossType = orders.crossType(order);
    message.orderState = state;
    message.copyClOrdIdFrom(orders.view, orders.clOrdIdOffset(order));
    this.end(account, this.echoTags(order, ORDER_ACCEPTED_BYTES, ORDER_ACCEPTED_TAGS));
  }

  replaced(target: number, replacement: number, state: number): void {
    const orders = this.orders;
    const account = orders.account(replacement);
    const instrument = orders.instrument(replacement);
    this.begin(account);
    const message = this.replacedMessage.wrap(this.view, this.base).start();
    message.copyTimestampFrom(this.timestamp, 0);
    message.origUserRefNum = orders.userRefNum(target);
    message.userRefNum = orders.userRefNum(replacement);
    message.side = orders.side(replacement);
    message.quantity = orders.open(replacement);
    message.symbolHigh = this.instruments.symbolHigh(instrument);
    message.symbolLow = this.instruments.symbolLow(instrument);
    message.price = orders.price(replacement);
    message.timeInForce = orders.tif(replacement);
    message.display = orders.display(replacement);
    message.orderReferenceHigh = orders.referenceHigh(replacement);
    message.orderReferenceLow = orders.referenceLow(replacement) | 0;
    message.capacity = orders.capacity(replacement);
    message.interMarketSweep = orders.iso(replacement);
    message.crossType = orders.crossType(replacement);
    message.orderState = state;
    message.copyClOrdIdFrom(orders.view, orders.clOrdIdOffset(replacement));
    this.end(account, this.echoTags(replacement, ORDER_REPLACED_BYTES, ORDER_REPLACED_TAGS));
  }

  canceled(order: number, shares: number, reason: number): void {
    const orders = this.orders;
    const account = orders.account(order);
    this.begin(account);
    const message = this.canceledMessage.wrap(this.view, this.base).start();
    message.copyTimestampFrom(this.timestamp, 0);
    message.userRefNum = orders.userRefNum(order);
    message.quantity = shares;
    message.reason = reason;
    this.end(account, this.idxOnly(ORDER_CANCELED_BYTES, orders.userRefIdx(order)));
  }

  executed(
    order: number,
    shares: number,
    price: number,
    liquidity: number,
    matchNumber: number,
  ): void {
    const orders = this.orders;
    const account = orders.account(order);
    const userRefIdx = orders.userRefIdx(order);
    this.begin(account);
    const message = this.executedMessage.wrap(this.view, this.base).start();
    message.copyTimestampFrom(this.timestamp, 0);
    message.userRefNum = orders.userRefNum(order);
    message.quantity = shares;
    message.price = price;
    message.liquidityFlag = liquidity;
    message.matchNumberHigh = Math.floor(matchNumber / WORD_VALUES);
    message.matchNumberLow = matchNumber >>> 0;
    this.tags.begin(this.view, this.base + ORDER_EXECUTED_BYTES);
    if (userRefIdx !== 0) this.tags.u8(TAG.USER_REF_IDX, userRefIdx);
    this.end(account, this.tags.end());
  }

  /** Echoes what the request said of located shares, and nothing that the order had of them before. */
  modified(order: number, located: number, locateBroker: number): void {
    const orders = this.orders;
    const account = orders.account(order);
    const userRefIdx = orders.userRefIdx(order);
    this.begin(account);
    const message = this.modifiedMessage.wrap(this.view, this.base).start();
    message.copyTimestampFrom(this.timestamp, 0);
    message.userRefNum = orders.userRefNum(order);
    message.side = orders.side(order);
    message.quantity = orders.open(order);
    const hasLetter = hasSharesLocated(located);
    const hasBroker = hasLocateBroker(located);
    if (!hasLetter && !hasBroker) {
      this.end(account, this.idxOnly(ORDER_MODIFIED_BYTES, userRefIdx));
      return;
    }
    const tags = this.tags.begin(this.view, this.base + ORDER_MODIFIED_BYTES);
    if (hasLetter) tags.u8(TAG.SHARES_LOCATED, sharesLocatedIn(located));
    if (hasBroker) tags.u32(TAG.LOCATE_BROKER, locateBroker);
    if (userRefIdx !== 0) tags.u8(TAG.USER_REF_IDX, userRefIdx);
    this.end(account, tags.end());
  }

  /** `clOrdId` holds the request's ClOrdID; undefined = the request has none. */
  rejected(
    account: number,
    userRefNum: number,
    userRefIdx: number,
    reason: number,
    clOrdId: DataView | undefined,
    clOrdIdOffset: number,
  ): void {
    this.begin(account);
    const message = this.rejectedMessage.wrap(this.view, this.base).start();
    message.copyTimestampFrom(this.timestamp, 0);
    message.userRefNum = userRefNum;
    message.reason = reason;
    if (clOrdId === undefined) message.blankClOrdId();
    else message.copyClOrdIdFrom(clOrdId, clOrdIdOffset);
    this.end(account, this.idxOnly(ORDER_REJECTED_BYTES, userRefIdx));
    this.counters.add(LANE_COUNTERS.rejected, 1);
    this.counters.add(rejectCounter(reason), 1);
  }

  massCancel(request: MassCancel): void {
    this.begin(request.account);
    const message = this.massCancelMessage.wrap(this.view, this.base).start();
    message.copyTimestampFrom(this.timestamp, 0);
    message.userRefNum = request.userRefNum;
    message.firm = request.firmAsSent;
    message.symbolHigh = request.symbolHigh;
    message.symbolLow = request.symbolLow;
    const tags = this.tags.begin(this.view, this.base + MASS_CANCEL_RESPONSE_BYTES);
    if (hasTag(request.tags, TAG.GROUP_ID)) tags.u16(TAG.GROUP_ID, request.groupId);
    if (hasTag(request.tags, TAG.SIDE)) tags.u8(TAG.SIDE, request.side);
    if (request.userRefIdx !== 0) tags.u8(TAG.USER_REF_IDX, request.userRefIdx);
    this.end(request.account, tags.end());
  }

  entryDisabled(account: number, userRefNum: number, userRefIdx: number, firm: number): void {
    this.begin(account);
    const message = this.disableMessage.wrap(this.view, this.base).start();
    message.copyTimestampFrom(this.timestamp, 0);
    message.userRefNum = userRefNum;
    message.firm = firm;
    this.end(account, this.lengthAndIdx(DISABLE_ORDER_ENTRY_RESPONSE_BYTES, userRefIdx));
  }

  entryEnabled(account: number, userRefNum: number, userRefIdx: number, firm: number): void {
    this.begin(account);
    const message = this.enableMessage.wrap(this.view, this.base).start();
    message.copyTimestampFrom(this.timestamp, 0);
    message.userRefNum = userRefNum;
    message.firm = firm;
    this.end(account, this.lengthAndIdx(ENABLE_ORDER_ENTRY_RESPONSE_BYTES, userRefIdx));
  }

  nextUserRefNum(account: number, userRefIdx: number, nextUserRefNum: number): void {
    this.begin(account);
    const message = this.accountQueryMessage.wrap(this.view, this.base).start();
    message.copyTimestampFrom(this.timestamp, 0);
    message.nextUserRefNum = nextUserRefNum;
    this.end(account, this.idxOnly(ACCOUNT_QUERY_RESPONSE_BYTES, userRefIdx));
  }

  private begin(account: number): void {
    this.outbox.begin(account);
    this.view = this.outbox.memory.view;
    this.base = this.outbox.packetOffset + SEQUENCED_HEADER_BYTES;
  }

  /** `end` is the offset behind the message. */
  private end(account: number, end: number): void {
    const packetOffset = this.outbox.packetOffset;
    const packetBytes = writeSequencedHeader(this.view, packetOffset, end - this.base);
    this.digest.addWord(account);
    this.digest.addBytes(this.outbox.memory.bytes, packetOffset, packetBytes);

    const answerType = this.view.getUint8(this.base);
    const entry = this.outbox.end(account, packetBytes);
    const cause = this.cause;
    entry.copySinceNsFrom(cause);
    entry.batch = this.batch;
    entry.batchIndex = this.batchIndex;
    entry.answerType = answerType;
    // The first message that a request causes for its own account is its answer (E3).
    if (cause.account === account && !cause.isAnswered) {
      cause.isAnswered = true;
      entry.requestType = cause.requestType;
      entry.userRefNum = cause.userRefNum;
      entry.outcome = outcomeOf(answerType, cause.isHeldOver);
    } else {
      entry.requestType = 0;
      entry.userRefNum = 0;
      entry.outcome = OUTCOME.UNSOLICITED;
    }
    this.written++;
    this.counters.add(LANE_COUNTERS.outputs, 1);
    // What was asked of an earlier process is not waited for in this one.
    this.streams.onWritten(account, cause.sinceNs === 0 ? 0 : entry.requestType);
  }

  /** An appendage that is absent when the order has no UserRefIdx. Returns the end of the message. */
  private idxOnly(fixedBytes: number, userRefIdx: number): number {
    return this.tags.userRefIdxOnly(this.view, this.base + fixedBytes, userRefIdx);
  }

  /** An appendage whose length is always there. */
  private lengthAndIdx(fixedBytes: number, userRefIdx: number): number {
    this.tags.begin(this.view, this.base + fixedBytes);
    if (userRefIdx !== 0) this.tags.u8(TAG.USER_REF_IDX, userRefIdx);
    return this.tags.end();
  }

  /**
   * The order's tags that the message may carry, in rising number. Values that the venue supports only in their
   * neutral form are echoed as such.
   */
  private echoTags(order: number, fixedBytes: number, allowed: number): number {
    const orders = this.orders;
    const tags = this.tags.begin(this.view, this.base + fixedBytes);
    const present = orders.tags(order) & allowed;
    if (present !== 0) {
      if (hasTag(present, TAG.FIRM)) tags.u32(TAG.FIRM, orders.firm(order));
      if (hasTag(present, TAG.MIN_QTY)) tags.u32(TAG.MIN_QTY, orders.minQty(order));
      if (hasTag(present, TAG.CUSTOMER_TYPE)) {
        tags.u8(TAG.CUSTOMER_TYPE, orders.customerType(order));
      }
      if (hasTag(present, TAG.MAX_FLOOR)) tags.u32(TAG.MAX_FLOOR, 0);
      if (hasTag(present, TAG.PRICE_TYPE)) tags.u8(TAG.PRICE_TYPE, orders.priceType(order));
      if (hasTag(present, TAG.PEG_OFFSET)) tags.i32(TAG.PEG_OFFSET, 0);
      if (hasTag(present, TAG.DISCRETION_PRICE)) tags.u64(TAG.DISCRETION_PRICE, 0, 0);
      if (hasTag(present, TAG.DISCRETION_PRICE_TYPE)) {
        tags.u8(TAG.DISCRETION_PRICE_TYPE, PRICE_TYPE.LIMIT);
      }
      if (hasTag(present, TAG.DISCRETION_PEG_OFFSET)) tags.i32(TAG.DISCRETION_PEG_OFFSET, 0);
      if (hasTag(present, TAG.POST_ONLY)) tags.u8(TAG.POST_ONLY, orders.postOnly(order));
      if (hasTag(present, TAG.RANDOM_RESERVES)) tags.u32(TAG.RANDOM_RESERVES, 0);
      if (hasTag(present, TAG.EXPIRE_TIME)) tags.u32(TAG.EXPIRE_TIME, orders.expireTime(order));
      if (hasTag(present, TAG.TRADE_NOW)) tags.u8(TAG.TRADE_NOW, orders.tradeNow(order));
      if (hasTag(present, TAG.HANDLE_INST)) tags.u8(TAG.HANDLE_INST, orders.handleInst(order));
      if (hasTag(present, TAG.GROUP_ID)) tags.u16(TAG.GROUP_ID, orders.groupId(order));
      if (hasTag(present, TAG.SHARES_LOCATED)) {
        tags.u8(TAG.SHARES_LOCATED, orders.sharesLocated(order));
      }
      if (hasTag(present, TAG.LOCATE_BROKER)) {
        tags.u32(TAG.LOCATE_BROKER, orders.locateBroker(order));
      }
    }
    const userRefIdx = orders.userRefIdx(order);
    if (userRefIdx !== 0) tags.u8(TAG.USER_REF_IDX, userRefIdx);
    return tags.end();
  }
}

function outcomeOf(answerType: number, isHeldOver: boolean): number {
  if (answerType === ORDER_REJECTED_TYPE) {
    return isHeldOver ? OUTCOME.DELAYED_REJECTED : OUTCOME.REJECTED;
  }
  return isHeldOver ? OUTCOME.DELAYED_ACCEPTED : OUTCOME.ACCEPTED;
}
