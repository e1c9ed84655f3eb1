// A lane that was saved and restored, at any record, is the lane that it was.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makeVenue } from "../../src/lane/make-venue.ts";
import { BareLane, makeLateVenue } from "../support/bare-lane.ts";
import { InputRecorder } from "../support/input-recorder.ts";
import { LaneFlow } from "../support/lane-flow.ts";
import { LaneRig, type LaneRigOptions, laneConfig } from "../support/lane-rig.ts";
import { pushConfig } from "../support/push-config.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const seed = fuzzSeed();

const VENUES = [
  { name: "the book", options: {}, venueMaker: makeVenue },
  { name: "a venue that only accepts", options: { venue: { kind: "ack" } }, venueMaker: makeVenue },
  { name: "a venue that answers later", options: { isLate: true }, venueMaker: makeLateVenue },
] as const;

/** Inputs of a random day, with a lot of unfinished work between them. */
function recordedFlow(random: SeededRandom, options: LaneRigOptions, steps: number): Buffer[] {
  const inputLog = new InputRecorder();
  const rig = new LaneRig({ outputsPerStepMax: 3, offencesMax: 8, ...options, inputLog });
  const flow = new LaneFlow(rig, random, 5);
  for (let step = 0; step < steps; step++) {
    flow.step();
    if (random.below(9) === 0) rig.runOnce();
    if (random.below(40) === 0) rig.run();
    if (random.below(400) === 0) changeConfig(rig, random, options);
  }
  rig.run();
  return inputLog.slots;
}

function changeConfig(rig: LaneRig, random: SeededRandom, options: LaneRigOptions): void {
  const symbols = ["AAPL", "MSFT", "IBM", "ORCL"].filter(() => random.below(4) > 0);
  const list = symbols.map((symbol) => ({ symbol, tickSize: random.pick([1, 100]) }));
  const instruments = random.below(2) === 0 ? "*" : list;
  const ordersMax = 4096 + random.below(1000);
  const config = laneConfig({ ...options, venue: { ...options.venue, instruments, ordersMax } });
  const outputsPerStepMax = 1 + random.below(6);
  const offencesMax = 2 + random.below(20);
  pushConfig(rig, { ...config, node: random.below(64), outputsPerStepMax, offencesMax });
}

function assertSame(lane: BareLane, other: BareLane): void {
  assert.equal(other.core.digest.hex(), lane.core.digest.hex());
  assert.equal(other.core.written, lane.core.written);
  const accounts = lane.core.state?.accounts.count ?? 0;
  for (let account = 0; account < accounts; account++) {
    assert.equal(other.outbox.nextSequence(account), lane.outbox.nextSequence(account));
  }
  assert.ok(other.saved().equals(lane.saved()), "both would be saved as the same bytes");
}

for (const { name, options, venueMaker } of VENUES) {
  test(`a lane with ${name} goes on after save and restore as if nothing had been, seed ${seed}`, () => {
    const random = new SeededRandom(seed);
    const slots = recordedFlow(random, options, 3000);
    const lane = new BareLane(venueMaker);
    let other = new BareLane(venueMaker);
    for (const slot of slots) {
      assert.equal(other.apply(slot), lane.apply(slot));
      if (random.below(60) > 0) continue;
      assertSame(lane, other);
      other = other.restored();
      assertSame(lane, other);
    }
    assertSame(lane, other);
  });
}
