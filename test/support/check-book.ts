// What must hold of every book between two requests: order, balance and totals of the trees, and the queues.

import assert from "node:assert/strict";
import { DISPLAY } from "../../src/protocol/ouch/codes.ts";
import type { BookVenue } from "../../src/venue/book/book-venue.ts";
import { bookSide } from "../../src/venue/book/resting-orders.ts";
import { NO_LEVEL, NO_ORDER, ORDER_LIFE, type OrderSlab } from "../../src/venue/order-slab.ts";

/** Checks the books of the first instruments and returns how many orders rest in them. */
export function checkBook(venue: BookVenue, orders: OrderSlab, instrumentCount: number): number {
  let restingCount = 0;
  for (let instrument = 0; instrument < instrumentCount; instrument++) {
    const buys = bookSide(instrument, "B".charCodeAt(0));
    const sells = bookSide(instrument, "S".charCodeAt(0));
    restingCount += checkSide(venue, orders, buys) + checkSide(venue, orders, sells);
    if (venue.isSweeping(instrument)) continue;
    const { levels, tree } = venue.resting;
    const bid = tree.best(buys);
    const ask = tree.best(sells);
    if (bid === NO_LEVEL || ask === NO_LEVEL) continue;
    assert(-levels.key(bid) < levels.key(ask), `the book of instrument ${instrument} is crossed`);
  }
  return restingCount;
}

function checkSide(venue: BookVenue, orders: OrderSlab, side: number): number {
  const { levels, tree } = venue.resting;
  const inOrder: number[] = [];

  function checkSubtree(level: number, parent: number): { height: number; shares: number } {
    if (level === NO_LEVEL) return { height: 0, shares: 0 };
    assert.equal(levels.parent(level), parent, "a level hangs elsewhere than it thinks");
    assert.equal(levels.tree(level), side, "a level is in another side's tree");
    const left = checkSubtree(levels.left(level), level);
    inOrder.push(level);
    const right = checkSubtree(levels.right(level), level);
    assert(Math.abs(left.height - right.height) <= 1, "the tree leans");
    const height = 1 + Math.max(left.height, right.height);
    const shares = levels.shares(level) + left.shares + right.shares;
    assert.equal(levels.height(level), height);
    assert.equal(levels.subtreeShares(level), shares);
    return { height, shares };
  }
  checkSubtree(tree.root(side), NO_LEVEL);

  let restingCount = 0;
  let total = 0;
  let level = tree.best(side);
  for (const [index, expected] of inOrder.entries()) {
    assert.equal(level, expected, "best and next do not go through the levels in order");
    const before = inOrder[index - 1];
    if (before !== undefined) assert(levels.key(before) < levels.key(level), "prices out of order");
    const shown = checkQueue(
      orders,
      level,
      levels.shownHead(level),
      levels.shownTail(level),
      false,
    );
    const hidden = checkQueue(
      orders,
      level,
      levels.hiddenHead(level),
      levels.hiddenTail(level),
      true,
    );
    assert(shown.count + hidden.count > 0, "an empty level stays");
    assert.equal(levels.shares(level), shown.shares + hidden.shares);
    restingCount += shown.count + hidden.count;
    total += levels.shares(level);
    assert.equal(tree.sharesUpTo(side, levels.key(level)), total);
    level = tree.next(level);
  }
  assert.equal(level, NO_LEVEL);
  return restingCount;
}

function checkQueue(
  orders: OrderSlab,
  level: number,
  head: number,
  tail: number,
  isHidden: boolean,
): { count: number; shares: number } {
  let count = 0;
  let shares = 0;
  let ahead = NO_ORDER;
  for (let order = head; order !== NO_ORDER; order = orders.nextInLevel(order)) {
    assert.equal(orders.prevInLevel(order), ahead);
    assert.equal(orders.level(order), level);
    assert.equal(orders.state(order), ORDER_LIFE.LIVE);
    assert.equal(orders.display(order) === DISPLAY.HIDDEN, isHidden);
    assert(orders.open(order) > 0, "an order rests with nothing open");
    count++;
    shares += orders.open(order);
    ahead = order;
  }
  assert.equal(tail, ahead);
  return { count, shares };
}
