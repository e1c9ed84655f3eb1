import assert from "node:assert/strict";
import { test } from "node:test";
import { AnswersOwed } from "../../src/lane/answers-owed.ts";
import {
  CounterReader,
  CounterWriter,
  createCounters,
  LANE_COUNTERS,
} from "../../src/memory/counters.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const TYPES = "OUXMCDEQ";
const ACCOUNTS = 300;

const seed = fuzzSeed();
test(`what was written and not released is undelivered when its reader goes (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  const memory = createCounters(LANE_COUNTERS);
  const counters = new CounterReader(memory);
  const owed = new AnswersOwed(new CounterWriter(memory));
  const twin = Array.from({ length: ACCOUNTS }, (): string[] => []);
  const undelivered: string[] = [];
  for (let step = 0; step < 20_000; step++) {
    const account = random.below(ACCOUNTS);
    const type = TYPES[random.below(TYPES.length)]!;
    const waiting = twin[account]!;
    switch (random.below(5)) {
      case 0:
      case 1:
        owed.onWritten(account, type.charCodeAt(0));
        waiting.push(type);
        break;
      case 2: {
        const released = waiting.shift();
        if (released !== undefined) owed.onReleased(account, released.charCodeAt(0));
        break;
      }
      case 3:
        owed.onWritten(account, 0);
        owed.onNobody(type.charCodeAt(0));
        undelivered.push(type);
        break;
      default:
        if (!random.chance(10)) break;
        owed.onGone(account);
        undelivered.push(...waiting.splice(0));
    }
  }
  for (const type of TYPES) {
    const count = undelivered.filter((each) => each === type).length;
    assert.equal(counters.read(LANE_COUNTERS[`undelivered${type as "O"}`]), count, type);
  }
});
