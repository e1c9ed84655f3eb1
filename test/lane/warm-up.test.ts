import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { startClock } from "../../src/base/clock.ts";
import { withScratch } from "../../src/journal/scratch.ts";
import { type WarmUpOptions, warmUpLane } from "../../src/lane/warm-up.ts";
import { laneConfig } from "../support/lane-rig.ts";

const REQUESTS = 1_000;
/** Some are silent: what comes too late for an order that is done. */
const ANSWERS_MIN = 0.8 * REQUESTS;

const rehearse = (others: Partial<WarmUpOptions> = {}): number =>
  withScratch("warm-up", (scratch) => warmUpLane({ ...options, ...scratch, ...others }));

const options: Omit<WarmUpOptions, "directory" | "nowhere"> = {
  requests: REQUESTS,
  config: laneConfig(),
  hasJournal: true,
  hasTelemetry: true,
  batchMax: 256,
  windowBytes: 65_536,
  clock: startClock().clock,
};

const leftovers = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`tailgate-warm-up-${process.pid}-`));

for (const kind of ["book", "ack"] as const) {
  test(`a ${kind} lane answers what it rehearses, and leaves nothing behind`, () => {
    const config = laneConfig();
    const venue = { ...config.venue, kind };
    const answers = rehearse({ config: { ...config, venue } });
    assert(answers >= ANSWERS_MIN, `${answers} answers`);
    assert.deepEqual(leftovers(), []);
  });
}

test("with instruments of its own, without journal and telemetry", () => {
  const config = laneConfig();
  const instruments = [
    { symbol: "AAPL", tickSize: 100 },
    { symbol: "MSFT", tickSize: 100 },
  ];
  const venue = { ...config.venue, instruments };
  const answers = rehearse({
    config: { ...config, venue },
    hasJournal: false,
    hasTelemetry: false,
  });
  assert(answers >= ANSWERS_MIN, `${answers} answers`);
});

test("no requests, no rehearsal", () => {
  assert.equal(rehearse({ requests: 0 }), 0);
});
