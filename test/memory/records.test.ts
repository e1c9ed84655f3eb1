import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ACCOUNT_BYTES,
  ATTACH_PAYLOAD_BYTES_MAX,
  AttachPayload,
  FIRMS_MAX,
} from "../../src/memory/attach-payload.ts";
import {
  createStamps,
  INBOUND_KIND,
  INBOUND_PAYLOAD_BYTES_MAX,
  InboundRecord,
  STAMP,
} from "../../src/memory/inbound-record.ts";
import {
  OUTBOUND_KIND,
  OUTBOUND_PAYLOAD_BYTES_MAX,
  OutboundRecord,
} from "../../src/memory/outbound-record.ts";
import { SLOT_BYTES, SlotMemory } from "../../src/memory/slot-memory.ts";

const dirtySlots = (): SlotMemory => {
  const slots = new SlotMemory(new SharedArrayBuffer(3 * SLOT_BYTES));
  slots.bytes.fill(0xff);
  return slots;
};

const INBOUND_FIELDS = {
  flags: 3,
  payloadBytes: INBOUND_PAYLOAD_BYTES_MAX,
  detail: -5,
  eventNs: 86_399_999_999_999,
  sinceNs: 2 ** 53 - 1,
  readNs: 12.5,
  inboundNs: 7,
};

test("an inbound record gives back what was written, and touches no other slot", () => {
  const slots = dirtySlots();
  const record = new InboundRecord().wrap(slots, SLOT_BYTES);
  record.start(INBOUND_KIND.RECOVERED, 19_999, -2);
  Object.assign(record, INBOUND_FIELDS);
  assert.equal(record.kind, INBOUND_KIND.RECOVERED);
  assert.equal(record.connection, 19_999);
  assert.equal(record.epoch, -2);
  for (const [name, value] of Object.entries(INBOUND_FIELDS)) {
    assert.equal(record[name as keyof typeof INBOUND_FIELDS], value, name);
  }
  assert.equal(record.payloadOffset + INBOUND_PAYLOAD_BYTES_MAX, 2 * SLOT_BYTES);
  assertUntouchedAround(slots);
});

test("stamps copied from an array are as if they were set one by one", () => {
  const slots = dirtySlots();
  const record = new InboundRecord().wrap(slots, SLOT_BYTES);
  record.start(INBOUND_KIND.MESSAGE, 1, 2);
  const stamps = createStamps();
  stamps[STAMP.EVENT_NS] = 86_399_999_999_999;
  stamps[STAMP.SINCE_NS] = 2 ** 53 - 1;
  stamps[STAMP.READ_NS] = 12.5;
  record.copyStampsFrom(stamps);
  const { eventNs, sinceNs, readNs, inboundNs } = record;
  const expected = [86_399_999_999_999, 2 ** 53 - 1, 12.5, 0];
  assert.deepEqual([eventNs, sinceNs, readNs, inboundNs], expected);
  assertUntouchedAround(slots);
});

const OUTBOUND_FIELDS = {
  outcome: 4,
  payloadBytes: OUTBOUND_PAYLOAD_BYTES_MAX,
  detail: -5,
  sinceNs: 1,
  readNs: 2,
  inboundNs: 3,
  laneNs: 4,
  doneNs: 5,
  durableNs: 2 ** 53 - 1,
  account: 19_999,
  userRefNum: 0xffffffff,
  requestType: 0x4f,
  answerType: 0x41,
  batchCount: 65_535,
  batchIndex: 65_534,
};

test("an outbound record gives back what was written, and touches no other slot", () => {
  const slots = dirtySlots();
  const record = new OutboundRecord().wrap(slots, SLOT_BYTES);
  record.start(OUTBOUND_KIND.SEQUENCED, 7, 2 ** 31 - 1);
  Object.assign(record, OUTBOUND_FIELDS);
  assert.equal(record.kind, OUTBOUND_KIND.SEQUENCED);
  assert.equal(record.connection, 7);
  assert.equal(record.epoch, 2 ** 31 - 1);
  for (const [name, value] of Object.entries(OUTBOUND_FIELDS)) {
    assert.equal(record[name as keyof typeof OUTBOUND_FIELDS], value, name);
  }
  assert.equal(record.payloadOffset + OUTBOUND_PAYLOAD_BYTES_MAX, 2 * SLOT_BYTES);
  assertUntouchedAround(slots);
});

