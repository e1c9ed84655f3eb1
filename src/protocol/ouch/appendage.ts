// The frame of the tagged fields that end an OUCH message (OUCH 5.0 §1.2, Appendix A).
//
//   length u16, of all elements | element: length 1 (of tag and value), tag 1, value | element | …

/** The u16 between a message's fixed part and its elements. */
export const APPENDAGE_LENGTH_BYTES = 2;

const ELEMENT_LENGTH_OFFSET = 0; // 1, counts what follows it
export const ELEMENT_TAG_OFFSET = ELEMENT_LENGTH_OFFSET + 1; // 1, see tag.ts
export const ELEMENT_VALUE_OFFSET = ELEMENT_TAG_OFFSET + 1;
