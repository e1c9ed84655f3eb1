// Every outbound message (host → client): its sizes and how its fields read. For tools and tests.

import {
  ACCOUNT_QUERY_RESPONSE_APPENDAGE_OPTIONAL,
  ACCOUNT_QUERY_RESPONSE_BYTES,
  ACCOUNT_QUERY_RESPONSE_TAGS,
  ACCOUNT_QUERY_RESPONSE_TYPE,
  AccountQueryResponse,
} from "./account-query-response.ts";
import {
  AIQ_CANCELED_APPENDAGE_OPTIONAL,
  AIQ_CANCELED_BYTES,
  AIQ_CANCELED_TAGS,
  AIQ_CANCELED_TYPE,
  AiqCanceled,
} from "./aiq-canceled.ts";
import {
  BROKEN_TRADE_APPENDAGE_OPTIONAL,
  BROKEN_TRADE_BYTES,
  BROKEN_TRADE_TAGS,
  BROKEN_TRADE_TYPE,
  BrokenTrade,
} from "./broken-trade.ts";
import {
  CANCEL_PENDING_APPENDAGE_OPTIONAL,
  CANCEL_PENDING_BYTES,
  CANCEL_PENDING_TAGS,
  CANCEL_PENDING_TYPE,
  CancelPending,
} from "./cancel-pending.ts";
import {
  CANCEL_REJECT_APPENDAGE_OPTIONAL,
  CANCEL_REJECT_BYTES,
  CANCEL_REJECT_TAGS,
  CANCEL_REJECT_TYPE,
  CancelReject,
} from "./cancel-reject.ts";
import { letter, priceText, rejectCode } from "./code-meanings.ts";
import {
  DISABLE_ORDER_ENTRY_RESPONSE_APPENDAGE_OPTIONAL,
  DISABLE_ORDER_ENTRY_RESPONSE_BYTES,
  DISABLE_ORDER_ENTRY_RESPONSE_TAGS,
  DISABLE_ORDER_ENTRY_RESPONSE_TYPE,
  DisableOrderEntryResponse,
} from "./disable-order-entry-response.ts";
import {
  ENABLE_ORDER_ENTRY_RESPONSE_APPENDAGE_OPTIONAL,
  ENABLE_ORDER_ENTRY_RESPONSE_BYTES,
  ENABLE_ORDER_ENTRY_RESPONSE_TAGS,
  ENABLE_ORDER_ENTRY_RESPONSE_TYPE,
  EnableOrderEntryResponse,
} from "./enable-order-entry-response.ts";
import {
  MASS_CANCEL_RESPONSE_APPENDAGE_OPTIONAL,
  MASS_CANCEL_RESPONSE_BYTES,
  MASS_CANCEL_RESPONSE_TAGS,
  MASS_CANCEL_RESPONSE_TYPE,
  MassCancelResponse,
} from "./mass-cancel-response.ts";
import type { MessageDescription } from "./message-description.ts";
import {
  ORDER_ACCEPTED_APPENDAGE_OPTIONAL,
  ORDER_ACCEPTED_BYTES,
  ORDER_ACCEPTED_TAGS,
  ORDER_ACCEPTED_TYPE,
  OrderAccepted,
} from "./order-accepted.ts";
import {
  ORDER_CANCELED_APPENDAGE_OPTIONAL,
  ORDER_CANCELED_BYTES,
  ORDER_CANCELED_TAGS,
  ORDER_CANCELED_TYPE,
  OrderCanceled,
} from "./order-canceled.ts";
import {
  ORDER_EXECUTED_APPENDAGE_OPTIONAL,
  ORDER_EXECUTED_BYTES,
  ORDER_EXECUTED_TAGS,
  ORDER_EXECUTED_TYPE,
  OrderExecuted,
} from "./order-executed.ts";
import {
  ORDER_MODIFIED_APPENDAGE_OPTIONAL,
  ORDER_MODIFIED_BYTES,
  ORDER_MODIFIED_TAGS,
  ORDER_MODIFIED_TYPE,
  OrderModified,
} from "./order-modified.ts";
import {
  ORDER_PRIORITY_UPDATE_APPENDAGE_OPTIONAL,
  ORDER_PRIORITY_UPDATE_BYTES,
  ORDER_PRIORITY_UPDATE_TAGS,
  ORDER_PRIORITY_UPDATE_TYPE,
  OrderPriorityUpdate,
} from "./order-priority-update.ts";
import {
  ORDER_REJECTED_APPENDAGE_OPTIONAL,
  ORDER_REJECTED_BYTES,
  ORDER_REJECTED_TAGS,
  ORDER_REJECTED_TYPE,
  OrderRejected,
} from "./order-rejected.ts";
import {
  ORDER_REPLACED_APPENDAGE_OPTIONAL,
  ORDER_REPLACED_BYTES,
  ORDER_REPLACED_TAGS,
  ORDER_REPLACED_TYPE,
  OrderReplaced,
} from "./order-replaced.ts";
import {
  ORDER_RESTATED_APPENDAGE_OPTIONAL,
  ORDER_RESTATED_BYTES,
  ORDER_RESTATED_TAGS,
  ORDER_RESTATED_TYPE,
  OrderRestated,
} from "./order-restated.ts";
import { SYSTEM_EVENT_BYTES, SYSTEM_EVENT_TYPE, SystemEvent } from "./system-event.ts";

