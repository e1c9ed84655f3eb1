import assert from "node:assert/strict";
import { test } from "node:test";
import { TraceBudget } from "../../../src/scribe/traces/trace-budget.ts";

const TICK_NS = 10_000_000;

test("a steady flood gets what is allowed in a second, and what was saved before", () => {
  const budget = new TraceBudget(100, 25);
  let taken = 0;
  for (let tick = 0; tick <= 1000; tick++) {
    budget.fill(tick * TICK_NS);
    for (let record = 0; record < 50; record++) if (budget.take()) taken++;
  }
  assert.ok(Math.abs(taken - (25 + 1000)) <= 1, `${taken} in ten seconds`);
});

test("a quiet time saves no more than is made at once", () => {
  const budget = new TraceBudget(100, 25);
  budget.fill(0);
  budget.fill(3600e9);
  let taken = 0;
  while (budget.take()) taken++;
  assert.equal(taken, 25);
});
