// Every request is counted once, under its outcome, and every answer has one sample in its total and in each stage
// (semantics §6).

import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRM, PASSWORD, TestGateway } from "../support/gateway.ts";
import { Scrape } from "../support/scrape.ts";
import { dollars } from "../support/trader.ts";

const STAGES = ["loopWait", "frame", "ring", "decide", "journal", "release", "write"];

test("what clients asked for and were told is counted exactly, in totals and in stages", async (t) => {
  const gateway = await TestGateway.start(t);
  const alice = await gateway.trader();
  const bob = await gateway.trader();
  let queries = 2; // a login at the live end asks once
  const hear = async (trader: typeof alice): Promise<void> => {
    queries++;
    await trader.heard();
  };

  const orders = Array.from({ length: 20 }, () => alice.order());
  await hear(alice);
  for (let bad = 0; bad < 5; bad++) alice.order({ quantity: 0 });
  for (let again = 0; again < 3; again++) alice.order({ userRefNum: orders[0]! });
  bob.order({ side: "S", quantity: 250, timeInForce: "3" }); // fills two and a half of them
  await hear(bob);
  for (const userRefNum of orders.slice(4, 8)) alice.cancel({ userRefNum, quantity: 0 });
  for (const userRefNum of orders.slice(0, 2)) alice.cancel({ userRefNum, quantity: 0 });
  for (const target of orders.slice(8, 10)) {
    alice.replace({ origUserRefNum: target, quantity: 50, price: dollars(9) });
  }
  alice.modify({ userRefNum: orders[10]!, side: "B", quantity: 60 });
  alice.massCancel({ firm: FIRM, symbol: "XYZ" });
  await hear(alice);

  const ended = await Scrape.until(
    gateway.ready,
    (scrape) => scrape.sum("gateway_requests_total", { type: "Q" }) === queries,
  );
  const answered = (type: string, outcome = "accepted"): number =>
    ended.sum("gateway_latency_seconds_count", { type, outcome });
  assert.deepEqual(
    {
      orders: answered("O"),
      rejects: answered("O", "rejected"),
      replaces: answered("U"),
      cancels: answered("X"),
      modifies: answered("M"),
      massCancels: answered("C"),
      queries: answered("Q"),
      ignoredOrders: ended.sum("gateway_outcomes_total", { type: "O", outcome: "ignored" }),
      ignoredCancels: ended.sum("gateway_outcomes_total", { type: "X", outcome: "ignored" }),
    },
    {
      orders: 21,
      rejects: 5,
      replaces: 2,
      cancels: 4,
      modifies: 1,
      massCancels: 1,
      queries,
      ignoredOrders: 3,
      ignoredCancels: 2,
    },
  );
  const total = ended.sum("gateway_latency_seconds_count");
  for (const stage of STAGES) {
    assert.equal(ended.sum("gateway_stage_seconds_count", { stage }), total, stage);
  }
  assert.equal(ended.sum("gateway_service_seconds_count"), total);
  assert.equal(ended.sum("gateway_headline_total"), 21 + 2 + 4 + 1 + 1);
  assert.equal(
    ended.sum("gateway_requests_total"),
    ended.sum("gateway_outcomes_total"),
    "each request has one outcome",
  );
  // The stages add up to the total, to the nanoseconds by which clocks differ.
  const sums = ended.sum("gateway_latency_seconds_sum");
  const ofStages = STAGES.map((stage) => ended.sum("gateway_stage_seconds_sum", { stage }));
  const difference = ofStages.reduce((sum, value) => sum + value, 0) - sums;
  assert.ok(Math.abs(difference) < 1e-5 * total, `${difference} s`);
  // Two of alice's orders were filled and one in part; her other side is the answer to bob's request.
  assert.equal(ended.sum("gateway_event_seconds_count", { type: "E" }), 6);
});

test("what was asked before a connection broke is undelivered, and resume traffic has no latency", async (t) => {
  const gateway = await TestGateway.start(t);
  const user = gateway.user();
  const alice = await gateway.trader(user);
  for (let order = 0; order < 10; order++) alice.order();
  await alice.heard();
  alice.session.socket.destroy();
  const again = await gateway.stranger(user);
  await again.mustLogIn(PASSWORD, { sequence: 1 });
  again.order({ userRefNum: 100 });
  await again.heard();
  const ended = await Scrape.until(
    gateway.ready,
    (scrape) => scrape.sum("gateway_latency_seconds_count", { type: "O" }) === 11,
  );
  assert.equal(ended.sum("gateway_latency_seconds_count"), 11 + 3); // and the queries of heard()
  assert.equal(ended.sum("gateway_event_seconds_count"), 0);
});
