import assert from "node:assert/strict";
import { test } from "node:test";
import { BookVenue } from "../../../src/venue/book/book-venue.ts";
import { VenueDriver } from "../../support/venue-driver.ts";
import type { OrderTerms, VenueRequest } from "../../support/venue-requests.ts";

const MARKET = { isUnpriced: true, isImmediate: true, price: 2_000_000_000 } as const;
const IMMEDIATE = { isImmediate: true } as const;

/** A book, and one line per request. Orders are numbered from 0 as they come, requests likewise. */
class Scene {
  readonly driver: VenueDriver<BookVenue>;
  private orderCount = 0;
  private serial = 0;
  private seen = 0;

  constructor(outputsPerStepMax = 256) {
    this.driver = new VenueDriver({
      ordersMax: 100,
      instrumentsMax: 2,
      outputsPerStepMax,
      isFreeing: false,
      makeVenue: (options) => new BookVenue(options),
    });
  }

  terms(side: string, quantity: number, price: number, more: Partial<OrderTerms> = {}): OrderTerms {
    const neutral = { isHidden: false, isImmediate: false, isPostOnly: false, isUnpriced: false };
    const id = this.orderCount++;
    const common = { instrument: 0, walkPrice: price, minQty: 0 };
    return { id, side, quantity, price, ...common, ...neutral, ...more };
  }
  enter(side: string, quantity: number, price: number, more: Partial<OrderTerms> = {}): string[] {
    return this.handle({ kind: "enter", terms: this.terms(side, quantity, price, more) });
  }
  replace(target: number, terms: OrderTerms): string[] {
    return this.handle({ kind: "replace", target, terms });
  }
  cancel(target: number, intended = 0, reason = "U"): string[] {
    return this.handle({ kind: "cancel", target, intended, reason });
  }
  modify(target: number, side: string, intended: number): string[] {
    return this.handle({ kind: "modify", target, side, intended });
  }
  resume(ordersMax: number): string[] {
    this.driver.venue.resume(ordersMax);
    return this.newEvents();
  }
  private handle(request: VenueRequest): string[] {
    this.driver.handle(request, this.serial++);
    return this.newEvents();
  }
  private newEvents(): string[] {
    const events = this.driver.events.slice(this.seen).map(({ event }) => event);
    this.seen += events.length;
    return events;
  }
}

/** Who traded against the last order, in turn: "order:shares@price". */
const fills = (events: string[]): string[] =>
  events.flatMap((event) => {
    const trade = /^executed (\d+) (\d+) at (\d+) [AJ]/.exec(event);
    return trade === null ? [] : [`${trade[1]}:${trade[2]}@${trade[3]}`];
  });

test("priority is price, then displayed before hidden, then time", () => {
  const scene = new Scene();
  scene.enter("S", 10, 500, { isHidden: true });
  scene.enter("S", 10, 500);
  scene.enter("S", 10, 499, { isHidden: true });
  scene.enter("S", 10, 500);
  scene.enter("S", 10, 498);
  const events = scene.enter("B", 100, 500);
  assert.deepEqual(fills(events), ["4:10@498", "2:10@499", "1:10@500", "3:10@500", "0:10@500"]);
});

test("a trade is reported for the resting side first, at its price, under one match number", () => {
  const scene = new Scene();
  scene.enter("S", 30, 500, { isHidden: true });
  assert.deepEqual(scene.enter("B", 100, 505), [
    "accepted 1 L open 100 #1",
    "executed 0 30 at 500 J match 1 open 30 executed 0",
    "executed 1 30 at 500 R match 1 open 100 executed 0",
    "done 0",
  ]);
  assert.deepEqual(scene.enter("T", 70, 400).slice(0, 2), [
    "accepted 2 L open 70 #2",
    "executed 1 70 at 505 A match 2 open 70 executed 30",
  ]);
});

test("a replacement loses its time, a reduction and a modification keep it", () => {
  const scene = new Scene();
  for (let order = 0; order < 4; order++) scene.enter("S", 10, 500);
  scene.cancel(0, 5);
  scene.modify(1, "T", 8);
  scene.replace(2, scene.terms("S", 10, 500));
  assert.deepEqual(fills(scene.enter("B", 100, 500)), [
    "0:5@500",
    "1:8@500",
    "3:10@500",
    "4:10@500",
  ]);
});

test("a replaced total counts what the chain has executed, down to nothing", () => {
  const scene = new Scene();
  scene.enter("B", 500, 400);
  scene.enter("S", 100, 400);
  assert.deepEqual(scene.replace(0, scene.terms("B", 500, 401)), [
    "replaced 0 2 L open 400 executed 100 #2",
    "done 0",
  ]);
  scene.enter("S", 50, 401);
  assert.deepEqual(scene.replace(2, scene.terms("B", 150, 402)), [
    "replaced 2 4 D open 0 executed 150 #4",
    "done 2",
    "done 4",
  ]);
});

test("a replacement may trade at once, and its dead target is too late for another", () => {
  const scene = new Scene();
  scene.enter("S", 10, 500);
  scene.enter("B", 10, 499);
  assert.deepEqual(fills(scene.replace(1, scene.terms("B", 25, 500))), ["0:10@500"]);
  assert.deepEqual(scene.replace(1, scene.terms("B", 25, 500)), ["too late 1 3 #3", "done 3"]);
  assert.deepEqual(scene.cancel(1), ["ignored 1 3 #4"]);
});

