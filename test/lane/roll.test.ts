import assert from "node:assert/strict";
import { test } from "node:test";
import {
  COMMAND_CODE,
  DAY_PHASE,
  DETACH_REASON,
  INBOUND_KIND,
  REQUEST_ID,
  ROLL_STEP,
} from "../../src/memory/inbound-record.ts";
import { InputRecorder } from "../support/input-recorder.ts";
import { LaneFlow } from "../support/lane-flow.ts";
import { LaneRig, type LaneRigOptions, type RigClient, SESSION } from "../support/lane-rig.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const seed = fuzzSeed();

function roll(rig: LaneRig, step: number): void {
  rig.push(INBOUND_KIND.ROLL, -1, 0, step);
}
const close = (rig: LaneRig): void => roll(rig, ROLL_STEP.CLOSE);
const end = (rig: LaneRig): void => roll(rig, ROLL_STEP.END);
const phaseOf = (rig: LaneRig): number => rig.count("dayPhase");

const replayed = (slots: readonly Buffer[], options: LaneRigOptions): LaneRig => {
  const rig = new LaneRig({ ...options, isReplay: true });
  for (const slot of slots) rig.pushSlot(slot);
  while (rig.lane.turn() + rig.drainUnseen() > 0);
  return rig;
};

/** What a restart does behind its replay. */
function recover(rig: LaneRig): void {
  rig.push(INBOUND_KIND.RECOVERED, -1, 0, 0);
  rig.lane.turn();
  rig.lane.endReplay();
}

test("the day ends with a System Event, then one cancel per open order in rising number", () => {
  const rig = new LaneRig();
  const alice = rig.login("ALICE");
  alice.enter({ userRefNum: 1 }).enter({ userRefNum: 2, tags: { USER_REF_IDX: 7 } });
  alice.enter({ userRefNum: 3, timeInForce: "6", tags: { EXPIRE_TIME: 60 } });
  const bob = rig.login("BOB").enter({ userRefNum: 9, quantity: 40 });
  const carol = rig.login("CAROL");
  rig.run();
  for (const client of rig.clients) client.receive();
  close(rig);
  rig.run();
  assert.deepEqual(alice.receive(), ["S E", "C 1 100 E", "C 2 100 E /7", "C 3 100 E"]);
  assert.deepEqual(bob.receive(), ["S E", "C 9 40 E"]);
  assert.deepEqual(carol.receive(), ["S E"]);
  assert.deepEqual(rig.commandAnswers, [REQUEST_ID.ROLL_CLOSE]);
  assert.equal(phaseOf(rig), DAY_PHASE.CLOSED);
  end(rig);
  rig.run();
  assert.deepEqual(rig.commandAnswers, [REQUEST_ID.ROLL_CLOSE, REQUEST_ID.ROLL_END]);
  assert.equal(phaseOf(rig), DAY_PHASE.ENDED);
  rig.tick(120_000);
  rig.run();
  assert.deepEqual(alice.receive(), [], "nothing expires a second time");
});

test("from the close on new orders and replaces are refused, everything else goes on", () => {
  const rig = new LaneRig({ outputsPerStepMax: 1 });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 9; userRefNum++) alice.enter({ userRefNum });
  rig.run();
  alice.receive();
  close(rig);
  alice.enter({ userRefNum: 10, quantity: 0, tags: { FIRM: "EVIL" } });
  alice.enter({ userRefNum: 11, tags: { ROUTE: "SCAN" } });
  alice.replace({ origUserRefNum: 9, userRefNum: 12, quantity: 0 });
  alice.replace({ origUserRefNum: 9, userRefNum: 13, tags: { FIRM: "LIME" } });
  alice.replace({ origUserRefNum: 99, userRefNum: 14 });
  alice.cancel(9).cancel(8, { quantity: 30 }).query();
  rig.run();
  assert.deepEqual(alice.receive(), [
    "S E",
    "J 10 0002",
    "J 11 0002",
    "J 12 0002",
    "J 13 0002",
    "C 9 100 U",
    "C 8 70 U",
    "Q 14",
    "C 1 100 E",
    "C 2 100 E",
    "C 3 100 E",
    "C 4 100 E",
    "C 5 100 E",
    "C 6 100 E",
    "C 7 100 E",
    "C 8 30 E",
  ]);
  assert.equal(phaseOf(rig), DAY_PHASE.CLOSED);
  alice.enter({ userRefNum: 14 }).massCancel({ userRefNum: 15 });
  rig.run();
  assert.deepEqual(alice.receive(), ["J 14 0002", "X 15"]);
});

