// What all OUCH messages begin with. Offsets count from the type byte; every number is big-endian.

export const TYPE_OFFSET = 0; // 1, a letter; the same letter means different things in the two directions
/** Where the fields of an inbound message (client → host) begin. */
export const INBOUND_FIELDS_OFFSET = TYPE_OFFSET + 1;

export const TIMESTAMP_OFFSET = TYPE_OFFSET + 1; // u64, nanoseconds since midnight, outbound only
/** Where the fields of an outbound message (host → client) begin. */
export const OUTBOUND_FIELDS_OFFSET = TIMESTAMP_OFFSET + 8;
