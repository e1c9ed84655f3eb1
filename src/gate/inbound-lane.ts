// The gate's end of one lane's inbound ring: who may take a slot, and control records that are never lost.
//
// A connection owns at most an eighth of the slots, and what the lane holds back of it counts as if it were there still.
// Slots are counted back when the lane has handed them back, which is looked at when somebody wants more. DETACHs wait as flags until there is room, and no message goes before them;
// a place in the table is free again when the lane has handled its DETACH.

import { INBOUND_KIND, InboundRecord } from "../memory/inbound-record.ts";
import type { LaneSignal } from "../memory/lane-signal.ts";
import type { Progress } from "../memory/progress.ts";
import type { RingConsumer } from "../memory/ring-consumer.ts";
import { reservedSlots, slotOffset, usedSlots } from "../memory/ring-layout.ts";
import { RING_FULL, type RingProducer } from "../memory/ring-producer.ts";
import type { Connection } from "./connection.ts";
import type { Connections } from "./connections.ts";
import { IndexQueue, QUEUE_EMPTY } from "./index-queue.ts";

export interface LaneLink {
  readonly inbound: RingProducer;
  readonly outbound: RingConsumer;
  readonly signal: LaneSignal;
}

/** The connection has its share of the ring already; others may still get a slot. */
export const OVER_QUOTA = -2;

const NOBODY = -1;
/** A lane that sleeps is woken for so many reads at the latest, or when all sockets of the turn have been read. */
export const READS_PER_WAKE = 16;

export class InboundLane {
  readonly ring: RingProducer;
  readonly signal: LaneSignal;
  /** At most this many messages of one connection are in the ring or held back by the lane. */
  readonly quota: number;
  /** Most slots that were ever in use. */
  highWater = 0;
  private readonly connections: Connections;
  private readonly progress: Progress;
  private readonly record = new InboundRecord();
  private readonly reserve: number;
  private readonly slotMask: number;
  private readonly slotOwners: Int32Array; // by sequence & mask
  private readonly ownedSlots: Int32Array; // by connection
  private reclaimed: number; // slots before this sequence are counted back
  private firstUnpublished: number;
  private readonly detachesWaiting: IndexQueue;
  private readonly detachesSent: IndexQueue;
  private readonly detachSequences: Int32Array; // by connection
  private readsUnannounced = 0; // that the lane was not woken for
  private isTickWaiting = false;
  private tickSequence: number; // of the latest tick

  constructor(
    link: LaneLink,
    connections: Connections,
    connectionsMax: number,
    progress: Progress,
  ) {
    this.ring = link.inbound;
    this.signal = link.signal;
    this.connections = connections;
    this.progress = progress;
    this.reserve = reservedSlots(this.ring.slotCount);
    this.slotMask = this.ring.slotCount - 1;
    this.quota = Math.max(1, this.ring.slotCount >>> 3);
    this.slotOwners = new Int32Array(this.ring.slotCount).fill(NOBODY);
    this.ownedSlots = new Int32Array(connectionsMax);
    // Records of others may be on their way already: they are nobody's, and go before ours.
    this.reclaimed = this.ring.headSequence();
    this.firstUnpublished = this.ring.tailSequence;
    this.tickSequence = (this.ring.headSequence() - 1) | 0;
    this.detachesWaiting = new IndexQueue(connectionsMax);
    this.detachesSent = new IndexQueue(connectionsMax);
    this.detachSequences = new Int32Array(connectionsMax);
  }

  /** Offset of a slot for a message, or RING_FULL or OVER_QUOTA. */
  claimMessage(connection: number): number {
    if (this.detachesWaiting.count > 0) return RING_FULL;
    if (this.usedShare(connection) >= this.quota) {
      this.reclaim();
      if (this.usedShare(connection) >= this.quota) return OVER_QUOTA;
    }
    const offset = this.claim(this.reserve, connection);
    if (offset !== RING_FULL) this.ownedSlots[connection]!++;
    return offset;
  }

  /** Offset of a slot for an ATTACH or a command, which the caller holds back when it is RING_FULL. */
  claimControl(): number {
    return this.claim(0, NOBODY);
  }

  /** Something was claimed and not yet handed over. */
  get hasClaims(): boolean {
    return this.firstUnpublished !== this.ring.tailSequence;
  }

  /** Hands over what was claimed, stamped with this moment, and wakes the lane when it sleeps. */
  publish(inboundNs: number): void {
    if (this.handOver(inboundNs)) this.wake();
  }

  /** A read begins, of somebody whose lane this is. */
  beforeRead(): void {
    this.signal.guest?.onRead();
  }

  /** A socket that was paused goes on. */
  beforeResume(): void {
    this.signal.guest?.onResume();
  }

  /**
   * What one read brought. A lane that is awake has it at once; waking one costs as much as the rest of a read, and it
   * would sleep again before the next: announceReads() follows behind the last socket of the turn.
   */
  publishRead(inboundNs: number): void {
    if (!this.handOver(inboundNs)) return;
    if (++this.readsUnannounced === READS_PER_WAKE) this.wake();
  }

