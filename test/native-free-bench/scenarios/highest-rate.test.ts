import assert from "node:assert/strict";
import { test } from "node:test";
import {
  findHighestRates,
  highestRateLines,
} from "../../../native-free-bench/scenarios/highest-rate.ts";
import { ECHO, type Target } from "../../../native-free-bench/targets/target.ts";

const PLAN = {
  connections: 8,
  startRate: 40_000,
  rateMin: 40_000,
  rateMax: 40_000,
  precision: 2,
  confirmations: 1,
  warmupSeconds: 0,
  seconds: 0.1,
  p999NsMax: 60e9, // whatever the machine does meanwhile
};

test("the search runs, and a P999 is only told of enough samples", async () => {
  const [echo] = await findHighestRates({ ...PLAN, targets: [ECHO] }, () => undefined);
  assert.ok(echo !== undefined && echo.runs.length >= 2);
  assert.ok(echo.found === 0 || echo.found === PLAN.rateMax);
  for (const { isKept, result } of echo.runs) {
    assert.ok(!isKept || (result.isValid && result.latency.response.count >= 10_000));
  }
});

test("a target that keeps nothing has to say why", async () => {
  const broken: Target = {
    ...ECHO,
    name: "broken",
    start: () => Promise.reject(new Error("no such thing")),
  };
  const plan = { ...PLAN, targets: [broken] };
  const rates = await findHighestRates(plan, () => undefined);
  assert.equal(rates[0]?.found, 0);
  assert.match(highestRateLines(plan, rates).join("\n"), /below 40,000[\s\S]*no such thing/);
});
