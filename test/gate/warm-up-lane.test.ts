import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { test } from "node:test";
import { startClock } from "../../src/base/clock.ts";
import { WarmUpLane } from "../../src/gate/warm-up-lane.ts";
import { INBOUND_KIND, InboundRecord } from "../../src/memory/inbound-record.ts";
import { createProgress, Progress } from "../../src/memory/progress.ts";
import { RING_EMPTY } from "../../src/memory/ring-consumer.ts";
import { createWires, Wires } from "../../src/memory/wires.ts";

test("a client that has gone in the midst of the rehearsal ends no start", (t) => {
  const wires = new Wires(createWires(1));
  const progress = new Progress(createProgress(1));
  const lane = new WarmUpLane(progress, wires, startClock().clock);
  const { inbound, outbound } = lane.link;
  // Takes no write, as a connection that was reset.
  const descriptor = openSync("/dev/full", "w");
  t.after(() => closeSync(descriptor));
  wires.start(0);
  wires.lend(0, descriptor, 1);
  // The lane writes every other answer by itself, when nothing is on its way.
  for (let message = 0; message < 2; message++) {
    const record = new InboundRecord().wrap(inbound.slots, inbound.claim(0));
    record.start(INBOUND_KIND.MESSAGE, 0, 1).payloadBytes = 0;
    inbound.publish();
    lane.turn();
    progress.addTaken(0, progress.inFlight(0));
  }
  let answers = 0;
  while (outbound.take() !== RING_EMPTY) answers++;
  assert.equal(answers, 2);
});
