// Moves each account's cursor towards the end of its outbox, into the outbound ring (design §3 step 5). Live stream,
// resume and slow reader are one mechanism: a connection has a credit window, and what does not fit waits here.
// Lane thread. Decides nothing that a replay would have to repeat.

import { assert } from "../base/assert.ts";
import type { LaneSignal } from "../memory/lane-signal.ts";
import { OUTBOUND_KIND, OUTCOME, OutboundRecord } from "../memory/outbound-record.ts";
import type { Progress } from "../memory/progress.ts";
import { reservedSlots } from "../memory/ring-layout.ts";
import { RING_FULL, type RingProducer } from "../memory/ring-producer.ts";
import { AccountQueue } from "./account-queue.ts";
import type { BatchStamps } from "./batch-stamps.ts";
import type { Outbox } from "./outbox.ts";
import { OutboxEntry, outboxEntryBytes } from "./outbox-entry.ts";
import { NO_PAGE } from "./outbox-page-layout.ts";
import type { Streams } from "./streams.ts";

const NOBODY = -1;

/** Where an account's packets stand. */
const PLACE = {
  /** Nothing to deliver, or nobody to deliver to. */
  IDLE: 0,
  /** In the live queue: was at the end of its outbox before this batch. */
  LIVE: 1,
  /** In the backlog queue. */
  BACKLOG: 2,
  /** Its window is full; waits for credit. */
  STARVED: 3,
} as const;

/** How far a visit to an account came. */
const VISIT = { DONE: 0, STARVED: 1, RING_FULL: 2, BOUND: 3 } as const;

/** Backlogs get this many packets per turn, and no account more than the smaller number at once. */
const BACKLOG_PACKETS_MAX = 512;
const BACKLOG_VISIT_PACKETS_MAX = 64;

export class Delivery implements Streams {
  private readonly outbox: Outbox;
  private readonly ring: RingProducer;
  private readonly signal: LaneSignal;
  private readonly progress: Progress;
  private readonly windowBytes: number;
  private readonly stamps: BatchStamps;
  private readonly liveReserve: number;
  private readonly backlogReserve: number;
  private readonly entry = new OutboxEntry();
  private readonly record = new OutboundRecord();

  private connections = new Int32Array(64).fill(NOBODY);
  private epochs = new Int32Array(64);
  private places = new Uint8Array(64);
  private pages = new Int32Array(64); // cursor: page,
  private offsets = new Int32Array(64); // and offset of the next entry within it
  private closing = new Uint8Array(64);
  private readonly live = new AccountQueue();
  private readonly backlog = new AccountQueue();
  private readonly starved = new AccountQueue();
  private readonly closed = new AccountQueue();
  private creditSeen = 0;

  constructor(
    outbox: Outbox,
    ring: RingProducer,
    signal: LaneSignal,
    progress: Progress,
    windowBytes: number,
    stamps: BatchStamps,
  ) {
    this.outbox = outbox;
    this.ring = ring;
    this.signal = signal;
    this.progress = progress;
    this.windowBytes = windowBytes;
    this.stamps = stamps;
    this.liveReserve = reservedSlots(ring.slotCount);
    // A resume never fills more than half the ring: live answers find room beside it.
    this.backlogReserve = Math.max(this.liveReserve, ring.slotCount >>> 1);
  }

  onAttached(
    account: number,
    connection: number,
    epoch: number,
    sequence: number,
    taken: number,
  ): void {
    while (account >= this.connections.length) this.grow();
    const page = this.outbox.findPage(account, sequence);
    this.pages[account] = page;
    this.offsets[account] = this.outbox.findOffset(page, sequence);
    this.connections[account] = connection;
    this.epochs[account] = epoch;
    this.closing[account] = 0;
    this.progress.startSent(connection, taken);
    if (this.places[account] === PLACE.IDLE && this.hasMore(account)) {
      this.places[account] = PLACE.BACKLOG;
      this.backlog.add(account);
    } else if (this.places[account] === PLACE.STARVED) {
      this.starved.remove(account);
      this.places[account] = PLACE.BACKLOG;
      this.backlog.add(account);
    }
  }

