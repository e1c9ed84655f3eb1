// What must hold for any run, whatever its requests.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LaneFlow } from "../support/lane-flow.ts";
import { type Delivered, LaneRig, type RigClient } from "../support/lane-rig.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const seed = fuzzSeed();
const USING_UP = "AUJXGK";

for (const isLate of [false, true]) {
  const venue = isLate ? "a venue that answers later" : "the book";

  test(`streams are whole, shares bought are shares sold, orders add up, with ${venue}, seed ${seed}`, () => {
    const random = new SeededRandom(seed);
    const rig = new LaneRig({ isLate, batchMax: 32, outputsPerStepMax: 8, offencesMax: 1000 });
    const flow = new LaneFlow(rig, random, 6);
    for (let step = 0; step < 6000; step++) {
      flow.step();
      if (random.below(20) === 0) rig.run();
    }
    rig.run();
    rig.tick(60_000);
    for (const { name } of flow.clients) {
      rig.login(name, { sequence: 0 }).massCancel({ userRefNum: 0xfffffffe });
    }
    rig.run();

    const streams = flow.clients.map(({ name }) => {
      rig.eventNs += 61e9;
      const whole = rig.login(name, { sequence: 1 });
      rig.run();
      return whole;
    });
    for (const client of rig.clients)
      checkPart(client, streams.find(({ name }) => name === client.name)!);
    checkTrades(streams.flatMap(({ delivered }) => delivered));
    for (const { delivered } of streams) checkOrders(delivered);
    assert.equal(rig.lane.core.state?.orders.liveCount, 0, "nothing is left in the slab");
    assert.equal(rig.lane.core.state?.index.count, 0);
    assert.equal(rig.lane.core.state?.expiry.count, 0);
  });

  test(`Account Query never tells less than it told before, with ${venue}, seed ${seed}`, () => {
    const random = new SeededRandom(seed + 2);
    const rig = new LaneRig({ isLate, batchMax: 8, outputsPerStepMax: 2, offencesMax: 100_000 });
    const flow = new LaneFlow(rig, random, 4);
    for (let step = 0; step < 4000; step++) {
      flow.step();
      if (random.below(3) === 0) flow.clients[random.below(4)]!.query();
      if (random.below(60) === 0) rig.run();
    }
    rig.run();
    assert.ok(!rig.lane.core.hasWork());
    for (const { name } of flow.clients) {
      rig.eventNs += 61e9;
      const whole = rig.login(name, { sequence: 1 });
      rig.run();
      const told = new Map<string, number>();
      for (const { fields, text } of whole.delivered.filter(
        ({ fields: { type } }) => type === "Q",
      )) {
        const channel = String(fields.userRefIdx);
        const number = Number(fields.nextUserRefNum);
        assert.ok(
          number >= (told.get(channel) ?? 0),
          `${name}: ${text} after ${told.get(channel)}`,
        );
        told.set(channel, number);
      }
    }
  });

  test(`Account Query before and after each outcome agrees with it, with ${venue}, seed ${seed}`, () => {
    const random = new SeededRandom(seed + 1);
    const rig = new LaneRig({ isLate, offencesMax: 100_000 });
    const flow = new LaneFlow(rig, random, 3);
    rig.run();
    const next = new Map<string, number>();
    for (let step = 0; step < 3000; step++) {
      flow.step();
      rig.tick(0); // what is due goes now, and not with the query
      rig.run();
      for (const client of flow.clients) {
        for (const text of client.receiveMessages()) noteNumber(next, client.name, text);
        if (random.below(4) > 0) continue;
        const idx = random.below(2) * 5;
        client.query(idx === 0 ? {} : { tags: { USER_REF_IDX: idx } });
        rig.run();
        const key = `${client.name}/${idx}`;
        const suffix = idx === 0 ? "" : ` /${idx}`;
        const expected = next.get(key) ?? 1;
        assert.deepEqual(client.receiveMessages(), [`Q ${expected}${suffix}`], key);
        if (random.below(4) > 0) continue;
        // The number that was named is usable, the one before it is not.
        const tags = idx === 0 ? {} : { USER_REF_IDX: idx };
        const symbol = "PROBE";
        client.enter({ userRefNum: expected - 1, symbol, tags });
        client.enter({ userRefNum: expected, symbol, tags, timeInForce: "3" });
        rig.run();
        const answers = client.receiveMessages();
        assert.equal(answers.length, 1);
        assert.match(answers[0]!, new RegExp(`^[AJ] ${expected} `));
        next.set(key, expected + 1);
      }
    }
  });
}

/** What a connection got is a piece of its account's stream, from the number its login was told. */
function checkPart(client: RigClient, whole: RigClient): void {
  const login = client.all.find((text) => text.startsWith("login "));
  if (login === undefined) return;
  const first = Number(login.slice("login ".length)) - 1;
  const part = whole.delivered.slice(first, first + client.delivered.length);
  assert.deepEqual(
    client.delivered.map(({ fields }) => fields),
    part.map(({ fields }) => fields),
  );
}

/** Each match number is told exactly twice, once added and once removed, with the same shares and price. */
function checkTrades(delivered: readonly Delivered[]): void {
  const sides = new Map<string, Delivered[]>();
  for (const message of delivered) {
    if (message.fields.type !== "E") continue;
    const key = String(message.fields.matchNumber);
    sides.set(key, [...(sides.get(key) ?? []), message]);
  }
  assert.ok(sides.size > 100);
  for (const pair of sides.values()) {
    assert.equal(pair.length, 2);
    const [one, other] = pair.map(({ fields }) => fields);
    assert.equal(one?.quantity, other?.quantity);
    assert.equal(one?.price, other?.price);
    const flags = [one?.liquidityFlag, other?.liquidityFlag].sort().join("");
    assert.match(flags, /^[AJ]R$/);
  }
}

/** Every share of an order is executed, canceled or handed on to its replacement, and nothing follows its end. */
function checkOrders(delivered: readonly Delivered[]): void {
  const open = new Map<string, number>();
  const keyOf = (number: unknown, idx: unknown): string => `${number}/${idx ?? 0}`;
  for (const { fields } of delivered) {
    const key = keyOf(fields.userRefNum, fields.userRefIdx);
    const quantity = Number(fields.quantity);
    switch (fields.type) {
      case "A":
        if (fields.orderState === "L") open.set(key, quantity);
        break;
      case "U":
        assert.ok(open.delete(keyOf(fields.origUserRefNum, fields.userRefIdx)));
        if (fields.orderState === "L") open.set(key, quantity);
        break;
      case "M":
        assert.ok(open.has(key) && open.get(key)! >= quantity && quantity > 0);
        open.set(key, quantity);
        break;
      case "E":
      case "C": {
        const left = open.get(key)! - quantity;
        assert.ok(left >= 0, `${key} has ${left} shares left`);
        if (left === 0) open.delete(key);
        else open.set(key, left);
        break;
      }
    }
  }
  assert.deepEqual([...open], [], "the last mass cancel left nothing open");
}

/** A number is used up by what answers it, and by nothing else. */
function noteNumber(next: Map<string, number>, name: string, text: string): void {
  const [type = "", number = ""] = text.split(" ");
  if (!USING_UP.includes(type)) return;
  const idx = text.includes(" /") ? text.slice(text.indexOf(" /") + 2) : "0";
  const used = Number(type === "U" ? number.split(">")[1] : number);
  next.set(`${name}/${idx}`, used + 1);
}
