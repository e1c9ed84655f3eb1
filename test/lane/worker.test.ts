// A real lane thread behind its rings and its doorbell. How it ends is in faults/dead-lane.test.ts, in a process of its own:
// a lane that meets a fault has that killed when it takes long to end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { startClock } from "../../src/base/clock.ts";
import { AttachPayload } from "../../src/memory/attach-payload.ts";
import { openDoorbell } from "../../src/memory/doorbell.ts";
import { INBOUND_KIND, InboundRecord } from "../../src/memory/inbound-record.ts";
import { laneConfigPieces, publishLaneConfig } from "../../src/memory/lane-config.ts";
import { LANE_STATE, LaneSignal } from "../../src/memory/lane-signal.ts";
import { OUTBOUND_KIND, OutboundRecord } from "../../src/memory/outbound-record.ts";
import { RING_EMPTY, RingConsumer } from "../../src/memory/ring-consumer.ts";
import { RING_FULL, RingProducer } from "../../src/memory/ring-producer.ts";
import { laneConfig } from "../support/lane-rig.ts";
import { laneWorkerData } from "../support/lane-worker-data.ts";

function startLane() {
  const { baseNs } = startClock();
  const doorbell = openDoorbell();
  const data = laneWorkerData({ doorbell: doorbell.transfer, baseNs });
  const worker = new Worker(new URL("../../src/lane/worker.ts", import.meta.url), {
    name: "lane-0",
    workerData: data,
    transferList: doorbell.transferList,
    stderr: true,
  });
  const inbound = new RingProducer(data.inbound);
  const outbound = new RingConsumer(data.outbound);
  const signal = new LaneSignal(data.signal);
  publishLaneConfig(inbound, laneConfigPieces(laneConfig()), 0, 1);
  signal.wakeLaneIfParked();
  return { worker, doorbell, inbound, outbound, signal };
}

function push(ring: RingProducer, kind: number, epoch: number, payload: Buffer): void {
  const offset = ring.claim(0);
  assert.notEqual(offset, RING_FULL);
  const record = new InboundRecord().wrap(ring.slots, offset).start(kind, 0, epoch);
  record.flags = 0;
  record.eventNs = 2;
  record.payloadBytes = payload.length;
  payload.copy(ring.slots.bytes, record.payloadOffset);
  ring.publish();
}

test("a lane thread gets ready, answers and rings, again and again after it parked", async () => {
  const { worker, doorbell, inbound, outbound, signal } = startLane();
  const kinds: number[] = [];
  const rung = Promise.withResolvers<void>();
  const record = new OutboundRecord();
  const payload = Buffer.alloc(64);
  const bytes = new AttachPayload().wrap(payload, 0).write("ALICE", ["LIME"], false, "", 1);
  let rounds = 0;
  doorbell.listen(() => {
    signal.clearDoorbell();
    for (let offset = outbound.take(); offset !== RING_EMPTY; offset = outbound.take()) {
      kinds.push(record.wrap(outbound.slots, offset).kind);
    }
    outbound.release();
    if (kinds.length < rounds + 2) return;
    if (rounds === 200) rung.resolve();
    else {
      rounds++;
      push(inbound, INBOUND_KIND.MESSAGE, 1, Buffer.from("Q"));
      signal.wakeLaneIfParked();
    }
  });
  push(inbound, INBOUND_KIND.ATTACH, 1, payload.subarray(0, bytes));
  signal.wakeLaneIfParked();
  await rung.promise;
  assert.deepEqual(kinds.slice(0, 2), [OUTBOUND_KIND.LOGIN_ACCEPTED, OUTBOUND_KIND.SEQUENCED]);
  assert.equal(kinds.length, 202);
  // It has been through its event loop, with its configuration.
  while (signal.state !== LANE_STATE.READY) await new Promise((next) => setImmediate(next));
  await worker.terminate();
  doorbell.close();
});
