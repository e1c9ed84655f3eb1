// The end of the day as clients and operators see it (semantics §8).

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as later } from "node:timers/promises";
import { LANE_BEHAVIOUR_VERSION } from "../../src/memory/lane-config.ts";
import { askGateway } from "../../src/tools/control-client.ts";
import { changedBuild } from "../support/changed-build.ts";
import {
  gatewayArguments,
  PASSWORD,
  runGateway,
  TestGateway,
  testDirectory,
} from "../support/gateway.ts";
import { runTool } from "../support/run-tool.ts";

const TIMEOUT_MS = 60_000;
const HOUR_MS = 3_600_000;

const roll = (gateway: TestGateway) =>
  askGateway(gateway.ready.control, { command: "roll" }, TIMEOUT_MS);
/** Descriptors of a process, and what they are open for; some close meanwhile. */
const linksOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${name}`)];
    } catch {
      return [];
    }
  });
const letter = (session: string, steps: number): string =>
  session.slice(0, -1) + String.fromCharCode(session.charCodeAt(session.length - 1) + steps);

test("a roll tells everybody, cancels every open order, says End of Session and opens the next", async (context) => {
  const gateway = await TestGateway.start(context);
  const [alice, bob] = [await gateway.trader(), await gateway.trader()];
  alice.order({ userRefNum: 1, side: "B", quantity: 100 });
  alice.order({ userRefNum: 2, side: "B", quantity: 70 });
  await alice.texts(2);
  bob.order({ userRefNum: 1, side: "S", quantity: 40 });
  await bob.texts(2);
  await alice.texts(1);

  const answer = await roll(gateway);
  const old = gateway.session;
  assert.deepEqual(answer.result, { session: old, newSession: letter(old, 1) });
  assert.deepEqual(await alice.texts(3), ["S E", "C 1 60 E", "C 2 70 E"]);
  assert.deepEqual(await bob.texts(1), ["S E"]);
  await alice.closed();
  await bob.closed();
  assert.ok(alice.isEnded && bob.isEnded, "the stream ended without End of Session");

  // The old session's id is refused, a blank one is taken into the new one, where nothing is left of the day before.
  const late = await gateway.stranger(alice.user);
  const refused = await late.login(alice.user, PASSWORD, { session: old, sequence: 1 });
  assert.equal(refused.isAccepted, false);
  const again = await gateway.trader(alice.user, { sequence: 1 });
  assert.equal(
    again.loginOutcome?.isAccepted === true && again.loginOutcome.session,
    letter(old, 1),
  );
  assert.deepEqual(await again.texts(1), ["S S"]);
  again.nextUserRefNum = 1;
  again.order();
  assert.deepEqual(await again.texts(1), ["A 1 L"]);

  // Put away, without what can be made again.
  const archived = join(gateway.directory, "archive", old, "lane-0");
  assert.deepEqual(readdirSync(archived), ["segment-000001.journal"]);
  assert.ok(!existsSync(join(gateway.directory, old)));
  const shown = await runTool("journal.ts", [
    join(gateway.directory, "archive", old),
    "--account",
    bob.user,
    "--answers",
  ]);
  assert.equal(shown.status, 0, shown.stderr);
  assert.match(shown.stdout, /end of day/);
});

test("sessions follow one another within a date, and an old one stays away after a restart", async (context) => {
  const directory = testDirectory();
  const first = await TestGateway.start(context, { directory });
  const { session } = first;
  for (let step = 1; step <= 3; step++) {
    const { result } = await roll(first);
    assert.deepEqual(result, {
      session: letter(session, step - 1),
      newSession: letter(session, step),
    });
  }
  await first.stop("SIGKILL");
  const second = await TestGateway.start(context, { directory });
  assert.equal(second.session, letter(session, 3));
});

test("a session that is over leaves no descriptor open", async (context) => {
  const gateway = await TestGateway.start(context);
  const opened = (): string[] =>
    linksOf(gateway.ready.pid).filter((link) => /schedstat|warm-up/.test(link));
  const before = opened();
  for (let day = 0; day < 2; day++) assert.equal((await roll(gateway)).ok, true);
  // The threads of the session that is over end in their own time.
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  while (opened().length !== before.length) await later(50, undefined, { signal });
});

test("a day that ended while nobody was here is finished before the port opens", async (context) => {
  const directory = testDirectory();
  const first = await TestGateway.start(context, { directory });
  const { session } = first;
  const trader = await first.trader();
  trader.order({ userRefNum: 1 });
  await trader.texts(1);
  await first.stop("SIGKILL");

  // As if the session had been opened two days ago.
  const facts = join(directory, session, "session.json");
  const said = JSON.parse(readFileSync(facts, "utf8"));
  writeFileSync(facts, JSON.stringify({ ...said, openedAtMs: said.openedAtMs - 48 * HOUR_MS }));

  const second = await TestGateway.start(context, { directory });
  assert.equal(second.session, letter(session, 1));
  await second.untilLogged('"finishing"', session);
  const archive = join(directory, "archive", session);
  const shown = await runTool("journal.ts", [archive, "--account", trader.user, "--answers"]);
  assert.match(shown.stdout, /end of day/);
  assert.match(shown.stdout, /Canceled/);
  const again = await second.trader(trader.user, { sequence: 1 });
  assert.deepEqual(await again.texts(1), ["S S"]);
});

test("a roll that stops the gateway leaves the next session to another build with other lanes", async (context) => {
  const directory = testDirectory();
  const settingsFor = (count: number) => ({ "venue.kind": "ack", "lanes.count": count });
  const first = await TestGateway.start(context, { directory, settings: settingsFor(1) });
  const trader = await first.trader();
  trader.order();
  await trader.texts(1);
  const { session } = first;
  const request = { command: "roll", stop: true };
  const answer = await askGateway(first.ready.control, request, TIMEOUT_MS);
  assert.deepEqual(answer.result, { session });
  assert.deepEqual(await trader.texts(2), ["S E", "C 1 100 E"]);
  await trader.closed();
  assert.ok(trader.isEnded);
  assert.deepEqual(await first.untilEnded(), { status: 0, signal: null });

  const [file, version] = ["src/memory/lane-config.ts", LANE_BEHAVIOUR_VERSION];
  const changed = (to: number): string => `LANE_BEHAVIOUR_VERSION = ${to};`;
  const cwd = changedBuild(context, file, changed(version), changed(version + 1));
  const args = gatewayArguments(directory, { settings: settingsFor(2) });
  const { status, stdout, stderr } = await runGateway(args, (run) => run.kill("SIGTERM"), { cwd });
  assert.equal(status, 0, stderr);
  assert.match(stdout, new RegExp(`"session":"${letter(session, 1)}"`));
});

test("a second roll while one is on its way is refused, and status tells when the next is due", async (context) => {
  const gateway = await TestGateway.start(context);
  const [one, other] = await Promise.all([roll(gateway), roll(gateway)]);
  assert.deepEqual([one.ok, other.ok].sort(), [false, true]);
  const refused = one.ok ? other : one;
  assert.equal(refused.error?.code, "ROLL_IN_PROGRESS");
  const { result } = await askGateway(gateway.ready.control, { command: "status" });
  const { rollsAt } = result as { rollsAt: string };
  assert.ok(Date.parse(rollsAt) > Date.now());
});
