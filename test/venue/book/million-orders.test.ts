import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { MemoryStateWriter } from "../../../src/journal/state-memory.ts";
import { DISPLAY, SIDE, TIME_IN_FORCE } from "../../../src/protocol/ouch/codes.ts";
import { BookVenue } from "../../../src/venue/book/book-venue.ts";
import { bookSide } from "../../../src/venue/book/resting-orders.ts";
import { NO_LEVEL, NO_ORDER, OrderSlab } from "../../../src/venue/order-slab.ts";
import type { VenueSink } from "../../../src/venue/venue.ts";
import { checkBook } from "../../support/check-book.ts";

const ORDER_COUNT = 1_000_000;
const LEVEL_COUNT = 250_000;
const OUTPUTS_PER_STEP_MAX = 256;
/** An order, and its level when it is the only one there. */
const SAVED_ORDER_BYTES_MAX = 250;

class CountingSink implements VenueSink {
  readonly cause = { requestType: 0, account: -1, userRefNum: 0, sinceNs: 0 };
  tradeCount = 0;
  doneCount = 0;
  onCause(): void {}
  onAccepted(): void {}
  onVenueReject(): void {}
  onExecuted(): void {
    this.tradeCount++;
  }
  onCanceled(): void {}
  onReplaced(): void {}
  onReplaceTooLate(): void {}
  onModified(): void {}
  onIgnored(): void {}
  onDone(): void {
    this.doneCount++;
  }
}

test("a million orders rest, are saved and restored, are canceled from anywhere and are swept in bounded steps", () => {
  const orders = new OrderSlab(ORDER_COUNT + 1);
  const sink = new CountingSink();
  const options = {
    orders,
    sink,
    instrumentsMax: 1,
    ordersMax: orders.ordersMax,
    outputsPerStepMax: OUTPUTS_PER_STEP_MAX,
  };
  const venue = new BookVenue(options);
  const enter = (side: number, price: number, quantity: number): number => {
    const order = orders.allocate();
    assert.notEqual(order, NO_ORDER);
    orders.setSide(order, side);
    orders.setPrice(order, price);
    orders.setQuantity(order, quantity);
    orders.setTif(order, TIME_IN_FORCE.DAY);
    orders.setDisplay(order, order % 3 === 0 ? DISPLAY.HIDDEN : DISPLAY.VISIBLE);
    venue.enter(order);
    return order;
  };

  for (let order = 0; order < ORDER_COUNT; order++) {
    enter(SIDE.SELL, 1_000_000 + ((order * 7_919) % LEVEL_COUNT), 1);
  }
  const { levels, tree } = venue.resting;
  const sells = bookSide(0, SIDE.SELL);
  const heightMax = 1.4405 * Math.log2(LEVEL_COUNT + 2);
  assert(levels.height(tree.root(sells)) <= heightMax, "the tree of levels is too high");
  assert.equal(tree.sharesUpTo(sells, 0x7fffffff), ORDER_COUNT);
  assert.equal(checkBook(venue, orders, 1), ORDER_COUNT);

  const saved = new MemoryStateWriter();
  orders.save(saved);
  venue.save(saved);
  assert(saved.bytes().length <= ORDER_COUNT * SAVED_ORDER_BYTES_MAX);
  const copied = new OrderSlab(orders.ordersMax);
  const copy = new BookVenue({ ...options, orders: copied });
  const from = saved.toReader();
  copied.restore(from);
  copy.restore(from);
  assert(from.isAtEnd);
  assert.equal(checkBook(copy, copied, 1), ORDER_COUNT);
  assert.equal(copy.resting.tree.best(sells), tree.best(sells));

  // Every second one goes, whole levels among them.
  let canceled = 0;
  for (let order = 0; order < ORDER_COUNT; order++) {
    if (orders.price(order) % 2 === 0) continue;
    venue.cancel(order, 0, 0x55);
    orders.free(order);
    canceled++;
  }
  assert.equal(sink.doneCount, canceled);
  assert(levels.height(tree.root(sells)) <= heightMax);
  assert.equal(checkBook(venue, orders, 1), ORDER_COUNT - canceled);

  enter(SIDE.BUY, 1_999_999_900, 999_999);
  let stepCount = 1;
  while (venue.hasWork()) {
    venue.resume(OUTPUTS_PER_STEP_MAX);
    stepCount++;
  }
  const swept = ORDER_COUNT - canceled;
  assert.equal(sink.tradeCount, swept * 2);
  assert.equal(stepCount, Math.ceil(swept / OUTPUTS_PER_STEP_MAX));
  assert.equal(tree.best(sells), NO_LEVEL);
});

test("room for a million orders is not memory before they come", () => {
  const modules = ["order-slab", "order-index", "expiry-heap", "instruments", "book/book-venue"];
  const [slab, index, heap, instruments, book] = modules.map((name) =>
    JSON.stringify(new URL(`../../../src/venue/${name}.ts`, import.meta.url).href),
  );
  const script = `
    const { OrderSlab } = await import(${slab});
    const { OrderIndex } = await import(${index});
    const { ExpiryHeap } = await import(${heap});
    const { Instruments } = await import(${instruments});
    const { BookVenue } = await import(${book});
    const before = process.memoryUsage.rss();
    const orders = new OrderSlab(1_000_000);
    const options = { orders, sink: {}, instrumentsMax: 10_000, ordersMax: 1_000_000, outputsPerStepMax: 256 };
    const kept = [orders, new OrderIndex(orders), new ExpiryHeap(orders), new Instruments(10_000), new BookVenue(options)];
    console.log(JSON.stringify({ kept: kept.length, grown: process.memoryUsage.rss() - before }));
  `;
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", script]);
  assert.equal(child.status, 0, child.stderr.toString());
  const { grown } = JSON.parse(child.stdout.toString());
  // A hundred times as much when they have come; what the engine itself takes meanwhile varies.
  assert(grown < 16 * 2 ** 20, `${grown} bytes came into memory`);
});
