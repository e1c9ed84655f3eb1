// What holds orders up shows where an operator looks: the slow order with the right stage, and the event that lies over
// it with the right start. Real threads of a real gateway collect, stand still and wait for the disk.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import type { DescribedEvent } from "../../src/scribe/events/described-event.ts";
import type {
  OverlappingEvent,
  SlowOrder,
  SlowOrders,
} from "../../src/scribe/events/slow-order.ts";
import { setRules, troubledBy } from "../support/disk-trouble.ts";
import { TestGateway, testDirectory } from "../support/gateway.ts";
import {
  cause,
  harriedBy,
  type ThreadTrouble,
  type TroubleDone,
} from "../support/thread-trouble.ts";

/** How far the start of an event may be off. */
const TOLERANCE_NS = 1e6;
const ORDER_EVERY_MS = 1;
const BLOCK_MS = 40;
const SYNC_MS = 30;

const directory = testDirectory();
const threadFile = join(directory, "thread-trouble.json");
const diskFile = join(directory, "disk-trouble.json");
const env = { ...harriedBy(threadFile), ...troubledBy(diskFile) };
env.NODE_OPTIONS = `${harriedBy(threadFile).NODE_OPTIONS} ${troubledBy(diskFile).NODE_OPTIONS}`;
const gateway = await TestGateway.start({ after }, { env, directory });
const trader = await gateway.trader();
let troubles = 0;

async function ask<T>(path: string): Promise<T> {
  const { host, port } = gateway.ready.admin;
  const response = await fetch(`http://${host}:${port}${path}`);
  assert.equal(response.status, 200, path);
  return (await response.json()) as T;
}

