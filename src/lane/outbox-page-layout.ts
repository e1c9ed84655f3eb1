// A page of the outbox: a header, then entries (outbox-entry.ts) back to back. In memory the header links the page to
// others of its account and to others that are full; in a file those fields are zero. Little-endian.

import { assert } from "../base/assert.ts";
import { OUTBOUND_PAYLOAD_BYTES_MAX } from "../memory/outbound-record.ts";
import { SLOT_BYTES } from "../memory/slot-memory.ts";
import { outboxEntryBytes } from "./outbox-entry.ts";

export const OUTBOX_PAGE_BYTES = 1024;
export const NO_PAGE = -1;

export const PAGE = {
  CHECKSUM: 0, // u32, in a file: CRC-32 of the bytes behind it
  ACCOUNT: 4, // i32
  FIRST_SEQUENCE: 8, // f64, of the page's first packet
  NUMBER: 16, // i32, place in the account's chain, from 0
  USED_BYTES: 20, // i32, header included
  PREVIOUS: 24, // i32, memory: the account's page before, or NO_PAGE
  NEXT: 28, // i32, memory: the account's page behind, or NO_PAGE; of a free page, the next free one
  FAR_BACK: 32, // i32, memory: the account's page whose number has one bit less, or NO_PAGE
  FILLED_BEFORE: 36, // i32, memory: the page that was full before this one, of any account, or NO_PAGE
  FILLED_AFTER: 40, // i32, memory: likewise
} as const;
export const PAGE_HEADER_BYTES = 48;
/** From here on the header is of memory only. */
export const PAGE_LINKS_OFFSET = PAGE.PREVIOUS;
/** What the checksum covers. */
export const PAGE_CHECKED_OFFSET = PAGE.ACCOUNT;

/** Pages that are written or read at once, and the longest run of one account's. */
export const CHUNK_PAGES_MAX = 64;
export const CHUNK_BYTES_MAX = CHUNK_PAGES_MAX * OUTBOX_PAGE_BYTES;

assert(PAGE.FILLED_AFTER + 4 <= PAGE_HEADER_BYTES && PAGE_HEADER_BYTES % 8 === 0, "page header");
assert(
  PAGE_HEADER_BYTES + outboxEntryBytes(OUTBOUND_PAYLOAD_BYTES_MAX) <= OUTBOX_PAGE_BYTES,
  "the largest packet does not fit a page",
);
assert(OUTBOX_PAGE_BYTES % SLOT_BYTES === 0, "pages are no memory of slots");
