import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountNames, createAccountNames } from "../../src/telemetry/account-names.ts";
import { LaneLog } from "../../src/telemetry/lane-log.ts";
import { createLogRing, LOG_RECORD_BYTES, LogRecord } from "../../src/telemetry/log-record.ts";
import { type LoggedEvent, readLoggedEvent } from "../../src/telemetry/logged-event.ts";
import { RecordRingReader } from "../../src/telemetry/record-ring.ts";

test("a lane's facts are kept with the order and how long it was", () => {
  const memory = createLogRing();
  const log = new LaneLog(memory, 3);
  log.lateFill(2, 17, 9e9, 7_000_000);
  log.longRest(2, 18, 9e9, 3600e9);
  log.cancelAgain(2, 18, 9e9, 500_000);
  const names = new AccountNames(createAccountNames(4, 8), 4);
  names.set(3, 2, "CAROL");
  const events: LoggedEvent[] = [];
  new RecordRingReader(memory, LOG_RECORD_BYTES).drain(8, (offset) => {
    const record = new LogRecord().wrap(memory, offset);
    assert.equal(record.ns, 9e9);
    events.push(readLoggedEvent(record, names));
  });
  const of = { thread: "lane 3", account: "CAROL" };
  assert.deepEqual(events, [
    { event: "late-fill", status: "time-out", ...of, userRefNum: 17, totalUs: 7_000 },
    // A core has room for 35 minutes.
    { event: "long-rest", status: "time-out", ...of, userRefNum: 18, totalUs: 2 ** 31 - 1 },
    { event: "cancel-again", status: "error", ...of, userRefNum: 18, totalUs: 500 },
  ]);
});
