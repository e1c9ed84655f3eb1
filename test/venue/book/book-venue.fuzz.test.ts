import assert from "node:assert/strict";
import { test } from "node:test";
import { BookVenue } from "../../../src/venue/book/book-venue.ts";
import { ORDER_LIFE } from "../../../src/venue/order-slab.ts";
import { checkBook } from "../../support/check-book.ts";
import { LateVenue } from "../../support/late-venue.ts";
import { NaiveBook } from "../../support/naive-book.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { VenueDriver } from "../../support/venue-driver.ts";
import { RequestFlow } from "../../support/venue-requests.ts";

const REQUEST_COUNT = 20_000;
const INSTRUMENT_COUNT = 3;
const CHECK_EVERY = 500;
const LIVE_MAX = 150; // the twin sorts everything before every trade
const seed = Number(process.env.FUZZ_SEED ?? 20_261_121);

type Events = { event: string; instrument: number }[];

const answersAndTrades = (events: Events, instrument: number): string[] => {
  const ordinals = new Map<string, number>();
  return events
    .filter((entry) => entry.instrument === instrument && !entry.event.startsWith("done"))
    .map((entry) =>
      // Match numbers are given as trades happen, whichever instrument's turn it is.
      entry.event.replace(/match (\d+)/, (_text, match: string) => {
        if (!ordinals.has(match)) ordinals.set(match, ordinals.size);
        return `match ordinal ${ordinals.get(match)}`;
      }),
    );
};

/** Enough room to breathe: now and then most of the book is canceled by hand. */
function thinOut(
  driver: VenueDriver,
  twin: NaiveBook,
  random: SeededRandom,
  serial: number,
): number {
  let given = serial;
  const live = twin.live;
  if (live.length < LIVE_MAX) return given;
  for (const { terms } of live) {
    if (random.below(3) === 0 || driver.done.has(terms.id)) continue;
    const request = { kind: "cancel", target: terms.id, intended: 0, reason: "T" } as const;
    if (!driver.venue.canTake()) driver.venue.resume(1_000_000);
    driver.handle(request, given);
    twin.handle(request, given);
    given++;
  }
  return given;
}

function compareEnd(driver: VenueDriver, twin: NaiveBook): void {
  for (const [id, order] of twin.orders) {
    assert.equal(driver.done.has(id), !order.isLive, `order ${id}`);
    if (!order.isLive) continue;
    const place = driver.orderWith(id);
    assert.equal(driver.orders.state(place), ORDER_LIFE.LIVE);
    assert.equal(driver.orders.open(place), order.open);
    assert.equal(driver.orders.executed(place), order.executed);
  }
}

for (const isFreeing of [true, false]) {
  const name = isFreeing ? "orders are freed" : "dead orders are asked about";
  test(`the book reports what its naive twin reports, ${name} (seed ${seed})`, () => {
    const random = new SeededRandom(seed + Number(isFreeing));
    const flow = new RequestFlow(random, INSTRUMENT_COUNT, 16);
    const driver = new VenueDriver({
      ordersMax: isFreeing ? 1_000 : REQUEST_COUNT * 2,
      instrumentsMax: INSTRUMENT_COUNT,
      outputsPerStepMax: 1_000_000,
      isFreeing,
      makeVenue: (options) => new BookVenue(options),
    });
    const expected: Events = [];
    const twin = new NaiveBook((event, instrument) => expected.push({ event, instrument }));

    let compared = 0;
    for (let serial = 1; serial < REQUEST_COUNT; serial++) {
      serial = thinOut(driver, twin, random, serial);
      const request = flow.next(driver.latestTargets(random.below(3) === 0));
      driver.handle(request, serial);
      twin.handle(request, serial);
      if (serial % CHECK_EVERY !== 0) continue;
      assert.deepEqual(driver.events.slice(compared), expected.slice(compared));
      compared = expected.length;
      const live = twin.live;
      assert.equal(checkBook(driver.venue, driver.orders, INSTRUMENT_COUNT), live.length);
      if (isFreeing)
        for (const [id, order] of twin.orders) if (!order.isLive) twin.orders.delete(id);
    }
    assert.deepEqual(driver.events.slice(compared), expected.slice(compared));
    assert(!driver.venue.hasWork());
    compareEnd(driver, twin);
    const seen = (what: RegExp): number => expected.filter(({ event }) => what.test(event)).length;
    for (const what of [/^accepted \d+ D/, /^replaced \d+ \d+ D open 0/, / J match/, / K open/]) {
      assert(seen(what) > 20, `${what} was hardly tried`);
    }
    assert(isFreeing || seen(/^too late/) > 20);
  });
}

