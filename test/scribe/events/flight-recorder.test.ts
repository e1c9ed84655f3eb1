import assert from "node:assert/strict";
import { test } from "node:test";
import { EpochOffset } from "../../../src/base/epoch-offset.ts";
import { OUTCOME } from "../../../src/memory/outbound-record.ts";
import { EventStore } from "../../../src/scribe/events/event-store.ts";
import { FlightRecorder } from "../../../src/scribe/events/flight-recorder.ts";
import type { SlowOrder, SlowOrders } from "../../../src/scribe/events/slow-order.ts";
import { AccountNames, createAccountNames } from "../../../src/telemetry/account-names.ts";
import { createEventRing, EventLog } from "../../../src/telemetry/event-log.ts";
import { EVENT_KIND, GC_KIND, THREAD } from "../../../src/telemetry/event-record.ts";
import { createSlowBoard, SlowBoardWriter } from "../../../src/telemetry/slow-board.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { type OrderBytesOptions, orderBytes } from "../../support/order-bytes.ts";

const MS = 1e6;
const TAIL_NS = 5 * MS;

class Rig {
  readonly clock = new ManualClock(1e9);
  readonly ring = createEventRing();
  readonly board = createSlowBoard();
  readonly writer = new SlowBoardWriter(this.board, TAIL_NS);
  readonly nameMemory = createAccountNames(2, 8);
  readonly names = new AccountNames(this.nameMemory, 2);
  readonly recorder: FlightRecorder;

  constructor() {
    const epoch = new EpochOffset(this.clock, this.clock);
    const baseNs = 0n;
    const { clock, names, board: slow } = this;
    const events = new EventStore({ rings: [this.ring], clock, epoch, baseNs });
    this.recorder = new FlightRecorder({
      slow,
      names,
      events,
      isLaneOnGate: false,
      tailNs: TAIL_NS,
      epoch,
      baseNs,
    });
  }

  /** An order whose answer the kernel has now. */
  offer(options: Omit<OrderBytesOptions, "sinceNs">): void {
    const totalNs = Object.values(options.stagesNs).reduce((sum, ns) => sum + ns, 0);
    this.writer.moveTo(this.clock.nowNs());
    const sinceNs = this.clock.nowNs() - totalNs;
    this.writer.offer(orderBytes({ ...options, sinceNs }), 0, totalNs);
  }
  event(thread: number, kind: number, fromMsAgo: number, ms: number, value = 0, detail = 0): void {
    const startNs = this.clock.nowNs() - fromMsAgo * MS;
    new EventLog(this.ring, thread).add(kind, startNs, ms * MS, value, detail);
  }
  /** The second is over. */
  nextSecond(): void {
    this.clock.advanceMs(1000);
    this.writer.moveTo(this.clock.nowNs());
    this.recorder.tick(this.clock.nowNs());
  }

  async ask(query = ""): Promise<SlowOrders & { status: number }> {
    const reply = await this.recorder.routes["/slow.json"]?.(new URLSearchParams(query));
    assert.ok(reply !== undefined);
    return { status: reply.status, ...JSON.parse(String(reply.body)) };
  }
  async only(query = ""): Promise<SlowOrder> {
    const { orders } = await this.ask(query);
    assert.equal(orders.length, 1);
    return orders[0]!;
  }
}

test("a slow order is told with its account, its stages and what it met", async () => {
  const rig = new Rig();
  rig.names.set(1, 3, "ALICE");
  const stagesNs = { loopWait: 0.5 * MS, ring: 0.25 * MS, journal: 20 * MS, write: 0.25 * MS };
  const { clock } = rig;
  rig.event(THREAD.LANE + 1, EVENT_KIND.SLOW_JOURNAL, 19, 18, 4096, 2);
  rig.offer({ stagesNs, lane: 1, account: 3, userRefNum: 77, symbol: "MSFT", depth: 12 });
  rig.nextSecond();
  // The next session's account of that number.
  rig.names.set(1, 3, "BOB");
  const { events, ...order } = await rig.only();
  assert.deepEqual(order, {
    time: `${new Date(clock.wallMs - 1021).toISOString().slice(0, -1)}000Z`,
    monotonicNs: clock.nowNs() - 1021 * MS,
    account: "ALICE",
    type: "O",
    answer: "A",
    userRefNum: 77,
    symbol: "MSFT",
    outcome: "accepted",
    isDelayed: false,
    isPeerLimited: false,
    totalUs: 21_000,
    worstStage: "journal",
    stagesUs: {
      loopWait: 500,
      frame: 0,
      ring: 250,
      decide: 0,
      journal: 20_000,
      release: 0,
      write: 250,
    },
    lane: 1,
    connection: 5,
    ringDepth: 12,
    batchCount: 3,
    batchIndex: 2,
    eventsMore: 0,
  });
  assert.equal(events.length, 1);
  const [event] = events;
  assert.equal(event?.what, "slow journal sync on lane 1");
  assert.equal(event?.overlapUs, 18_000);
  assert.equal(event?.worstStageUs, 18_000);
});

