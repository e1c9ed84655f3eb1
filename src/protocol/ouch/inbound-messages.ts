// Every inbound message (client → host): its sizes and how its fields read. For tools and tests.

import {
  ACCOUNT_QUERY_REQUEST_APPENDAGE_OPTIONAL,
  ACCOUNT_QUERY_REQUEST_BYTES,
  ACCOUNT_QUERY_REQUEST_TAGS,
  ACCOUNT_QUERY_REQUEST_TYPE,
} from "./account-query-request.ts";
import {
  CANCEL_ORDER_REQUEST_APPENDAGE_OPTIONAL,
  CANCEL_ORDER_REQUEST_BYTES,
  CANCEL_ORDER_REQUEST_TAGS,
  CANCEL_ORDER_REQUEST_TYPE,
  CancelOrderRequest,
} from "./cancel-order-request.ts";
import { letter, priceText } from "./code-meanings.ts";
import {
  DISABLE_ORDER_ENTRY_REQUEST_APPENDAGE_OPTIONAL,
  DISABLE_ORDER_ENTRY_REQUEST_BYTES,
  DISABLE_ORDER_ENTRY_REQUEST_TAGS,
  DISABLE_ORDER_ENTRY_REQUEST_TYPE,
  DisableOrderEntryRequest,
} from "./disable-order-entry-request.ts";
import {
  ENABLE_ORDER_ENTRY_REQUEST_APPENDAGE_OPTIONAL,
  ENABLE_ORDER_ENTRY_REQUEST_BYTES,
  ENABLE_ORDER_ENTRY_REQUEST_TAGS,
  ENABLE_ORDER_ENTRY_REQUEST_TYPE,
  EnableOrderEntryRequest,
} from "./enable-order-entry-request.ts";
import {
  ENTER_ORDER_APPENDAGE_OPTIONAL,
  ENTER_ORDER_BYTES,
  ENTER_ORDER_TAGS,
  ENTER_ORDER_TYPE,
  EnterOrder,
} from "./enter-order.ts";
import {
  MASS_CANCEL_REQUEST_APPENDAGE_OPTIONAL,
  MASS_CANCEL_REQUEST_BYTES,
  MASS_CANCEL_REQUEST_TAGS,
  MASS_CANCEL_REQUEST_TYPE,
  MassCancelRequest,
} from "./mass-cancel-request.ts";
import type { MessageDescription } from "./message-description.ts";
import {
  MODIFY_ORDER_REQUEST_APPENDAGE_OPTIONAL,
  MODIFY_ORDER_REQUEST_BYTES,
  MODIFY_ORDER_REQUEST_TAGS,
  MODIFY_ORDER_REQUEST_TYPE,
  ModifyOrderRequest,
} from "./modify-order-request.ts";
import {
  REPLACE_ORDER_REQUEST_APPENDAGE_OPTIONAL,
  REPLACE_ORDER_REQUEST_BYTES,
  REPLACE_ORDER_REQUEST_TAGS,
  REPLACE_ORDER_REQUEST_TYPE,
  ReplaceOrderRequest,
} from "./replace-order-request.ts";

