// A real lane on this thread, behind the rings and words that a gate has for it.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { startClock } from "../../src/base/clock.ts";
import { ResidentLane } from "../../src/main/resident-lane.ts";
import { AttachPayload } from "../../src/memory/attach-payload.ts";
import { openTurnDoorbell } from "../../src/memory/doorbell.ts";
import { INBOUND_KIND, InboundRecord } from "../../src/memory/inbound-record.ts";
import { laneConfigPieces, publishLaneConfig } from "../../src/memory/lane-config.ts";
import { LANE_STATE, LaneSignal } from "../../src/memory/lane-signal.ts";
import { OUTBOUND_KIND, OutboundRecord } from "../../src/memory/outbound-record.ts";
import { RING_EMPTY, RingConsumer } from "../../src/memory/ring-consumer.ts";
import { RING_FULL, RingProducer } from "../../src/memory/ring-producer.ts";
import { laneConfig } from "../support/lane-rig.ts";
import { laneWorkerData } from "../support/lane-worker-data.ts";

const turn = (): Promise<void> => new Promise((next) => setImmediate(next));
/** More than the lane waits for. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 8; turns++) await turn();
}

class Rig {
  readonly inbound: RingProducer;
  readonly outbound: RingConsumer;
  readonly signal: LaneSignal;
  readonly lane: ResidentLane;
  rings = 0;
  private readonly record = new OutboundRecord();

  constructor(context: Pick<TestContext, "after">, batchMax: number, slots = 64) {
    const { baseNs, clock } = startClock();
    const doorbell = openTurnDoorbell();
    const data = laneWorkerData({ doorbell: doorbell.transfer, baseNs, batchMax, slots });
    this.inbound = new RingProducer(data.inbound);
    this.outbound = new RingConsumer(data.outbound);
    this.signal = new LaneSignal(data.signal);
    const log = { warn: (event: string) => assert.fail(event) };
    const hooks = { clock, log, onProgress: () => assert.fail("there is no journal") };
    this.lane = new ResidentLane(data, this, hooks);
    doorbell.listen(() => {
      this.signal.clearDoorbell();
      this.rings++;
    });
    context.after(() => this.lane.stop());
  }

  /** ALICE is logged in and has been told so. */
  static async loggedIn(...args: ConstructorParameters<typeof Rig>): Promise<Rig> {
    const rig = new Rig(...args);
    await rig.configure();
    rig.attach();
    rig.signal.wakeLaneIfParked();
    await settled();
    rig.answers();
    return rig;
  }

  async configure(): Promise<void> {
    publishLaneConfig(this.inbound, laneConfigPieces(laneConfig()), 0, 1);
    this.signal.wakeLaneIfParked();
    while (this.signal.state !== LANE_STATE.READY) await turn();
  }

  push(kind: number, payload: Buffer): void {
    const offset = this.inbound.claim(0);
    assert.notEqual(offset, RING_FULL);
    const record = new InboundRecord().wrap(this.inbound.slots, offset).start(kind, 0, 1);
    record.flags = 0;
    record.eventNs = 2;
    record.payloadBytes = payload.length;
    payload.copy(this.inbound.slots.bytes, record.payloadOffset);
    this.inbound.publish();
  }
  attach(): void {
    const payload = Buffer.alloc(64);
    const bytes = new AttachPayload().wrap(payload, 0).write("ALICE", ["LIME"], false, "", 1);
    this.push(INBOUND_KIND.ATTACH, payload.subarray(0, bytes));
  }
  query(): void {
    this.push(INBOUND_KIND.MESSAGE, Buffer.from("Q"));
  }

  /** Kinds of what the lane has answered since the last look. */
  answers(): number[] {
    const kinds: number[] = [];
    for (let offset = this.outbound.take(); offset !== RING_EMPTY; offset = this.outbound.take()) {
      kinds.push(this.record.wrap(this.outbound.slots, offset).kind);
    }
    this.outbound.release();
    return kinds;
  }
}

test("it works when it is woken, and rings when it has answered, again and again", async (context) => {
  const rig = new Rig(context, 16);
  await rig.configure();
  rig.attach();
  await settled();
  assert.deepEqual(rig.answers(), [], "nobody has woken it");
  const { rings } = rig;
  rig.signal.wakeLaneIfParked();
  await settled();
  assert.deepEqual(rig.answers(), [OUTBOUND_KIND.LOGIN_ACCEPTED, OUTBOUND_KIND.SEQUENCED]);
  assert.equal(rig.rings, rings + 1);
  for (let round = 0; round < 200; round++) {
    rig.query();
    rig.signal.wakeLaneIfParked();
    await settled();
    assert.deepEqual(rig.answers(), [OUTBOUND_KIND.SEQUENCED]);
  }
});

