// Letters and numbers that OUCH messages carry (OUCH 5.0, revision 1.04). They are on the wire and in journals:
// never renumbered, only added to. A tool's text for a code is made from its name here.

export const SIDE = {
  BUY: 0x42, // 'B'
  SELL: 0x53, // 'S'
  SELL_SHORT: 0x54, // 'T'
  SELL_SHORT_EXEMPT: 0x45, // 'E'
} as const;

export const isSell = (side: number): boolean =>
  side === SIDE.SELL || side === SIDE.SELL_SHORT || side === SIDE.SELL_SHORT_EXEMPT;

export const TIME_IN_FORCE = {
  DAY: 0x30, // '0'
  IMMEDIATE_OR_CANCEL: 0x33, // '3'
  EXTENDED_HOURS: 0x35, // '5', GTX
  GOOD_TILL_TIME: 0x36, // '6', needs ExpireTime
  AFTER_HOURS: 0x45, // 'E'
} as const;

export const DISPLAY = {
  VISIBLE: 0x59, // 'Y'
  HIDDEN: 0x4e, // 'N'
  ATTRIBUTABLE: 0x41, // 'A'
  CONFORMANT: 0x5a, // 'Z', outbound only
} as const;

export const CAPACITY = {
  AGENCY: 0x41, // 'A'
  PRINCIPAL: 0x50, // 'P'
  RISKLESS: 0x52, // 'R'
  OTHER: 0x4f, // 'O'
} as const;

export const YES = 0x59; // 'Y'
export const NO = 0x4e; // 'N'

export const CROSS_TYPE = {
  CONTINUOUS: 0x4e, // 'N'
  OPENING: 0x4f, // 'O'
  CLOSING: 0x43, // 'C'
  HALT_IPO: 0x48, // 'H'
  SUPPLEMENTAL: 0x53, // 'S'
  RETAIL: 0x52, // 'R'
  EXTENDED_LIFE: 0x45, // 'E'
  AFTER_HOURS_CLOSE: 0x41, // 'A'
} as const;

export const CUSTOMER_TYPE = {
  RETAIL: 0x52, // 'R'
  NOT_RETAIL: 0x4e, // 'N'
} as const;

export const PRICE_TYPE = {
  LIMIT: 0x4c, // 'L'
  MARKET_PEG: 0x50, // 'P'
  MIDPOINT_PEG: 0x4d, // 'M'
  PRIMARY_PEG: 0x52, // 'R'
  MARKET_MAKER_PEG: 0x51, // 'Q'
  MIDPOINT: 0x6d, // 'm'
} as const;

export const POST_ONLY = {
  POST_ONLY: 0x50, // 'P'
  NO: 0x4e, // 'N'
} as const;

export const HANDLE_INST = {
  NONE: 0x20,
  IMBALANCE_ONLY: 0x49, // 'I'
  RETAIL_1: 0x4f, // 'O'
  RETAIL_2: 0x54, // 'T'
  RETAIL_PRICE_IMPROVEMENT: 0x51, // 'Q'
  EXTENDED_LIFE_AND_CONTINUOUS: 0x42, // 'B'
  DIRECT_LISTING_CAPITAL_RAISE: 0x44, // 'D'
} as const;

export const ORDER_STATE = {
  LIVE: 0x4c, // 'L'
  DEAD: 0x44, // 'D', accepted and canceled at once; nothing further follows
} as const;

export const EVENT_CODE = {
  START_OF_DAY: 0x53, // 'S'
  END_OF_DAY: 0x45, // 'E'
} as const;

export const BROKEN_TRADE_REASON = {
  ERRONEOUS: 0x45, // 'E'
  CONSENT: 0x43, // 'C'
  SUPERVISORY: 0x53, // 'S'
  EXTERNAL: 0x58, // 'X'
} as const;

export const RESTATED_REASON = {
  RESERVE_REFRESHED: 0x52, // 'R'
  DISPLAYED_PRICE_UPDATED: 0x50, // 'P'
} as const;

export const CANCEL_REASON = {
  REGULATORY_RESTRICTION: 0x44, // 'D'
  CLOSED: 0x45, // 'E'
  POST_ONLY_NMS: 0x46, // 'F', would be price-slid for NMS
  POST_ONLY_CONTRA: 0x47, // 'G', would slide against a displayed contra order
  HALTED: 0x48, // 'H'
  IMMEDIATE_OR_CANCEL: 0x49, // 'I'
  MARKET_COLLAR: 0x4b, // 'K'
  SELF_MATCH_PREVENTION: 0x51, // 'Q'
  SUPERVISORY: 0x53, // 'S'
  TIMEOUT: 0x54, // 'T'
  USER: 0x55, // 'U'
  OPEN_PROTECTION: 0x58, // 'X'
  SYSTEM: 0x5a, // 'Z'
  CAPITAL_RAISE_EXCEEDED: 0x65, // 'e'
} as const;

