// Gate and lanes in one thread, their turns given by chance (FUZZ_SEED replays one history; MODEL_HISTORIES runs more).

import assert from "node:assert/strict";
import { test } from "node:test";
import { type HistoryReport, runHistory } from "../support/model-history.ts";
import { fuzzSeed } from "../support/seeded-random.ts";

const HISTORIES = 400;

const seed = fuzzSeed();
const isReplay = process.env.FUZZ_SEED !== undefined;
const count = isReplay ? 1 : Number(process.env.MODEL_HISTORIES ?? HISTORIES);

test(`${count} histories keep their streams, books and buffers, from seed ${seed}`, async () => {
  const reports: HistoryReport[] = [];
  for (let index = 0; index < count; index++) {
    reports.push(await runHistory((seed + index) >>> 0));
  }
  if (isReplay) return;
  const total = (name: keyof HistoryReport): number =>
    reports.reduce((sum, report) => sum + report[name], 0);
  assert.ok(total("answered") > count * 10, `only ${total("answered")} answers were timed`);
  assert.ok(total("messages") > count * 50, `only ${total("messages")} messages`);
  assert.ok(total("matches") > count * 5, `only ${total("matches")} matches`);
  assert.ok(total("takeovers") > count / 4, `only ${total("takeovers")} takeovers`);
  assert.ok(total("cuts") > count / 2, `only ${total("cuts")} cuts`);
  assert.ok(total("continues") > count, `only ${total("continues")} continuations`);
});