  onDetached(account: number): void {
    this.connections[account] = NOBODY;
    if (this.places[account] !== PLACE.STARVED) return; // the queues drop it when they come to it
    this.starved.remove(account);
    this.places[account] = PLACE.IDLE;
  }

  onClosing(account: number): void {
    if (this.closing[account] === 1) return;
    this.closing[account] = 1;
    this.closed.add(account);
  }

  onWritten(account: number): void {
    if (account >= this.connections.length) return;
    if (this.connections[account] === NOBODY || this.places[account] !== PLACE.IDLE) return;
    this.places[account] = PLACE.LIVE;
    this.live.add(account);
  }

  /** False while answers of a batch are still here: the lane takes nothing more until they are in the ring. */
  get isLiveDone(): boolean {
    return this.live.isEmpty;
  }

  /** Packets of accounts that were up to date. Returns how many went. */
  deliverLive(): number {
    let delivered = 0;
    while (!this.live.isEmpty) {
      const account = this.live.first();
      const before = this.ring.tailSequence;
      const visit = this.visit(account, Number.MAX_SAFE_INTEGER, this.liveReserve);
      delivered += (this.ring.tailSequence - before) | 0;
      if (visit === VISIT.RING_FULL) break;
      this.live.removeFirst();
      this.settle(account, visit);
    }
    if (this.live.isEmpty) this.dropClosed();
    return delivered;
  }

  /** Packets of accounts that are behind: in turn, a bounded number. Returns how many went. */
  deliverBacklog(): number {
    this.takeCredit();
    let delivered = 0;
    while (!this.backlog.isEmpty && delivered < BACKLOG_PACKETS_MAX) {
      const account = this.backlog.first();
      const before = this.ring.tailSequence;
      const visit = this.visit(account, BACKLOG_VISIT_PACKETS_MAX, this.backlogReserve);
      delivered += (this.ring.tailSequence - before) | 0;
      if (visit === VISIT.RING_FULL) break;
      this.backlog.removeFirst();
      this.settle(account, visit);
    }
    return delivered;
  }

  /** True when everything that has somewhere to go has gone; what waits for a client to read has not. */
  get isDone(): boolean {
    return this.live.isEmpty && this.backlog.isEmpty && this.starved.isEmpty;
  }

  private settle(account: number, visit: number): void {
    if (visit === VISIT.DONE) {
      this.places[account] = PLACE.IDLE;
    } else if (visit === VISIT.STARVED) {
      this.places[account] = PLACE.STARVED;
      this.starved.add(account);
    } else {
      this.places[account] = PLACE.BACKLOG;
      this.backlog.add(account);
    }
  }

  /** Accounts whose windows opened go on. */
  private takeCredit(): void {
    const credit = this.signal.credit();
    if (credit === this.creditSeen) return;
    this.creditSeen = credit;
    for (let left = this.starved.count; left > 0; left--) {
      const account = this.starved.first();
      this.starved.removeFirst();
      const connection = this.connections[account]!;
      if (this.progress.inFlight(connection) < this.windowBytes) {
        this.places[account] = PLACE.BACKLOG;
        this.backlog.add(account);
      } else {
        this.starved.add(account);
      }
    }
  }

  private dropClosed(): void {
    while (!this.closed.isEmpty) {
      const account = this.closed.first();
      this.closed.removeFirst();
      // A new login in the same batch has taken the place of the one that was to be closed.
      if (this.closing[account] === 1) this.onDetached(account);
      this.closing[account] = 0;
    }
  }

