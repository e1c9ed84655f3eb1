import assert from "node:assert/strict";
import { test } from "node:test";
import { unheardLines } from "../../../src/tools/replay/replay-report.ts";

test("packets that could not be sent have a line, so have requests that a takeover left, and none has none", () => {
  const [packets] = unheardLines(1_200, 0);
  assert.match(packets ?? "", /^left out +1,200 packets behind a close by the gateway/);
  const [requests, ...others] = unheardLines(0, 1_300);
  assert.match(requests ?? "", /^taken over +1,300 of those without an answer were under way/);
  assert.deepEqual(others, []);
  assert.deepEqual(unheardLines(0, 0), []);
});