test("a close that is asked again is answered again and does nothing", () => {
  const rig = new LaneRig({ outputsPerStepMax: 2 });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 9; userRefNum++) alice.enter({ userRefNum });
  close(rig);
  close(rig);
  rig.run();
  assert.deepEqual(rig.commandAnswers, [REQUEST_ID.ROLL_CLOSE], "one answer for both");
  close(rig);
  end(rig);
  rig.run();
  end(rig);
  close(rig);
  rig.run();
  const { ROLL_CLOSE, ROLL_END } = REQUEST_ID;
  assert.deepEqual(rig.commandAnswers.slice(1).sort(), [
    ROLL_CLOSE,
    ROLL_CLOSE,
    ROLL_END,
    ROLL_END,
  ]);
  assert.equal(alice.all.filter((text) => text === "S E").length, 1);
  assert.equal(alice.all.filter((text) => text.startsWith("C ")).length, 9);
});

test("a lane without accounts closes at once", () => {
  const rig = new LaneRig();
  close(rig);
  end(rig);
  rig.run();
  assert.deepEqual(rig.commandAnswers, [REQUEST_ID.ROLL_CLOSE, REQUEST_ID.ROLL_END]);
});

test("the close does not wait for a slow reader, the end does", () => {
  for (const leaves of [false, true]) {
    const rig = new LaneRig({ isSlow: true, windowBytes: 512 });
    const alice = rig.login("ALICE");
    for (let userRefNum = 1; userRefNum <= 30; userRefNum++) alice.enter({ userRefNum });
    close(rig);
    rig.run();
    assert.deepEqual(rig.commandAnswers, [REQUEST_ID.ROLL_CLOSE]);
    end(rig);
    rig.run();
    assert.deepEqual(rig.commandAnswers, [REQUEST_ID.ROLL_CLOSE]);
    if (leaves) alice.detach(DETACH_REASON.STALLED);
    for (let rounds = 0; !leaves && rounds < 30; rounds++) {
      rig.run();
      rig.take(alice.connection, 512);
    }
    rig.run();
    assert.deepEqual(rig.commandAnswers, [REQUEST_ID.ROLL_CLOSE, REQUEST_ID.ROLL_END]);
    if (!leaves) assert.equal(alice.delivered.length, 1 + 30 + 1 + 30);
  }
});

test("an order that waits behind a sweep or a mass cancel ends too, and once", () => {
  const rig = new LaneRig({ outputsPerStepMax: 1 });
  const alice = rig.login("ALICE");
  const bob = rig.login("BOB");
  for (let userRefNum = 1; userRefNum <= 20; userRefNum++) alice.enter({ userRefNum, side: "S" });
  rig.run();
  alice.receive();
  bob.receive();
  // The sweep takes nineteen of the twenty, a step at a time; the rest of it all waits.
  bob.enter({ userRefNum: 1, quantity: 1_900 });
  alice.cancel(20, { quantity: 50 });
  bob.enter({ userRefNum: 2, price: 1_000_000 }).massCancel({ userRefNum: 3 });
  bob.enter({ userRefNum: 4, price: 1_000_000 }).replace({ origUserRefNum: 4, userRefNum: 5 });
  close(rig);
  alice.cancel(20).massCancel({ userRefNum: 21 });
  rig.run();
  const isTrade = (text: string): boolean => text.startsWith("E ");
  const sold = alice.receive();
  assert.equal(sold.filter(isTrade).length, 19);
  assert.deepEqual(
    sold.filter((text) => !isTrade(text)),
    ["S E", "X 21", "C 20 50 U", "C 20 50 U"],
  );
  // The replace comes too late: its target is gone as soon as it could go.
  assert.deepEqual(
    bob.receive().filter((text) => !isTrade(text)),
    ["A 1 L", "X 3", "S E", "A 2 L", "C 2 100 U", "A 4 L", "C 4 100 E"],
  );
  assert.deepEqual(rig.commandAnswers, [REQUEST_ID.ROLL_CLOSE]);
  assert.equal(rig.lane.core.state?.orders.liveCount, 0);
});

