import assert from "node:assert/strict";
import { test } from "node:test";
import { pause } from "../../src/base/pause.ts";

test("a pause is as long as it was asked for, and nothing else runs meanwhile", () => {
  let hasRun = false;
  const immediate = setImmediate(() => {
    hasRun = true;
  });
  const startMs = performance.now();
  pause(3);
  assert.ok(performance.now() - startMs >= 3);
  assert.equal(hasRun, false);
  clearImmediate(immediate);
});
