import assert from "node:assert/strict";
import { test } from "node:test";
import {
  measureSideBySide,
  sideBySideLines,
} from "../../../native-free-bench/scenarios/side-by-side.ts";
import { ECHO, gatewayTarget } from "../../../native-free-bench/targets/target.ts";

test("the comparison runs: every target at every rate, there and back, each order answered", async () => {
  const told: string[] = [];
  const gateway = gatewayTarget("book", "none");
  const plan = {
    targets: [ECHO, gateway],
    twins: [gateway.name, gateway.name],
    rates: [500, 1_000],
    connections: 4,
    rounds: 1,
    isThereAndBack: true,
    warmupSeconds: 0,
    seconds: 0.1,
    bareSeconds: 0.05,
  } as const;
  const result = await measureSideBySide(plan, (text) => told.push(text));
  const { rows, bareSync } = result;
  assert.equal(told.length, 8);
  assert.deepEqual(
    rows.map(({ target, rate }) => `${target} ${rate}`),
    [`${ECHO.name} 500`, `${gateway.name} 500`, `${ECHO.name} 1000`, `${gateway.name} 1000`],
  );
  for (const { runs } of rows) {
    assert.deepEqual(
      runs.map(({ faults }) => faults),
      [[], []],
    );
    assert.ok(runs.every(({ counts }) => counts.sent > 0 && counts.answered === counts.sent));
  }
  const lines = sideBySideLines(plan, result).join("\n");
  assert.match(lines, /1,000\/s over 4 connections/);
  assert.match(lines, /noise floor/);
  assert.ok(bareSync.count > 0);
});
