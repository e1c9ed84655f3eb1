import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountNames, createAccountNames } from "../../src/telemetry/account-names.ts";

const LANES = 3;
const ACCOUNTS = 5;

const openTwice = (): [gate: AccountNames, scribe: AccountNames] => {
  const memory = createAccountNames(LANES, ACCOUNTS);
  return [new AccountNames(memory, LANES), new AccountNames(memory, LANES)];
};

test("each account of each lane has its own name", () => {
  const [gate, scribe] = openTwice();
  const names = Array.from({ length: LANES * ACCOUNTS }, (_, index) => `A${index * 7919}`);
  for (const [index, name] of names.entries()) {
    gate.set(Math.floor(index / ACCOUNTS), index % ACCOUNTS, name);
  }
  for (const [index, name] of names.entries()) {
    assert.equal(scribe.get(Math.floor(index / ACCOUNTS), index % ACCOUNTS), name);
  }
});

test("a shorter name leaves nothing of a longer one", () => {
  const [gate, scribe] = openTwice();
  gate.set(1, 2, "ABCDEFGH");
  assert.equal(scribe.get(1, 2), "ABCDEFGH");
  gate.set(1, 2, "XY");
  assert.equal(scribe.get(1, 2), "XY");
});

test("a number beyond the table has no name, and takes nobody else's", () => {
  const [gate, scribe] = openTwice();
  gate.set(0, ACCOUNTS, "OTHER");
  gate.set(1, -1, "OTHER");
  for (let lane = 0; lane < LANES; lane++) {
    for (let account = -1; account <= ACCOUNTS; account++) {
      assert.equal(scribe.get(lane, account), "");
    }
  }
});

test("a name that does not fit is a mistake of ours", () => {
  const [gate] = openTwice();
  assert.throws(() => gate.set(0, 0, "NINECHARS"), /too long/);
});
