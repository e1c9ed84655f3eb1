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

test("a single lane that neither matches nor waits for the disk lives on the gate's thread, unless told otherwise", () => {
  const ack = 'venue.kind="ack"';
  const fast = 'journal.durability="process-crash"';
  assert.equal(isResident(), false);
  assert.equal(isResident(ack), false);
  assert.equal(isResident(fast), false);
  assert.equal(isResident(ack, fast), true);
  assert.equal(isResident(ack, 'journal.durability="none"'), true);
  assert.equal(isResident(ack, fast, "lanes.count=2"), false);
  assert.equal(isResident(ack, fast, "lanes.spinNs=1000"), false);
  assert.equal(isResident(ack, fast, 'lanes.thread="own"'), false);
  assert.equal(isResident('lanes.thread="gate"'), true);
});
