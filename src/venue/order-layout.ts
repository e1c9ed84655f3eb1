// The bytes of one order in the slab. Written and read by the lane thread alone: the lane fills an order in,
// the venue keeps its place in the book, its open shares and what it has executed.
// Descriptor: no other file knows where a field is.

import { assert } from "../base/assert.ts";

const STATE_OFFSET = 0;
const SIDE_OFFSET = STATE_OFFSET + 1;
const TIF_OFFSET = SIDE_OFFSET + 1;
const DISPLAY_OFFSET = TIF_OFFSET + 1;
const CAPACITY_OFFSET = DISPLAY_OFFSET + 1;
const ISO_OFFSET = CAPACITY_OFFSET + 1;
const CROSS_TYPE_OFFSET = ISO_OFFSET + 1;
const USER_REF_IDX_OFFSET = CROSS_TYPE_OFFSET + 1;
const CUSTOMER_TYPE_OFFSET = USER_REF_IDX_OFFSET + 1;
const POST_ONLY_OFFSET = CUSTOMER_TYPE_OFFSET + 1;
const TRADE_NOW_OFFSET = POST_ONLY_OFFSET + 1;
const HANDLE_INST_OFFSET = TRADE_NOW_OFFSET + 1;
const SHARES_LOCATED_OFFSET = HANDLE_INST_OFFSET + 1;
const PRICE_TYPE_OFFSET = SHARES_LOCATED_OFFSET + 1;
const UNPRICED_OFFSET = PRICE_TYPE_OFFSET + 1;
const FLAGS_OFFSET = UNPRICED_OFFSET + 1;
const ACCOUNT_OFFSET = FLAGS_OFFSET + 1;
const USER_REF_NUM_OFFSET = ACCOUNT_OFFSET + 4;
const INSTRUMENT_OFFSET = USER_REF_NUM_OFFSET + 4;
const PRICE_OFFSET = INSTRUMENT_OFFSET + 4;
const WALK_PRICE_OFFSET = PRICE_OFFSET + 4;
const QUANTITY_OFFSET = WALK_PRICE_OFFSET + 4;
const EXECUTED_OFFSET = QUANTITY_OFFSET + 4;
const OPEN_OFFSET = EXECUTED_OFFSET + 4;
const MIN_QTY_OFFSET = OPEN_OFFSET + 4;
const REFERENCE_HIGH_OFFSET = MIN_QTY_OFFSET + 4;
const REFERENCE_LOW_OFFSET = REFERENCE_HIGH_OFFSET + 4;
const FIRM_OFFSET = REFERENCE_LOW_OFFSET + 4;
const LOCATE_BROKER_OFFSET = FIRM_OFFSET + 4;
const GROUP_ID_OFFSET = LOCATE_BROKER_OFFSET + 4;
const TAGS_OFFSET = GROUP_ID_OFFSET + 4;
const EXPIRE_TIME_OFFSET = TAGS_OFFSET + 4;
const EXPIRES_AT_NS_OFFSET = EXPIRE_TIME_OFFSET + 4;
const SINCE_NS_OFFSET = EXPIRES_AT_NS_OFFSET + 8;
const NEXT_IN_ACCOUNT_OFFSET = SINCE_NS_OFFSET + 8;
const PREV_IN_ACCOUNT_OFFSET = NEXT_IN_ACCOUNT_OFFSET + 4;
const NEXT_IN_LEVEL_OFFSET = PREV_IN_ACCOUNT_OFFSET + 4;
const PREV_IN_LEVEL_OFFSET = NEXT_IN_LEVEL_OFFSET + 4;
const LEVEL_OFFSET = PREV_IN_LEVEL_OFFSET + 4;
const PENDING_OFFSET = LEVEL_OFFSET + 4;
const REPLACE_OF_OFFSET = PENDING_OFFSET + 4;
const PREVIOUS_HIGH_OFFSET = REPLACE_OF_OFFSET + 4;
const CL_ORD_ID_OFFSET = PREVIOUS_HIGH_OFFSET + 4; // 14 characters, 2 to the next word
const HEAP_POSITION_OFFSET = CL_ORD_ID_OFFSET + 16;
const WAITING_OFFSET = HEAP_POSITION_OFFSET + 4;
const EXPIRY_ENTRY_OFFSET = WAITING_OFFSET + 4;

