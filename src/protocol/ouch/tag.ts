// The optional fields of OUCH: numbers, value sizes, and sets of them as bit masks (tag n = bit n).

/** Tags 8, 19, 20 and 21 are unassigned. 29 and 30 come from revision 1.05, the rest from 1.04. */
export const TAG = {
  SECONDARY_ORDER_REFERENCE: 1,
  FIRM: 2,
  MIN_QTY: 3,
  CUSTOMER_TYPE: 4,
  MAX_FLOOR: 5,
  PRICE_TYPE: 6,
  PEG_OFFSET: 7,
  DISCRETION_PRICE: 9,
  DISCRETION_PRICE_TYPE: 10,
  DISCRETION_PEG_OFFSET: 11,
  POST_ONLY: 12,
  RANDOM_RESERVES: 13,
  ROUTE: 14,
  EXPIRE_TIME: 15,
  TRADE_NOW: 16,
  HANDLE_INST: 17,
  BBO_WEIGHT: 18,
  DISPLAY_QUANTITY: 22,
  DISPLAY_PRICE: 23,
  GROUP_ID: 24,
  SHARES_LOCATED: 25,
  LOCATE_BROKER: 26,
  SIDE: 27,
  USER_REF_IDX: 28,
  AIQ_STRATEGY: 29,
  AIQ_GROUP: 30,
} as const;

export const TAG_MAX = 30;

const VALUE_BYTES: Record<keyof typeof TAG, 1 | 2 | 4 | 8> = {
  SECONDARY_ORDER_REFERENCE: 8,
  FIRM: 4,
  MIN_QTY: 4,
  CUSTOMER_TYPE: 1,
  MAX_FLOOR: 4,
  PRICE_TYPE: 1,
  PEG_OFFSET: 4,
  DISCRETION_PRICE: 8,
  DISCRETION_PRICE_TYPE: 1,
  DISCRETION_PEG_OFFSET: 4,
  POST_ONLY: 1,
  RANDOM_RESERVES: 4,
  ROUTE: 4,
  EXPIRE_TIME: 4,
  TRADE_NOW: 1,
  HANDLE_INST: 1,
  BBO_WEIGHT: 1,
  DISPLAY_QUANTITY: 4,
  DISPLAY_PRICE: 8,
  GROUP_ID: 2,
  SHARES_LOCATED: 1,
  LOCATE_BROKER: 4,
  SIDE: 1,
  USER_REF_IDX: 1,
  AIQ_STRATEGY: 1,
  AIQ_GROUP: 2,
};

/** Bytes of a tag's value, by tag; 0 = no such tag. */
export const TAG_VALUE_BYTES: Uint8Array = new Uint8Array(TAG_MAX + 1);
for (const name of Object.keys(TAG) as (keyof typeof TAG)[]) {
  TAG_VALUE_BYTES[TAG[name]] = VALUE_BYTES[name];
}

/** The set of some tags. */
export function tagMask(...tags: number[]): number {
  let mask = 0;
  for (const tag of tags) mask |= 1 << tag;
  return mask;
}

export const hasTag = (mask: number, tag: number): boolean => (mask & (1 << tag)) !== 0;
