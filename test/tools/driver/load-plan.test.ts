import assert from "node:assert/strict";
import { test } from "node:test";
import {
  LOAD_PLAN_DEFAULTS,
  type LoadPlan,
  numbersOfAccount,
} from "../../../src/tools/driver/load-plan.ts";

const plan = (accounts: number, parts: Partial<LoadPlan>): LoadPlan => ({
  ...LOAD_PLAN_DEFAULTS,
  host: "127.0.0.1",
  port: 1,
  accounts: Array.from({ length: accounts }, () => ({ user: "A", password: "B" })),
  ...{ rate: 100, warmupSeconds: 0, seconds: 0.1, ...parts },
});

test("an account has numbers for its share and more, warm-up and count included", () => {
  assert.ok(numbersOfAccount(plan(1, { warmupSeconds: 10 })) >= 1_010);
  assert.ok(numbersOfAccount(plan(4, { countMax: 4_000 })) >= 1_200);
});

test("a burst is sent whole however short the run is", () => {
  assert.ok(numbersOfAccount(plan(1, { arrivals: "bursts", burstSize: 5_000 })) >= 5_000);
  const inAllParts = { warmupSeconds: 0.1, cooldownSeconds: 0.1, burstSize: 5_000 };
  assert.ok(numbersOfAccount(plan(1, { arrivals: "bursts", ...inAllParts })) >= 15_000);
});
