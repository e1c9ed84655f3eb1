// One sequenced packet on its way into the outbound ring, with what the gate is told about it: whose answer it is, and
// when its batch was what, if it leaves with it. Lane thread.

import { assert } from "../base/assert.ts";
import { copyWords } from "../memory/copy-words.ts";
import {
  OUTBOUND_FLAG,
  OUTBOUND_KIND,
  OUTCOME,
  OutboundRecord,
} from "../memory/outbound-record.ts";
import type { RingProducer } from "../memory/ring-producer.ts";
import type { SlotMemory } from "../memory/slot-memory.ts";
import type { BatchStamps } from "./batch-stamps.ts";
import type { OutboxEntry } from "./outbox-entry.ts";

export class SequencedRecord {
  private readonly ring: RingProducer;
  private readonly stamps: BatchStamps;
  private readonly lane: number;
  private readonly record = new OutboundRecord();

  constructor(ring: RingProducer, stamps: BatchStamps, lane: number) {
    this.ring = ring;
    this.stamps = stamps;
    this.lane = lane;
  }

  /**
   * `offset`: of a claimed slot; `memory` holds the entry; `isLive`: it was written for the connection that gets it;
   * `wasBehind`: the client had not read all that went before.
   */
  write(
    offset: number,
    connection: number,
    epoch: number,
    account: number,
    entry: OutboxEntry,
    memory: SlotMemory,
    isLive: boolean,
    wasBehind: boolean,
  ): void {
    const { ring, record } = this;
    const { packetBytes, packetOffset } = entry;
    record.wrap(ring.slots, offset);
    record.start(OUTBOUND_KIND.SEQUENCED, connection, epoch);
    record.payloadBytes = packetBytes;
    record.account = account;
    record.answerType = entry.answerType;
    record.lane = this.lane;
    // Who resumes gets what others asked for: it has no latency (semantics §6.2).
    if (isLive) this.writeCause(entry, wasBehind);
    copyWords(memory.words, packetOffset, ring.slots.words, record.payloadOffset, packetBytes);
  }

  private writeCause(entry: OutboxEntry, wasBehind: boolean): void {
    const { record, stamps } = this;
    const { outcome } = entry;
    record.sinceNs = entry.sinceNs;
    record.requestType = entry.requestType;
    record.userRefNum = entry.userRefNum;
    const isOfBatch = entry.batch === stamps.batch;
    const leavesWithBatch = isOfBatch && stamps.isOpen;
    record.outcome = leavesWithBatch ? outcome : delayed(outcome);
    if (wasBehind && !leavesWithBatch) record.flags = OUTBOUND_FLAG.PEER_LIMITED;
    // The stamps of the latest batch are known until the next one is taken, and of none before.
    if (!isOfBatch) return;
    record.batchCount = stamps.count;
    record.laneNs = stamps.laneNs;
    record.doneNs = stamps.doneNs;
    record.durableNs = stamps.durableNs;
    const { batchIndex } = entry;
    record.batchIndex = batchIndex;
    // A request that was held back was read with an earlier record.
    if (outcome === OUTCOME.DELAYED_ACCEPTED || outcome === OUTCOME.DELAYED_REJECTED) return;
    const inboundNs = stamps.inboundNs[batchIndex]!;
    record.readNs = stamps.readNs[batchIndex]!;
    record.inboundNs = inboundNs;
    // It joined a batch that had begun.
    if (inboundNs > stamps.laneNs) record.laneNs = inboundNs;
    record.detail = stamps.depths[batchIndex]!;
  }
}

/** The outcome of an answer that leaves later than its batch. */
function delayed(outcome: number): number {
  if (outcome === OUTCOME.ACCEPTED) return OUTCOME.DELAYED_ACCEPTED;
  if (outcome === OUTCOME.REJECTED) return OUTCOME.DELAYED_REJECTED;
  return outcome;
}

assert(OUTCOME.UNSOLICITED === 0, "a fresh record is unsolicited");
