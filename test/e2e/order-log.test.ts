// What a gateway leaves in its order log, read by the tool that people read it with.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { askGateway } from "../../src/tools/control-client.ts";
import { type LogEntry, logEntries, logFiles } from "../../src/tools/logs/log-files.ts";
import { PASSWORD, TestGateway, testDirectory } from "../support/gateway.ts";
import { Scrape } from "../support/scrape.ts";

const ALL = { percent: 100, halveAbove: 0 };
const NONE = { percent: 0, halveAbove: 0 };

function logged(directory: string, isBinary = false): LogEntry[] {
  const files = logFiles([join(directory, "telemetry")], isBinary);
  return files.flatMap((file) => [...logEntries(file, () => assert.fail(`torn: ${file}`))]);
}

const settingsWith = (sample: Record<string, object>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(sample).map(([name, each]) => [`telemetry.log.sample.${name}`, each]),
  );

test("no record that was in a ring is lost at SIGTERM, in lines or in cores", async (t) => {
  const directory = testDirectory();
  const orders = 20_000;
  const settings = {
    ...settingsWith({ market: ALL, limit: ALL, other: ALL }),
    "telemetry.log.binary": true,
  };
  const gateway = await TestGateway.start(t, { directory, settings });
  const trader = await gateway.trader();
  for (let order = 0; order < orders; order++) trader.order();
  await trader.heard();
  const exit = await gateway.stop();
  assert.deepEqual(exit, { status: 0, signal: null });
  const entries = logged(directory);
  const numbers = entries
    .filter(({ event, type }) => event === "answer" && type === "O")
    .map(({ userRefNum }) => userRefNum);
  assert.deepEqual(
    numbers,
    Array.from({ length: orders }, (_, index) => index + 1),
  );
  const cores = logged(directory, true);
  assert.equal(cores.length, entries.filter(({ event }) => event !== "log-overflow").length);
});

test("rejects, ends of connections and what a lane alone sees are logged whatever is sampled", async (t) => {
  const directory = testDirectory();
  const settings = {
    ...settingsWith({ market: NONE, limit: NONE, replace: NONE, cancel: NONE, other: NONE }),
    // Nothing is slow here, however busy the machine is.
    "telemetry.tailMs": 10_000,
    "telemetry.slaMs": 10_000,
    "telemetry.log.marketFillMsMax": 0.001,
    "telemetry.log.restedSecondsMax": 0.001,
  };
  const gateway = await TestGateway.start(t, { directory, settings });
  const alice = await gateway.trader();
  const bob = await gateway.trader();
  const [kept = 0, traded = 0] = [alice.order(), alice.order()];
  await alice.heard();
  alice.order({ quantity: 0 });
  await alice.heard();
  bob.order({ side: "S", timeInForce: "3" });
  await bob.heard();
  const market = bob.enter({ side: "S", quantity: 50, symbol: "XYZ", price: 2_000_000_000 });
  await bob.heard();
  alice.cancel({ userRefNum: traded, quantity: 0 });
  alice.cancel({ userRefNum: traded, quantity: 0 });
  await alice.heard();
  const stranger = await gateway.stranger("T09999");
  await stranger.login(stranger.user, "WRONG");
  const lost = await gateway.stranger();
  await lost.login(lost.user, PASSWORD, { session: "20200101A" });
  await bob.logout();
  await gateway.stop();

  const entries = logged(directory);
  const told = (event: string): unknown[][] =>
    entries
      .filter((entry) => entry.event === event)
      .map(({ account, userRefNum, reason, type }) =>
        [account, type, userRefNum, reason].filter((value) => value !== undefined),
      );
  assert.deepEqual(told("answer"), [[alice.user, "O", 3, "0013 invalid quantity"]]);
  assert.deepEqual(told("late-fill"), [[bob.user, market]]);
  assert.deepEqual(told("cancel-again"), [[alice.user, traded]]);
  assert.deepEqual(told("long-rest").slice(0, 2), [
    [alice.user, kept],
    [alice.user, traded],
  ]);
  assert.deepEqual(told("login"), [[alice.user], [bob.user]]);
  assert.deepEqual(told("login-refused"), [
    [stranger.user, "credentials"],
    [lost.user, "session"],
  ]);
  assert.ok(
    told("disconnect").some(([account, reason]) => account === bob.user && reason === "logout"),
  );
  assert.ok(!JSON.stringify(entries).includes("WRONG"));
});

test("what is sampled is changed by a command at once, and by SIGHUP back to the file", async (t) => {
  const directory = testDirectory();
  const settings = settingsWith({ limit: NONE, other: NONE });
  const gateway = await TestGateway.start(t, { directory, settings });
  const { control } = gateway.ready;
  const trader = await gateway.trader();
  // Answers are recorded some milliseconds later, with many others.
  const recorded = (orders: number): Promise<unknown> =>
    Scrape.until(
      gateway.ready,
      (scrape) => scrape.sum("gateway_latency_seconds_count", { type: "O" }) === orders,
    );
  trader.order();
  await trader.heard();
  await recorded(1);
  const answer = await askGateway(control, { command: "sampling", set: { limit: ALL } });
  assert.deepEqual((answer.result as { limit: object }).limit, ALL);
  const seen = trader.order();
  await trader.heard();
  await recorded(2);
  gateway.child.kill("SIGHUP");
  const line = JSON.parse(await gateway.untilLogged('"reloaded"'));
  assert.equal(line.changed, "telemetry.log.sample.limit.percent");
  assert.equal(line.needsRestart, "");
  trader.order();
  await trader.heard();
  await gateway.stop();
  const sampled = logged(directory).filter(({ why }) => why?.includes("sampled"));
  assert.deepEqual(
    sampled.map(({ userRefNum, type }) => [type, userRefNum]),
    [["O", seen]],
  );
});
