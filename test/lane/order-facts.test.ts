import assert from "node:assert/strict";
import { test } from "node:test";
import { NoInputLog } from "../../src/lane/input-log.ts";
import {
  DAY_PHASE,
  INBOUND_KIND,
  InboundRecord,
  ROLL_STEP,
} from "../../src/memory/inbound-record.ts";
import { SlotMemory } from "../../src/memory/slot-memory.ts";
import { PRICE_MARKET } from "../../src/protocol/ouch/codes.ts";
import { LaneTelemetry } from "../../src/telemetry/lane-telemetry.ts";
import { LOG_KIND, LOG_RECORD_BYTES, LogRecord } from "../../src/telemetry/log-record.ts";
import { LOG_KIND_NAMES } from "../../src/telemetry/logged-event.ts";
import { RecordRingReader } from "../../src/telemetry/record-ring.ts";
import { createTelemetryMemory } from "../../src/telemetry/telemetry-memory.ts";
import { InputRecorder } from "../support/input-recorder.ts";
import { LaneRig, type LaneRigOptions } from "../support/lane-rig.ts";

const SECOND_MS = 1000;

class LoggedLane {
  readonly rig: LaneRig;
  readonly telemetry: LaneTelemetry;
  private readonly ring: RecordRingReader;

  constructor(options: LaneRigOptions = {}) {
    const [memory] = createTelemetryMemory(1, 16).lanes;
    assert.ok(memory !== undefined);
    this.telemetry = new LaneTelemetry(memory, 0);
    const { control } = this.telemetry;
    control.marketFillNsMax = 5e6;
    control.restedNsMax = 30e9;
    control.cancelAgainNsMax = 1e9;
    this.ring = new RecordRingReader(memory.log, LOG_RECORD_BYTES);
    this.rig = new LaneRig({ ...options, telemetry: this.telemetry });
  }

  /** Fact, account's number, order, and how long in milliseconds. */
  read(): string[] {
    const facts: string[] = [];
    this.ring.drain(1000, (offset) => {
      const record = new LogRecord().wrap(this.ring.bytes.buffer, offset);
      const { account, userRefNum, deltaUs } = record;
      const name = LOG_KIND_NAMES.get(record.kind);
      facts.push(`${name} ${account}/${userRefNum} ${deltaUs / 1000}`);
    });
    return facts;
  }
}

test("an order that ends after a rest longer than the limit is told, however it ends", () => {
  const lane = new LoggedLane();
  const { rig } = lane;
  const alice = rig.login("ALICE");
  const bob = rig.login("BOB");
  for (const userRefNum of [1, 2, 3])
    alice.enter({ userRefNum, price: 1_000_000 + userRefNum * 100 });
  rig.run();
  rig.tick(30 * SECOND_MS);
  alice.cancel(1);
  rig.run();
  assert.deepEqual(lane.read(), [], "not longer than the limit");
  rig.tick(1);
  alice.cancel(2);
  bob.enter({ userRefNum: 1, side: "S", price: 1_000_000 });
  rig.run();
  assert.deepEqual(lane.read(), ["long-rest 0/2 30001", "long-rest 0/3 30001"]);
});

test("at the end of the day nothing is told of orders that end because of it", () => {
  const lane = new LoggedLane();
  const { rig } = lane;
  rig.login("ALICE").enter({ userRefNum: 1 });
  rig.run();
  rig.tick(60 * SECOND_MS);
  rig.push(INBOUND_KIND.ROLL, -1, 0, ROLL_STEP.CLOSE);
  rig.run();
  assert.equal(rig.lane.core.dayPhase, DAY_PHASE.CLOSED);
  assert.deepEqual(lane.read(), []);
});

test("a second cancel of the same order is told, the first of another is not", () => {
  const lane = new LoggedLane();
  const { rig } = lane;
  const alice = rig.login("ALICE");
  const bob = rig.login("BOB");
  for (const trader of [alice, bob]) trader.enter({ userRefNum: 1 }).enter({ userRefNum: 2 });
  alice.cancel(1, { quantity: 50 }).cancel(2, { quantity: 50 });
  bob.cancel(1, { quantity: 50 });
  rig.run();
  assert.deepEqual(lane.read(), []);
  rig.tick(SECOND_MS);
  alice.cancel(1);
  rig.tick(SECOND_MS);
  // Gone already: the client's hand is as fast as before.
  alice.cancel(1);
  rig.tick(SECOND_MS + 1);
  alice.cancel(1);
  rig.run();
  assert.deepEqual(lane.read(), ["cancel-again 0/1 1000", "cancel-again 0/1 1000"]);
});

test("a market order that trades late is told once, one that trades in time is not", () => {
  const lane = new LoggedLane({ outputsPerStepMax: 2 });
  const { rig } = lane;
  const alice = rig.login("ALICE");
  const bob = rig.login("BOB");
  for (let userRefNum = 1; userRefNum <= 20; userRefNum++) alice.enter({ userRefNum });
  rig.run();
  bob.enter({ userRefNum: 1, side: "S", quantity: 100, price: PRICE_MARKET });
  rig.run();
  assert.deepEqual(lane.read(), []);

  // The rig's clock moves on by 100 ns a look: its lane takes the record some looks later.
  lane.telemetry.control.marketFillNsMax = 400;
  bob.enter({ userRefNum: 2, side: "S", quantity: 800, price: PRICE_MARKET });
  for (let ticks = 0; ticks < 10; ticks++) rig.tick(0);
  rig.run();
  assert.deepEqual(
    lane.read().map((fact) => fact.split(" ").slice(0, 2)),
    [["late-fill", "1/2"]],
  );
  bob.enter({ userRefNum: 3, side: "S", quantity: 100, price: 1_000_000 });
  for (let ticks = 0; ticks < 10; ticks++) rig.tick(0);
  rig.run();
  assert.deepEqual(lane.read(), [], "it has a price");
});

test("a lane that is rebuilt tells nothing of what happened before, and what ends afterwards with its whole rest", () => {
  const recorder = new InputRecorder();
  const before = new LaneRig({ inputLog: recorder });
  const alice = before.login("ALICE");
  for (const userRefNum of [1, 2]) alice.enter({ userRefNum });
  before.run();
  before.tick(45 * SECOND_MS);
  alice.cancel(1).cancel(1);
  before.run();

  const lane = new LoggedLane({ isReplay: true });
  const { rig } = lane;
  rig.lane.rebuild(({ core, unsequenced }) => {
    for (const bytes of recorder.slots) {
      const slots = new SlotMemory(Uint8Array.from(bytes).buffer);
      core.apply(new InboundRecord().wrap(slots, 0), slots, 0, 0);
      unsequenced.clear();
    }
    return new NoInputLog();
  });
  assert.deepEqual(lane.read(), []);
  assert.equal(rig.count("outboxBytes"), before.count("outboxBytes"), "before any batch");
  rig.eventNs = before.eventNs;
  rig.push(INBOUND_KIND.RECOVERED, -1, 0, 0);
  const again = rig.login("ALICE");
  again.cancel(2);
  rig.run();
  assert.deepEqual(lane.read(), ["long-rest 0/2 45000"]);
  assert.equal(LOG_KIND_NAMES.get(LOG_KIND.LONG_REST), "long-rest");
});
