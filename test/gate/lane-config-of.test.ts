import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "../../src/config/read-config.ts";
import { laneConfigOf } from "../../src/gate/lane-config-of.ts";

const configWith = (settings: Record<string, unknown>) =>
  readConfig({
    configFile: undefined,
    settings: Object.entries(settings).map(([path, value]) => ({ path, value })),
  }).config;

test("tick sizes go to the lane in units of the wire's price", () => {
  const instruments = [
    { symbol: "AAPL", tickSize: 0.01 },
    { symbol: "PENNY", tickSize: 0.0001 },
    { symbol: "ODD", tickSize: 0.29 },
  ];
  const { venue } = laneConfigOf(
    configWith({ "venue.instruments": instruments }),
    "20261121A",
    0,
    0,
  );
  assert.deepEqual(venue.instruments, [
    { symbol: "AAPL", tickSize: 100 },
    { symbol: "PENNY", tickSize: 1 },
    { symbol: "ODD", tickSize: 2900 },
  ]);
});

test("a lane gets its own number, the session and what it decides by", () => {
  const config = configWith({ "session.node": 5, "venue.kind": "ack", "lanes.count": 2 });
  const lane = laneConfigOf(config, "20261121B", 1_795_000_000_000, 1);
  assert.equal(lane.lane, 1);
  assert.equal(lane.node, 5);
  assert.equal(lane.session, "20261121B");
  assert.equal(lane.midnightUtcMs, 1_795_000_000_000);
  assert.equal(lane.offencesMax, config.session.offencesMax);
  assert.deepEqual(lane.venue, {
    kind: "ack",
    instruments: "*",
    instrumentsMax: config.venue.instrumentsMax,
    ordersMax: config.venue.ordersMax,
  });
});
