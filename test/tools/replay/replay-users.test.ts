import assert from "node:assert/strict";
import { test } from "node:test";
import { CapturedAccount } from "../../../src/tools/replay/captured-account.ts";
import type { PlannedAccount } from "../../../src/tools/replay/replay-plan.ts";
import { accountEntries, chooseUsers } from "../../../src/tools/replay/replay-users.ts";

function planned(name: string, firm: string): PlannedAccount {
  const captured = new CapturedAccount(name);
  captured.firm = firm;
  return { captured, requestCount: 0 };
}

const entriesOf = (...accounts: PlannedAccount[]): ReturnType<typeof accountEntries> => {
  const options = { choices: [], range: undefined, password: "DEMO", isGiven: false };
  return accountEntries(accounts, chooseUsers(accounts, options));
};

const both = { password: "DEMO", firms: "*" };

test("running digits make a range with room for the highest, a name by itself does not", () => {
  assert.deepEqual(
    entriesOf(planned("LOAD07", "LIME"), planned("ALICE", "LIME"), planned("LOAD02", "")),
    [
      { prefix: "LOAD", count: 8, firm: "LIME", ...both },
      { user: "ALICE", firm: "LIME", ...both },
    ],
  );
});

test("a range whose accounts have several firms is told one by one, each with its own", () => {
  assert.deepEqual(
    entriesOf(planned("LOAD00", "LIME"), planned("LOAD01", "PEAR"), planned("LOAD02", "")),
    [
      { user: "LOAD00", firm: "LIME", ...both },
      { user: "LOAD01", firm: "PEAR", ...both },
      { user: "LOAD02", firm: "RPLY", ...both },
    ],
  );
});

test("who has a name that no account of ours can have gets another, at a target of ours alone", () => {
  const accounts = ["#7", "AB-1", "\\x9b2J\\x7f"].map((name) => planned(name, "LIME"));
  const [, foreign, junk] = accounts;
  assert.ok(foreign && junk);
  const all = { choices: [], range: undefined, password: "DEMO" };
  const ours = chooseUsers(accounts, { ...all, isGiven: false });
  assert.deepEqual(
    [...ours.values()].map(({ user }) => user),
    ["R00000", "R00001", "R00002"],
  );
  const given = chooseUsers([foreign], { ...all, isGiven: true });
  assert.equal(given.get("AB-1")?.user, "AB-1");
  assert.throws(
    () => chooseUsers([junk], { ...all, isGiven: true }),
    /no user can be called \\x9b2J\\x7f.*--account \\x9b2J\\x7f=NAME/,
  );
});
