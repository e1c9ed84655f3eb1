import assert from "node:assert/strict";
import { test } from "node:test";
import { midnightUtcMs, tradingDate } from "../../src/base/trading-day.ts";

const NEW_YORK = "America/New_York";
const at = (iso: string): number => Date.parse(iso);
const midnight = (iso: string, timeZone: string): string =>
  new Date(midnightUtcMs(at(iso), timeZone)).toISOString();

test("the trading date is the zone's, not the machine's", () => {
  assert.equal(tradingDate(at("2026-11-21T04:59:59.999Z"), NEW_YORK), "20261120");
  assert.equal(tradingDate(at("2026-11-21T05:00:00.000Z"), NEW_YORK), "20261121");
  assert.equal(tradingDate(at("2026-11-20T15:00:00.000Z"), "Asia/Tokyo"), "20261121");
});

test("midnight is where the date began, in winter and in summer", () => {
  assert.equal(midnight("2026-11-21T18:00:00Z", NEW_YORK), "2026-11-21T05:00:00.000Z");
  assert.equal(midnight("2026-07-01T18:00:00Z", NEW_YORK), "2026-07-01T04:00:00.000Z");
  assert.equal(midnight("2026-07-01T18:00:00Z", "UTC"), "2026-07-01T00:00:00.000Z");
  assert.equal(midnight("2026-07-01T18:30:00Z", "Asia/Kolkata"), "2026-07-01T18:30:00.000Z");
});

test("midnight itself belongs to its day, the millisecond before to the last one", () => {
  assert.equal(midnight("2026-11-21T05:00:00.000Z", NEW_YORK), "2026-11-21T05:00:00.000Z");
  assert.equal(midnight("2026-11-21T04:59:59.999Z", NEW_YORK), "2026-11-20T05:00:00.000Z");
});

test("on the days when clocks change, both sides of the change have the same midnight", () => {
  // 2026-03-08 has 23 hours in New York, 2026-11-01 has 25.
  assert.equal(midnight("2026-03-08T06:59:00Z", NEW_YORK), "2026-03-08T05:00:00.000Z");
  assert.equal(midnight("2026-03-09T03:59:00Z", NEW_YORK), "2026-03-08T05:00:00.000Z");
  assert.equal(midnight("2026-11-01T05:30:00Z", NEW_YORK), "2026-11-01T04:00:00.000Z");
  assert.equal(midnight("2026-11-02T04:59:00Z", NEW_YORK), "2026-11-01T04:00:00.000Z");
});

test("where clocks skip midnight, the day begins at the first moment it has", () => {
  // Santiago went from 23:59:59 on 2024-09-07 (UTC-4) to 01:00 on 2024-09-08 (UTC-3).
  assert.equal(midnight("2024-09-08T15:00:00Z", "America/Santiago"), "2024-09-08T04:00:00.000Z");
});
