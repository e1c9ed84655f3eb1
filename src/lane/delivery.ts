// Moves each account's cursor towards the end of its outbox, into the outbound ring (design §3 step 5). Live stream,
// resume and slow reader are one mechanism: a connection has a credit window, and what does not fit waits here. What is
// only in a file is read back behind everything else, a chunk per turn, account by account (E32).
// Lane thread. Decides nothing that a replay would have to repeat.

import type { Clock } from "../base/clock.ts";
import type { CounterWriter } from "../memory/counters.ts";
import type { LaneSignal } from "../memory/lane-signal.ts";
import { OUTBOUND_PAYLOAD_BYTES_MAX } from "../memory/outbound-record.ts";
import type { Progress } from "../memory/progress.ts";
import { reservedSlots } from "../memory/ring-layout.ts";
import { RING_FULL, type RingProducer } from "../memory/ring-producer.ts";
import { AccountQueue } from "./account-queue.ts";
import { AnswersOwed } from "./answers-owed.ts";
import { Attachments, NOBODY, PLACE } from "./attachments.ts";
import type { BatchStamps } from "./batch-stamps.ts";
import type { Outbox } from "./outbox.ts";
import { OutboxCursors } from "./outbox-cursors.ts";
import { SequencedRecord } from "./sequenced-record.ts";
import type { Streams } from "./streams.ts";
import type { WireWriter } from "./wire-writer.ts";

/** How far a visit to an account came. */
const VISIT = { DONE: 0, STARVED: 1, RING_FULL: 2, BOUND: 3, COLD: 4 } as const;

/** Backlogs get this many packets per turn, and no account more than the smaller number at once. */
const BACKLOG_PACKETS_MAX = 512;
const BACKLOG_VISIT_PACKETS_MAX = 64;

/** However busy the lane is, so often a chunk is read. */
const READ_EVERY_NS = 1e6;
/** A longer reading is an event. */
const SLOW_READ_NS = 1e6;

export class Delivery implements Streams {
  /** Chunks read back; of these the slow ones, and the longest. */
  reads = 0;
  slowReads = 0;
  longestReadNs = 0;

  private readonly outbox: Outbox;
  private readonly cursors: OutboxCursors;
  private readonly ring: RingProducer;
  private readonly signal: LaneSignal;
  private readonly progress: Progress;
  private readonly windowBytes: number;
  private readonly liveReserve: number;
  private readonly backlogReserve: number;
  private readonly clock: Clock;
  private readonly record: SequencedRecord;
  private readonly owed: AnswersOwed;
  /** Undefined: everything goes through the ring. */
  private readonly writer: WireWriter | undefined;

  private readonly attached = new Attachments();
  private readonly live = new AccountQueue();
  private readonly backlog = new AccountQueue();
  private readonly starved = new AccountQueue();
  private readonly cold = new AccountQueue();
  private readonly closed = new AccountQueue();
  private creditSeen = 0;
  private readNs = 0;

  constructor(
    outbox: Outbox,
    ring: RingProducer,
    signal: LaneSignal,
    progress: Progress,
    windowBytes: number,
    stamps: BatchStamps,
    clock: Clock,
    counters: CounterWriter,
    lane: number,
    writer?: WireWriter,
  ) {
    this.cursors = new OutboxCursors(outbox);
    this.outbox = outbox;
    this.owed = new AnswersOwed(counters);
    this.ring = ring;
    this.signal = signal;
    this.progress = progress;
    this.windowBytes = windowBytes;
    this.record = new SequencedRecord(ring, stamps, lane);
    this.clock = clock;
    this.writer = writer;
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
    this.owed.onGone(account); // of a connection that is taken over
    this.forgetStarved(account);
    this.attached.attach(account, connection, epoch, this.outbox.nextSequence(account));
    this.cursors.place(account, sequence);
    this.progress.startSent(connection, taken);
    if (this.attached.places[account] === PLACE.IDLE && this.cursors.hasMore(account)) {
      this.attached.places[account] = PLACE.BACKLOG;
      this.backlog.add(account);
    } else if (this.attached.places[account] === PLACE.STARVED) {
      this.starved.remove(account);
      this.attached.places[account] = PLACE.BACKLOG;
      this.backlog.add(account);
    }
  }

