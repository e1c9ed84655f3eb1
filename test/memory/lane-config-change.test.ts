import assert from "node:assert/strict";
import { test } from "node:test";
import {
  LANE_BEHAVIOUR_VERSION,
  type LaneConfig,
  type LaneVenueConfig,
} from "../../src/memory/lane-config.ts";
import { laneConfigChange } from "../../src/memory/lane-config-change.ts";

const VENUE: LaneVenueConfig = {
  kind: "book",
  instruments: [{ symbol: "AAPL", tickSize: 100 }],
  instrumentsMax: 10,
  ordersMax: 1000,
};
const CONFIG: LaneConfig = {
  formatVersion: 1,
  behaviourVersion: LANE_BEHAVIOUR_VERSION,
  session: "20261121A",
  midnightUtcMs: 1_795_000_000_000,
  node: 5,
  lane: 0,
  outputsPerStepMax: 256,
  explainIgnored: true,
  offencesMax: 3,
  venue: VENUE,
};

test("the same configuration changes nothing", () => {
  const change = laneConfigChange(CONFIG, structuredClone(CONFIG));
  assert.deepEqual(change, { applied: [], nextSession: [], effective: CONFIG });
});

test("what a lane can go over to is applied, all of it named as in the configuration file", () => {
  const wanted: LaneConfig = {
    ...CONFIG,
    node: 6,
    outputsPerStepMax: 1,
    explainIgnored: false,
    offencesMax: 9,
    venue: { ...VENUE, instruments: "*", instrumentsMax: 11, ordersMax: 1001 },
  };
  assert.deepEqual(laneConfigChange(CONFIG, wanted), {
    applied: [
      "session.node",
      "session.explainIgnored",
      "session.offencesMax",
      "lanes.outputsPerStepMax",
      "venue.instruments",
      "venue.instrumentsMax",
      "venue.ordersMax",
    ],
    nextSession: [],
    effective: wanted,
  });
});

test("another kind of venue and smaller tables wait for the next session", () => {
  const wanted: LaneConfig = {
    ...CONFIG,
    offencesMax: 4,
    venue: { ...VENUE, kind: "ack", instrumentsMax: 9, ordersMax: 999 },
  };
  const change = laneConfigChange(CONFIG, wanted);
  assert.deepEqual(change.applied, ["session.offencesMax"]);
  const waiting = ["venue.kind", "venue.instrumentsMax", "venue.ordersMax"];
  assert.deepEqual(change.nextSession, waiting);
  assert.deepEqual(change.effective, { ...CONFIG, offencesMax: 4 });
  // What is in effect is what the next comparison starts from.
  assert.deepEqual(laneConfigChange(change.effective, wanted).nextSession, waiting);
  assert.deepEqual(laneConfigChange(CONFIG, change.effective).effective, change.effective);
});

test("a session keeps its name, its date and its lanes", () => {
  const change = (other: Partial<LaneConfig>) => () =>
    laneConfigChange(CONFIG, { ...CONFIG, ...other });
  assert.throws(change({ session: "20261121B" }), /a session changes its name/);
  assert.throws(change({ midnightUtcMs: 0 }), /JOURNAL_MISMATCH.*midnightUtcMs 0,/);
  assert.throws(change({ lane: 1 }), /a lane changes its number/);
});
