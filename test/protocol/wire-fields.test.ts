import assert from "node:assert/strict";
import { test } from "node:test";
import {
  readText,
  readU64,
  writeText,
  writeTextRight,
  writeU64,
} from "../../src/protocol/wire-fields.ts";
import { hexOf } from "../support/hex.ts";

const blankView = (): DataView => new DataView(new ArrayBuffer(10));

test("wide integers are exact up to 2^53 - 1", () => {
  const view = blankView();
  const values = [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 2, Number.MAX_SAFE_INTEGER];
  for (const value of values) {
    writeU64(view, 1, value);
    assert.equal(view.getBigUint64(1), BigInt(value));
    assert.equal(readU64(view, 1), value);
  }
});

test("an integer beyond 2^53 - 1 stays beyond every limit", () => {
  const view = blankView();
  for (const value of [2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
    view.setBigUint64(1, value);
    assert.ok(readU64(view, 1) > Number.MAX_SAFE_INTEGER);
  }
});

test("text is padded on the right, or on the left", () => {
  const view = blankView();
  writeText(view, 1, 8, "MSFT");
  assert.equal(hexOf(view), `00${Buffer.from("MSFT    ").toString("hex")}00`);
  assert.equal(readText(view, 1, 8), "MSFT");
  writeTextRight(view, 1, 8, "MSFT");
  assert.equal(hexOf(view), `00${Buffer.from("    MSFT").toString("hex")}00`);
  assert.equal(readText(view, 1, 8), "    MSFT");
});

test("text of the field's size fits and one letter more is cut", () => {
  const view = blankView();
  for (const write of [writeText, writeTextRight]) {
    write(view, 1, 4, "ABCD");
    assert.equal(readText(view, 1, 4), "ABCD");
    write(view, 1, 4, "WXYZ!");
    assert.equal(readText(view, 1, 5), "WXYZ\0", "the next byte is not ours");
  }
});

test("what is not printable ASCII is written as a question mark", () => {
  const view = blankView();
  writeText(view, 0, 10, "a\tb\x7f\0é€~ z");
  assert.equal(readText(view, 0, 10), "a?b????~ z");
});
