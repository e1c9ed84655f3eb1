// What a Modify says of located shares, in one word: which of the two tags it has, and the letter of the first. The broker
// is a word of its own. Both travel with the request while it waits, because other requests about the order may come before
// it is answered. Lane thread.

import { assert } from "../base/assert.ts";
import { TAG } from "../protocol/ouch/tag.ts";

const LETTER_SHIFT = 8;

/** `present`: the tags of the request, bit by bit; `letter` counts when its tag is among them. */
export const locatedOf = (present: number, letter: number): number =>
  ((present >>> TAG.SHARES_LOCATED) & 3) | (letter << LETTER_SHIFT);

export const hasSharesLocated = (located: number): boolean => (located & 1) !== 0;
export const hasLocateBroker = (located: number): boolean => (located & 2) !== 0;
export const sharesLocatedIn = (located: number): number => located >>> LETTER_SHIFT;

assert(TAG.LOCATE_BROKER === TAG.SHARES_LOCATED + 1, "the two tags are not neighbours");
