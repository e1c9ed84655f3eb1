import assert from "node:assert/strict";
import { test } from "node:test";
import { EpochOffset } from "../../../src/base/epoch-offset.ts";
import type { DescribedEvent } from "../../../src/scribe/events/described-event.ts";
import { EventStore } from "../../../src/scribe/events/event-store.ts";
import { createEventRing, EventLog } from "../../../src/telemetry/event-log.ts";
import { EVENT_KIND, GC_KIND, THREAD } from "../../../src/telemetry/event-record.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const MS = 1e6;
const BASE_NS = 5_000_000_000n;

class Rig {
  readonly clock = new ManualClock(1e9);
  readonly gateRing = createEventRing();
  readonly laneRing = createEventRing();
  readonly gate = new EventLog(this.gateRing, THREAD.GATE);
  readonly lane = new EventLog(this.laneRing, THREAD.LANE);
  readonly store: EventStore;

  constructor(eventsMax?: number) {
    this.store = new EventStore({
      rings: [this.gateRing, this.laneRing],
      clock: this.clock,
      epoch: new EpochOffset(this.clock, this.clock),
      baseNs: BASE_NS,
      ...(eventsMax === undefined ? {} : { eventsMax }),
    });
  }

  async ask(query = ""): Promise<{ status: number; events: DescribedEvent[]; found: number }> {
    const reply = await this.store.routes["/events.json"]?.(new URLSearchParams(query));
    assert.ok(reply !== undefined);
    return { status: reply.status, ...JSON.parse(String(reply.body)) };
  }
}

test("events of all threads come out in the order in which they began, with times to compare", async () => {
  const rig = new Rig();
  const startNs = rig.clock.nowNs();
  rig.lane.add(EVENT_KIND.GC, startNs + 2 * MS, 3 * MS, 0, GC_KIND.MAJOR);
  rig.gate.add(EVENT_KIND.LONG_TURN, startNs, 12.5 * MS, 11 * MS);
  rig.clock.advanceMs(1000);
  const { events } = await rig.ask();
  const time = (ns: number): string =>
    `${new Date(rig.clock.wallMs - 1000 + ns / MS).toISOString().slice(0, -1)}000Z`;
  assert.deepEqual(events, [
    {
      what: "long turn on gate",
      kind: "long-turn",
      thread: "gate",
      time: time(0),
      durationMs: 12.5,
      monotonicNs: 6e9,
      cpuMs: 11,
    },
    {
      what: "major gc on lane 0",
      kind: "gc",
      thread: "lane 0",
      time: time(2 * MS),
      durationMs: 3,
      monotonicNs: 6e9 + 2 * MS,
      collection: "major",
    },
  ]);
});

test("every kind of event has words of its own", async () => {
  const rig = new Rig();
  for (const kind of Object.values(EVENT_KIND)) rig.gate.add(kind, 1e9, MS, 2, 1);
  rig.clock.advanceMs(1);
  const { events } = await rig.ask();
  const kinds = Object.keys(EVENT_KIND).map((name) => name.toLowerCase().replaceAll("_", "-"));
  assert.deepEqual(events.map(({ kind }) => kind).sort(), kinds.sort());
  assert.equal(new Set(events.map(({ what }) => what)).size, kinds.length);
});

test("a script asks for a time, a kind, a thread and a number of them", async () => {
  const rig = new Rig();
  for (let index = 0; index < 10; index++) {
    const log = index % 2 === 0 ? rig.gate : rig.lane;
    log.add(index % 3 === 0 ? EVENT_KIND.GC : EVENT_KIND.LONG_TURN, rig.clock.nowNs(), MS);
    rig.clock.advanceMs(1000);
  }
  assert.equal((await rig.ask()).events.length, 10);
  assert.equal((await rig.ask("seconds=3.5")).events.length, 3);
  assert.equal((await rig.ask("kind=gc")).events.length, 4);
  assert.equal((await rig.ask("kind=gc&thread=gate")).events.length, 2);
  for (const lane of ["lane-0", "lane0", "lane%200"]) {
    assert.equal((await rig.ask(`thread=${lane}`)).events.length, 5, lane);
  }
  const last = await rig.ask("last=1");
  assert.equal(last.found, 10);
  assert.deepEqual(
    last.events.map(({ monotonicNs }) => monotonicNs),
    [Number(BASE_NS) + 10e9],
  );
  for (const query of [
    "seconds=x",
    "seconds=-1",
    "kind=nonsense",
    "thread=lane",
    "last=0",
    "last=",
  ]) {
    assert.equal((await rig.ask(query)).status, 400, query);
  }
});

test("the oldest go when there are too many, and totals go on", async () => {
  const rig = new Rig(16);
  const startNs = rig.clock.nowNs();
  for (let index = 0; index < 40; index++) {
    rig.gate.add(EVENT_KIND.GC, rig.clock.nowNs(), (index + 1) * 1000, 0, GC_KIND.MINOR);
    rig.clock.advanceMs(200);
    rig.store.tick(rig.clock.nowNs());
  }
  const { events } = await rig.ask("seconds=3600");
  assert.deepEqual(
    events.map(({ durationMs }) => durationMs),
    Array.from({ length: 16 }, (_, index) => (25 + index) / 1000),
  );
  const expected = { kind: EVENT_KIND.GC, thread: THREAD.GATE, sort: GC_KIND.MINOR };
  assert.deepEqual(
    [...rig.store.totals()],
    [{ ...expected, count: 40, totalNs: 820_000, maxNs: 40_000 }],
  );
  assert.equal(rig.store.longestNs(EVENT_KIND.GC, THREAD.GATE, startNs), 40_000);
  assert.equal(rig.store.longestNs(EVENT_KIND.GC, THREAD.LANE, startNs), 0);
  assert.equal(rig.store.longestNs(EVENT_KIND.GC, THREAD.GATE, rig.clock.nowNs()), 0);
});

test("what a full ring lost is told", async () => {
  const rig = new Rig();
  for (let index = 0; index < 5000; index++) rig.gate.add(EVENT_KIND.GC, index, 1);
  assert.ok(rig.store.droppedCount > 0);
  rig.store.drain();
  const [total] = rig.store.totals();
  assert.equal((total?.count ?? 0) + rig.store.droppedCount, 5000);
});
