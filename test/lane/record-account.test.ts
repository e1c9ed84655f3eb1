import assert from "node:assert/strict";
import { test } from "node:test";
import { accountOfRecord } from "../../src/lane/record-account.ts";
import { AttachPayload } from "../../src/memory/attach-payload.ts";
import { INBOUND_KIND, InboundRecord } from "../../src/memory/inbound-record.ts";
import { SLOT_BYTES, SlotMemory } from "../../src/memory/slot-memory.ts";
import { LaneRig } from "../support/lane-rig.ts";

test("a record is of who logs in with it, or of who is attached to its connection, or nobody's", () => {
  const rig = new LaneRig();
  const alice = rig.login("ALICE");
  rig.run();
  const { connection, epoch } = alice;
  const slots = new SlotMemory(new ArrayBuffer(SLOT_BYTES));
  const record = new InboundRecord().wrap(slots, 0);
  const accountOf = (kind: number, from: number, ofEpoch: number): string => {
    record.start(kind, from, ofEpoch);
    // What a message carries may look like a login.
    const payload = new AttachPayload().wrap(slots.bytes, record.payloadOffset);
    record.payloadBytes = payload.write("BOB", ["LIME"], false, "", 1);
    return accountOfRecord(rig.lane.core, record, slots);
  };
  const { ATTACH, MESSAGE, DETACH, TICK } = INBOUND_KIND;
  assert.equal(accountOf(ATTACH, connection, epoch), "BOB");
  assert.equal(accountOf(MESSAGE, connection, epoch), "ALICE");
  assert.equal(accountOf(DETACH, connection, epoch), "ALICE");
  assert.equal(accountOf(MESSAGE, connection, epoch + 1), "");
  assert.equal(accountOf(TICK, -1, 0), "");
});
