import assert from "node:assert/strict";
import { test } from "node:test";
import {
  measureNagle,
  NAGLE_TARGETS,
  nagleLines,
} from "../../../native-free-bench/scenarios/nagle.ts";

test("the scenario of Nagle's algorithm runs: every echo comes back whole, in one write or two", async () => {
  const plan = {
    rates: [500],
    connections: 4,
    rounds: 1,
    isThereAndBack: false,
    warmupSeconds: 0,
    seconds: 0.1,
  };
  const rows = await measureNagle(plan, () => undefined);
  assert.equal(rows.length, NAGLE_TARGETS.length);
  for (const { runs } of rows) assert.deepEqual(runs[0]?.faults, []);
  assert.equal(nagleLines(plan, rows).length, 2 + NAGLE_TARGETS.length);
});