for (const outputsPerStepMax of [1, 2, 5]) {
  test(`steps of at most ${outputsPerStepMax} orders give what whole sweeps give (seed ${seed})`, () => {
    const random = new SeededRandom(seed + outputsPerStepMax * 10);
    const flow = new RequestFlow(random, INSTRUMENT_COUNT, 16);
    const driver = new VenueDriver({
      ordersMax: 3_000,
      instrumentsMax: INSTRUMENT_COUNT,
      outputsPerStepMax,
      isFreeing: true,
      makeVenue: (options) => new BookVenue(options, 40),
    });
    const expected: Events = [];
    const twin = new NaiveBook((event, instrument) => expected.push({ event, instrument }));

    let heldMax = 0;
    let fullCount = 0;
    const resume = (ordersMax: number): void => {
      const before = driver.answerCount + driver.tradeCount / 2;
      driver.venue.resume(ordersMax);
      const touched = driver.answerCount + driver.tradeCount / 2 - before;
      assert(touched <= ordersMax, `${touched} orders touched where ${ordersMax} were allowed`);
      assert(touched === ordersMax || !driver.venue.hasWork(), "a step that stops too early");
    };

    for (let serial = 1; serial < REQUEST_COUNT; serial++) {
      serial = thinOut(driver, twin, random, serial);
      while (!driver.venue.canTake()) {
        fullCount++;
        resume(outputsPerStepMax);
      }
      const request = flow.next(driver.latestTargets(true));
      const trades = driver.tradeCount;
      driver.handle(request, serial);
      assert((driver.tradeCount - trades) / 2 <= outputsPerStepMax);
      twin.handle(request, serial);
      heldMax = Math.max(heldMax, driver.venue.heldCount);
      if (random.below(20) === 0) resume(1 + random.below(outputsPerStepMax));
      if (serial % CHECK_EVERY !== 0) continue;
      checkBook(driver.venue, driver.orders, INSTRUMENT_COUNT);
    }
    while (driver.venue.hasWork()) resume(outputsPerStepMax);

    for (let instrument = 0; instrument < INSTRUMENT_COUNT; instrument++) {
      assert.deepEqual(
        answersAndTrades(driver.events, instrument),
        answersAndTrades(expected, instrument),
      );
    }
    compareEnd(driver, twin);
    assert.equal(driver.venue.matchCount * 2, driver.tradeCount);
    assert(heldMax > 10, `only ${heldMax} requests were ever held back`);
    assert(fullCount > 0, "the venue was never full");
  });
}

test(`a venue that answers later reports the same (seed ${seed})`, () => {
  const random = new SeededRandom(seed + 100);
  const flow = new RequestFlow(random, INSTRUMENT_COUNT, 16);
  const driver = new VenueDriver({
    ordersMax: 3_000,
    instrumentsMax: INSTRUMENT_COUNT,
    outputsPerStepMax: 3,
    isFreeing: true,
    makeVenue: (options) => new LateVenue(options, (inner) => new BookVenue(inner)),
  });
  const expected: Events = [];
  const twin = new NaiveBook((event, instrument) => expected.push({ event, instrument }));
  for (let serial = 1; serial < REQUEST_COUNT; serial++) {
    serial = thinOut(driver, twin, random, serial);
    const request = flow.next(driver.latestTargets(true));
    driver.handle(request, serial);
    twin.handle(request, serial);
    if (driver.venue.waitingCount > 3) driver.venue.answer(driver.venue.waitingCount - 1);
    if (random.below(3) === 0) driver.venue.resume(3);
  }
  driver.venue.answer(driver.venue.waitingCount);
  while (driver.venue.hasWork()) driver.venue.resume(3);
  for (let instrument = 0; instrument < INSTRUMENT_COUNT; instrument++) {
    assert.deepEqual(
      answersAndTrades(driver.events, instrument),
      answersAndTrades(expected, instrument),
    );
  }
  compareEnd(driver, twin);
});
