import assert from "node:assert/strict";
import { test } from "node:test";
import { nextRollMs } from "../../src/base/roll-time.ts";

const NEW_YORK = "America/New_York";
const utc = (text: string): number => Date.parse(`${text}Z`);
const next = (after: string, rollAt: string, timeZone: string): string =>
  new Date(nextRollMs(utc(after), rollAt, timeZone)).toISOString().slice(0, 19);

test("an ordinary day rolls at the time of its zone", () => {
  assert.equal(next("2026-11-20T12:00:00", "00:00", NEW_YORK), "2026-11-21T05:00:00");
  assert.equal(next("2026-11-20T12:00:00", "17:30", NEW_YORK), "2026-11-20T22:30:00");
  assert.equal(next("2026-11-20T12:00:00", "17:30", "UTC"), "2026-11-20T17:30:00");
  assert.equal(next("2026-11-20T12:00:00", "00:15", "Asia/Kolkata"), "2026-11-20T18:45:00");
});

test("just before it is now, at it and behind it is a day later", () => {
  const atMs = utc("2026-11-21T05:00:00");
  assert.equal(nextRollMs(atMs - 1, "00:00", NEW_YORK), atMs);
  assert.equal(nextRollMs(atMs, "00:00", NEW_YORK), atMs + 86_400_000);
  assert.equal(nextRollMs(atMs + 1, "00:00", NEW_YORK), atMs + 86_400_000);
});

test("a time that clocks skip is the moment at which they jump", () => {
  // 8 March 2026: 02:00 becomes 03:00.
  assert.equal(next("2026-03-08T00:00:00", "02:30", NEW_YORK), "2026-03-08T07:00:00");
  assert.equal(next("2026-03-08T07:00:00", "02:30", NEW_YORK), "2026-03-09T06:30:00");
  assert.equal(next("2026-03-08T00:00:00", "03:00", NEW_YORK), "2026-03-08T07:00:00");
  assert.equal(next("2026-03-08T00:00:00", "01:59", NEW_YORK), "2026-03-08T06:59:00");
});

test("a midnight that clocks skip is the first moment of the new date", () => {
  // 6 September 2026 begins at 01:00 in Santiago.
  assert.equal(next("2026-09-05T12:00:00", "00:00", "America/Santiago"), "2026-09-06T04:00:00");
});

test("a time that clocks show twice counts the first time only", () => {
  // 1 November 2026: 02:00 becomes 01:00.
  assert.equal(next("2026-11-01T04:00:00", "01:30", NEW_YORK), "2026-11-01T05:30:00");
  assert.equal(next("2026-11-01T05:30:00", "01:30", NEW_YORK), "2026-11-02T06:30:00");
  assert.equal(next("2026-11-01T06:00:00", "01:30", NEW_YORK), "2026-11-02T06:30:00");
  // Half an hour on Lord Howe Island: 5 April 2026, 02:00 becomes 01:30.
  assert.equal(next("2026-04-04T12:00:00", "01:45", "Australia/Lord_Howe"), "2026-04-04T14:45:00");
});

test("a date that a zone leaves out is rolled as it is jumped over", () => {
  // Samoa had no 30 December 2011.
  assert.equal(next("2011-12-30T09:00:00", "12:00", "Pacific/Apia"), "2011-12-30T10:00:00");
  assert.equal(next("2011-12-30T10:00:00", "12:00", "Pacific/Apia"), "2011-12-30T22:00:00");
});

test("it is what a clock that is looked at every minute finds", () => {
  const zones: readonly [string, string][] = [
    [NEW_YORK, "2026-03-07T12:00:00"],
    [NEW_YORK, "2026-10-31T12:00:00"],
    ["Europe/London", "2026-03-28T12:00:00"],
    ["Australia/Lord_Howe", "2026-10-03T03:00:00"],
  ];
  for (const [timeZone, start] of zones) {
    const format = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      hourCycle: "h23",
      dateStyle: "short",
      timeStyle: "short",
    });
    for (const rollAt of ["00:00", "01:30", "02:00", "02:15", "03:00", "23:59"]) {
      const rolls: number[] = [];
      const seen = new Set<string>();
      let showed = "";
      for (let minute = 0; minute < 2 * 1440; minute++) {
        const atMs = utc(start) + minute * 60_000;
        const [date = "", time = ""] = format.format(atMs).split(", ");
        const passes = showed !== "" && showed < rollAt && time >= rollAt;
        const begins = rollAt === "00:00" && showed > time && !seen.has(date);
        if ((passes || begins) && !seen.has(`${date} rolled`)) {
          rolls.push(atMs);
          seen.add(`${date} rolled`);
        }
        seen.add(date);
        showed = time;
      }
      let atMs = utc(start);
      for (const expected of rolls) {
        atMs = nextRollMs(atMs, rollAt, timeZone);
        assert.equal(atMs, expected, `${rollAt} in ${timeZone} after ${start}`);
      }
    }
  }
});
