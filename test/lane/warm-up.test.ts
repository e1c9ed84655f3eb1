import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { startClock } from "../../src/base/clock.ts";
import { withScratch } from "../../src/journal/scratch.ts";
import { type Rehearsed, type WarmUpOptions, warmUpLane } from "../../src/lane/warm-up.ts";
import { laneConfig } from "../support/lane-rig.ts";

const REQUESTS = 1_000;
/** Some are silent: what comes too late for an order that is done. */
const ANSWERS_MIN = 0.8 * REQUESTS;

const rehearse = (others: Partial<WarmUpOptions> = {}): Rehearsed | undefined =>
  withScratch("warm-up", (scratch) => warmUpLane({ ...options, ...scratch, ...others }));

function answersOf(rehearsed: Rehearsed | undefined): number {
  assert(rehearsed?.lane.core.state !== undefined, "the lane is kept with its state");
  return rehearsed.answers;
}

const options: Omit<WarmUpOptions, "directory" | "isInMemory" | "nowhere"> = {
  requests: REQUESTS,
  config: laneConfig(),
  durability: "power-loss",
  hasTelemetry: true,
  batchMax: 256,
  windowBytes: 65_536,
  clock: startClock().clock,
  rest: () => undefined,
};

const leftovers = (): string[] =>
  [tmpdir(), "/dev/shm"]
    .filter(existsSync)
    .flatMap((directory) => readdirSync(directory))
    .filter((name) => name.startsWith(`tailgate-warm-up-${process.pid}-`));

const descriptors = (): number => readdirSync("/proc/self/fd").length;

for (const kind of ["book", "ack"] as const) {
  test(`a ${kind} lane answers what it rehearses, and leaves nothing behind`, () => {
    const before = descriptors();
    const config = laneConfig();
    const venue = { ...config.venue, kind };
    const answers = answersOf(rehearse({ config: { ...config, venue } }));
    assert(answers >= ANSWERS_MIN, `${answers} answers`);
    assert.deepEqual(leftovers(), []);
    assert.equal(descriptors(), before);
  });
}

test("with instruments of its own, without journal and telemetry", () => {
  const config = laneConfig();
  const instruments = [
    { symbol: "AAPL", tickSize: 100 },
    { symbol: "MSFT", tickSize: 100 },
  ];
  const venue = { ...config.venue, instruments };
  const answers = answersOf(
    rehearse({ config: { ...config, venue }, durability: "none", hasTelemetry: false }),
  );
  assert(answers >= ANSWERS_MIN, `${answers} answers`);
});

test("V8 gets time to compile: a long rehearsal has rests", () => {
  let rests = 0;
  const rest = (): void => {
    rests++;
  };
  rehearse({ requests: 9_000, rest });
  assert.equal(rests, 2);
});

test("no requests, no rehearsal", () => {
  assert.equal(rehearse({ requests: 0 }), undefined);
});
