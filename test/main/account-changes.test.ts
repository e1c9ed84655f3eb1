import assert from "node:assert/strict";
import { test } from "node:test";
import { expandAccounts } from "../../src/config/accounts.ts";
import type { AccountEntry } from "../../src/config/gateway-config.ts";
import type { LogFields } from "../../src/gate/gate-config.ts";
import { tellAccountChanges } from "../../src/main/account-changes.ts";
import type { LaneRecovered } from "../../src/memory/lane-worker-data.ts";
import { OTHER_FIRM, PASSWORD, TestGateway, testDirectory } from "../support/gateway.ts";

const NOTHING: LaneRecovered = {
  event: "recovered",
  lane: 0,
  config: undefined,
  accountsByFirms: new Map(),
  phase: 0,
  eventNs: 0,
  records: 0,
  recordsReplayed: 0,
  checkpointSegment: 0,
  checkpointRefusal: "",
  segment: 1,
  tornBytes: 0,
  tornFile: "",
  elapsedMs: 0,
};

/** What is told when the session has those accounts, "LIME ABCD" → names, and the configuration these. */
function told(session: Record<string, readonly string[]>, entries: AccountEntry[]): LogFields[] {
  const lines: LogFields[] = [];
  const warn = (event: string, fields: LogFields): void => {
    lines.push({ event, ...fields });
  };
  const accounts = new Map([...expandAccounts(entries)].map((account) => [account.user, account]));
  const recovered = { ...NOTHING, accountsByFirms: new Map(Object.entries(session)) };
  tellAccountChanges(recovered, (user) => accounts.get(user), { warn });
  return lines;
}

test("the same firms in another order are no change, and neither is an account without a login", () => {
  const entries = [
    { user: "ALICE", password: PASSWORD, firm: "LIME", firms: ["ZZZZ", "ABCD"] },
    { user: "BOB", password: PASSWORD, firm: "AB", firms: "*" as const },
    { user: "CAROL", password: PASSWORD, firm: "LIME" },
  ];
  assert.deepEqual(told({ "LIME ABCD ZZZZ": ["ALICE"], "AB *": ["BOB"] }, entries), []);
});

test("other firms, and accounts that are not there any more, are a line each; a crowd is counted", () => {
  const range = { prefix: "M", count: 12, password: PASSWORD, firm: "NEWF" };
  const users = Array.from({ length: 12 }, (_, index) => `M${String(index).padStart(5, "0")}`);
  const bob = { user: "BOB", password: PASSWORD, firm: "LIME", firms: "*" as const };
  const common = { event: "config-changed", lane: 0, key: "accounts" };
  assert.deepEqual(told({ OLDF: users, LIME: ["BOB", "GONE"] }, [range, bob]), [
    {
      ...common,
      accounts: `${users.slice(0, 8).join(", ")} and 5 more`,
      what: "other firms",
      effect: "with the next login of each",
    },
    {
      ...common,
      accounts: "GONE",
      what: "not in the configuration, or suspended",
      effect: "now: nobody logs in, and their orders stay",
    },
  ]);
});

test("a restart tells what is otherwise than the session had it, and the next login has it", async (context) => {
  const directory = testDirectory();
  const accounts = (firm: string): object => ({
    accounts: ["ALICE", "BOB"].map((user) => ({ user, password: PASSWORD, firm })),
  });
  const before = await TestGateway.start(context, { directory, config: accounts(OTHER_FIRM) });
  await before.trader("ALICE");
  await before.stop();
  const gateway = await TestGateway.start(context, {
    directory,
    config: accounts("NEWF"),
    settings: { "session.offencesMax": 7 },
  });
  const line = JSON.parse(await gateway.untilLogged('"config-changed"', '"accounts"')) as LogFields;
  assert.deepEqual(
    [line.accounts, line.effect, line.what],
    ["ALICE", "with the next login of each", "other firms"],
  );
  await gateway.untilLogged('"config-changed"', '"key":"session.offencesMax"', '"effect":"now"');
  const alice = await gateway.trader("ALICE");
  alice.order({ tags: { FIRM: OTHER_FIRM } });
  alice.order({ tags: { FIRM: "NEWF" } });
  assert.deepEqual(await alice.heard(), ["J 1 000C", "A 2 L"]);
  assert.equal(gateway.stderr.filter((text) => text.includes('"config-changed"')).length, 2);
});
