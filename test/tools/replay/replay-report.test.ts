import assert from "node:assert/strict";
import { test } from "node:test";
import { unsentLines } from "../../../src/tools/replay/replay-report.ts";

test("packets that could not be sent have a line, and none has none", () => {
  assert.match(unsentLines(1_200).join(), /^left out +1,200 packets behind a close by the gateway/);
  assert.deepEqual(unsentLines(0), []);
});