test("what lies over the worst stage comes first, and what consists of others behind them", async () => {
  const rig = new Rig();
  // From 12 ms ago: 10 ms of loopWait, 2 ms of the rest.
  rig.event(THREAD.GATE, EVENT_KIND.LONG_TURN, 13, 11);
  rig.event(THREAD.GATE, EVENT_KIND.GC, 12, 8, 0, GC_KIND.MAJOR);
  rig.event(THREAD.GATE, EVENT_KIND.GC, 3, 0.5, 0, GC_KIND.MINOR);
  rig.event(THREAD.LANE, EVENT_KIND.LONG_BATCH, 2, 2, 7);
  rig.event(THREAD.SCRIBE, EVENT_KIND.CPU_TAKEN, 12, 10, 1.5 * MS, THREAD.GATE);
  rig.event(THREAD.SCRIBE, EVENT_KIND.SCRAPE, 12, 12, 4000);
  rig.offer({ stagesNs: { loopWait: 10 * MS, journal: 2 * MS } });
  rig.nextSecond();
  const { worstStage, events } = await rig.only();
  assert.equal(worstStage, "loopWait");
  assert.deepEqual(
    events.map(({ what, worstStageUs }) => `${what} ${worstStageUs}`),
    [
      "major gc on gate 8000",
      "long turn on gate 10000",
      "cpu taken from gate 1500",
      "minor gc on gate 500",
      "scrape 10000",
      "long batch on lane 0 0",
    ],
  );
});

test("what other lanes, the keeper and the scribe do by themselves explains nothing", async () => {
  const rig = new Rig();
  rig.event(THREAD.LANE + 1, EVENT_KIND.GC, 5, 4, 0, GC_KIND.MINOR);
  rig.event(THREAD.GATE, EVENT_KIND.INBOUND_FULL, 5, 4, 9, 1);
  rig.event(THREAD.SCRIBE, EVENT_KIND.CPU_TAKEN, 5, 4, 2 * MS, THREAD.LANE + 1);
  rig.event(THREAD.KEEPER, EVENT_KIND.GC, 5, 4, 0, GC_KIND.MAJOR);
  rig.event(THREAD.SCRIBE, EVENT_KIND.GC, 5, 4, 0, GC_KIND.MAJOR);
  // Before and after it.
  rig.event(THREAD.GATE, EVENT_KIND.LONG_TURN, 60, 50);
  rig.offer({ stagesNs: { ring: 6 * MS } });
  rig.clock.advanceMs(1);
  rig.event(THREAD.GATE, EVENT_KIND.LONG_TURN, 0, 5);
  rig.nextSecond();
  assert.deepEqual((await rig.only()).events, []);
});

test("the last ones over a threshold are shown, newest first", async () => {
  const rig = new Rig();
  for (let number = 1; number <= 300; number++) {
    rig.offer({ stagesNs: { decide: (number % 10) * MS }, userRefNum: number });
    rig.clock.advanceMs(100);
    rig.recorder.tick(rig.clock.nowNs());
  }
  rig.nextSecond();
  const numbers = (reply: SlowOrders): number[] => reply.orders.map(({ userRefNum }) => userRefNum);
  const all = await rig.ask();
  assert.equal(all.kept, 300);
  assert.equal(all.found, 150); // 5 ms itself is over the default of it
  assert.equal(all.orders.length, 100);
  assert.deepEqual(numbers(all).slice(0, 6), [299, 298, 297, 296, 295, 289]);
  assert.deepEqual(numbers(await rig.ask("over=8.5ms&last=3")), [299, 289, 279]);
  assert.equal((await rig.ask("over=0us&last=4000")).orders.length, 300);
  for (const query of ["over=5", "over=ms", "over=-1ms", "last=0", "last=5000"]) {
    assert.equal((await rig.ask(query)).status, 400, query);
  }
});

test("orders that were not slow never push out those that were", async () => {
  const rig = new Rig();
  rig.offer({ stagesNs: { write: 9 * MS }, userRefNum: 1 });
  rig.nextSecond();
  for (let second = 0; second < 70; second++) {
    for (let number = 0; number < 64; number++) {
      rig.offer({ stagesNs: { write: MS }, userRefNum: 1000 + number });
    }
    rig.nextSecond();
  }
  assert.equal((await rig.only()).userRefNum, 1);
  const { kept, keptSince } = await rig.ask();
  assert.equal(kept, 1025);
  assert.ok(Date.parse(keptSince) < rig.clock.wallMs - 70_000);
});

test("rejects, delayed answers and stamps that were not taken are told as such", async () => {
  const rig = new Rig();
  const outcome = OUTCOME.DELAYED_REJECTED;
  rig.offer({ stagesNs: { release: 6 * MS, frame: -1e12, ring: 1e12 }, account: 7, outcome });
  rig.nextSecond();
  const order = await rig.only();
  assert.equal(order.account, "lane 0 account 7");
  assert.equal(order.outcome, "rejected");
  assert.ok(order.isDelayed);
  assert.equal(order.worstStage, "release");
  assert.equal(order.stagesUs.frame, 0);
});