test("an unpriced order dies at once, trades up to what is there, or up to the collar", () => {
  const scene = new Scene();
  assert.deepEqual(scene.enter("B", 10, 0, { ...MARKET, walkPrice: 600 }), [
    "accepted 0 D open 10 #0",
    "done 0",
  ]);
  scene.enter("S", 5, 500);
  const exhausted = scene.enter("B", 10, 0, { ...MARKET, walkPrice: 600 });
  assert.deepEqual(fills(exhausted), ["1:5@500"]);
  assert(exhausted.includes("canceled 2 5 I open 0"));

  scene.enter("S", 5, 600);
  scene.enter("S", 5, 601);
  const collared = scene.enter("B", 10, 0, { ...MARKET, walkPrice: 600 });
  assert.deepEqual(fills(collared), ["3:5@600"]);
  assert(collared.includes("canceled 5 5 K open 0"));
  const beyond = scene.enter("B", 10, 0, { ...MARKET, walkPrice: 600 });
  assert.deepEqual(beyond, ["accepted 6 D open 10 #6", "done 6"]);
});

test("a post-only order that would take is dead, against a hidden order too", () => {
  const scene = new Scene();
  scene.enter("S", 5, 500, { isHidden: true });
  assert.match(scene.enter("B", 5, 500, { isPostOnly: true })[0] ?? "", /^accepted 1 D/);
  assert.match(scene.enter("B", 5, 499, { isPostOnly: true })[0] ?? "", /^accepted 2 L/);
});

test("a minimum quantity is met by all that can be had together, or the order is dead", () => {
  const scene = new Scene();
  scene.enter("S", 5, 500);
  scene.enter("S", 5, 501, { isHidden: true });
  scene.enter("S", 5, 502);
  const minimum = { ...IMMEDIATE, minQty: 11 };
  assert.match(scene.enter("B", 100, 501, minimum)[0] ?? "", /^accepted 3 D/);
  assert.match(scene.enter("B", 10, 502, minimum)[0] ?? "", /^accepted 4 D/);
  assert.equal(fills(scene.enter("B", 11, 502, minimum)).length, 3);
});

test("a modification changes among the kinds of selling only, and never to more", () => {
  const scene = new Scene();
  scene.enter("S", 100, 500);
  scene.enter("B", 40, 500);
  assert.deepEqual(scene.modify(0, "E", 100), ["modified 0 E open 60 #2"]);
  assert.deepEqual(scene.modify(0, "E", 100), ["ignored 0 4 #3"]);
  assert.deepEqual(scene.modify(0, "B", 50), ["ignored 0 4 #4"]);
  assert.deepEqual(scene.modify(0, "T", 101), ["ignored 0 4 #5"]);
  assert.deepEqual(scene.modify(0, "E", 41), ["modified 0 E open 1 #6"]);
  assert.deepEqual(scene.modify(0, "E", 40), ["canceled 0 1 U open 0 #7", "done 0"]);
});

test("a long sweep stops at its bound and holds back everything else of its instrument", () => {
  const scene = new Scene(2);
  for (let order = 0; order < 5; order++) scene.enter("S", 10, 500 + order);
  const elsewhere = { instrument: 1 };
  assert.deepEqual(fills(scene.enter("B", 100, 600)), ["0:10@500", "1:10@501"]);
  assert(scene.driver.venue.hasWork());
  assert(scene.driver.venue.isBusy(scene.driver.orderWith(5)));

  // A cancel would overtake the trade that is still to come.
  assert.deepEqual(scene.cancel(2), []);
  assert.deepEqual(scene.cancel(4, 3), []);
  assert.deepEqual(scene.enter("S", 1, 600), []);
  assert.equal(scene.enter("S", 10, 500, elsewhere).length, 1);

  assert.deepEqual(fills(scene.resume(2)), ["2:10@502", "3:10@503"]);
  assert.equal(scene.driver.cause.requestType, 0, "the rest of a sweep answers nobody");
  const last = scene.resume(3);
  assert.deepEqual(last, [
    "executed 4 10 at 504 A match 5 open 10 executed 0",
    "executed 5 10 at 504 R match 5 open 60 executed 40",
    // Order 4 is done only when the request that waits for it is.
    "ignored 2 3 #6",
    "done 2",
    "ignored 4 3 #7",
    "done 4",
  ]);
  assert.deepEqual(scene.resume(1), ["accepted 6 L open 1 #8"]);
  assert(scene.driver.venue.hasWork(), "it crosses: one more turn");
  assert.deepEqual(fills(scene.resume(1)), ["5:1@600"]);
  assert(!scene.driver.venue.hasWork());
});

test("instruments with unfinished work take turns", () => {
  const scene = new Scene(1);
  for (const instrument of [0, 1]) {
    for (let order = 0; order < 4; order++) scene.enter("S", 1, 500, { instrument });
  }
  scene.enter("B", 4, 500, { instrument: 0 });
  scene.enter("B", 4, 500, { instrument: 1 });
  const turns: string[] = [];
  while (scene.driver.venue.hasWork()) turns.push(...fills(scene.resume(1)));
  assert.deepEqual(
    turns.map((fill) => fill.split(":")[0]),
    ["1", "5", "2", "6", "3", "7"],
  );
});
