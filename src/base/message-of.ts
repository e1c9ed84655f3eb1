// What was thrown, in words: by far most of the time an Error, but anything can be thrown.

export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
