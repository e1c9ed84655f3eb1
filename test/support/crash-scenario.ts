// One lane that is fed a recorded day on a simulated disk, dies before a given call to it, comes back, is fed some more
// and dies again. Small enough to be run for every call that there is.

import assert from "node:assert/strict";
import { AttachPayload } from "../../src/memory/attach-payload.ts";
import { INBOUND_KIND, InboundRecord } from "../../src/memory/inbound-record.ts";
import { createProgress, Progress } from "../../src/memory/progress.ts";
import { RING_EMPTY } from "../../src/memory/ring-consumer.ts";
import { RING_FULL } from "../../src/memory/ring-producer.ts";
import { writeEnter } from "../../src/tools/client/order-messages.ts";
import { CrashJournal } from "./crash-journal.ts";
import { InputRecorder } from "./input-recorder.ts";
import { LaneFlow } from "./lane-flow.ts";
import { LaneRig, laneConfig } from "./lane-rig.ts";
import { ModelClock } from "./model-clock.ts";
import { ModelLane, ModelLog } from "./model-lane.ts";
import { SeededRandom } from "./seeded-random.ts";
import type { CrashKeep } from "./simulated-disk.ts";

const CONNECTIONS_MAX = 64;
const ACCOUNTS = 3;
const CONFIG = laneConfig({ outputsPerStepMax: 4 });
const FIRST_NEW_NUMBER = 100_000;
const NEW_ORDERS = 12;
const BATCH_MAX = 4;
const KEEPER_PAUSE_MS = 10;
/** So many are enough for what is begun. */
const KEEPER_STEPS = 30;

export interface ScenarioOptions {
  readonly seed: number;
  readonly durability: "power-loss" | "process-crash";
  readonly segmentBytes: number;
  readonly checkpointRecordsMax: number;
  readonly records: number;
}

/** How it goes, up to both deaths. */
export interface Deaths {
  /** The first comes before this call to the disk; infinity: at the end. */
  readonly call: number;
  readonly first: CrashKeep;
  readonly second: CrashKeep;
  /** Writes in pieces of so many bytes. */
  readonly writeBytesMax: number;
}

export class CrashScenario {
  private readonly options: ScenarioOptions;
  private readonly slots: readonly Buffer[];
  private eventNs: number;

  constructor(options: ScenarioOptions) {
    this.options = options;
    const recorder = new InputRecorder();
    const rig = new LaneRig({ inputLog: recorder, batchMax: BATCH_MAX, outputsPerStepMax: 4 });
    const flow = new LaneFlow(rig, new SeededRandom(options.seed), ACCOUNTS);
    while (recorder.slots.length < options.records) {
      flow.step();
      rig.run();
    }
    this.eventNs = rig.eventNs;
    // The lane below gets its configuration anyway.
    this.slots = recorder.slots.filter((slot) => slot[0] !== INBOUND_KIND.CONFIG);
  }

  /** Returns the journal as the second death has left it, and a recovery behind that. */
  run(deaths: Deaths): CrashJournal {
    const { seed, durability, segmentBytes, checkpointRecordsMax } = this.options;
    const random = new SeededRandom(seed);
    const clock = new ModelClock();
    const journal = new CrashJournal({
      lane: 0,
      durability,
      segmentBytes,
      checkpointRecordsMax,
      random,
      clock,
    });
    journal.disk.writeBytesMax = deaths.writeBytesMax;
    journal.dieAtCall(deaths.call);
    const log = new ModelLog();
    this.untilDead(journal, () => this.feedDay(this.begin(journal, log, clock), journal));
    journal.crashTo(deaths.first);
    const lane = this.begin(journal, log, clock);
    if (log.slots.length > 0 && lane.lane.core.state !== undefined) {
      lane.recover(this.eventNs);
      this.feedEvening(lane, journal);
    }
    journal.crashTo(deaths.second);
    this.begin(journal, log, clock);
    return journal;
  }

  private untilDead(journal: CrashJournal, run: () => void): void {
    try {
      run();
    } catch (thrown) {
      if (!journal.isDead) throw thrown;
    }
  }

  private begin(journal: CrashJournal, log: ModelLog, clock: ModelClock): ModelLane {
    return new ModelLane({
      index: 0,
      inboundSlots: 16,
      outboundSlots: 64,
      firstSequence: 0,
      batchMax: BATCH_MAX,
      windowBytes: 65_536,
      venueHeldMax: 64,
      progress: new Progress(createProgress(CONNECTIONS_MAX)),
      clock,
      log,
      config: CONFIG,
      journal,
      // The day was recorded with its CONTINUE records.
      writesContinues: false,
    });
  }

  private feedDay(lane: ModelLane, journal: CrashJournal): void {
    for (const [index, slot] of this.slots.entries()) {
      feed(lane, slot);
      if (index % BATCH_MAX < BATCH_MAX - 1) continue;
      turn(lane);
      this.stepKeeper(journal);
    }
    turn(lane);
    for (let step = 0; step < KEEPER_STEPS; step++) this.stepKeeper(journal);
  }

  private stepKeeper(journal: CrashJournal): void {
    journal.passMs(KEEPER_PAUSE_MS);
    journal.stepKeeper();
  }

  /** Somebody comes back and trades. */
  private feedEvening(lane: ModelLane, journal: CrashJournal): void {
    const record = new InboundRecord();
    const bytes = Buffer.alloc(200);
    const push = (kind: number, payloadBytes: number): void => {
      const { inbound } = lane.link;
      const offset = inbound.claim(0);
      assert(offset !== RING_FULL);
      record.wrap(inbound.slots, offset).start(kind, 1, FIRST_NEW_NUMBER);
      record.flags = 0;
      record.eventNs = this.eventNs;
      record.payloadBytes = payloadBytes;
      bytes.copy(inbound.slots.bytes, record.payloadOffset, 0, payloadBytes);
      inbound.publish();
      turn(lane);
      this.stepKeeper(journal);
    };
    push(
      INBOUND_KIND.ATTACH,
      new AttachPayload().wrap(bytes, 0).write("U0", ["LIME"], false, "", 0),
    );
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let order = 0; order < NEW_ORDERS; order++) {
      const userRefNum = FIRST_NEW_NUMBER + order;
      const fields = { userRefNum, side: "B", quantity: 10, symbol: "AAPL", price: 1_000_000 };
      push(INBOUND_KIND.MESSAGE, writeEnter(view, 0, fields));
    }
  }
}

function feed(lane: ModelLane, slot: Buffer): void {
  const { inbound } = lane.link;
  let offset = inbound.claim(0);
  while (offset === RING_FULL) {
    turn(lane);
    offset = inbound.claim(0);
  }
  slot.copy(inbound.slots.bytes, offset);
  inbound.publish();
}

/** Until the lane has nothing to do. Nobody looks at what it says. */
function turn(lane: ModelLane): void {
  const { outbound } = lane.link;
  let done = 1;
  while (done > 0) {
    done = lane.lane.turn();
    while (outbound.take() !== RING_EMPTY) done++;
    outbound.release();
  }
  lane.streams.readAll();
}
