import assert from "node:assert/strict";
import { test } from "node:test";
import { laneOf } from "../../src/gate/lane-of.ts";

test("accounts are spread over lanes, each always to the same one", () => {
  const counts = [0, 0, 0, 0];
  for (let number = 0; number < 20_000; number++) {
    const name = `B${String(number).padStart(5, "0")}`;
    const lane = laneOf(name, 4);
    assert.equal(laneOf(name, 4), lane);
    counts[lane]!++;
  }
  for (const count of counts) assert.ok(Math.abs(count - 5_000) < 500, `${counts}`);
  assert.equal(laneOf("ALICE", 1), 0);
});
