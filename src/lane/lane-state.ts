// What a lane knows during one session, made from its configuration: accounts, orders, the venue and what writes
// answers. Intake, mass cancels and expiry work on it. Lane thread.

import type { Digest } from "../base/digest.ts";
import type { Saved, StateReader, StateWriter } from "../journal/state-stream.ts";
import { type CounterWriter, LANE_COUNTERS } from "../memory/counters.ts";
import type { LaneConfig } from "../memory/lane-config.ts";
import { ExpiryHeap } from "../venue/expiry-heap.ts";
import { Instruments } from "../venue/instruments.ts";
import { OrderIndex } from "../venue/order-index.ts";
import { NO_ORDER, OrderSlab } from "../venue/order-slab.ts";
import { IGNORED_REASON, type Venue } from "../venue/venue.ts";
import { type Account, Accounts } from "./accounts.ts";
import { Answers } from "./answers.ts";
import { BusyAccounts } from "./busy-accounts.ts";
import { Channels, USER_REF_NUM_MAX } from "./channels.ts";
import { EndOfDay } from "./end-of-day.ts";
import { HeldRequests } from "./held-requests.ts";
import { IgnoredRequests } from "./ignored-requests.ts";
import { listInstruments } from "./instrument-list.ts";
import type { MakeVenue } from "./make-venue.ts";
import { MassCancelPool } from "./mass-cancels.ts";
import type { OrderFacts } from "./order-facts.ts";
import { OrderLife } from "./order-life.ts";
import type { Outbox } from "./outbox.ts";
import { References } from "./references.ts";
import { RequestCause } from "./request-cause.ts";
import type { Streams } from "./streams.ts";
import type { Unsequenced } from "./unsequenced.ts";
import { VenueAnswers } from "./venue-answers.ts";

/** What an exhausted channel answers: no number is left. */
const EXHAUSTED = 0;

export class LaneState implements Saved {
  readonly config: LaneConfig;
  readonly outbox: Outbox;
  readonly unsequenced: Unsequenced;
  readonly streams: Streams;
  readonly counters: CounterWriter;

  readonly digest: Digest;
  readonly cause = new RequestCause();
  readonly orders: OrderSlab;
  readonly index: OrderIndex;
  readonly expiry: ExpiryHeap;
  readonly channels: Channels;
  readonly instruments: Instruments;
  readonly references: References;
  readonly held: HeldRequests;
  readonly massCancels = new MassCancelPool();
  readonly accounts = new Accounts(this.massCancels);
  readonly busyAccounts = new BusyAccounts(this.accounts);
  readonly answers: Answers;
  readonly ignored: IgnoredRequests;
  readonly orderLife: OrderLife;
  readonly endOfDay = new EndOfDay();
  readonly venue: Venue;

  /** Undefined: nobody looks on. No part of the state. */
  facts: OrderFacts | undefined = undefined;
  /** Event time of the record being handled. */
  eventNs = 0;
  /** Its monotonic stamp: for measuring, never for deciding. */
  sinceNs = 0;
  /** The record changed something that a replay must repeat, or wrote a sequenced message (semantics §3.1). */
  isChanged = false;
  /** The venue had nothing to do for a request of the record. */
  isVenueIgnoring = false;
  /** 1 = new orders are shed. */
  regulatorLevel = 0;
  /** The journal's room runs out: new orders and replaces are refused, cancels go on. */
  isDiskShort = false;

