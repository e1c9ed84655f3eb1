import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Crash,
  readCrashes,
  suspectAccounts,
  writeCrash,
} from "../../src/journal/crash-files.ts";
import { crashOf } from "../../src/journal/crash-of-record.ts";
import { InboundRecord } from "../../src/memory/inbound-record.ts";
import { SLOT_BYTES, SlotMemory } from "../../src/memory/slot-memory.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";

const MORNING_MS = Date.UTC(2026, 10, 20, 14, 30, 0, 123);
const MINUTE_MS = 60_000;

function crashBy(account: string): Crash {
  const slots = new SlotMemory(new ArrayBuffer(SLOT_BYTES));
  const record = new InboundRecord().wrap(slots, 0).start(1, 3, 5);
  const cancel = Buffer.from("58000000070000000a", "hex"); // Cancel of order 7 to 10 shares
  record.payloadBytes = cancel.length;
  cancel.copy(slots.bytes, record.payloadOffset);
  const where = { session: "20261120A", lane: 0, record: 4711, account };
  return crashOf(record, slots, where, new Error("invariant: odd"));
}

test("a crash file says which record it was, decoded and as it came, and what broke", () => {
  const disk = new SimulatedDisk("/journal");
  const path = writeCrash(disk, "/journal", crashBy("ALICE"), MORNING_MS, 42);
  assert.equal(path, "/journal/crash-20261120T143000123Z-42.json");
  disk.crash({ kind: "synced" });
  const { stack, ...content } = JSON.parse(disk.bytesOf(path).toString());
  assert.match(stack, /invariant: odd\n/);
  assert.deepEqual(content, {
    formatVersion: 1,
    epochMs: MORNING_MS,
    pid: 42,
    session: "20261120A",
    lane: 0,
    record: 4711,
    account: "ALICE",
    error: "invariant: odd",
    kind: "MESSAGE",
    decoded: {
      flags: 0,
      detail: 0,
      connection: 3,
      epoch: 5,
      eventNs: 0,
      message: "Cancel Order Request",
      type: "X",
      userRefNum: 7,
      quantity: 10,
    },
    hex: "58000000070000000a",
  });
});

test("the second crash by one account within ten minutes makes it suspect, a later one does not", () => {
  for (const [apartMs, isSuspect] of [
    [10 * MINUTE_MS, true],
    [10 * MINUTE_MS + 1, false],
  ] as const) {
    const disk = new SimulatedDisk("/journal");
    const first = writeCrash(disk, "/journal", crashBy("ALICE"), MORNING_MS, 42);
    assert.deepEqual(suspectAccounts(readCrashes(disk, "/journal")), []);
    writeCrash(disk, "/journal", crashBy("BOB"), MORNING_MS + 1, 43);
    writeCrash(disk, "/journal", crashBy(""), MORNING_MS + 2, 44);
    writeCrash(disk, "/journal", crashBy(""), MORNING_MS + 3, 45);
    const second = writeCrash(disk, "/journal", crashBy("ALICE"), MORNING_MS + apartMs, 46);
    const suspects = suspectAccounts(readCrashes(disk, "/journal"));
    assert.deepEqual(suspects, isSuspect ? [{ account: "ALICE", files: [first, second] }] : []);
  }
});

test("a file that was not finished counts for nobody", () => {
  const disk = new SimulatedDisk("/journal");
  writeCrash(disk, "/journal", crashBy("ALICE"), MORNING_MS, 42);
  for (const text of ["", "{", '{"account":"ALICE"}', "null"]) {
    disk.put("/journal/crash-20261120T143000200Z-43.json", Buffer.from(text));
    assert.deepEqual(suspectAccounts(readCrashes(disk, "/journal")), []);
    assert.equal(readCrashes(disk, "/journal").length, 2);
  }
  disk.put("/journal/crash-notes.json", Buffer.from("an operator's"));
  assert.equal(readCrashes(disk, "/journal").length, 2);
});

test("the hundred latest are kept", () => {
  const disk = new SimulatedDisk("/journal");
  for (let crash = 0; crash < 103; crash++) {
    writeCrash(disk, "/journal", crashBy("ALICE"), MORNING_MS + crash, 42);
  }
  const kept = readCrashes(disk, "/journal");
  assert.equal(kept.length, 100);
  assert.equal(kept[0]?.epochMs, MORNING_MS + 3);
});
