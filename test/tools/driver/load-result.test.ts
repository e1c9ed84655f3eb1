import assert from "node:assert/strict";
import { test } from "node:test";
import { LOAD_PLAN_DEFAULTS, type LoadPlan } from "../../../src/tools/driver/load-plan.ts";
import {
  type LoadResult,
  paceProblems,
  withFaults,
} from "../../../src/tools/driver/load-result.ts";

const PLAN: LoadPlan = {
  ...LOAD_PLAN_DEFAULTS,
  host: "127.0.0.1",
  port: 1,
  accounts: [],
  rate: 10_000,
  arrivals: "constant",
};

test("a run that kept its pace has no problem", () => {
  assert.deepEqual(paceProblems(PLAN, { sent: 100_000, late: 1_000, seconds: 10 }), []);
});

test("one late send more than the budget is a problem", () => {
  const [problem] = paceProblems(PLAN, { sent: 100_000, late: 1_001, seconds: 10 });
  assert.match(problem ?? "", /late/);
});

test("a rate of less than 99 % is missed", () => {
  assert.deepEqual(paceProblems(PLAN, { sent: 99_000, late: 0, seconds: 10 }), []);
  assert.match(
    paceProblems(PLAN, { sent: 98_999, late: 0, seconds: 10 }).join(),
    /rate was missed/,
  );
});

test("poisson arrivals may scatter, the more the fewer they are", () => {
  const poisson: LoadPlan = { ...PLAN, arrivals: "poisson" };
  assert.deepEqual(paceProblems(poisson, { sent: 9_600, late: 0, seconds: 1 }), []);
  assert.notDeepEqual(paceProblems(poisson, { sent: 9_400, late: 0, seconds: 1 }), []);
  assert.notDeepEqual(paceProblems(poisson, { sent: 980_000, late: 0, seconds: 100 }), []);
});

test("nothing measured is nothing valid", () => {
  assert.deepEqual(paceProblems(PLAN, { sent: 0, late: 0, seconds: 0 }), ["nothing was measured"]);
  // Bursts may all fall into the warm-up, and scatter more than the rate.
  const bursts: LoadPlan = { ...PLAN, rate: 100, arrivals: "bursts", burstSize: 1_000 };
  assert.deepEqual(paceProblems(bursts, { sent: 0, late: 0, seconds: 3 }), [
    "nothing was measured",
  ]);
});

test("a run may end within a burst, and lack as much of its rate", () => {
  const bursts: LoadPlan = { ...PLAN, arrivals: "bursts", burstSize: 1_000 };
  assert.deepEqual(paceProblems(bursts, { sent: 98_000, late: 0, seconds: 10 }), []);
  assert.notDeepEqual(paceProblems(bursts, { sent: 97_999, late: 0, seconds: 10 }), []);
});

test("faults that were found beside a run make it invalid, and stand behind its own", () => {
  const result = { isValid: true, invalid: ["late"], faults: ["lost"] } as unknown as LoadResult;
  assert.equal(withFaults(result, []), result);
  const { isValid, invalid, faults } = withFaults(result, ["ended early"]);
  assert.equal(isValid, false);
  assert.deepEqual(invalid, ["late", "ended early"]);
  assert.deepEqual(faults, ["lost", "ended early"]);
});
