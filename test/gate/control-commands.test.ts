import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ControlParts,
  controlCommands,
  type RolledSessions,
  type RollRefusal,
} from "../../src/gate/control-commands.ts";
import type { ControlAnswer } from "../../src/gate/control-server.ts";
import {
  CounterReader,
  CounterWriter,
  createCounters,
  GATE_COUNTERS,
  LANE_COUNTERS,
} from "../../src/memory/counters.ts";
import { createJournalBlock, JournalBlock } from "../../src/memory/journal-block.ts";

function partsOf(overrides: Partial<ControlParts>): ControlParts {
  const gateCounters = createCounters(GATE_COUNTERS);
  const laneCounters = createCounters(LANE_COUNTERS);
  new CounterWriter(gateCounters).add(GATE_COUNTERS.loginsAccepted, 7);
  new CounterWriter(laneCounters).add(LANE_COUNTERS.matches, 9);
  return {
    gate: {
      isDraining: false,
      status: () => ({
        isDraining: false,
        isRolling: false,
        connections: 2,
        pending: 0,
        live: 2,
        sendBuffers: { inUse: 0, highWater: 0, made: 0, max: 1, takes: 0 },
        stashes: { inUse: 0, highWater: 0, made: 0, max: 1, takes: 0 },
        lanes: [],
      }),
      attachedFrom: (account) => (account === "ALICE" ? "127.0.0.1:4711" : undefined),
    },
    config: {
      venue: { kind: "book" },
      lanes: { count: 1 },
      journal: { durability: "power-loss" },
    } as ControlParts["config"],
    journals: [new JournalBlock(createJournalBlock())],
    rollsAtMs: Date.UTC(2026, 10, 22, 5),
    session: "20261121A",
    startedMs: 1_000_000,
    uptimeSeconds: () => 12.4,
    scribe: { restartCount: 0, silentMs: 0 },
    isAccount: (user) => user === "ALICE" || user === "BOB",
    gateCounters: new CounterReader(gateCounters),
    laneCounters: [new CounterReader(laneCounters)],
    drain: () => undefined,
    roll: () => "ROLL_IN_PROGRESS",
    ...overrides,
  };
}

async function ask(
  parts: ControlParts,
  request: Record<string, unknown>,
): Promise<ControlAnswer & Record<string, unknown>> {
  const command = controlCommands(parts)[String(request.command)];
  assert.ok(command !== undefined);
  return { ...(await command(request)) };
}

test("status tells the session, the uptime and every counter by its name", async () => {
  const answer = await ask(partsOf({}), { command: "status" });
  assert.ok(answer.ok);
  const result = answer.result as Record<string, unknown> & {
    gate: { counters: Record<string, number> };
    lanes: Record<string, number>[];
  };
  assert.equal(result.session, "20261121A");
  assert.equal(result.durability, "power-loss");
  assert.equal(result.rollsAt, "2026-11-22T05:00:00.000Z");
  const [journal] = result.journals as Record<string, unknown>[];
  assert.equal(journal?.segment, 0);
  assert.equal(journal?.syncNsMax, 0);
  assert.equal(journal?.isShort, false);
  assert.equal(result.uptimeSeconds, 12);
  assert.equal(result.gate.counters.loginsAccepted, 7);
  assert.equal(result.lanes[0]?.matches, 9);
});

test("status of an account tells whether somebody is attached, and from where", async () => {
  const accountOf = async (account: string): Promise<unknown> => {
    const answer = await ask(partsOf({}), { command: "status", scope: { account } });
    assert.ok(answer.ok);
    return (answer.result as { account: unknown }).account;
  };
  assert.deepEqual(await accountOf("alice"), {
    user: "ALICE",
    attached: true,
    remote: "127.0.0.1:4711",
  });
  assert.deepEqual(await accountOf("BOB"), { user: "BOB", attached: false });
});