  private visit(account: number, packetsMax: number, reserve: number): number {
    const connection = this.connections[account]!;
    if (connection === NOBODY) return VISIT.DONE;
    let result: number = VISIT.BOUND;
    let room = this.windowBytes - this.progress.inFlight(connection);
    let sent = 0;
    for (let packets = 0; packets < packetsMax; packets++) {
      if (!this.hasMore(account)) {
        result = VISIT.DONE;
        break;
      }
      const needed = this.nextPacketBytes(account);
      if (room < needed) {
        this.progress.addSent(connection, sent);
        sent = 0;
        room = this.roomOrStarve(connection, needed);
        if (room < needed) {
          result = VISIT.STARVED;
          break;
        }
      }
      const offset = this.claim(reserve);
      if (offset === RING_FULL) {
        result = VISIT.RING_FULL;
        break;
      }
      const packetBytes = this.write(account, offset);
      sent += packetBytes;
      room -= packetBytes;
    }
    if (sent > 0) this.progress.addSent(connection, sent);
    return result;
  }

  /** The window is full: says so, and looks once more, since the kernel may have taken some meanwhile. */
  private roomOrStarve(connection: number, needed: number): number {
    this.progress.setStarved(connection);
    const room = this.windowBytes - this.progress.inFlight(connection);
    if (room >= needed) this.progress.clearStarved(connection);
    return room;
  }

  /** As above, for the ring. */
  private claim(reserve: number): number {
    const offset = this.ring.claim(reserve);
    if (offset !== RING_FULL) return offset;
    this.signal.setRingStarved();
    return this.ring.claim(reserve);
  }

  /** Whether the cursor has a packet before it; moves it on to the next page if it must. */
  private hasMore(account: number): boolean {
    const page = this.pages[account]!;
    if (this.offsets[account]! < this.outbox.pageUsedBytes(page)) return true;
    const next = this.outbox.nextPage(page);
    if (next === NO_PAGE) return false;
    this.pages[account] = next;
    this.offsets[account] = this.outbox.firstOffset;
    return true;
  }

  /** Points the entry at the packet before the cursor. */
  private nextPacketBytes(account: number): number {
    const page = this.pages[account]!;
    const offset = this.outbox.offsetOf(page) + this.offsets[account]!;
    return this.entry.wrap(this.outbox.memoryOf(page), offset).packetBytes;
  }

  /** The packet that the entry is pointed at. */
  private write(account: number, offset: number): number {
    const { entry, record, stamps, outbox, ring } = this;
    const memory = outbox.memoryOf(this.pages[account]!);
    const packetBytes = entry.packetBytes;
    record.wrap(ring.slots, offset);
    record.start(OUTBOUND_KIND.SEQUENCED, this.connections[account]!, this.epochs[account]!);
    record.payloadBytes = packetBytes;
    record.account = account;
    record.answerType = entry.answerType;
    record.sinceNs = entry.sinceNs;
    record.requestType = entry.requestType;
    record.userRefNum = entry.userRefNum;
    const outcome = entry.outcome;
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
    const start = entry.packetOffset;
    memory.bytes.copy(ring.slots.bytes, record.payloadOffset, start, start + packetBytes);
    this.offsets[account]! += outboxEntryBytes(packetBytes);
    return packetBytes;
  }

  private grow(): void {
    const accounts = this.connections.length * 2;
    const connections = new Int32Array(accounts).fill(NOBODY);
    const epochs = new Int32Array(accounts);
    const places = new Uint8Array(accounts);
    const pages = new Int32Array(accounts);
    const offsets = new Int32Array(accounts);
    const closing = new Uint8Array(accounts);
    connections.set(this.connections);
    epochs.set(this.epochs);
    places.set(this.places);
    pages.set(this.pages);
    offsets.set(this.offsets);
    closing.set(this.closing);
    this.connections = connections;
    this.epochs = epochs;
    this.places = places;
    this.pages = pages;
    this.offsets = offsets;
    this.closing = closing;
  }
}

/** The outcome of an answer that leaves later than its batch. */
function delayed(outcome: number): number {
  if (outcome === OUTCOME.ACCEPTED) return OUTCOME.DELAYED_ACCEPTED;
  if (outcome === OUTCOME.REJECTED) return OUTCOME.DELAYED_REJECTED;
  return outcome;
}

assert(OUTCOME.UNSOLICITED === 0, "a fresh record is unsolicited");