test("orders that the venue has not answered yet are waited for", () => {
  const rig = new LaneRig({ isLate: true });
  const alice = rig.login("ALICE");
  alice.enter({ userRefNum: 1 }).enter({ userRefNum: 2 });
  alice.replace({ origUserRefNum: 1, userRefNum: 3 });
  close(rig);
  while (rig.runOnce() > 0);
  assert.deepEqual(alice.receive(), ["login 1", "S S", "S E"]);
  assert.deepEqual(rig.commandAnswers, []);
  rig.run();
  assert.deepEqual(alice.receive(), ["A 1 L", "A 2 L", "U 1>3 100 L", "C 2 100 E", "C 3 100 E"]);
  assert.deepEqual(rig.commandAnswers, [REQUEST_ID.ROLL_CLOSE]);
});

test("an order whose time is over beside the close is canceled once", () => {
  for (const outputsPerStepMax of [1, 2, 256]) {
    const rig = new LaneRig({ outputsPerStepMax });
    const alice = rig.login("ALICE");
    const dying = { side: "S", timeInForce: "6", tags: { EXPIRE_TIME: 1 } };
    for (let userRefNum = 1; userRefNum <= 5; userRefNum++) alice.enter({ userRefNum, ...dying });
    const bob = rig.login("BOB");
    rig.run();
    bob.enter({ userRefNum: 1, quantity: 300 });
    rig.tick(1_000);
    close(rig);
    rig.tick(1);
    rig.run();
    const ends = alice.all.filter((text) => text.startsWith("C "));
    const filled = alice.all.filter((text) => text.startsWith("E "));
    assert.equal(ends.length + filled.length, 5, alice.all.join(", "));
    assert.equal(new Set(ends.map((text) => text.split(" ")[1])).size, ends.length);
    assert.equal(phaseOf(rig), DAY_PHASE.CLOSED);
  }
});

test("what is over at the moment of the close is canceled for its time, before the day ends", () => {
  for (const outputsPerStepMax of [1, 2, 256]) {
    const options: LaneRigOptions = { outputsPerStepMax };
    const recorder = new InputRecorder();
    const rig = new LaneRig({ ...options, inputLog: recorder });
    const alice = rig.login("ALICE");
    const timed = (seconds: number) => ({ timeInForce: "6", tags: { EXPIRE_TIME: seconds } });
    for (let userRefNum = 1; userRefNum <= 3; userRefNum++)
      alice.enter({ userRefNum, ...timed(1) });
    alice.enter({ userRefNum: 4, ...timed(60) });
    const bob = rig.login("BOB").enter({ userRefNum: 1, ...timed(1) });
    rig.run();
    for (const client of rig.clients) client.receive();
    rig.eventNs += 1e9;
    close(rig);
    rig.run();
    const overT = ["C 1 100 T", "C 2 100 T", "C 3 100 T"];
    assert.deepEqual(alice.receive(), [...overT, "S E", "C 4 100 E"]);
    assert.deepEqual(bob.receive(), ["C 1 100 T", "S E"]);
    assert.deepEqual(rig.commandAnswers, [REQUEST_ID.ROLL_CLOSE]);
    assert.equal(phaseOf(rig), DAY_PHASE.CLOSED);
    assert.deepEqual(replayed(recorder.slots, options).lane.core.digest, rig.lane.core.digest);
  }
});

test("a client that mass-cancels for ever does not keep the day from ending", () => {
  const rig = new LaneRig({ outputsPerStepMax: 4, inboundSlots: 64 });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 400; userRefNum++) alice.enter({ userRefNum });
  rig.run();
  close(rig);
  let number = 400;
  for (let rounds = 0; rounds < 2_000 && phaseOf(rig) !== DAY_PHASE.CLOSED; rounds++) {
    number++;
    alice.massCancel({ userRefNum: number, symbol: "MSFT" });
    rig.lane.turn();
    rig.drain();
  }
  assert.equal(phaseOf(rig), DAY_PHASE.CLOSED);
  assert.equal(alice.all.filter((text) => text.startsWith("C ")).length, 400);
});

