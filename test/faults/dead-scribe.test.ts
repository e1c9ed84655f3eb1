// The scribe's thread dies again and again while it writes: no order is any the later answered for it, another one goes
// on where it stopped, and no record that was in a ring is missing.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { logEntries, logFiles } from "../../src/tools/logs/log-files.ts";
import { setRules, troubledBy } from "../support/disk-trouble.ts";
import { TestGateway, testDirectory } from "../support/gateway.ts";
import { untilFiles } from "../support/until-files.ts";

const ORDERS = 2_000;
const DEATHS = 2;
const RECORDS_MAX = 60_000;

test("a scribe that dies while it writes loses no record, and orders are answered all the while", async (t) => {
  const directory = testDirectory();
  const rulesFile = join(directory, "rules");
  const settings = {
    "telemetry.log.sample.limit": { percent: 100, halveAbove: 0 },
    "telemetry.fileBytesMax": 2 ** 20,
    "telemetry.filesMax": 100,
  };
  const env = troubledBy(rulesFile);
  const gateway = await TestGateway.start(t, { directory, settings, env });
  const trader = await gateway.trader();
  let sent = 0;
  const trade = async (): Promise<void> => {
    for (let order = 0; order < ORDERS; order++) trader.order();
    sent += ORDERS;
    assert.equal((await trader.heard()).length, ORDERS);
  };
  await trade();
  // It dies whenever it begins another file, with what it has read and not put away.
  setRules(rulesFile, [{ call: "open", path: "orders-", thread: "scribe", ends: true }]);
  const died = gateway.untilLogged('"scribe-ended"', `"restarts":${DEATHS}`);
  let hasDied = false;
  void died.then(() => {
    hasDied = true;
  });
  // The one that follows each is a second away: more than the ring holds would be more than is lost.
  while (!hasDied && sent < RECORDS_MAX) await trade();
  await died;
  setRules(rulesFile, []);
  await trade();
  // At the end a scribe that is behind has two seconds, whoever else needs the cores: it is let catch up before.
  await untilFiles(join(directory, "telemetry"), () => newestLogHas(directory, sent));
  await gateway.stop();

  const files = logFiles([join(directory, "telemetry")], false);
  const entries = files.flatMap((file) => [...logEntries(file, () => assert.fail("torn"))]);
  const dropped = entries
    .filter(({ event }) => event === "log-overflow")
    .reduce((sum, entry) => sum + (entry.dropped ?? 0), 0);
  const numbers = new Set(
    entries.filter(({ type }) => type === "O").map(({ userRefNum }) => userRefNum),
  );
  assert.equal(numbers.size + dropped, sent);
});

/** An order's record is in its ring behind those of all before it. */
function newestLogHas(directory: string, userRefNum: number): boolean {
  const newest = logFiles([join(directory, "telemetry")], false).at(-1);
  return (
    newest !== undefined && readFileSync(newest, "utf8").includes(`"userRefNum":${userRefNum},`)
  );
}
