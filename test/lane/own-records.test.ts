import assert from "node:assert/strict";
import { test } from "node:test";
import { OWN_SLOT, OwnRecords } from "../../src/lane/own-records.ts";
import { INBOUND_KIND, InboundRecord, REGULATE_SOURCE } from "../../src/memory/inbound-record.ts";

const NOBODY = -1;

test("each of the lane's own records is nobody's, without a payload, and has nothing of the one before it", () => {
  const own = new OwnRecords();
  const record = new InboundRecord().wrap(own.slots, 0);
  const read = () => {
    const { kind, connection, flags, payloadBytes, eventNs } = record;
    return { kind, connection, flags, payloadBytes, eventNs };
  };
  const empty = { connection: NOBODY, flags: 0, payloadBytes: 0 };
  assert.equal(own.writeShortage(7e9, true), OWN_SLOT);
  const regulate = { ...empty, kind: INBOUND_KIND.REGULATE, flags: REGULATE_SOURCE.DISK };
  assert.deepEqual({ ...read(), detail: record.detail }, { ...regulate, eventNs: 7e9, detail: 1 });
  own.writeShortage(8e9, false);
  assert.equal(record.detail, 0);
  own.writeTick(9e9, 123);
  assert.deepEqual(read(), { ...empty, kind: INBOUND_KIND.TICK, eventNs: 9e9 });
  assert.equal(record.sinceNs, 123);
  own.writeContinue(10e9);
  assert.deepEqual(read(), { ...empty, kind: INBOUND_KIND.CONTINUE, eventNs: 10e9 });
});