  constructor(
    config: LaneConfig,
    outbox: Outbox,
    unsequenced: Unsequenced,
    streams: Streams,
    counters: CounterWriter,
    digest: Digest,
    makeVenue: MakeVenue,
  ) {
    this.config = config;
    this.outbox = outbox;
    this.unsequenced = unsequenced;
    this.streams = streams;
    this.counters = counters;
    counters.set(LANE_COUNTERS.dayPhase, this.endOfDay.phase); // the counters outlive a session
    this.digest = digest;
    const { ordersMax, instrumentsMax } = config.venue;
    counters.set(LANE_COUNTERS.ordersMax, ordersMax);
    counters.set(LANE_COUNTERS.instrumentsMax, instrumentsMax);
    this.orders = new OrderSlab(ordersMax);
    this.index = new OrderIndex(this.orders);
    this.expiry = new ExpiryHeap(this.orders);
    this.channels = new Channels(this.orders);
    this.instruments = new Instruments(instrumentsMax);
    listInstruments(this.instruments, config);
    this.references = new References(config.midnightUtcMs, config.node, config.lane);
    this.held = new HeldRequests(streams);
    this.orderLife = new OrderLife(
      this.orders,
      this.index,
      this.expiry,
      this.channels,
      this.accounts,
      this.held,
    );
    this.answers = new Answers(
      outbox,
      digest,
      this.cause,
      this.orders,
      this.instruments,
      streams,
      counters,
    );
    this.ignored = new IgnoredRequests(unsequenced, counters, config.explainIgnored);
    this.venue = makeVenue(config, this.orders, new VenueAnswers(this));
  }

  /** How full those are that refuse orders when they are full: a list of instruments has its room for certain. */
  countTables(): void {
    const { config, counters, orders, instruments } = this;
    counters.set(LANE_COUNTERS.ordersLive, orders.liveCount);
    const isEvery = config.venue.instruments === "*";
    counters.set(LANE_COUNTERS.instruments, isEvery ? instruments.inUse : 0);
  }

  /** Nothing remembers the order any more. */
  freeOrder(order: number): void {
    this.instruments.giveOrder(this.orders.instrument(order));
    this.orders.free(order);
  }

  /** The next number that a new request of the channel may use. */
  answerQuery(account: Account, userRefIdx: number): void {
    const { channels, answers, orderLife, orders, index } = this;
    let high = channels.high(channels.of(account.channels, userRefIdx));
    // What waits behind the query came later, and may come to nothing; but whoever did not wait has used his number up.
    for (;;) {
      const order = index.find(account.number, userRefIdx, high);
      if (order === NO_ORDER || !orderLife.isHeld(order)) break;
      high = orders.previousHigh(order);
    }
    const next = high === USER_REF_NUM_MAX ? EXHAUSTED : high + 1;
    answers.nextUserRefNum(account.number, userRefIdx, next);
  }

  /** Whether a number may be used for something new; if not, the request is ignored. */
  isNewNumber(
    account: Account,
    userRefIdx: number,
    requestType: number,
    userRefNum: number,
  ): boolean {
    const high = this.channels.highWith(account.channels, userRefIdx);
    if (userRefNum !== 0 && userRefNum > high) return true;
    const reason = userRefNum === 0 ? IGNORED_REASON.ZERO : IGNORED_REASON.DUPLICATE;
    this.ignored.ignore(account, reason, requestType, userRefNum, this.eventNs);
    return false;
  }

  /** Without the configuration, by which it is made, and without what begins anew with every record. */
  save(out: StateWriter): void {
    out.mark("lane state");
    out.number(this.eventNs);
    out.number(this.regulatorLevel);
    out.number(this.isDiskShort ? 1 : 0);
    out.number(this.answers.written);
    for (const [name, part] of this.savedParts()) {
      out.mark(name);
      part.save(out);
    }
  }
  restore(from: StateReader): void {
    from.mark("lane state");
    this.eventNs = from.number();
    this.regulatorLevel = from.number();
    this.isDiskShort = from.number() === 1;
    this.answers.written = from.number();
    for (const [name, part] of this.savedParts()) {
      from.mark(name);
      part.restore(from);
    }
    this.orderLife.findAllAgain();
    this.counters.set(LANE_COUNTERS.accounts, this.accounts.count);
    this.counters.set(LANE_COUNTERS.dayPhase, this.endOfDay.phase);
  }

  /** In the order in which they are written: a part may point at those before it. A new part joins at the end. */
  private savedParts(): readonly (readonly [string, Saved])[] {
    return [
      ["orders", this.orders],
      ["expiry", this.expiry],
      ["channels", this.channels],
      ["instruments", this.instruments],
      ["references", this.references],
      ["held requests", this.held],
      ["mass cancels", this.massCancels],
      ["accounts", this.accounts],
      ["busy accounts", this.busyAccounts],
      ["venue", this.venue],
      ["end of day", this.endOfDay],
    ];
  }
}
