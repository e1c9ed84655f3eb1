import assert from "node:assert/strict";
import { test } from "node:test";
import { LostSessions } from "../../src/gate/lost-sessions.ts";
import { DETACH_REASON } from "../../src/memory/inbound-record.ts";

test("sessions of the last seconds are told, the latest first, with their reasons in words", () => {
  const lost = new LostSessions();
  assert.deepEqual(lost.within(60, 0), []);
  lost.add("ALICE", "10.0.0.1:1", DETACH_REASON.IDLE, 1_000);
  lost.add("BOB", "10.0.0.2:2", DETACH_REASON.STALLED, 50_000);
  lost.add("CAROL", "10.0.0.3:3", DETACH_REASON.CLOSED, 60_000);
  assert.deepEqual(lost.within(60, 61_500), [
    { account: "CAROL", remote: "10.0.0.3:3", reason: "closed", agoMs: 1_500 },
    { account: "BOB", remote: "10.0.0.2:2", reason: "stalled", agoMs: 11_500 },
  ]);
});

test("of very many the latest are kept", () => {
  const lost = new LostSessions();
  for (let number = 0; number < 1000; number++) {
    lost.add(`T${number}`, "", DETACH_REASON.CLOSED, number);
  }
  const told = lost.within(60, 1000);
  assert.equal(told.length, 256);
  assert.equal(told[0]?.account, "T999");
});