export const OUTBOUND_MESSAGES: readonly MessageDescription[] = [
  {
    name: "System Event",
    type: SYSTEM_EVENT_TYPE,
    fixedBytes: SYSTEM_EVENT_BYTES,
    appendage: undefined,
    describe: (view, base, fields) => {
      const message = new SystemEvent().wrap(view, base);
      fields.timestamp = message.timestamp;
      fields.eventCode = letter(message.eventCode);
    },
  },
  {
    name: "Order Accepted",
    type: ORDER_ACCEPTED_TYPE,
    fixedBytes: ORDER_ACCEPTED_BYTES,
    appendage: { isOptional: ORDER_ACCEPTED_APPENDAGE_OPTIONAL, tags: ORDER_ACCEPTED_TAGS },
    describe: (view, base, fields) => {
      const message = new OrderAccepted().wrap(view, base);
      fields.timestamp = message.timestamp;
      fields.userRefNum = message.userRefNum;
      fields.side = letter(message.side);
      fields.quantity = message.quantity;
      fields.symbol = message.symbol;
      fields.price = priceText(message.price);
      fields.timeInForce = letter(message.timeInForce);
      fields.display = letter(message.display);
      fields.orderReference = String(message.orderReference);
      fields.capacity = letter(message.capacity);
      fields.interMarketSweep = letter(message.interMarketSweep);
      fields.crossType = letter(message.crossType);
      fields.orderState = letter(message.orderState);
      fields.clOrdId = message.clOrdId;
    },
  },
  {
    name: "Order Replaced",
    type: ORDER_REPLACED_TYPE,
    fixedBytes: ORDER_REPLACED_BYTES,
    appendage: { isOptional: ORDER_REPLACED_APPENDAGE_OPTIONAL, tags: ORDER_REPLACED_TAGS },
    describe: (view, base, fields) => {
      const message = new OrderReplaced().wrap(view, base);
      fields.timestamp = message.timestamp;
      fields.origUserRefNum = message.origUserRefNum;
      fields.userRefNum = message.userRefNum;
      fields.side = letter(message.side);
      fields.quantity = message.quantity;
      fields.symbol = message.symbol;
      fields.price = priceText(message.price);
      fields.timeInForce = letter(message.timeInForce);
      fields.display = letter(message.display);
      fields.orderReference = String(message.orderReference);
      fields.capacity = letter(message.capacity);
      fields.interMarketSweep = letter(message.interMarketSweep);
      fields.crossType = letter(message.crossType);
      fields.orderState = letter(message.orderState);
      fields.clOrdId = message.clOrdId;
    },
  },
  {
    name: "Order Canceled",
    type: ORDER_CANCELED_TYPE,
    fixedBytes: ORDER_CANCELED_BYTES,
    appendage: { isOptional: ORDER_CANCELED_APPENDAGE_OPTIONAL, tags: ORDER_CANCELED_TAGS },
    describe: (view, base, fields) => {
      const message = new OrderCanceled().wrap(view, base);
      fields.timestamp = message.timestamp;
      fields.userRefNum = message.userRefNum;
      fields.quantity = message.quantity;
      fields.reason = letter(message.reason);
    },
  },
  {
    name: "AIQ Canceled",
    type: AIQ_CANCELED_TYPE,
    fixedBytes: AIQ_CANCELED_BYTES,
    appendage: { isOptional: AIQ_CANCELED_APPENDAGE_OPTIONAL, tags: AIQ_CANCELED_TAGS },
    describe: (view, base, fields) => {
      const message = new AiqCanceled().wrap(view, base);
      fields.timestamp = message.timestamp;
      fields.userRefNum = message.userRefNum;
      fields.decrementShares = message.decrementShares;
      fields.reason = letter(message.reason);
      fields.quantityPrevented = message.quantityPrevented;
      fields.executionPrice = priceText(message.executionPrice);
      fields.liquidityFlag = letter(message.liquidityFlag);
      fields.aiqStrategy = letter(message.aiqStrategy);
    },
  },
  {
    name: "Order Executed",
    type: ORDER_EXECUTED_TYPE,
    fixedBytes: ORDER_EXECUTED_BYTES,
    appendage: { isOptional: ORDER_EXECUTED_APPENDAGE_OPTIONAL, tags: ORDER_EXECUTED_TAGS },
    describe: (view, base, fields) => {
      const message = new OrderExecuted().wrap(view, base);
      fields.timestamp = message.timestamp;
      fields.userRefNum = message.userRefNum;
      fields.quantity = message.quantity;
      fields.price = priceText(message.price);
      fields.liquidityFlag = letter(message.liquidityFlag);
      fields.matchNumber = String(message.matchNumber);
    },
  },
  {
    name: "Broken Trade",
    type: BROKEN_TRADE_TYPE,
    fixedBytes: BROKEN_TRADE_BYTES,
    appendage: { isOptional: BROKEN_TRADE_APPENDAGE_OPTIONAL, tags: BROKEN_TRADE_TAGS },
    describe: (view, base, fields) => {
      const message = new BrokenTrade().wrap(view, base);
      fields.timestamp = message.timestamp;
      fields.userRefNum = message.userRefNum;
      fields.matchNumber = String(message.matchNumber);
      fields.reason = letter(message.reason);
      fields.clOrdId = message.clOrdId;
    },
  },
  {
    name: "Rejected",
    type: ORDER_REJECTED_TYPE,
    fixedBytes: ORDER_REJECTED_BYTES,
    appendage: { isOptional: ORDER_REJECTED_APPENDAGE_OPTIONAL, tags: ORDER_REJECTED_TAGS },
    describe: (view, base, fields) => {
      const message = new OrderRejected().wrap(view, base);
      fields.timestamp = message.timestamp;
      fields.userRefNum = message.userRefNum;
      fields.reason = rejectCode(message.reason);
      fields.clOrdId = message.clOrdId;
    },
  },
  {
    name: "Cancel Pending",
    type: CANCEL_PENDING_TYPE,
    fixedBytes: CANCEL_PENDING_BYTES,
    appendage: { isOptional: CANCEL_PENDING_APPENDAGE_OPTIONAL, tags: CANCEL_PENDING_TAGS },
    describe: (view, base, fields) => {
      const message = new CancelPending().wrap(view, base);
      fields.timestamp = message.timestamp;
      fields.userRefNum = message.userRefNum;
    },
  },
  {
    name: "Cancel Reject",
    type: CANCEL_REJECT_TYPE,
    fixedBytes: CANCEL_REJECT_BYTES,
    appendage: { isOptional: CANCEL_REJECT_APPENDAGE_OPTIONAL, tags: CANCEL_REJECT_TAGS },
    describe: (view, base, fields) => {
      const message = new CancelReject().wrap(view, base);
      fields.timestamp = message.timestamp;
      fields.userRefNum = message.userRefNum;
    },
  },
  {
    name: "Order Priority Update",
    type: ORDER_PRIORITY_UPDATE_TYPE,
    fixedBytes: ORDER_PRIORITY_UPDATE_BYTES,
    appendage: {
      isOptional: ORDER_PRIORITY_UPDATE_APPENDAGE_OPTIONAL,
      tags: ORDER_PRIORITY_UPDATE_TAGS,
    },
    describe: (view, base, fields) => {
      const message = new OrderPriorityUpdate().wrap(view, base);
      fields.timestamp = message.timestamp;
      fields.userRefNum = message.userRefNum;
      fields.price = priceText(message.price);
      fields.display = letter(message.display);
      fields.orderReference = String(message.orderReference);
    },
  },
  {
    name: "Order Modified",
    type: ORDER_MODIFIED_TYPE,
    fixedBytes: ORDER_MODIFIED_BYTES,
    appendage: { isOptional: ORDER_MODIFIED_APPENDAGE_OPTIONAL, tags: ORDER_MODIFIED_TAGS },
    describe: (view, base, fields) => {
      const message = new OrderModified().wrap(view, base);
      fields.timestamp = message.timestamp;
      fields.userRefNum = message.userRefNum;
      fields.side = letter(message.side);
      fields.quantity = message.quantity;
    },
  },
  {
    name: "Order Restated",
    type: ORDER_RESTATED_TYPE,
    fixedBytes: ORDER_RESTATED_BYTES,
    appendage: { isOptional: ORDER_RESTATED_APPENDAGE_OPTIONAL, tags: ORDER_RESTATED_TAGS },
    describe: (view, base, fields) => {
      const message = new OrderRestated().wrap(view, base);
      fields.timestamp = message.timestamp;
      fields.userRefNum = message.userRefNum;
      fields.reason = letter(message.reason);
    },
  },
  {
    name: "Mass Cancel Response",
    type: MASS_CANCEL_RESPONSE_TYPE,
    fixedBytes: MASS_CANCEL_RESPONSE_BYTES,
    appendage: {
      isOptional: MASS_CANCEL_RESPONSE_APPENDAGE_OPTIONAL,
      tags: MASS_CANCEL_RESPONSE_TAGS,
    },
    describe: (view, base, fields) => {
      const message = new MassCancelResponse().wrap(view, base);
      fields.timestamp = message.timestamp;
      fields.userRefNum = message.userRefNum;
      fields.firm = message.firmText;
      fields.symbol = message.symbol;
    },
  },
  {
    name: "Disable Order Entry Response",
    type: DISABLE_ORDER_ENTRY_RESPONSE_TYPE,
    fixedBytes: DISABLE_ORDER_ENTRY_RESPONSE_BYTES,
    appendage: {
      isOptional: DISABLE_ORDER_ENTRY_RESPONSE_APPENDAGE_OPTIONAL,
      tags: DISABLE_ORDER_ENTRY_RESPONSE_TAGS,
    },
    describe: (view, base, fields) => {
      const message = new DisableOrderEntryResponse().wrap(view, base);
      fields.timestamp = message.timestamp;
      fields.userRefNum = message.userRefNum;
      fields.firm = message.firmText;
    },
  },
  {
    name: "Enable Order Entry Response",
    type: ENABLE_ORDER_ENTRY_RESPONSE_TYPE,
    fixedBytes: ENABLE_ORDER_ENTRY_RESPONSE_BYTES,
    appendage: {
      isOptional: ENABLE_ORDER_ENTRY_RESPONSE_APPENDAGE_OPTIONAL,
      tags: ENABLE_ORDER_ENTRY_RESPONSE_TAGS,
    },
    describe: (view, base, fields) => {
      const message = new EnableOrderEntryResponse().wrap(view, base);
      fields.timestamp = message.timestamp;
      fields.userRefNum = message.userRefNum;
      fields.firm = message.firmText;
    },
  },
  {
    name: "Account Query Response",
    type: ACCOUNT_QUERY_RESPONSE_TYPE,
    fixedBytes: ACCOUNT_QUERY_RESPONSE_BYTES,
    appendage: {
      isOptional: ACCOUNT_QUERY_RESPONSE_APPENDAGE_OPTIONAL,
      tags: ACCOUNT_QUERY_RESPONSE_TAGS,
    },
    describe: (view, base, fields) => {
      const message = new AccountQueryResponse().wrap(view, base);
      fields.timestamp = message.timestamp;
      fields.nextUserRefNum = message.nextUserRefNum;
    },
  },
];
