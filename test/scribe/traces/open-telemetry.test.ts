import assert from "node:assert/strict";
import { test } from "node:test";
import { readable } from "../../../src/scribe/traces/open-telemetry.ts";

test("an export's error is told by its message, without the stack", () => {
  const error = { stack: "Error: 14\n    at x.js:1", message: "connect ECONNREFUSED", code: "14" };
  assert.equal(readable(JSON.stringify(error)), "connect ECONNREFUSED");
});

test("whatever else is told stays as it is", () => {
  for (const text of ["Dropped 3 spans because maxQueueSize reached", "{ no JSON", '{"a":1}']) {
    assert.equal(readable(text), text);
  }
});