/** A multiple of 32, so that no order begins in the middle of another one's half cache line. */
export const ORDER_BYTES = EXPIRY_ENTRY_OFFSET + 8;
export const ORDER_WORDS = ORDER_BYTES >> 2;
export const ORDER_DOUBLES = ORDER_BYTES >> 3;
export const CL_ORD_ID = CL_ORD_ID_OFFSET;

// Byte fields, by offset.
export const STATE = STATE_OFFSET;
export const SIDE = SIDE_OFFSET;
export const TIF = TIF_OFFSET;
export const DISPLAY = DISPLAY_OFFSET;
export const CAPACITY = CAPACITY_OFFSET;
export const ISO = ISO_OFFSET;
export const CROSS_TYPE = CROSS_TYPE_OFFSET;
export const USER_REF_IDX = USER_REF_IDX_OFFSET;
export const CUSTOMER_TYPE = CUSTOMER_TYPE_OFFSET;
export const POST_ONLY = POST_ONLY_OFFSET;
export const TRADE_NOW = TRADE_NOW_OFFSET;
export const HANDLE_INST = HANDLE_INST_OFFSET;
export const SHARES_LOCATED = SHARES_LOCATED_OFFSET;
export const PRICE_TYPE = PRICE_TYPE_OFFSET;
export const UNPRICED = UNPRICED_OFFSET;
export const FLAGS = FLAGS_OFFSET;

// Word fields, by index of an Int32Array.
export const ACCOUNT = ACCOUNT_OFFSET >> 2;
export const USER_REF_NUM = USER_REF_NUM_OFFSET >> 2;
export const INSTRUMENT = INSTRUMENT_OFFSET >> 2;
export const PRICE = PRICE_OFFSET >> 2;
export const WALK_PRICE = WALK_PRICE_OFFSET >> 2;
export const QUANTITY = QUANTITY_OFFSET >> 2;
export const EXECUTED = EXECUTED_OFFSET >> 2;
export const OPEN = OPEN_OFFSET >> 2;
export const MIN_QTY = MIN_QTY_OFFSET >> 2;
export const REFERENCE_HIGH = REFERENCE_HIGH_OFFSET >> 2;
export const REFERENCE_LOW = REFERENCE_LOW_OFFSET >> 2;
export const FIRM = FIRM_OFFSET >> 2;
export const LOCATE_BROKER = LOCATE_BROKER_OFFSET >> 2;
export const GROUP_ID = GROUP_ID_OFFSET >> 2;
export const TAGS = TAGS_OFFSET >> 2;
export const EXPIRE_TIME = EXPIRE_TIME_OFFSET >> 2;
export const NEXT_IN_ACCOUNT = NEXT_IN_ACCOUNT_OFFSET >> 2;
export const PREV_IN_ACCOUNT = PREV_IN_ACCOUNT_OFFSET >> 2;
export const NEXT_IN_LEVEL = NEXT_IN_LEVEL_OFFSET >> 2;
export const PREV_IN_LEVEL = PREV_IN_LEVEL_OFFSET >> 2;
export const LEVEL = LEVEL_OFFSET >> 2;
export const PENDING = PENDING_OFFSET >> 2;
export const REPLACE_OF = REPLACE_OF_OFFSET >> 2;
export const PREVIOUS_HIGH = PREVIOUS_HIGH_OFFSET >> 2;
export const HEAP_POSITION = HEAP_POSITION_OFFSET >> 2;
export const WAITING = WAITING_OFFSET >> 2;

// Double fields, by index of a Float64Array.
export const EXPIRES_AT_NS = EXPIRES_AT_NS_OFFSET >> 3;
export const SINCE_NS = SINCE_NS_OFFSET >> 3;
export const EXPIRY_ENTRY = EXPIRY_ENTRY_OFFSET >> 3;

assert(ORDER_BYTES % 32 === 0, "orders are not a multiple of 32 bytes");
assert(ACCOUNT_OFFSET % 4 === 0 && HEAP_POSITION_OFFSET % 4 === 0, "words are not aligned");
assert(EXPIRES_AT_NS_OFFSET % 8 === 0 && EXPIRY_ENTRY_OFFSET % 8 === 0, "doubles are not aligned");
