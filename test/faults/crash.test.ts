// kill -9 at any moment, over and over, on one journal: nothing that a client was told is lost, changed or made up, and
// every order is accepted at most once. `npm run test:crash` is the same at length.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runCrashRounds } from "../support/crash-run.ts";
import { fuzzSeed } from "../support/seeded-random.ts";

const ROUNDS = 3;

const seed = fuzzSeed();

test(`a gateway that is killed at any moment goes on where it was (seed ${seed})`, async (context) => {
  const tell = (line: string): void => context.diagnostic(line);
  const report = await runCrashRounds({ seed, rounds: ROUNDS, patienceMs: 1000, tell });
  assert.ok(report.compared > 0);
});