export const LIQUIDITY = {
  ADDED: 0x41, // 'A'
  REMOVED: 0x52, // 'R'
  HIDDEN_ADDED: 0x4a, // 'J'
  MIDPOINT_ADDED: 0x6b, // 'k'
  MIDPOINT_REMOVED: 0x6d, // 'm'
  PASSIVE_MIDPOINT: 0x4e, // 'N'
  MIDPOINT_EXTENDED_LIFE: 0x6e, // 'n'
  HIDDEN_RESERVE_ADDED: 0x75, // 'u'
  OPENING_CROSS: 0x4f, // 'O'
  OPENING_CROSS_IMBALANCE_ONLY: 0x4d, // 'M'
  CLOSING_CROSS: 0x43, // 'C'
  CLOSING_CROSS_IMBALANCE_ONLY: 0x4c, // 'L'
  HALT_IPO_CROSS: 0x48, // 'H'
  HALT_CROSS: 0x4b, // 'K'
  AFTER_HOURS_CLOSING_CROSS: 0x69, // 'i'
  SUPPLEMENTAL: 0x30, // '0'
  DISPLAYED_IMPROVES_NBBO: 0x37, // '7'
  DISPLAYED_SETS_QBBO: 0x38, // '8'
  RETAIL_ADDED_DISPLAYED: 0x65, // 'e'
  RPI_PROVIDES: 0x6a, // 'j'
  REMOVED_PRICE_IMPROVING_HIDDEN: 0x70, // 'p'
  RETAIL_REMOVES_MIDPOINT: 0x71, // 'q'
  RETAIL_REMOVES_RPI: 0x72, // 'r'
  RETAIL_REMOVES_OTHER_PRICE_IMPROVING: 0x74, // 't'
  RPI_PROVIDES_WITHOUT_RPII: 0x31, // '1'
} as const;

export const REJECT_REASON = {
  QUOTE_UNAVAILABLE: 0x0001,
  DESTINATION_CLOSED: 0x0002,
  INVALID_DISPLAY: 0x0003,
  INVALID_MAX_FLOOR: 0x0004,
  INVALID_PEG_TYPE: 0x0005,
  FAT_FINGER: 0x0006,
  HALTED: 0x0007,
  ISO_NOT_ALLOWED: 0x0008,
  INVALID_SIDE: 0x0009,
  PROCESSING_ERROR: 0x000a,
  CANCEL_PENDING: 0x000b,
  FIRM_NOT_AUTHORIZED: 0x000c,
  INVALID_MIN_QUANTITY: 0x000d,
  NO_CLOSING_REFERENCE_PRICE: 0x000e,
  OTHER: 0x000f,
  CANCEL_NOT_ALLOWED: 0x0010,
  PEGGING_NOT_ALLOWED: 0x0011,
  CROSSED_MARKET: 0x0012,
  INVALID_QUANTITY: 0x0013,
  INVALID_CROSS_ORDER: 0x0014,
  REPLACE_NOT_ALLOWED: 0x0015,
  ROUTING_NOT_ALLOWED: 0x0016,
  INVALID_SYMBOL: 0x0017,
  TEST: 0x0018,
  LATE_LOC_TOO_AGGRESSIVE: 0x0019,
  RETAIL_NOT_ALLOWED: 0x001a,
  INVALID_MIDPOINT_POST_ONLY_PRICE: 0x001b,
  INVALID_DESTINATION: 0x001c,
  INVALID_PRICE: 0x001d,
  SHARES_EXCEED_THRESHOLD: 0x001e,
  EXCEEDS_MAX_NOTIONAL: 0x001f,
  RISK_AGGREGATE_EXPOSURE: 0x0020,
  RISK_MARKET_IMPACT: 0x0021,
  RISK_RESTRICTED_STOCK: 0x0022,
  RISK_SHORT_SELL_RESTRICTED: 0x0023,
  RISK_ISO_NOT_ALLOWED: 0x0024,
  RISK_EXCEEDS_ADV_LIMIT: 0x0025,
  RISK_FAT_FINGER: 0x0026,
  RISK_LOCATE_REQUIRED: 0x0027,
  RISK_SYMBOL_MESSAGE_RATE: 0x0028,
  RISK_PORT_MESSAGE_RATE: 0x0029,
  RISK_DUPLICATE_MESSAGE_RATE: 0x002a,
  RISK_SHORT_SELL_NOT_ALLOWED: 0x002b,
  RISK_MARKET_ORDER_NOT_ALLOWED: 0x002c,
  RISK_PRE_MARKET_NOT_ALLOWED: 0x002d,
  RISK_POST_MARKET_NOT_ALLOWED: 0x002e,
  RISK_SHORT_SELL_EXEMPT_NOT_ALLOWED: 0x002f,
  RISK_SINGLE_ORDER_NOTIONAL: 0x0030,
  RISK_MAX_QUANTITY: 0x0031,
  REG_SHO_STATE_NOT_AVAILABLE: 0x0032,
  RISK_IPO_MARKET_BUY_NOT_ALLOWED: 0x0033,
} as const;

/** Prices have four implied decimals: $1 is 10,000. */
export const PRICE_UNITS_PER_DOLLAR = 10_000;
/** $199,999.9900, the highest limit price. */
export const PRICE_LIMIT_MAX = 1_999_999_900;
/** $200,000.0000: a market order. */
export const PRICE_MARKET = 2_000_000_000;
/** $214,748.3647: a market order for a cross. */
export const PRICE_MARKET_CROSS = 0x7fffffff;

export const QUANTITY_MAX = 999_999;
/** ExpireTime is less than a day. */
export const EXPIRE_TIME_SECONDS_MAX = 86_399;
