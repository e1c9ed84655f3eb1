import assert from "node:assert/strict";
import { test } from "node:test";
import { printable } from "../../src/base/printable.ts";

test("letters, digits, signs and spaces stay as they are", () => {
  assert.equal(printable("AL ICE~\\<b>"), "AL ICE~\\<b>");
});

test("what a terminal would obey is shown as its byte", () => {
  assert.equal(printable("\x1b[2J\nA\x7f\x9b\0"), "\\x1b[2J\\x0aA\\x7f\\x9b\\x00");
});
