// What must hold of a lane once nothing is on its way.

import assert from "node:assert/strict";
import { HELD_REQUESTS_MAX } from "../../src/lane/held-requests.ts";
import type { LaneState } from "../../src/lane/lane-state.ts";
import { describeOutbound } from "../../src/protocol/ouch/describe.ts";
import { SEQUENCED_HEADER_BYTES } from "../../src/protocol/soupbintcp/sequenced.ts";
import { NO_ORDER } from "../../src/venue/order-slab.ts";
import type { ModelLane } from "./model-lane.ts";
import { orderKey, type Trader } from "./model-trader.ts";

const NO_CHANNEL = -1;

/** What each trader thinks is open is what the lane has. */
export function checkOpenOrders(lane: ModelLane, traders: readonly Trader[]): void {
  const { state } = lane.lane.core;
  assert(state !== undefined);
  let count = 0;
  for (const trader of traders) {
    const open = openOrders(state, trader.name);
    assert.deepEqual([...trader.open].sort(), [...open].sort(), `open orders of ${trader.name}`);
    count += open.size;
  }
  assert.equal(state.orders.liveCount, count, "the slab holds orders that nobody has");
}

function openOrders(state: LaneState, name: string): Map<string, number> {
  const { accounts, channels, orders } = state;
  const open = new Map<string, number>();
  const account = accounts.find(name);
  if (account === undefined) return open;
  let channel = account.channels.first;
  for (; channel !== NO_CHANNEL; channel = channels.next(channel)) {
    let order = channels.firstOrder(channel);
    for (; order !== NO_ORDER; order = orders.nextInAccount(order)) {
      open.set(orderKey(orders.userRefIdx(order), orders.userRefNum(order)), orders.open(order));
    }
  }
  return open;
}

/** Nothing is left of any order or request. */
export function checkEmpty(lane: ModelLane): void {
  const { state } = lane.lane.core;
  assert(state !== undefined);
  assert.equal(state.orders.liveCount, 0, "orders are left in the slab");
  assert.equal(state.index.count, 0, "orders are left in the index");
  assert.equal(state.expiry.count, 0, "orders are left in the heap");
  assert.equal(state.held.room, HELD_REQUESTS_MAX, "requests are held back for ever");
  assert(!state.venue.hasWork(), "the venue has work for ever");
}

/** Each match has one buyer and one seller, of as many shares at the same price. */
export function checkTrades(lane: ModelLane, traders: readonly Trader[]): number {
  const matches = new Map<string, string[]>();
  let bought = 0;
  let sold = 0;
  for (const trader of traders) {
    const sides = new Map<string, string>();
    for (const packet of lane.streams.packets(trader.name)) {
      const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
      const bytes = packet.length - SEQUENCED_HEADER_BYTES;
      const fields = describeOutbound(view, SEQUENCED_HEADER_BYTES, bytes);
      const key = orderKey(Number(fields.userRefIdx ?? 0), Number(fields.userRefNum ?? 0));
      if ("AUM".includes(String(fields.type))) sides.set(key, String(fields.side));
      if (fields.type !== "E") continue;
      const isBuy = sides.get(key) === "B";
      const shares = Number(fields.quantity);
      if (isBuy) bought += shares;
      else sold += shares;
      const match = String(fields.matchNumber);
      const terms = matches.get(match) ?? [];
      terms.push(`${shares}@${fields.price}`, isBuy ? "buy" : "sell");
      matches.set(match, terms);
    }
  }
  assert.equal(bought, sold, "more shares were bought than sold, or the other way round");
  for (const [match, terms] of matches) {
    assert.equal(terms.length, 4, `match ${match} has ${terms.length / 2} sides`);
    assert.equal(terms[0], terms[2], `match ${match}`);
    assert.notEqual(terms[1], terms[3], `match ${match} has two ${terms[1]}ers`);
  }
  return matches.size;
}