test("there is a look at the sockets before the answers, and what it brings waits for the next", async (context) => {
  const rig = await Rig.loggedIn(context, 64);

  const answered: number[] = [];
  const look = (): void => void answered.push(rig.answers().length);
  for (let query = 0; query < 3; query++) rig.query();
  // At the end of a turn of the loop, as the gate does it.
  rig.signal.wakeLaneIfParked(true);
  look();
  // The loop is at its sockets again.
  rig.signal.guest!.onRead();
  look();
  rig.query();
  rig.signal.guest!.onRead(); // of another, in the same turn
  look();
  await turn();
  rig.signal.wakeLaneIfParked(true);
  look();
  await turn();
  look();
  assert.deepEqual(answered, [0, 3, 0, 0, 1]);
});

test("woken in the middle of a turn, it lets the rest of the sockets come first, and looks once more", async (context) => {
  const rig = await Rig.loggedIn(context, 64);

  for (let query = 0; query < 40; query++) rig.query();
  rig.signal.wakeLaneIfParked();
  rig.query();
  rig.signal.guest!.onRead();
  rig.signal.wakeLaneIfParked();
  rig.signal.guest!.onRead();
  await turn(); // the sockets of this turn have been read
  assert.deepEqual(rig.answers(), []);
  rig.signal.guest!.onRead();
  assert.equal(rig.answers().length, 41);
});

test("a look that a read came before is over: the next one is a turn of its own", async (context) => {
  const rig = await Rig.loggedIn(context, 64);

  // The gate's end of a turn comes before the lane's callbacks of that turn: it asked first.
  setImmediate(() => setImmediate(() => rig.signal.wakeLaneIfParked(true)));
  rig.signal.wakeLaneIfParked(); // by a tick
  await turn();
  rig.signal.guest!.onRead();
  rig.query();
  await turn(); // the sockets of this turn have been read, and the gate has said so
  assert.deepEqual(rig.answers(), []);
  rig.signal.guest!.onRead();
  assert.equal(rig.answers().length, 1);
});

test("a socket that goes on behind the look is waited for: the next look is the first that knows of it", async (context) => {
  const rig = await Rig.loggedIn(context, 64);

  const answered: number[] = [];
  const look = (): void => void answered.push(rig.answers().length);
  rig.query();
  rig.signal.wakeLaneIfParked(true);
  // The loop has been at its sockets. A doorbell comes first, and somebody who had to wait finds room.
  rig.query();
  rig.signal.guest!.onResume();
  rig.signal.wakeLaneIfParked();
  rig.signal.guest!.onRead(); // of another, in the same turn
  look();
  await turn();
  rig.signal.guest!.onRead();
  look();
  // Between two looks there is none to be taken anew.
  rig.query();
  rig.signal.wakeLaneIfParked();
  rig.signal.guest!.onResume();
  await turn();
  rig.signal.guest!.onRead();
  look();
  assert.deepEqual(answered, [0, 2, 1]);
});

test("what is more than a stay comes in the next turns of the loop, without being woken for it", async (context) => {
  const rig = await Rig.loggedIn(context, 16, 4096);
  for (let query = 0; query < 2000; query++) rig.query();
  rig.signal.wakeLaneIfParked();
  const stays: number[] = [];
  for (let turns = 0; turns < 30; turns++) {
    await turn();
    const answered = rig.answers().length;
    if (answered > 0) stays.push(answered);
  }
  assert.deepEqual(stays, [512, 512, 512, 464]); // a record and an answer each
  // And sleeps again.
  rig.query();
  await settled();
  assert.deepEqual(rig.answers(), []);
  rig.signal.wakeLaneIfParked();
  await settled();
  assert.equal(rig.answers().length, 1);
});

test("it tells what it is at; stopped, it does nothing more", async (context) => {
  const rig = new Rig(context, 16);
  assert.equal(await rig.lane.describe(), undefined, "it is not there yet");
  await rig.configure();
  rig.attach();
  rig.signal.wakeLaneIfParked();
  await settled();
  assert.equal((await rig.lane.describe())?.waitsFor, "records");
  rig.answers();
  await rig.lane.stop();
  rig.query();
  rig.signal.wakeLaneIfParked();
  await settled();
  assert.deepEqual(rig.answers(), []);
  assert.equal(await rig.lane.describe(), undefined);
});

test("it is as fresh as the thread's last beat", async (context) => {
  const rig = new Rig(context, 16);
  await rig.configure();
  rig.lane.beat(5000);
  assert.equal(rig.signal.silentMs(5003), 3);
});
