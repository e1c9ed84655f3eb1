import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startClock } from "../../src/base/clock.ts";
import { FaultError } from "../../src/base/fault.ts";
import { readCommandLine } from "../../src/config/command-line.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { Credentials } from "../../src/gate/credentials.ts";
import { LostSessions } from "../../src/gate/lost-sessions.ts";
import { realFiles } from "../../src/journal/files.ts";
import { SessionDirectory } from "../../src/journal/session-directory.ts";
import { openPlaces } from "../../src/main/places.ts";
import type { SessionPlace } from "../../src/main/session-place.ts";
import { TradingDays } from "../../src/main/trading-days.ts";
import { createCounters, GATE_COUNTERS, LANE_COUNTERS } from "../../src/memory/counters.ts";
import { createGateState, GATE_STATE, GateState } from "../../src/memory/gate-state.ts";
import { createLaneSignal } from "../../src/memory/lane-signal.ts";

const HOUR_MS = 3_600_000;
const NOON_MS = Date.UTC(2026, 10, 20, 17); // in New York

interface Before {
  /** Sessions that are over. */
  readonly archived?: readonly string[];
  /** Event time at the end of 20261120A, in milliseconds since 1970. */
  readonly endedAtMs?: number;
  readonly settings?: readonly string[];
  readonly wallMs?: number;
}

/** Sessions of a gateway that keeps nothing, on a wall clock that moves when the test says so. */
async function daysOn(
  context: { after(hook: () => void): void },
  { archived = [], endedAtMs, settings: more = [], wallMs = NOON_MS }: Before = {},
) {
  const directory = mkdtempSync(join(tmpdir(), "tailgate-"));
  context.after(() => rmSync(directory, { recursive: true }));
  for (const id of archived) mkdirSync(join(directory, "archive", id), { recursive: true });
  if (endedAtMs !== undefined) {
    const sessions = new SessionDirectory(realFiles, directory);
    const ended = { session: "20261120A", midnightUtcMs: NOON_MS, openedAtMs: NOON_MS, lanes: 1 };
    sessions.make(ended);
    sessions.archive(ended, endedAtMs);
  }
  const place = `journal.dir=${JSON.stringify(directory)}`;
  const settings = ['journal.durability="none"', place, ...more];
  const { config } = readConfig(readCommandLine(settings.flatMap((key) => ["--set", key])));
  const quiet = (): void => undefined;
  const wall = { ms: wallMs };
  const gateState = new GateState(createGateState());
  const made: SessionPlace[] = [];
  const infos: string[] = [];
  const warnings: string[] = [];
  const errors: string[] = [];
  const opened: string[] = [];
  const places = openPlaces(config, { info: quiet, warn: quiet, error: quiet });
  const days = await TradingDays.begin(
    {
      config,
      ...startClock(),
      wallClock: { epochMs: () => wall.ms },
      log: {
        info: (event) => infos.push(event),
        warn: (event) => warnings.push(event),
        error: (event) => errors.push(event),
      },
      build: "",
      credentials: new Credentials([], Buffer.alloc(32, 7)),
      gateState,
      lostSessions: new LostSessions(),
      gateCounters: createCounters(GATE_COUNTERS),
      laneSignals: [createLaneSignal()],
      laneCounters: [createCounters(LANE_COUNTERS)],
    },
    {
      find: () => places.find(),
      canMake: (nowMs) => places.canMake(nowMs),
      noteBegun: (place) => places.noteBegun(place),
      lastEndedAtMs: () => places.lastEndedAtMs(),
      archive: (place, endedAtMs) => places.archive(place, endedAtMs),
      make: (nowMs) => {
        const place = places.make(nowMs);
        made.push(place);
        return place;
      },
    },
    ({ id }) => opened.push(id),
  );
  return { days, wall, gateState, made, opened, infos, warnings, errors };
}

test("a session ends when its time has come, and not before", async (context) => {
  const { days, wall, opened, gateState } = await daysOn(context);
  assert.equal(days.rollsAtMs, Date.UTC(2026, 10, 21, 5));
  wall.ms = days.rollsAtMs - 1;
  days.look();
  assert.equal(days.isRolling, false);
  wall.ms += 1;
  days.look();
  assert.equal(days.isRolling, true);
  assert.deepEqual(await days.roll(), { session: "20261120A", newSession: "20261121A" });
  assert.deepEqual(opened, ["20261120A", "20261121A"]);
  assert.equal(gateState.state, GATE_STATE.OPEN);
  assert.equal(days.rollsAtMs, Date.UTC(2026, 10, 22, 5));
  days.look();
  assert.equal(days.isRolling, false);
  await days.current.stop(true);
});

test("a wall clock that is set back does not make the times of the session before come again", async (context) => {
  const { days, wall, made } = await daysOn(context);
  const reachedMs = NOON_MS - Date.UTC(2026, 10, 20, 5);
  assert.ok(days.current.eventNs >= reachedMs * 1e6);
  wall.ms -= HOUR_MS;
  await days.roll();
  const [first, second] = made;
  assert.deepEqual([first?.session, second?.session], ["20261120A", "20261120B"]);
  assert.ok(
    (second?.openedAtMs ?? 0) > NOON_MS,
    "the next session begins before the end of the last",
  );
  assert.ok(days.current.eventNs > reachedMs * 1e6);
  await days.current.stop(true);
});