test("a started record has nothing of the slot's former one", () => {
  const inbound = new InboundRecord().wrap(dirtySlots(), 0).start(INBOUND_KIND.TICK, 1, 1);
  for (const name of Object.keys(INBOUND_FIELDS)) {
    assert.equal(inbound[name as keyof typeof INBOUND_FIELDS], 0, name);
  }
  const outbound = new OutboundRecord().wrap(dirtySlots(), 0).start(OUTBOUND_KIND.CLOSE, 1, 1);
  for (const name of Object.keys(OUTBOUND_FIELDS)) {
    assert.equal(outbound[name as keyof typeof OUTBOUND_FIELDS], 0, name);
  }
});

test("a payload longer than its slot and a record beside its slot are refused", () => {
  const inbound = new InboundRecord().wrap(dirtySlots(), 0);
  const outbound = new OutboundRecord().wrap(dirtySlots(), 0);
  assert.throws(() => {
    inbound.payloadBytes = INBOUND_PAYLOAD_BYTES_MAX + 1;
  }, /overruns/);
  assert.throws(() => {
    outbound.payloadBytes = OUTBOUND_PAYLOAD_BYTES_MAX + 1;
  }, /overruns/);
  assert.throws(() => inbound.wrap(dirtySlots(), 8), /slot/);
  assert.throws(() => outbound.wrap(dirtySlots(), 8), /slot/);
});

test("an attach payload says who, with which firms, and from where", () => {
  const bytes = Buffer.alloc(ATTACH_PAYLOAD_BYTES_MAX + 3, 0xff);
  const payload = new AttachPayload().wrap(bytes, 3);
  const firms = Array.from({ length: FIRMS_MAX }, (_, index) => `F${index}`);
  assert.equal(
    payload.write("ALICE", firms, false, "20261121A", 2 ** 53 - 1),
    ATTACH_PAYLOAD_BYTES_MAX,
  );
  assert.equal(payload.account, "ALICE");
  assert.equal(payload.session, "20261121A");
  assert.equal(payload.requestedSequence, 2 ** 53 - 1);
  assert.equal(payload.anyFirm, false);
  assert.equal(payload.firms.length, FIRMS_MAX);
  assert.equal(payload.firms[0], Buffer.from("F0  ").readUInt32BE());

  payload.write("B", ["LIME"], true, "", 0);
  assert.equal(payload.session, "");
  assert.equal(payload.anyFirm, true);
  assert.deepEqual(payload.firms, [Buffer.from("LIME").readUInt32BE()]);
});

test("an attach payload has nothing of what lay there: it goes into the journal as it is", () => {
  const written = [0, 0xff].map((before) => {
    const bytes = Buffer.alloc(ATTACH_PAYLOAD_BYTES_MAX, before);
    const length = new AttachPayload().wrap(bytes, 0).write("B", ["F", "LIME"], false, "", 7);
    return bytes.toString("hex", 0, length);
  });
  assert.equal(written[0], written[1]);
});

test("an attach payload refuses what does not fit", () => {
  const payload = new AttachPayload().wrap(Buffer.alloc(ATTACH_PAYLOAD_BYTES_MAX), 0);
  const tooMany = Array.from({ length: FIRMS_MAX + 1 }, () => "LIME");
  assert.throws(() => payload.write("A", tooMany, false, "", 0), /firms/);
  assert.throws(() => payload.write("A", [], true, "", 0), /firms/);
  assert.throws(() => payload.write("A".repeat(ACCOUNT_BYTES + 1), ["LIME"], true, "", 0), /long/);
});

function assertUntouchedAround(slots: SlotMemory): void {
  const around = [slots.bytes.subarray(0, SLOT_BYTES), slots.bytes.subarray(2 * SLOT_BYTES)];
  for (const bytes of around) assert.ok(bytes.every((byte) => byte === 0xff));
}
