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
