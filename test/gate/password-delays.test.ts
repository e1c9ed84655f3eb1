import assert from "node:assert/strict";
import { test } from "node:test";
import { PasswordDelays } from "../../src/gate/password-delays.ts";

test("delays double up to a cap, for each address and account alone, until a success or ten minutes", () => {
  const delays = new PasswordDelays();
  const fail = (nowMs = 0): number => delays.onFailure("a", "ALICE", nowMs);
  assert.deepEqual(
    [fail(), fail(), fail(), fail(), fail(), fail(), fail()],
    [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000],
  );
  assert.equal(delays.onFailure("b", "ALICE", 0), 250);
  assert.equal(delays.onFailure("a", "BOB", 0), 250);
  delays.onSuccess("a", "ALICE");
  assert.equal(fail(), 250);
  assert.equal(fail(599_999), 500);
  assert.equal(fail(1_300_000), 250);
});

test("what is remembered is bounded: the oldest failure goes first", () => {
  const delays = new PasswordDelays();
  for (let index = 0; index < 10_001; index++) delays.onFailure(`address ${index}`, "X", 0);
  assert.equal(delays.entries, 10_000);
  assert.equal(delays.onFailure("address 0", "X", 0), 250);
  assert.equal(delays.onFailure("address 10000", "X", 0), 500);
});

test("who has failed is known for ten minutes, or until a success", () => {
  const delays = new PasswordDelays();
  assert.ok(!delays.hasFailed("a", "ALICE", 0));
  delays.onFailure("a", "ALICE", 0);
  assert.ok(delays.hasFailed("a", "ALICE", 599_999));
  assert.ok(!delays.hasFailed("a", "ALICE", 600_000));
  assert.ok(!delays.hasFailed("b", "ALICE", 0) && !delays.hasFailed("a", "BOB", 0));
  delays.onSuccess("a", "ALICE");
  assert.ok(!delays.hasFailed("a", "ALICE", 0));
});