/** Asks again until somebody is found, since a page cannot tell that it is another; the test's time-out ends it. */
async function until<T>(find: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Orders come all the while. */
async function withOrders<T>(work: () => Promise<T>): Promise<T> {
  const sending = setInterval(() => trader.order(), ORDER_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(sending);
    await trader.heard();
  }
}

const harry = (thread: string, does: ThreadTrouble["does"]): Promise<TroubleDone> =>
  cause(threadFile, { thread, does, ms: BLOCK_MS, number: ++troubles });

const untilEvent = (query: string, { startNs, endNs }: TroubleDone): Promise<DescribedEvent> =>
  until(async () => {
    const { events } = await ask<{ events: DescribedEvent[] }>(`/events.json?${query}`);
    return events.find(
      ({ monotonicNs }) => monotonicNs >= startNs - TOLERANCE_NS && monotonicNs <= endNs,
    );
  });

/**
 * What the order is blamed on first; on a busy machine cores are taken away as well, and this test's own scrapes take
 * long: both are rightly told.
 */
const causeOf = ({ events }: SlowOrder): string | undefined =>
  events.find(({ what }) => !what.startsWith("cpu taken") && what !== "scrape")?.what;

type Wanted = (order: SlowOrder) => boolean;

/** The slowest of the orders that met it, as far as it is such a one. */
async function findSlow(
  over: string,
  { startNs, endNs }: TroubleDone,
  isWanted: Wanted,
): Promise<SlowOrder | undefined> {
  const { orders } = await ask<SlowOrders>(`/slow.json?over=${over}&last=1000`);
  return orders
    .filter(
      ({ monotonicNs, totalUs }) => monotonicNs <= endNs && monotonicNs + totalUs * 1000 > startNs,
    )
    .filter(isWanted)
    .sort((a, b) => b.totalUs - a.totalUs)[0];
}

/** Undefined: its second is over, and there was none. */
async function slowSoon(
  over: string,
  done: TroubleDone,
  isWanted: Wanted,
): Promise<SlowOrder | undefined> {
  const second = Math.floor(done.endNs / 1e9);
  await until(async () => {
    const { orders } = await ask<SlowOrders>("/slow.json?over=0ms&last=1");
    return orders.some(({ monotonicNs }) => monotonicNs / 1e9 > second + 2) || undefined;
  });
  return findSlow(over, done, isWanted);
}

/** What began with the trouble and lies over the order's worst stage. */
const eventIn = (
  { events }: SlowOrder,
  what: string,
  { startNs, endNs }: TroubleDone,
): OverlappingEvent | undefined =>
  events.find(
    (event) =>
      event.what === what &&
      event.worstStageUs > 0 &&
      event.monotonicNs >= startNs - TOLERANCE_NS &&
      event.monotonicNs <= endNs,
  );

/**
 * The slowest of the orders that the trouble explains, and the event that says so. On a busy machine all that met it may
 * have met something worse: then once more.
 */
async function explained(
  thread: string,
  does: ThreadTrouble["does"],
  over: string,
  find: (order: SlowOrder, done: TroubleDone) => OverlappingEvent | undefined,
): Promise<{ readonly order: SlowOrder; readonly event: OverlappingEvent }> {
  for (;;) {
    const done = await harry(thread, does);
    const order = await slowSoon(over, done, (each) => find(each, done) !== undefined);
    const event = order && find(order, done);
    if (order !== undefined && event !== undefined) return { order, event };
  }
}

for (const [thread, name] of [
  ["gate", "gate"],
  ["lane-0", "lane 0"],
  ["scribe", "scribe"],
  ["keeper", "keeper"],
] as const) {
  test(`a collection on ${name} is an event that begins when it began`, async () => {
    const done = await harry(thread, "collect");
    const event = await untilEvent(`kind=gc&thread=${thread}`, done);
    assert.equal(event.what, `major gc on ${name}`);
    assert.equal(event.thread, name);
    const endNs = event.monotonicNs + event.durationMs * 1e6;
    assert.ok(event.durationMs > 0 && endNs <= done.endNs + TOLERANCE_NS);
  });
}

for (const [thread, name, stage, text] of [
  ["gate", "gate", "loopWait", "a gate that stands still makes orders wait to be read"],
  ["lane-0", "lane 0", "ring", "a lane that stands still makes orders wait in its ring"],
] as const) {
  test(`${text}, and its long turn says why`, async () => {
    const what = `long turn on ${name}`;
    const { order, event } = await withOrders(() =>
      explained(thread, "block", "10ms", (each, done) =>
        each.worstStage === stage && causeOf(each) === what ? eventIn(each, what, done) : undefined,
      ),
    );
    assert.ok(event.durationMs >= BLOCK_MS);
    // It worked all the time, as far as the machine let it; of a lane's turn nobody knows.
    if (thread === "gate") assert.ok(Number(event.cpuMs) <= event.durationMs);
    assert.equal(order.account, trader.user);
    assert.equal(order.type, "O");
    assert.equal(order.symbol, "XYZ");
  });
}

test("a slow disk shows in the journal's stage, and the sync that was slow says why", async () => {
  const order = await withOrders(async () => {
    for (;;) {
      const startNs = Number(process.hrtime.bigint());
      setRules(diskFile, [{ call: "sync", path: "segment", thread: "lane-0", takesMs: SYNC_MS }]);
      const sync = await until(async () => {
        const { events } = await ask<{ events: DescribedEvent[] }>(
          "/events.json?kind=slow-journal",
        );
        return events.find(({ monotonicNs, call }) => monotonicNs > startNs && call === "sync");
      });
      setRules(diskFile, []);
      assert.ok(sync.durationMs >= SYNC_MS && Number(sync.bytes) > 0);
      const endNs = sync.monotonicNs + sync.durationMs * 1e6;
      // Whoever comes while it lasts waits in the ring; those whose own batch it is wait for the journal.
      const isOfItsBatch = (each: SlowOrder): boolean =>
        each.worstStage === "journal" && causeOf(each) === "slow journal sync on lane 0";
      const done = { startNs: sync.monotonicNs, endNs };
      const found = await slowSoon("10ms", done, isOfItsBatch);
      if (found !== undefined) return found;
    }
  });
  assert.ok(order.stagesUs.journal >= SYNC_MS * 1000);
});

for (const [thread, name, stage] of [
  ["gate", "gate", "loopWait"],
  ["lane-0", "lane 0", "ring"],
] as const) {
  test(`a collection on ${name} explains the orders that met it`, async () => {
    const what = `major gc on ${name}`;
    const { order } = await withOrders(() =>
      explained(thread, "collect", "1ms", (each, done) =>
        each.worstStage === stage ? eventIn(each, what, done) : undefined,
      ),
    );
    assert.ok(order.totalUs > 1000);
  });
}
