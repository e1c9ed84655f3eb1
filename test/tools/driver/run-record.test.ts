import assert from "node:assert/strict";
import { test } from "node:test";
import { LOAD_PLAN_DEFAULTS } from "../../../src/tools/driver/load-plan.ts";
import { RunRecord } from "../../../src/tools/driver/run-record.ts";

const PLAN = {
  ...LOAD_PLAN_DEFAULTS,
  host: "127.0.0.1",
  port: 1,
  accounts: [],
  rate: 100,
  arrivals: "constant",
  warmupSeconds: 1,
  seconds: 1,
} as const;
const TOTALS = { waiting: 0, executions: 0, sharesBought: 0, sharesSold: 0 };

/** Of 200 requests of two seconds the last so many of each do not leave. */
function recordOf(missing: number, isOmitted: boolean): RunRecord {
  const record = new RunRecord(PLAN);
  record.start(0);
  for (let index = 0; index < 200; index++) {
    const intendedNs = index * 1e7;
    const isSent = index % 100 < 100 - missing;
    if (isSent) record.onSent(intendedNs, intendedNs);
    else if (isOmitted) record.onOmitted(intendedNs);
  }
  record.close(2e9);
  return record;
}

test("requests that are not sent miss the rate", () => {
  const { rate, invalid } = recordOf(10, false).result(TOTALS);
  assert.deepEqual(rate, { asked: 100, sent: 90 });
  assert.deepEqual(invalid, ["the rate was missed: 90.0 % of 100/s"]);
});

test("omitted ones were not asked for, and only those of the measured part count", () => {
  const { rate, invalid } = recordOf(10, true).result(TOTALS);
  assert.deepEqual(rate, { asked: 90, sent: 90 });
  assert.deepEqual(invalid, []);
});
