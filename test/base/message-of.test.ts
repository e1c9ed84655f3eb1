import assert from "node:assert/strict";
import { test } from "node:test";
import { messageOf } from "../../src/base/message-of.ts";

test("an error is its message, and anything else is told as it is", () => {
  assert.equal(messageOf(new TypeError("no such thing")), "no such thing");
  assert.equal(messageOf("words"), "words");
  assert.equal(messageOf(undefined), "undefined");
});
