import assert from "node:assert/strict";
import { test } from "node:test";
import { LaneRig } from "../support/lane-rig.ts";

test("the 65th firm that an account disables is refused, until another is enabled again", () => {
  const rig = new LaneRig();
  const alice = rig.login("ALICE", { anyFirm: true });
  const firmOf = (number: number): string =>
    `F${String.fromCharCode(65 + (number >> 4), 65 + (number & 15))}`;
  for (let number = 1; number <= 65; number++) {
    alice.disable({ userRefNum: number, firm: firmOf(number) });
    rig.run();
  }
  const answers = alice.receiveMessages().filter((text) => !text.startsWith("S "));
  assert.equal(answers.filter((text) => text.startsWith("G ")).length, 64);
  assert.equal(answers.at(-1), "J 65 000A");
  // One that is disabled already needs no room.
  alice.disable({ userRefNum: 66, firm: firmOf(1) });
  alice.enable({ userRefNum: 67, firm: firmOf(2) });
  alice.disable({ userRefNum: 68, firm: firmOf(65) });
  rig.run();
  assert.deepEqual(
    alice.receiveMessages().map((text) => text.slice(0, 4)),
    ["G 66", "K 67", "G 68"],
  );
});
