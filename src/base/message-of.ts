// What was thrown, in words: by far most of the time an Error, but anything can be thrown.

import { errnoOf } from "./errno-of.ts";

/** What Node begins with where it has a number and no word. */
const NO_WORD = /^UNKNOWN: unknown error|^Unknown system error -\d+: Unknown system error -\d+/;

export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message.replace(NO_WORD, () => errnoOf(thrown)) : String(thrown);
