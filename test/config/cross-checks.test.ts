import assert from "node:assert/strict";
import { test } from "node:test";
import { hasResidentLane } from "../../src/config/cross-checks.ts";
import { readConfig } from "../../src/config/read-config.ts";

const isResident = (...settings: readonly string[]): boolean =>
  hasResidentLane(
    readConfig({
      configFile: undefined,
      settings: settings.map((text) => {
        const [path = "", value = ""] = text.split("=");
        return { path, value: JSON.parse(value) };
      }),
    }).config,
  );

test("a single lane that does not wait for the disk lives on the gate's thread, unless told otherwise", () => {
  const fast = 'journal.durability="process-crash"';
  assert.equal(isResident(), false);
  assert.equal(isResident('venue.kind="ack"'), false);
  assert.equal(isResident(fast), true);
  assert.equal(isResident('venue.kind="ack"', fast), true);
  assert.equal(isResident('journal.durability="none"'), true);
  assert.equal(isResident('venue.kind="ack"', fast, "lanes.count=2"), false);
  assert.equal(isResident(fast, "lanes.spinNs=1000"), false);
  assert.equal(isResident(fast, 'lanes.thread="own"'), false);
  assert.equal(isResident('lanes.thread="gate"'), true);
});
