// One sequenced packet on its way into the outbound ring, with what the gate is told about it: whose answer it is, and
// when its batch was what, if it leaves with it. Lane thread.

import { assert } from "../base/assert.ts";
import { OUTBOUND_KIND, OUTCOME, OutboundRecord } from "../memory/outbound-record.ts";
import type { RingProducer } from "../memory/ring-producer.ts";
import type { SlotMemory } from "../memory/slot-memory.ts";
import type { BatchStamps } from "./batch-stamps.ts";
import type { OutboxEntry } from "./outbox-entry.ts";

export class SequencedRecord {
  private readonly ring: RingProducer;
  private readonly stamps: BatchStamps;
  private readonly record = new OutboundRecord();

  constructor(ring: RingProducer, stamps: BatchStamps) {
    this.ring = ring;
    this.stamps = stamps;
  }

  /** `offset`: of a claimed slot; `memory` holds the entry. */
  write(
    offset: number,
    connection: number,
    epoch: number,
    account: number,
    entry: OutboxEntry,
    memory: SlotMemory,
  ): void {
    const { ring, record, stamps } = this;
    const { packetBytes, packetOffset, outcome } = entry;
    record.wrap(ring.slots, offset);
    record.start(OUTBOUND_KIND.SEQUENCED, connection, epoch);
    record.payloadBytes = packetBytes;
    record.account = account;
    record.answerType = entry.answerType;
    record.sinceNs = entry.sinceNs;
    record.requestType = entry.requestType;
    record.userRefNum = entry.userRefNum;
    if (stamps.isOpen && entry.batch === stamps.batch) {
      const batchIndex = entry.batchIndex;
      record.outcome = outcome;
      record.batchCount = stamps.count;
      record.batchIndex = batchIndex;
      record.laneNs = stamps.laneNs;
      record.doneNs = stamps.doneNs;
      record.durableNs = stamps.durableNs;
      if (outcome === OUTCOME.ACCEPTED || outcome === OUTCOME.REJECTED) {
        record.readNs = stamps.readNs[batchIndex]!;
        record.inboundNs = stamps.inboundNs[batchIndex]!;
      }
    } else {
      record.outcome = delayed(outcome);
    }
    const end = packetOffset + packetBytes;
    memory.bytes.copy(ring.slots.bytes, record.payloadOffset, packetOffset, end);
  }
}

/** The outcome of an answer that leaves later than its batch. */
function delayed(outcome: number): number {
  if (outcome === OUTCOME.ACCEPTED) return OUTCOME.DELAYED_ACCEPTED;
  if (outcome === OUTCOME.REJECTED) return OUTCOME.DELAYED_REJECTED;
  return outcome;
}

assert(OUTCOME.UNSOLICITED === 0, "a fresh record is unsolicited");