test("a start behind a last session whose clock was ahead does not make its times come again", async (context) => {
  const endedAtMs = NOON_MS + 2 * HOUR_MS + 0.25;
  const { days, made, warnings } = await daysOn(context, { endedAtMs });
  assert.deepEqual(
    [made[0]?.session, made[0]?.openedAtMs],
    ["20261120B", Math.ceil(endedAtMs) + 1],
  );
  const midnightMs = Date.UTC(2026, 10, 20, 5);
  assert.ok(days.current.eventNs > (endedAtMs - midnightMs) * 1e6);
  days.look();
  assert.deepEqual(warnings, ["clock-off"]);
  await days.current.stop(true);
});

test("no start takes a session to a time behind the last order reference", async (context) => {
  const wallMs = Date.UTC(2101, 10, 20, 17);
  await assert.rejects(daysOn(context, { wallMs }), /CLOCK_UNSET.*2101-11-20T17/);
});

test("a wall clock on which no session can be begun ends none", async (context) => {
  const { days, wall, made, warnings } = await daysOn(context);
  wall.ms = Date.UTC(2101, 10, 20, 17);
  days.look();
  assert.equal(days.isRolling, false);
  assert.deepEqual(warnings, ["clock-off"]);
  wall.ms = days.rollsAtMs;
  days.look();
  assert.equal(days.isRolling, true);
  await days.roll();
  assert.equal(made.length, 2);
  await days.current.stop(true);
});

test("that the wall clock was set is told, and the next session begins right", async (context) => {
  const { days, wall, warnings, infos } = await daysOn(context);
  days.look();
  assert.deepEqual(warnings, []);
  wall.ms += HOUR_MS;
  days.look();
  days.look();
  assert.deepEqual(warnings, ["clock-off"]);
  await days.roll();
  days.look();
  assert.deepEqual(warnings, ["clock-off"]);
  assert.equal(infos.at(-1), "clock-right");
  await days.current.stop(true);
});

test("a session that is ending shows its own end, not that of the next", async (context) => {
  const { days, wall, made } = await daysOn(context);
  const rollsAtMs = days.rollsAtMs;
  wall.ms = rollsAtMs;
  const rolled = days.roll();
  while (made.length < 2) await new Promise(setImmediate);
  assert.equal(days.rollsAtMs, rollsAtMs);
  await rolled;
  assert.ok(days.rollsAtMs > rollsAtMs);
  await days.current.stop(true);
});

test("a gateway that is going down ends the session that is ending, and opens no other", async (context) => {
  const { days, opened } = await daysOn(context);
  const rolled = days.roll();
  days.end();
  await rolled;
  assert.deepEqual(opened, ["20261120A"]);
  days.look();
  assert.equal(days.isRolling, false);
});

test("a clock that no session can be begun on takes no operator's roll along", async (context) => {
  const { days, wall, opened } = await daysOn(context);
  wall.ms = Date.UTC(2110, 0, 1);
  assert.equal(days.tryRoll(false), "CLOCK_UNSET");
  assert.equal(days.isRolling, false);
  const last = days.tryRoll(true);
  assert.ok(typeof last !== "string");
  days.end();
  await last;
  assert.deepEqual(opened, ["20261120A"]);
});

test("without a name for another session the day goes on, until the next date or an operator's end", async (context) => {
  const { days, wall, opened, errors } = await daysOn(context, {
    archived: ["20261120A", "20261120ZY"],
    settings: ['session.rollAt="13:00"'],
  });
  assert.deepEqual(opened, ["20261120ZZ"]);
  assert.equal(days.tryRoll(false), "SESSIONS_USED_UP");
  wall.ms = days.rollsAtMs;
  for (let second = 0; second < 3; second++) {
    wall.ms += 1000;
    days.look();
    assert.equal(days.isRolling, false);
  }
  assert.deepEqual(errors, ["roll-postponed"]);
  wall.ms = Date.UTC(2026, 10, 21, 5);
  days.look();
  assert.equal(days.isRolling, true);
  assert.equal(days.tryRoll(false), "ROLL_IN_PROGRESS");
  assert.deepEqual(await days.roll(), { session: "20261120ZZ", newSession: "20261121A" });
  await days.current.stop(true);
});

test("the last session of a date can be ended when none is to follow, and none can be opened on that date", async (context) => {
  const { days, opened } = await daysOn(context, { archived: ["20261120ZY"] });
  const last = days.tryRoll(true);
  assert.ok(typeof last !== "string");
  days.end();
  await last;
  assert.deepEqual(opened, ["20261120ZZ"]);
  await assert.rejects(daysOn(context, { archived: ["20261120ZZ"] }), (thrown) => {
    assert.ok(thrown instanceof FaultError && thrown.fault.code === "CONFIG_INVALID");
    assert.equal(thrown.fault.problems[0]?.path, "session.id");
    assert.match(thrown.message, /20261120 has had all its 702 sessions/);
    return true;
  });
  const named = await daysOn(context, {
    archived: ["20261120ZZ"],
    settings: ['session.id="DAY1"'],
  });
  assert.deepEqual(named.opened, ["DAY1"]);
  assert.equal(named.days.tryRoll(false), "SESSIONS_USED_UP");
  await named.days.current.stop(true);
});