test("whoever logs in while the day ends is told so once", () => {
  const rig = new LaneRig({ outputsPerStepMax: 1 });
  for (const name of ["ALICE", "BOB", "CAROL"]) rig.login(name).enter({ userRefNum: 1 });
  rig.run();
  close(rig);
  for (let index = 0; index < 9; index++) {
    rig.login(`N${index}`);
    rig.runOnce();
  }
  rig.run();
  assert.equal(phaseOf(rig), DAY_PHASE.CLOSED);
  rig.login("LATE").enter({ userRefNum: 1 });
  const again = rig.login("BOB", { sequence: 1 });
  rig.run();
  assert.deepEqual(again.receive(), ["login 1", "S S", "A 1 L", "S E", "C 1 100 E"]);
  assert.deepEqual(rig.clients.at(-2)?.receive(), ["login 1", "S S", "S E", "J 1 0002"]);
  for (const { all } of rig.clients.slice(3, 12)) assert.deepEqual(all, ["login 1", "S S", "S E"]);
});

test("after the end nothing is journaled, every input is dropped, and a login hears that it is over", () => {
  const inputLog = new InputRecorder();
  const rig = new LaneRig({ inputLog });
  const alice = rig.login("ALICE").enter({ userRefNum: 1 });
  rig.login("BOB");
  close(rig);
  end(rig);
  rig.run();
  const kept = inputLog.slots.length;
  const { digest } = rig;
  assert.equal(inputLog.slots.at(-1)?.[0], INBOUND_KIND.ROLL);
  alice.receive();
  alice.query().cancel(1).enter({ userRefNum: 2 });
  alice.send(Buffer.alloc(0));
  rig.tick(1_000);
  const late = rig.login("BOB", { sequence: 99 });
  const fresh = rig.login("CAROL");
  rig.push(INBOUND_KIND.REGULATE, -1, 0, 1);
  rig.push(INBOUND_KIND.COMMAND, -1, 0, 50, Buffer.alloc(0), COMMAND_CODE.FENCE);
  alice.detach(DETACH_REASON.CLOSED);
  rig.push(INBOUND_KIND.RECOVERED, -1, 0, 0);
  rig.run();
  assert.deepEqual(alice.receive(), []);
  for (const client of [late, fresh]) {
    assert.deepEqual(client.receive(), [`+ session ${SESSION} is over`, "rejected S"]);
  }
  assert.deepEqual(rig.commandAnswers.slice(2), [50], "a drain is not held up");
  assert.equal(rig.count("recordsAfterEnd"), 6);
  assert.equal(rig.count("loginAhead"), 0);
  assert.equal(inputLog.slots.length, kept);
  assert.equal(rig.digest, digest);
});

test("an end before the orders are gone is our bug", () => {
  const rig = new LaneRig();
  end(rig);
  assert.throws(() => rig.run(), /a session ends with orders in it/);
});

test("after RECOVERED the close goes on, and is answered to whoever asks now", () => {
  const inputLog = new InputRecorder();
  const options = { inputLog, outputsPerStepMax: 2 };
  const rig = new LaneRig(options);
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 9; userRefNum++) alice.enter({ userRefNum });
  rig.run();
  close(rig);
  rig.run();
  const slots = inputLog.slots;
  const isRoll = (slot: Buffer): boolean => slot[0] === INBOUND_KIND.ROLL;
  const first = slots.findIndex(isRoll);
  // Killed behind each record of the close: the same orders end, each once.
  for (let kept = first + 1; kept <= slots.length; kept++) {
    const again = replayed(slots.slice(0, kept), { outputsPerStepMax: 2 });
    recover(again);
    again.run();
    assert.equal(phaseOf(again), DAY_PHASE.CLOSED);
    assert.deepEqual(again.commandAnswers, []);
    close(again);
    const reader = again.login("ALICE");
    again.run();
    assert.deepEqual(again.commandAnswers, [REQUEST_ID.ROLL_CLOSE]);
    assert.deepEqual(reader.all, alice.all, `killed behind record ${kept}`);
  }
});