  onHeld(account: number, requests: number): void {
    const connection = this.attached.connections[account] ?? NOBODY;
    if (connection !== NOBODY) this.progress.setHeld(connection, requests);
  }

  onDetached(account: number): void {
    this.forgetStarved(account);
    this.attached.connections[account] = NOBODY;
    this.owed.onGone(account);
    if (this.attached.places[account] !== PLACE.STARVED) return; // the queues drop it when they come to it
    this.starved.remove(account);
    this.attached.places[account] = PLACE.IDLE;
  }

  /** Who has gone waits for no window: operators count those who do. */
  private forgetStarved(account: number): void {
    const connection = this.attached.connections[account] ?? NOBODY;
    if (connection !== NOBODY) this.progress.clearStarved(connection);
  }

  onClosing(account: number): void {
    if (this.attached.closing[account] === 1) return;
    this.attached.closing[account] = 1;
    this.closed.add(account);
  }

  onWritten(account: number, requestType: number): void {
    if (!this.attached.isAttached(account)) {
      this.owed.onNobody(requestType);
      return;
    }
    this.owed.onWritten(account, requestType);
    if (this.attached.places[account] !== PLACE.IDLE) return;
    this.attached.places[account] = PLACE.LIVE;
    this.live.add(account);
  }

  /** False while answers of a batch are still here: the lane takes nothing more until they are in the ring. */
  get isLiveDone(): boolean {
    return this.live.isEmpty;
  }

