import assert from "node:assert/strict";
import { test } from "node:test";
import { realFiles } from "../../../src/journal/files.ts";
import { AttachedAccounts } from "../../../src/tools/journal/attached-accounts.ts";
import { parseJournalOptions } from "../../../src/tools/journal/journal-options.ts";
import { findPlace } from "../../../src/tools/journal/journal-place.ts";
import { LaneRecords } from "../../../src/tools/journal/lane-records.ts";
import { RecordFilter } from "../../../src/tools/journal/selection.ts";
import { JournalOnDisk, smallDay } from "../../support/journal-on-disk.ts";

test("records are chosen by account, number, type, time and place", (t) => {
  const written = new JournalOnDisk();
  t.after(() => written.remove());
  smallDay(written);
  const chosen = (...args: string[]): number[] => {
    const options = parseJournalOptions([written.laneDirectory, ...args]);
    const place = findPlace(realFiles, written.laneDirectory);
    assert.ok(options?.command === "list" && place.kind === "lane");
    const filter = new RecordFilter(options.selection);
    const accounts = new AttachedAccounts();
    const records = new LaneRecords(place.lane);
    const numbers: number[] = [];
    while (records.next()) {
      const { record, slots, number } = records;
      const account = accounts.nameOf(record, slots);
      if (filter.takes(record, slots, number, account)) numbers.push(number);
    }
    records.close();
    return numbers;
  };
  assert.deepEqual(chosen(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(chosen("--account", "bob"), [4, 6]);
  // The replace names the order that it replaces.
  assert.deepEqual(chosen("--account", "ALICE", "--user-ref-num", "1"), [5, 7]);
  assert.deepEqual(chosen("--user-ref-num", "2"), [7, 8]);
  // Those bytes stand in messages, and are no number of an order.
  assert.deepEqual(chosen("--user-ref-num", "100"), []);
  assert.deepEqual(chosen("--type", "O", "--type", "detach"), [5, 6, 9]);
  assert.deepEqual(chosen("--type", "config,attach"), [1, 2, 3, 4]);
  assert.deepEqual(chosen("--from", "09:30:30", "--to", "09:31:00.000000001"), [6, 7, 8, 9]);
  assert.deepEqual(chosen("--to", "09:31"), [1, 2, 3, 4, 5]);
  assert.deepEqual(chosen("--record", "8.."), [8, 9]);
  assert.deepEqual(chosen("--record", "2..3", "--type", "CONFIG"), [2]);
});
