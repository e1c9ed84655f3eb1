import assert from "node:assert/strict";
import { test } from "node:test";
import { accountNames, expandAccounts, rangeCountMax } from "../../src/config/accounts.ts";
import { OTHER_FIRMS_MAX } from "../../src/config/config-rules.ts";
import { FIRMS_MAX } from "../../src/memory/attach-payload.ts";

const TERMS = { password: "X", firm: "LIME" };

test("names are folded, and a range fills them up to six characters", () => {
  assert.deepEqual([...accountNames({ user: "bob", ...TERMS })], ["BOB"]);
  const range = { prefix: "ab", count: 3, ...TERMS };
  assert.deepEqual([...accountNames(range)], ["AB0000", "AB0001", "AB0002"]);
});

test("the largest range still has names of six characters", () => {
  const names = [...accountNames({ prefix: "ABCDE", count: rangeCountMax("ABCDE"), ...TERMS })];
  assert.equal(names.length, 10);
  assert.equal(names.at(-1), "ABCDE9");
});

test("an account's own firm comes first and once", () => {
  const firmsOf = (firms?: "*" | string[]) =>
    [...expandAccounts([{ user: "A", ...TERMS, ...(firms && { firms }) }])].map((account) => [
      account.firms,
      account.anyFirm,
    ]);
  assert.deepEqual(firmsOf(), [[["LIME"], false]]);
  assert.deepEqual(firmsOf(["PEAR", "LIME"]), [[["LIME", "PEAR"], false]]);
  assert.deepEqual(firmsOf("*"), [[["LIME"], true]]);
});

test("all firms that an account may have fit the record of its login", () => {
  assert.ok(OTHER_FIRMS_MAX + 1 <= FIRMS_MAX);
});