export const INBOUND_MESSAGES: readonly MessageDescription[] = [
  {
    name: "Enter Order",
    type: ENTER_ORDER_TYPE,
    fixedBytes: ENTER_ORDER_BYTES,
    appendage: { isOptional: ENTER_ORDER_APPENDAGE_OPTIONAL, tags: ENTER_ORDER_TAGS },
    describe: (view, base, fields) => {
      const message = new EnterOrder().wrap(view, base);
      fields.userRefNum = message.userRefNum;
      fields.side = letter(message.side);
      fields.quantity = message.quantity;
      fields.symbol = message.symbol;
      fields.price = priceText(message.price);
      fields.timeInForce = letter(message.timeInForce);
      fields.display = letter(message.display);
      fields.capacity = letter(message.capacity);
      fields.interMarketSweep = letter(message.interMarketSweep);
      fields.crossType = letter(message.crossType);
      fields.clOrdId = message.clOrdId;
    },
  },
  {
    name: "Replace Order Request",
    type: REPLACE_ORDER_REQUEST_TYPE,
    fixedBytes: REPLACE_ORDER_REQUEST_BYTES,
    appendage: {
      isOptional: REPLACE_ORDER_REQUEST_APPENDAGE_OPTIONAL,
      tags: REPLACE_ORDER_REQUEST_TAGS,
    },
    describe: (view, base, fields) => {
      const message = new ReplaceOrderRequest().wrap(view, base);
      fields.origUserRefNum = message.origUserRefNum;
      fields.userRefNum = message.userRefNum;
      fields.quantity = message.quantity;
      fields.price = priceText(message.price);
      fields.timeInForce = letter(message.timeInForce);
      fields.display = letter(message.display);
      fields.interMarketSweep = letter(message.interMarketSweep);
      fields.clOrdId = message.clOrdId;
    },
  },
  {
    name: "Cancel Order Request",
    type: CANCEL_ORDER_REQUEST_TYPE,
    fixedBytes: CANCEL_ORDER_REQUEST_BYTES,
    appendage: {
      isOptional: CANCEL_ORDER_REQUEST_APPENDAGE_OPTIONAL,
      tags: CANCEL_ORDER_REQUEST_TAGS,
    },
    describe: (view, base, fields) => {
      const message = new CancelOrderRequest().wrap(view, base);
      fields.userRefNum = message.userRefNum;
      fields.quantity = message.quantity;
    },
  },
  {
    name: "Modify Order Request",
    type: MODIFY_ORDER_REQUEST_TYPE,
    fixedBytes: MODIFY_ORDER_REQUEST_BYTES,
    appendage: {
      isOptional: MODIFY_ORDER_REQUEST_APPENDAGE_OPTIONAL,
      tags: MODIFY_ORDER_REQUEST_TAGS,
    },
    describe: (view, base, fields) => {
      const message = new ModifyOrderRequest().wrap(view, base);
      fields.userRefNum = message.userRefNum;
      fields.side = letter(message.side);
      fields.quantity = message.quantity;
    },
  },
  {
    name: "Mass Cancel Request",
    type: MASS_CANCEL_REQUEST_TYPE,
    fixedBytes: MASS_CANCEL_REQUEST_BYTES,
    appendage: {
      isOptional: MASS_CANCEL_REQUEST_APPENDAGE_OPTIONAL,
      tags: MASS_CANCEL_REQUEST_TAGS,
    },
    describe: (view, base, fields) => {
      const message = new MassCancelRequest().wrap(view, base);
      fields.userRefNum = message.userRefNum;
      fields.firm = message.firmText;
      fields.symbol = message.symbol;
    },
  },
  {
    name: "Disable Order Entry Request",
    type: DISABLE_ORDER_ENTRY_REQUEST_TYPE,
    fixedBytes: DISABLE_ORDER_ENTRY_REQUEST_BYTES,
    appendage: {
      isOptional: DISABLE_ORDER_ENTRY_REQUEST_APPENDAGE_OPTIONAL,
      tags: DISABLE_ORDER_ENTRY_REQUEST_TAGS,
    },
    describe: (view, base, fields) => {
      const message = new DisableOrderEntryRequest().wrap(view, base);
      fields.userRefNum = message.userRefNum;
      fields.firm = message.firmText;
    },
  },
  {
    name: "Enable Order Entry Request",
    type: ENABLE_ORDER_ENTRY_REQUEST_TYPE,
    fixedBytes: ENABLE_ORDER_ENTRY_REQUEST_BYTES,
    appendage: {
      isOptional: ENABLE_ORDER_ENTRY_REQUEST_APPENDAGE_OPTIONAL,
      tags: ENABLE_ORDER_ENTRY_REQUEST_TAGS,
    },
    describe: (view, base, fields) => {
      const message = new EnableOrderEntryRequest().wrap(view, base);
      fields.userRefNum = message.userRefNum;
      fields.firm = message.firmText;
    },
  },
  {
    name: "Account Query Request",
    type: ACCOUNT_QUERY_REQUEST_TYPE,
    fixedBytes: ACCOUNT_QUERY_REQUEST_BYTES,
    appendage: {
      isOptional: ACCOUNT_QUERY_REQUEST_APPENDAGE_OPTIONAL,
      tags: ACCOUNT_QUERY_REQUEST_TAGS,
    },
    describe: () => {},
  },
];
