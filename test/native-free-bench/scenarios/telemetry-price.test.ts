import assert from "node:assert/strict";
import { test } from "node:test";
import {
  MODES,
  measureTelemetryPrice,
} from "../../../native-free-bench/scenarios/telemetry-price.ts";

test("the scenario of telemetry's price runs: off, on and scraped, there and back", async () => {
  const told: string[] = [];
  const plan = {
    seconds: 0.5,
    warmup: 0,
    rounds: 1,
    rate: 500,
    accounts: 4,
    durable: 0,
    "scrapes-per-second": 20,
  };
  const price = await measureTelemetryPrice(plan, (text) => told.push(text));
  assert.equal(told.length, 2 * MODES.length);
  for (const mode of MODES) {
    assert.deepEqual(
      price[mode].map(({ faults }) => faults),
      [[], []],
      mode,
    );
  }
});
