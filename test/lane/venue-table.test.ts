// Every row of ops/venue.md, against a lane; test/e2e runs them over a socket.

import assert from "node:assert/strict";
import { test } from "node:test";
import { REJECT_REASON } from "../../src/protocol/ouch/codes.ts";
import { LaneRig } from "../support/lane-rig.ts";
import { LEGAL_ORDER, readVenueTable } from "../support/venue-table.ts";

const rows = readVenueTable();

for (const { message, field, change, answer, code } of rows) {
  test(`${message} with ${field} ${JSON.stringify(change)} is answered ${answer} ${code}`, () => {
    const rig = new LaneRig();
    const alice = rig.login("ALICE");
    const isEnter = message === "Enter";
    alice.enter({ ...LEGAL_ORDER, ...(isEnter ? change : {}), userRefNum: 1 });
    rig.run();
    if (!isEnter) {
      alice.receive();
      const { quantity, price } = LEGAL_ORDER;
      alice.replace({ quantity, price, ...change, origUserRefNum: 1, userRefNum: 2 });
      rig.run();
    }
    const last = alice.delivered.at(-1)!.fields;
    assert.equal(last.type, answer);
    assert.equal(last.type === "A" || last.type === "U" ? last.orderState : last.reason, code);

    // What uses the number up, and what does not (ouch50.md §6.2).
    const used = isEnter ? 1 : answer === "C" ? 1 : 2;
    alice.receive();
    alice.query();
    rig.run();
    assert.deepEqual(alice.receive(), [`Q ${used + 1}`]);
  });
}

test("the table knows both messages and only codes that exist", () => {
  assert.ok(rows.filter(({ message }) => message === "Enter").length > 60);
  assert.ok(rows.filter(({ message }) => message === "Replace").length > 30);
  const known = Object.values(REJECT_REASON).map((reason) =>
    reason.toString(16).toUpperCase().padStart(4, "0"),
  );
  for (const { answer, code } of rows) assert.ok(answer !== "J" || known.includes(code), code);
});

test("if several things are wrong, the row further up decides", () => {
  const bad = rows.filter(({ message, answer }) => message === "Enter" && answer === "J");
  for (const [index, row] of bad.entries()) {
    const next = bad[index + 1];
    if (next === undefined) break;
    const overlap = Object.keys(row.change).some(
      (key) => key !== "tags" && Object.hasOwn(next.change, key),
    );
    const tags = { ...next.change.tags, ...row.change.tags };
    if (overlap || row.change.timeInForce !== undefined || next.change.timeInForce !== undefined) {
      continue;
    }
    const rig = new LaneRig();
    const alice = rig.login("ALICE");
    alice.enter({ ...LEGAL_ORDER, ...next.change, ...row.change, tags, userRefNum: 1 });
    rig.run();
    assert.equal(alice.all.at(-1), `J 1 ${row.code}`, `${row.field} before ${next.field}`);
  }
});

test("a listed instrument has its tick, and another symbol is unknown", () => {
  const instruments = [{ symbol: "AAPL", tickSize: 100 }];
  const rig = new LaneRig({ venue: { instruments } });
  const alice = rig.login("ALICE");
  alice.enter({ ...LEGAL_ORDER, userRefNum: 1 });
  alice.enter({ ...LEGAL_ORDER, userRefNum: 2, price: 100_050 });
  alice.enter({ ...LEGAL_ORDER, userRefNum: 3, symbol: "MSFT" });
  alice.replace({ origUserRefNum: 1, userRefNum: 4, price: 100_050 });
  rig.run();
  assert.deepEqual(alice.receive().slice(2), ["A 1 L", "J 2 001D", "J 3 0017", "C 1 100 U"]);
});

test("a full table of instruments is 000A, until one of them has no order left", () => {
  const rig = new LaneRig({ venue: { instrumentsMax: 1 } });
  const alice = rig.login("ALICE");
  alice.enter({ ...LEGAL_ORDER, userRefNum: 1 });
  alice.enter({ ...LEGAL_ORDER, userRefNum: 2, symbol: "MSFT" });
  alice.replace({ origUserRefNum: 1, userRefNum: 3, price: 100_100 });
  alice.enter({ ...LEGAL_ORDER, userRefNum: 4, symbol: "MSFT" });
  alice.cancel(3);
  alice.enter({ ...LEGAL_ORDER, userRefNum: 5, symbol: "MSFT" });
  alice.enter({ ...LEGAL_ORDER, userRefNum: 6 });
  rig.run();
  const told = ["A 1 L", "J 2 000A", "U 1>3 100 L", "J 4 000A", "C 3 100 U", "A 5 L", "J 6 000A"];
  assert.deepEqual(alice.receive().slice(2), told);
});

test("orders that end at once in invented symbols take no other order's place", () => {
  const rig = new LaneRig({ venue: { instrumentsMax: 4 } });
  const alice = rig.login("ALICE");
  const bob = rig.login("BOB");
  alice.enter({ ...LEGAL_ORDER, userRefNum: 1 });
  for (let userRefNum = 1; userRefNum <= 40; userRefNum++) {
    bob.enter({ ...LEGAL_ORDER, userRefNum, symbol: `X${userRefNum}`, timeInForce: "3" });
  }
  alice.enter({ ...LEGAL_ORDER, userRefNum: 2, symbol: "MSFT" });
  bob.enter({ ...LEGAL_ORDER, userRefNum: 41, side: "S", timeInForce: "3" });
  rig.run();
  assert.equal(bob.receive().filter((line) => line.startsWith("J")).length, 0);
  const [, , ...told] = alice.receive();
  assert.deepEqual(
    told.map((line) => line.slice(0, 3)),
    ["A 1", "A 2", "E 1"],
  );
  assert.equal(rig.count("instruments"), 1);
});