  /** At the end of a turn, behind its sockets and before the loop sleeps. */
  announceReads(): void {
    if (this.readsUnannounced > 0) this.wake(true);
  }

  private wake(isTurnOver = false): void {
    this.readsUnannounced = 0;
    this.signal.wakeLaneIfParked(isTurnOver);
  }

  private handOver(inboundNs: number): boolean {
    const { ring, record } = this;
    const end = ring.tailSequence;
    if (this.firstUnpublished === end) return false;
    const used = ring.usedSlots();
    if (used > this.highWater) this.highWater = used;
    let depth = used - usedSlots(end, this.firstUnpublished);
    for (let sequence = this.firstUnpublished; sequence !== end; sequence = (sequence + 1) | 0) {
      record.wrap(ring.slots, slotOffset(sequence, this.slotMask)).inboundNs = inboundNs;
      record.depth = depth++;
    }
    this.firstUnpublished = end;
    ring.publish();
    return true;
  }

  /** The connection's attachment is over. It is told as soon as there is room. */
  detach(connection: Connection): void {
    this.detachesWaiting.push(connection.index);
  }

  /** Time has passed. Ticks that find no room become one. */
  tick(): void {
    this.isTickWaiting = true;
  }

  /** Publishes the control records that wait, as far as there is room. */
  settle(eventNs: number, nowNs: number): void {
    while (this.detachesWaiting.count > 0) {
      const offset = this.claim(this.reserve, NOBODY);
      if (offset === RING_FULL) break;
      this.writeDetach(offset, this.detachesWaiting.pop(), eventNs, nowNs);
    }
    if (this.isTickWaiting && this.detachesWaiting.count === 0) this.writeTick(eventNs, nowNs);
    this.publish(nowNs);
  }

  /** A connection whose DETACH the lane has handled, or QUEUE_EMPTY. Each is named once. */
  takeDetached(): number {
    const connection = this.detachesSent.peek();
    if (connection === QUEUE_EMPTY) return QUEUE_EMPTY;
    const isHandled = usedSlots(this.ring.headSequence(), this.detachSequences[connection]!) > 0;
    return isHandled ? this.detachesSent.pop() : QUEUE_EMPTY;
  }

  get hasDetachesWaiting(): boolean {
    return this.detachesWaiting.count > 0;
  }

  /** Half the ring is free, so sockets that wait for room may be read again. */
  isHalfEmpty(): boolean {
    return this.ring.usedSlots() * 2 <= this.ring.slotCount;
  }
  /** A message would find a slot now. */
  hasRoom(): boolean {
    if (this.detachesWaiting.count > 0) return false;
    return this.ring.usedSlots() < this.ring.slotCount - this.reserve;
  }
  /** Half of the connection's share is free. */
  hasShare(connection: number): boolean {
    if (this.usedShare(connection) * 2 <= this.quota) return true;
    this.reclaim();
    return this.usedShare(connection) * 2 <= this.quota;
  }

  private usedShare(connection: number): number {
    return this.ownedSlots[connection]! + this.progress.held(connection);
  }

  private claim(reserve: number, owner: number): number {
    const sequence = this.ring.tailSequence;
    const offset = this.ring.claim(reserve);
    if (offset === RING_FULL) return RING_FULL;
    // The slot's former owner must be counted back before it is forgotten.
    if (usedSlots(sequence, this.reclaimed) >= this.ring.slotCount) this.reclaim();
    this.slotOwners[sequence & this.slotMask] = owner;
    return offset;
  }

  private reclaim(): void {
    const head = this.ring.headSequence();
    for (let sequence = this.reclaimed; sequence !== head; sequence = (sequence + 1) | 0) {
      const owner = this.slotOwners[sequence & this.slotMask]!;
      if (owner !== NOBODY) this.ownedSlots[owner]!--;
    }
    this.reclaimed = head;
  }

  /** One tick at a time: a lane that is behind needs no second one. */
  private writeTick(eventNs: number, nowNs: number): void {
    if (usedSlots(this.ring.headSequence(), this.tickSequence) <= 0) return;
    const offset = this.claim(this.reserve, NOBODY);
    if (offset === RING_FULL) return;
    const record = this.record.wrap(this.ring.slots, offset).start(INBOUND_KIND.TICK, -1, 0);
    record.eventNs = eventNs;
    record.sinceNs = nowNs;
    this.tickSequence = (this.ring.tailSequence - 1) | 0;
    this.isTickWaiting = false;
  }

  private writeDetach(offset: number, index: number, eventNs: number, nowNs: number): void {
    const connection = this.connections.at(index);
    if (connection === undefined) throw new Error("invariant: a place was given away early");
    const record = this.record.wrap(this.ring.slots, offset);
    record.start(INBOUND_KIND.DETACH, index, connection.epoch);
    record.detail = connection.detachReason;
    record.eventNs = eventNs;
    record.sinceNs = nowNs;
    record.readNs = nowNs;
    this.detachSequences[index] = (this.ring.tailSequence - 1) | 0;
    this.detachesSent.push(index);
  }
}
