import assert from "node:assert/strict";
import { test } from "node:test";
import { Connections } from "../../src/gate/connections.ts";
import { InboundLane, OVER_QUOTA } from "../../src/gate/inbound-lane.ts";
import { createProgress, Progress } from "../../src/memory/progress.ts";
import { FakeLane } from "../support/fake-lane.ts";

const CONNECTIONS_MAX = 4;
const SLOTS = 16;
const QUOTA = SLOTS / 8;
const LISTEN = {
  host: "127.0.0.1",
  port: 0,
  backlog: 511,
  connectionsMax: CONNECTIONS_MAX,
  pendingMax: CONNECTIONS_MAX,
  perAddressMax: CONNECTIONS_MAX,
  stashesMax: 1,
  sendBuffersMax: 4,
};

test("records that were on their way before the gate count for nobody", () => {
  const link = new FakeLane(new Progress(createProgress(CONNECTIONS_MAX)), SLOTS);
  link.inbound.claim(0);
  link.inbound.publish();
  const lane = new InboundLane(link, new Connections(LISTEN), CONNECTIONS_MAX);
  for (let message = 0; message < QUOTA; message++) assert.ok(lane.claimMessage(0) > 0);
  assert.equal(lane.claimMessage(0), OVER_QUOTA);
  lane.publish(1);
  link.take();
  for (let message = 0; message < QUOTA; message++) assert.ok(lane.claimMessage(0) > 0);
  assert.equal(lane.claimMessage(0), OVER_QUOTA);
});