  /** Packets of accounts that were up to date. Returns how many went. */
  deliverLive(): number {
    let delivered = 0;
    if (!this.live.isEmpty) this.writer?.start();
    while (!this.live.isEmpty) {
      const account = this.live.first();
      const before = this.ring.tailSequence;
      const visit = this.visitLive(account);
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

  /** Accounts wait for what is in a file. */
  get hasCold(): boolean {
    return !this.cold.isEmpty;
  }

  /**
   * Reads one chunk for the account whose turn it is and delivers it; there is one. `isIdle`: the lane has nothing else
   * to do; if it has, the last reading must be a while ago. Returns how much was done.
   */
  deliverCold(isIdle: boolean): number {
    if (this.attached.connections[this.cold.first()] === NOBODY) {
      this.attached.places[this.cold.first()] = PLACE.IDLE;
      this.cold.removeFirst();
      return 1;
    }
    const startNs = this.clock.nowNs();
    if (!isIdle && startNs - this.readNs < READ_EVERY_NS) return 0;
    if (!this.hasRingRoom()) return 0;
    const account = this.cold.first();
    const before = this.ring.tailSequence;
    const visit = this.visitCold(account, startNs);
    const delivered = (this.ring.tailSequence - before) | 0;
    if (visit === VISIT.RING_FULL) return delivered;
    this.cold.removeFirst();
    this.settle(account, visit);
    // Also without a packet something was done: the next account's turn has come, and nobody will wake the lane for it.
    return Math.max(delivered, 1);
  }

  /** True when everything that has somewhere to go has gone; what waits for a client to read has not. */
  get isDone(): boolean {
    const { live, backlog, starved, cold } = this;
    return live.isEmpty && backlog.isEmpty && starved.isEmpty && cold.isEmpty;
  }

  private settle(account: number, visit: number): void {
    if (visit === VISIT.DONE) {
      this.attached.places[account] = PLACE.IDLE;
    } else if (visit === VISIT.STARVED) {
      this.attached.places[account] = PLACE.STARVED;
      this.starved.add(account);
    } else if (visit === VISIT.COLD) {
      this.attached.places[account] = PLACE.COLD;
      this.cold.add(account);
    } else {
      this.attached.places[account] = PLACE.BACKLOG;
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
      const connection = this.attached.connections[account]!;
      if (this.progress.inFlight(connection) < this.windowBytes) {
        this.attached.places[account] = PLACE.BACKLOG;
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
      if (this.attached.closing[account] === 1) this.onDetached(account);
      this.attached.closing[account] = 0;
    }
  }

  /** Of an account that is up to date: what it gets may leave from here, when nothing goes before it. */
  private visitLive(account: number): number {
    const { writer } = this;
    const connection = this.attached.connections[account]!;
    if (connection === NOBODY) return VISIT.DONE;
    if (writer !== undefined && this.progress.inFlight(connection) === 0) {
      writer.take(connection, this.attached.epochs[account]!);
    }
    const visit = this.visit(account, Number.MAX_SAFE_INTEGER, this.liveReserve);
    writer?.end();
    return visit;
  }

  private visit(account: number, packetsMax: number, reserve: number): number {
    const { writer } = this;
    const connection = this.attached.connections[account]!;
    if (connection === NOBODY) return VISIT.DONE;
    let result: number = VISIT.BOUND;
    let room = this.windowBytes - this.progress.inFlight(connection);
    let sent = 0; // into the ring: what the writer's kernel has taken counts no more
    for (let packets = 0; packets < packetsMax; packets++) {
      if (!this.cursors.hasMore(account)) {
        result = VISIT.DONE;
        break;
      }
      if (!this.cursors.look(account)) {
        result = VISIT.COLD;
        break;
      }
      const needed = this.cursors.entry.packetBytes;
      if (room < needed) {
        if (writer?.isOpen === true) sent += writer.flush();
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
      room -= packetBytes;
      if (writer?.isOpen !== true) sent += packetBytes;
      else if (!writer.add(offset)) sent += writer.flush();
    }
    if (writer?.isOpen === true) sent += writer.flush();
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

  /** Whether the ring would take a packet of a backlog. Else a chunk would be read for nothing. */
  private hasRingRoom(): boolean {
    const usable = this.ring.slotCount - this.backlogReserve;
    if (this.ring.usedSlots() < usable) return true;
    this.signal.setRingStarved();
    return this.ring.usedSlots() < usable;
  }

  /** The window's room, if any packet fits it; else 0, and the window is said to be full. */
  private roomFor(account: number): number {
    const connection = this.attached.connections[account]!;
    const needed = Math.min(OUTBOUND_PAYLOAD_BYTES_MAX, this.windowBytes);
    const room = this.windowBytes - this.progress.inFlight(connection);
    if (room >= needed) return room;
    const roomNow = this.roomOrStarve(connection, needed);
    return roomNow >= needed ? roomNow : 0;
  }

  private visitCold(account: number, startNs: number): number {
    // A newer login may have asked for less.
    if (!this.cursors.hasMore(account)) return VISIT.DONE;
    const room = this.roomFor(account);
    if (room === 0) return VISIT.STARVED;
    if (!this.cursors.look(account)) this.read(account, room, startNs);
    return this.visit(account, Number.MAX_SAFE_INTEGER, this.backlogReserve);
  }

  private read(account: number, room: number, startNs: number): void {
    this.cursors.read(account, room);
    this.readNs = this.clock.nowNs();
    const lasted = this.readNs - startNs;
    this.reads++;
    if (lasted > SLOW_READ_NS) this.slowReads++;
    if (lasted > this.longestReadNs) this.longestReadNs = lasted;
  }

  /** The packet that the cursor is at. */
  private write(account: number, offset: number): number {
    const { cursors } = this;
    const { entry, memory } = cursors;
    const isLive =
      cursors.sequence(account) >= this.attached.liveFrom[account]! && entry.sinceNs > 0;
    if (isLive) this.owed.onReleased(account, entry.requestType);
    this.record.write(
      offset,
      this.attached.connections[account]!,
      this.attached.epochs[account]!,
      account,
      entry,
      memory,
      isLive,
      this.attached.places[account] !== PLACE.LIVE,
    );
    const { packetBytes } = entry;
    cursors.moveOn(account);
    return packetBytes;
  }
}
