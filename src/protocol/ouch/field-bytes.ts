// Sizes of the OUCH text fields that several messages carry: ASCII, left-justified, padded with spaces.

export const SYMBOL_BYTES = 8;
export const FIRM_BYTES = 4;
