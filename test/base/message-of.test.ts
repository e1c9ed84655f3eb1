import assert from "node:assert/strict";
import { test } from "node:test";
import { messageOf } from "../../src/base/message-of.ts";
import { systemError } from "../support/system-error.ts";

test("an error is its message, and anything else is told as it is", () => {
  assert.equal(messageOf(new TypeError("no such thing")), "no such thing");
  assert.equal(messageOf("words"), "words");
  assert.equal(messageOf(undefined), "undefined");
});

test("an error of the system that Node has no word for is told by the system's", () => {
  assert.equal(messageOf(systemError("EDQUOT", "write")), "EDQUOT, write");
  const unknown = "Unknown system error -122";
  const message = `${unknown}: ${unknown}, open '/x'`;
  const error = Object.assign(new Error(message), { code: unknown, errno: -122 });
  assert.equal(messageOf(error), "EDQUOT, open '/x'");
  assert.equal(messageOf(systemError("EIO", "read")), "EIO: i/o error, read");
});
