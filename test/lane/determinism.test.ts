import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { INBOUND_KIND } from "../../src/memory/inbound-record.ts";
import { InputRecorder } from "../support/input-recorder.ts";
import { LaneFlow } from "../support/lane-flow.ts";
import { LaneRig, type LaneRigOptions } from "../support/lane-rig.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const REPLAY = fileURLToPath(new URL("../support/replay-inputs.ts", import.meta.url));
const seed = fuzzSeed();

for (const isLate of [false, true]) {
  const venue = isLate ? "a venue that answers later" : "the book";
  test(`a recorded run with ${venue} has the same digest in another process with other batches, seed ${seed}`, () => {
    const random = new SeededRandom(seed);
    const inputLog = new InputRecorder();
    const rig = new LaneRig({
      inputLog,
      isLate,
      batchMax: 16,
      outputsPerStepMax: 4,
      offencesMax: 8,
    });
    const flow = new LaneFlow(rig, random, 5);
    for (let step = 0; step < 4000; step++) {
      flow.step();
      if (random.below(9) === 0) rig.runOnce();
      if (random.below(40) === 0) rig.run();
    }
    rig.run();
    assert.ok(rig.count("continues") > 50, "unfinished work is part of the run");
    assert.ok(rig.count("outputs") > 3000 && rig.count("matches") > 200);
    assert.ok(inputLog.slots.length < rig.count("recordsTaken"), "not every record is journaled");

    const directory = mkdtempSync(join(tmpdir(), "lane-replay-"));
    try {
      const file = join(directory, "inputs");
      writeFileSync(file, Buffer.concat(inputLog.slots));
      for (const batchMax of ["1", "7", "500"]) {
        const args = [REPLAY, file, batchMax, isLate ? "late" : ""];
        const digest = execFileSync(process.execPath, args, { encoding: "utf8" }).trim();
        assert.equal(digest, rig.digest, `batches of ${batchMax}`);
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}

const replayed = (slots: readonly Buffer[], options: LaneRigOptions = {}): LaneRig => {
  const rig = new LaneRig({ ...options, isReplay: true });
  for (const slot of slots) rig.pushSlot(slot);
  while (rig.lane.turn() + rig.drainUnseen() > 0);
  return rig;
};

test("an ignored request leaves no channel behind that a mass cancel would go through", () => {
  const inputLog = new InputRecorder();
  const rig = new LaneRig({ inputLog });
  const alice = rig.login("ALICE");
  const five = { tags: { USER_REF_IDX: 5 } };
  const seven = { tags: { USER_REF_IDX: 7 } };
  alice.enter({ userRefNum: 0, ...five });
  alice.replace({ origUserRefNum: 9, userRefNum: 10, ...five });
  alice.massCancel({ userRefNum: 0, ...five });
  alice.disable({ userRefNum: 0, firm: "LIME", ...five });
  // Which of two orders of one number goes first is a matter of which channel is older.
  alice.enter({ userRefNum: 1, ...seven }).enter({ userRefNum: 1, ...five });
  alice.massCancel({ userRefNum: 1 });
  rig.run();
  assert.equal(rig.count("recordsTaken") - inputLog.slots.length, 4);
  assert.equal(replayed(inputLog.slots).digest, rig.digest);
});

test("every CONTINUE record is logged, also one that nobody hears of", () => {
  const inputLog = new InputRecorder();
  const rig = new LaneRig({ inputLog, outputsPerStepMax: 1 });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 4; userRefNum++) alice.enter({ userRefNum });
  const bob = rig.login("BOB").enter({ userRefNum: 1, side: "S", quantity: 400 });
  // Waits behind the sweep, and then would change nothing.
  bob.modify({ userRefNum: 1, side: "S", quantity: 900 });
  rig.run();
  const logged = inputLog.slots.filter((slot) => slot[0] === INBOUND_KIND.CONTINUE);
  assert.equal(logged.length, rig.count("continues"));
});

test("a replay takes a CONTINUE record also when only that makes room for others", () => {
  const inputLog = new InputRecorder();
  const small = { outputsPerStepMax: 1, heldRequestsMax: 2 };
  const rig = new LaneRig({ ...small, inputLog });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 9; userRefNum++) alice.enter({ userRefNum });
  rig.login("BOB").enter({ userRefNum: 1, side: "S", quantity: 900 });
  // The last ones first: they wait behind the sweep, which has not come to them.
  for (let userRefNum = 9; userRefNum > 0; userRefNum--) alice.cancel(userRefNum);
  rig.run();
  const kinds = inputLog.slots.map((slot) => slot[0]).join(" ");
  assert.match(kinds, /10 10 1/, "the lane had no room for others");
  const again = replayed(inputLog.slots, small);
  assert.equal(again.count("recordsTaken"), inputLog.slots.length);
  assert.equal(again.digest, rig.digest);
});

test("a lane goes on by itself with what its replay left unfinished", () => {
  const inputLog = new InputRecorder();
  const rig = new LaneRig({ inputLog, outputsPerStepMax: 1 });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 4; userRefNum++) alice.enter({ userRefNum });
  alice.massCancel({ userRefNum: 5 });
  rig.run();
  const isContinue = (slot: Buffer): boolean => slot[0] === INBOUND_KIND.CONTINUE;
  const again = replayed(inputLog.slots.filter((slot) => !isContinue(slot)));
  assert.notEqual(again.digest, rig.digest);
  again.lane.endReplay();
  while (again.lane.turn() + again.drainUnseen() > 0);
  assert.equal(again.digest, rig.digest);
  assert.ok(inputLog.slots.some(isContinue));
});

test("one changed byte of the inputs changes the digest", () => {
  const inputLog = new InputRecorder();
  const rig = new LaneRig({ inputLog });
  rig.login("ALICE").enter({ userRefNum: 1, clOrdId: "FIRST" });
  rig.run();
  const changed = inputLog.slots.map((slot) => Buffer.from(slot));
  const enter = changed.at(-1)!;
  enter.write("F1RST", enter.indexOf("FIRST"));
  const again = new LaneRig({ isReplay: true });
  const other = new LaneRig({ isReplay: true });
  for (const slot of inputLog.slots) again.pushSlot(slot);
  for (const slot of changed) other.pushSlot(slot);
  while (again.lane.turn() + again.drainUnseen() > 0);
  while (other.lane.turn() + other.drainUnseen() > 0);
  assert.equal(again.digest, rig.digest);
  assert.notEqual(other.digest, rig.digest);
});
