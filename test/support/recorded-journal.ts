// The journal of recorded inputs on a simulated disk, beside a lane that has everything of it in memory: what any
// checkpoint must lead to.

import assert from "node:assert/strict";
import { STORE_NAME } from "../../src/journal/journal-names.ts";
import { LaneCore } from "../../src/lane/lane-core.ts";
import { makeVenue } from "../../src/lane/make-venue.ts";
import { Outbox } from "../../src/lane/outbox.ts";
import { recover } from "../../src/lane/recovery.ts";
import { Unsequenced } from "../../src/lane/unsequenced.ts";
import { CounterWriter, createCounters, LANE_COUNTERS } from "../../src/memory/counters.ts";
import {
  INBOUND_KIND,
  INBOUND_PAYLOAD_BYTES_MAX,
  InboundRecord,
} from "../../src/memory/inbound-record.ts";
import { LANE_BEHAVIOUR_VERSION } from "../../src/memory/lane-config.ts";
import { SLOT_BYTES, SlotMemory } from "../../src/memory/slot-memory.ts";
import { BareLane } from "./bare-lane.ts";
import { BUILD, JournalRig, LANE_DIRECTORY, SESSION } from "./journal-rig.ts";
import { readPacket } from "./outbox-twin.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

const NOBODY = { onAttached() {}, onDetached() {}, onClosing() {}, onWritten() {}, onHeld() {} };

export class RecordedJournal {
  readonly disk = new SimulatedDisk(LANE_DIRECTORY);
  readonly truth = new BareLane();
  readonly records: number;
  /** The one in work; those before it are finished. */
  readonly currentSegment: number;

  constructor(random: SeededRandom, inputs: readonly Buffer[]) {
    const rig = new JournalRig(this.disk);
    const behaviourVersion = LANE_BEHAVIOUR_VERSION;
    const writer = rig.writer({ behaviourVersion, onWaiting: () => rig.stage() });
    const slots = new SlotMemory(new ArrayBuffer(SLOT_BYTES));
    const record = new InboundRecord().wrap(slots, 0);
    const { core } = this.truth;
    for (const slot of inputs) {
      slot.copy(slots.bytes);
      if (this.truth.apply(slot)) writer.append(slots, 0, core.digest);
      // Ticks that are long, so that a short day fills several segments.
      if (core.isConfigured) {
        record.start(INBOUND_KIND.TICK, -1, 0).eventNs = core.eventNs;
        record.payloadBytes = INBOUND_PAYLOAD_BYTES_MAX;
        this.truth.apply(slots.bytes);
        writer.append(slots, 0, core.digest);
      }
      if (random.chance(20)) writer.commit(core.digest);
    }
    writer.commit(core.digest);
    writer.close();
    this.records = writer.position.nextRecord - 1;
    this.currentSegment = rig.block.currentSegment;
  }

  /**
   * Goes from the newest checkpoint on the disk to the end of the journal, and looks at every `step`th packet. Returns the
   * checkpoint's segment.
   */
  checkRecovery(disk: SimulatedDisk, { build = BUILD, step = 1 } = {}): number {
    const outbox = this.emptyOutbox(disk);
    const unsequenced = new Unsequenced();
    const counters = new CounterWriter(createCounters(LANE_COUNTERS));
    const core = new LaneCore(outbox, unsequenced, NOBODY, counters, makeVenue);
    const recovery = recover({
      files: disk,
      laneDirectory: LANE_DIRECTORY,
      lane: 0,
      session: SESSION,
      build,
      core,
      outbox,
      unsequenced,
      onProgress: () => undefined,
    });
    assert.equal(recovery.tornBytes, 0);
    assert.equal(recovery.records, this.records);
    this.checkOutbox(core, outbox, step);
    outbox.close();
    return recovery.checkpointSegment;
  }

  private emptyOutbox(disk: SimulatedDisk): Outbox {
    const path = `${LANE_DIRECTORY}/spill.outbox`;
    const storePath = `${LANE_DIRECTORY}/${STORE_NAME}`;
    return new Outbox({ lane: 0, bytesMax: 2 ** 20, spill: { files: disk, path, storePath } });
  }

  private checkOutbox(core: LaneCore, outbox: Outbox, step: number): void {
    const { truth } = this;
    assert.equal(core.digest.high, truth.core.digest.high);
    assert.equal(core.digest.low, truth.core.digest.low);
    const accounts = truth.core.state?.accounts.count ?? 0;
    assert.equal(core.state?.accounts.count, accounts);
    for (let account = 0; account < accounts; account++) {
      const end = truth.outbox.nextSequence(account);
      assert.equal(outbox.nextSequence(account), end);
      for (let sequence = 1; sequence < end; sequence += step) {
        const found = readPacket(outbox, account, sequence);
        const expected = readPacket(truth.outbox, account, sequence);
        assert.ok(found.equals(expected), `packet ${sequence} of account ${account}`);
      }
    }
  }
}