test("an account that is not configured is an error with its code", async () => {
  const answer = await ask(partsOf({}), { command: "status", scope: { account: "MALLORY" } });
  assert.ok(!answer.ok);
  assert.equal(answer.error.code, "UNKNOWN_ACCOUNT");
});

test("drain begins one and says whether it was on its way already", async () => {
  let drains = 0;
  const answer = await ask(partsOf({ drain: () => drains++ }), { command: "drain" });
  assert.deepEqual(answer, { ok: true, result: { draining: true, wasDraining: false } });
  assert.equal(drains, 1);
});

test("a command that is given what it does not take is refused and does nothing", async () => {
  const steps: string[] = [];
  const roll = async (): Promise<RolledSessions> => {
    steps.push("roll");
    return { session: "20261121A", newSession: "20261121B" };
  };
  const parts = partsOf({ roll, drain: () => steps.push("drain") });
  const refused: readonly [Record<string, unknown>, string][] = [
    [{ command: "roll", stopp: true, id: 1, who: "desk-7" }, "roll takes stop, and no stopp"],
    [{ command: "drain", x: 1, y: 2 }, "drain takes nothing, and no x, y"],
    [{ command: "status", account: "ALICE" }, "status takes scope, and no account"],
  ];
  for (const [request, message] of refused) {
    const answer = await ask(parts, request);
    assert.deepEqual(answer, { ok: false, error: { code: "BAD_REQUEST", message } });
  }
  assert.deepEqual(steps, []);
  assert.ok((await ask(parts, { command: "drain", id: 1, who: "desk-7" })).ok);
});

test("roll is answered when the next session is open", async () => {
  const { promise, resolve } = Promise.withResolvers<RolledSessions>();
  let isAnswered = false;
  const answer = ask(partsOf({ roll: () => promise }), { command: "roll" }).then((given) => {
    isAnswered = true;
    return given;
  });
  await new Promise(setImmediate);
  assert.ok(!isAnswered);
  const result = { session: "20261121A", newSession: "20261121B" };
  resolve(result);
  assert.deepEqual(await answer, { ok: true, result });
});

test("a roll that stops the gateway begins the drain behind it, and tells of no other session", async () => {
  const steps: string[] = [];
  const roll = async (): Promise<RolledSessions> => {
    steps.push("roll");
    return { session: "20261121A", newSession: "20261121A" };
  };
  const parts = partsOf({ roll, drain: () => steps.push("drain") });
  const answer = await ask(parts, { command: "roll", stop: true });
  assert.deepEqual(answer, { ok: true, result: { session: "20261121A" } });
  assert.deepEqual(steps, ["roll", "drain"]);
  const wrong = await ask(parts, { command: "roll", stop: "please" });
  assert.ok(!wrong.ok);
  assert.equal(wrong.error.code, "BAD_STOP");
  assert.equal(steps.length, 2);
});

test("a roll that finds no name for another session is refused, and says what can be done", async () => {
  const asked: boolean[] = [];
  const roll = (isLast: boolean): RollRefusal => {
    asked.push(isLast);
    return "SESSIONS_USED_UP";
  };
  const drain = (): never => assert.fail("the day goes on");
  for (const stop of [false, true]) {
    const refused = await ask(partsOf({ roll, drain }), { command: "roll", stop });
    assert.ok(!refused.ok);
    assert.equal(refused.error.code, "SESSIONS_USED_UP");
    assert.match(refused.error.message, /roll stop=true .* session\.id/);
  }
  assert.deepEqual(asked, [false, true]);
});

test("a second roll and one during a drain are errors with their codes", async () => {
  const second = await ask(partsOf({}), { command: "roll" });
  assert.ok(!second.ok);
  assert.equal(second.error.code, "ROLL_IN_PROGRESS");
  const { gate } = partsOf({});
  const draining = { ...gate, isDraining: true };
  const roll = (): never => assert.fail("nothing is begun that cannot be finished");
  const late = await ask(partsOf({ gate: draining, roll }), { command: "roll" });
  assert.ok(!late.ok);
  assert.equal(late.error.code, "DRAINING");
});