test("while the log is short of room new orders and replaces are refused, cancels go on", () => {
  const log = { isShort: false, append: () => undefined, commit: () => undefined };
  const rig = new LaneRig({ inputLog: log });
  const alice = rig.login("ALICE").enter({ userRefNum: 1 }).enter({ userRefNum: 2 });
  rig.run();
  alice.receive();
  log.isShort = true;
  alice.enter({ userRefNum: 3 }).replace({ origUserRefNum: 1, userRefNum: 4, quantity: 0 });
  alice.cancel(1).query();
  // Another level than the regulator's.
  rig.push(INBOUND_KIND.REGULATE, -1, 0, 0);
  alice.enter({ userRefNum: 5 });
  rig.run();
  assert.deepEqual(alice.receive(), ["J 3 000A", "J 4 000A", "C 1 100 U", "Q 5", "J 5 000A"]);
  log.isShort = false;
  alice.replace({ origUserRefNum: 2, userRefNum: 6 });
  rig.run();
  assert.deepEqual(alice.receive(), ["U 2>6 100 L"]);
});

test("a lane whose log runs short after the end still hears what is asked", () => {
  const log = { isShort: false, append: () => undefined, commit: () => undefined };
  const rig = new LaneRig({ inputLog: log });
  close(rig);
  end(rig);
  rig.run();
  log.isShort = true;
  end(rig);
  rig.run();
  const { ROLL_CLOSE, ROLL_END } = REQUEST_ID;
  assert.deepEqual(rig.commandAnswers, [ROLL_CLOSE, ROLL_END, ROLL_END]);
});

for (const isLate of [false, true]) {
  const venue = isLate ? "a venue that answers later" : "the book";
  test(`whatever the day was with ${venue}, it ends with no order left and one end for each, seed ${seed}`, () => {
    const random = new SeededRandom(seed ^ (isLate ? 1 : 0));
    for (let day = 0; day < 12; day++) {
      const inputLog = new InputRecorder();
      const options = { isLate, outputsPerStepMax: 1 + random.below(5), offencesMax: 1_000 };
      const rig = new LaneRig({ ...options, inputLog, batchMax: 1 + random.below(20) });
      const flow = new LaneFlow(rig, random, 4);
      for (let step = 0; step < 250; step++) {
        flow.step();
        if (random.below(9) === 0) rig.runOnce();
      }
      close(rig);
      for (let step = 0; step < 60; step++) {
        flow.step();
        if (random.below(3) === 0) rig.runOnce();
      }
      rig.run();
      assert.equal(phaseOf(rig), DAY_PHASE.CLOSED, `day ${day}`);
      assert.ok(rig.commandAnswers.includes(REQUEST_ID.ROLL_CLOSE));
      const { state } = rig.lane.core;
      assert.equal(state?.orders.liveCount, 0);
      assert.equal(state?.index.count, 0);
      assert.equal(state?.expiry.count, 0);
      end(rig);
      rig.run();
      const readers = ["U0", "U1", "U2", "U3"].map((name) => streamOf(inputLog, options, name));
      for (const { all } of readers) checkStream(all);
      const again = replayed(inputLog.slots, options);
      assert.equal(again.digest, rig.digest);
    }
  });
}

/** All that an account was ever sent, read from a replay that stops before the end. */
function streamOf(inputLog: InputRecorder, options: LaneRigOptions, name: string): RigClient {
  const rig = replayed(inputLog.slots.slice(0, -1), options);
  recover(rig);
  const client = rig.login(name);
  rig.run();
  return client;
}

/** One System Event ends the day; what was accepted has no shares left; what is refused behind it is refused as closed. */
function checkStream(all: readonly string[]): void {
  assert.equal(all.filter((text) => text === "S E").length, 1);
  const behind = all.slice(all.indexOf("S E"));
  const isClose = (text: string): boolean => /^C \d+ \d+ E/.test(text);
  const closes = all.filter(isClose);
  assert.deepEqual(closes, behind.filter(isClose));
  assert.equal(new Set(closes.map((text) => text.replace(/ \d+ E/, ""))).size, closes.length);
}
