// A peer's letters reach terminals and logs: what is not printable ASCII is shown as its byte.

const NOT_PRINTABLE = /[^ -~]/g;

/** "\x1b[2J" becomes "\\x1b[2J". `text` has a character for each byte. */
export const printable = (text: string): string => text.replace(NOT_PRINTABLE, escaped);

const escaped = (character: string): string =>
  `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
