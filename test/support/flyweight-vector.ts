// Holds one flyweight against golden bytes, both ways.

import assert from "node:assert/strict";
import { bytesOf, hexOf, viewOf, withoutSpaces } from "./hex.ts";

interface Flyweight {
  wrap(view: DataView, base: number): unknown;
  start(): unknown;
}

/** The flyweight begins here, so that an offset that forgot its base is found. */
const BASE = 5;

/**
 * `fields` are every field that can be set; reading the vector gives them, and setting them gives the vector's
 * first `fixedBytes`. Nothing outside those bytes changes.
 */
export function checkVector<M extends Flyweight>(
  message: M,
  fixedBytes: number,
  hex: string,
  fields: Partial<M>,
): void {
  const golden = bytesOf(hex);
  const read = Buffer.concat([Buffer.alloc(BASE), golden]);
  message.wrap(viewOf(read), BASE);
  for (const name of Object.keys(fields) as (keyof M)[]) {
    assert.deepEqual(message[name], fields[name], `reads ${String(name)}`);
  }

  const written = viewOf(Buffer.alloc(BASE + fixedBytes + 1, 0xee));
  message.wrap(written, BASE);
  message.start();
  Object.assign(message, fields);
  const expected = `${"ee".repeat(BASE)}${withoutSpaces(hex).slice(0, fixedBytes * 2)}ee`;
  assert.equal(hexOf(written), expected, "writes the same bytes");
}
