import assert from "node:assert/strict";
import { test } from "node:test";
import { startClock, systemWallClock } from "../../src/base/clock.ts";
import { type WarmUpOptions, warmUpGate } from "../../src/gate/warm-up.ts";
import { SESSION } from "../support/gate-rig.ts";

const REQUESTS = 800;

const options = (others: Partial<WarmUpOptions> = {}): WarmUpOptions => ({
  requests: REQUESTS,
  session: SESSION,
  hasTelemetry: true,
  clock: startClock().clock,
  wallClock: systemWallClock,
  ...others,
});

/** Sockets and servers that are open. A timer of a millisecond may be left for a moment. */
const resources = (): string[] =>
  process.getActiveResourcesInfo().filter((name) => name.includes("TCP"));

for (const hasTelemetry of [true, false]) {
  const how = hasTelemetry ? "with" : "without";
  test(`every client of the rehearsal is answered, ${how} telemetry, and nothing stays open`, async () => {
    const before = resources();
    const answers = await warmUpGate(options({ hasTelemetry }));
    assert(answers >= REQUESTS, `${answers} answers`);
    // Node tells of a closed handle in the turn behind it.
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(resources(), before);
  });
}

test("no requests, no rehearsal", async () => {
  assert.equal(await warmUpGate(options({ requests: 0 })), 0);
});
