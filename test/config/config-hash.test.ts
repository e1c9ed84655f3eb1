import assert from "node:assert/strict";
import { test } from "node:test";
import { configHash } from "../../src/config/config-hash.ts";
import { readConfig } from "../../src/config/read-config.ts";

const set = (path: string, value: unknown) =>
  configHash(readConfig({ configFile: undefined, settings: [{ path, value }] }).config);
const ALICE = { user: "ALICE", password: "DEMO", firm: "LIME" };

test("a configuration's name is the same whatever order its keys were written in", () => {
  assert.match(set("listen.port", 7140), /^[0-9a-f]{12}$/);
  const reversed = Object.fromEntries(Object.entries(ALICE).reverse());
  assert.equal(set("accounts", [ALICE]), set("accounts", [reversed]));
});

test("it changes with whatever changes, and tells nothing of a password", () => {
  assert.notEqual(set("listen.port", 7140), set("listen.port", 7142));
  assert.notEqual(set("accounts", [ALICE]), set("accounts", [{ ...ALICE, firm: "ABCD" }]));
  assert.equal(set("accounts", [ALICE]), set("accounts", [{ ...ALICE, password: "OTHER" }]));
});
