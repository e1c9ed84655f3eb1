import assert from "node:assert/strict";
import { test } from "node:test";
import { AckVenue } from "../../src/venue/ack.ts";
import { VenueDriver } from "../support/venue-driver.ts";
import type { OrderTerms } from "../support/venue-requests.ts";

const TERMS: OrderTerms = {
  id: 0,
  instrument: 0,
  side: "S",
  quantity: 100,
  price: 500,
  isHidden: false,
  isImmediate: false,
  isPostOnly: false,
  isUnpriced: false,
  walkPrice: 500,
  minQty: 0,
};

const makeDriver = (): VenueDriver =>
  new VenueDriver({
    ordersMax: 20,
    instrumentsMax: 1,
    outputsPerStepMax: 256,
    isFreeing: false,
    makeVenue: (options) => new AckVenue(options),
  });

const eventsOf = (driver: VenueDriver): string[] => driver.events.map(({ event }) => event);

test("it accepts and never matches; what may not rest is dead at once", () => {
  const driver = makeDriver();
  driver.handle({ kind: "enter", terms: TERMS }, 1);
  driver.handle({ kind: "enter", terms: { ...TERMS, id: 1, side: "B" } }, 2);
  driver.handle({ kind: "enter", terms: { ...TERMS, id: 2, side: "B", isImmediate: true } }, 3);
  driver.handle({ kind: "enter", terms: { ...TERMS, id: 3, isUnpriced: true } }, 4);
  assert.deepEqual(eventsOf(driver), [
    "accepted 0 L open 100 #1",
    "accepted 1 L open 100 #2",
    "accepted 2 D open 100 #3",
    "done 2",
    "accepted 3 D open 100 #4",
    "done 3",
  ]);
  assert(!driver.venue.hasWork());
  assert(driver.venue.canTake());
  assert(!driver.venue.isBusy(driver.orderWith(0)));
});

test("it replaces, reduces and modifies with the same arithmetic as the book", () => {
  const driver = makeDriver();
  driver.handle({ kind: "enter", terms: TERMS }, 1);
  driver.handle({ kind: "cancel", target: 0, intended: 60, reason: "U" }, 2);
  driver.handle({ kind: "cancel", target: 0, intended: 60, reason: "U" }, 3);
  driver.handle({ kind: "modify", target: 0, side: "T", intended: 50 }, 4);
  driver.handle({ kind: "replace", target: 0, terms: { ...TERMS, id: 1, quantity: 80 } }, 5);
  driver.handle({ kind: "replace", target: 0, terms: { ...TERMS, id: 2 } }, 6);
  driver.handle({ kind: "replace", target: 1, terms: { ...TERMS, id: 3, isImmediate: true } }, 7);
  assert.deepEqual(eventsOf(driver), [
    "accepted 0 L open 100 #1",
    "canceled 0 40 U open 60 #2",
    "ignored 0 4 #3",
    "modified 0 T open 50 #4",
    "replaced 0 1 L open 80 executed 0 #5",
    "done 0",
    "too late 0 2 #6",
    "done 2",
    "replaced 1 3 D open 100 executed 0 #7",
    "done 1",
    "done 3",
  ]);
});
