import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LaneRig, type RigClient } from "../support/lane-rig.ts";

interface Resting {
  readonly rig: LaneRig;
  readonly alice: RigClient;
  readonly bob: RigClient;
}

/** ALICE has orders 1 to `orders` in the book, of which a mass cancel or a sweep takes `outputsPerStepMax` in a step. */
function resting(orders: number, outputsPerStepMax: number, batchMax = 64): Resting {
  const rig = new LaneRig({ outputsPerStepMax, batchMax });
  const [alice, bob] = [rig.login("ALICE"), rig.login("BOB")];
  for (let userRefNum = 1; userRefNum <= orders; userRefNum++) {
    alice.enter({ userRefNum, price: 100 });
  }
  rig.run();
  alice.receive();
  return { rig, alice, bob };
}

test("a record that brings expiries and a request of its own finds room for all of them behind a sweep", () => {
  const rig = new LaneRig({ outputsPerStepMax: 2, heldRequestsMax: 4 });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 12; userRefNum++) alice.enter({ userRefNum, side: "S" });
  // Too dear for the sweep, and over when the last cancel comes.
  const passing = { timeInForce: "6", tags: { EXPIRE_TIME: 1 }, side: "S", price: 1_999_000 };
  alice.enter({ userRefNum: 13, ...passing }).enter({ userRefNum: 14, ...passing });
  const bob = rig.login("BOB");
  rig.run();
  alice.receive();

  bob.enter({ userRefNum: 1, quantity: 900 });
  alice.cancel(12).cancel(11);
  rig.eventNs += 2e9;
  alice.cancel(10);
  rig.run();
  const ends = alice.receiveMessages().filter((text) => !text.startsWith("E "));
  assert.deepEqual(ends, ["C 12 100 U", "C 11 100 U", "C 13 100 T", "C 14 100 T", "C 10 100 U"]);
});

describe("more orders are over at once than a step takes:", () => {
  const good = { timeInForce: "6", tags: { EXPIRE_TIME: 10 } };
  /** ALICE's seven best bids are over in ten seconds; her eighth order stays. */
  function dying(batchMax = 16): Resting {
    const rig = new LaneRig({ outputsPerStepMax: 2, batchMax });
    const [alice, bob] = [rig.login("ALICE"), rig.login("BOB")];
    for (let userRefNum = 1; userRefNum <= 7; userRefNum++) alice.enter({ userRefNum, ...good });
    alice.enter({ userRefNum: 8, price: 100 });
    rig.run();
    alice.receive();
    bob.receive();
    return { rig, alice, bob };
  }
  const ended = (from: number, to: number): string[] =>
    Array.from({ length: to - from + 1 }, (_, index) => `C ${from + index} 100 T`);

  test("the request that brings the time meets none of them", () => {
    const { rig, alice, bob } = dying();
    rig.eventNs += 10e9;
    bob.enter({ userRefNum: 1, side: "S", quantity: 1000, price: 100, timeInForce: "3" });
    rig.run();
    assert.deepEqual(alice.receive(), [...ended(1, 7), "E 8 100@0.0100 A"]);
    assert.deepEqual(bob.receiveMessages(), ["A 1 L", "E 1 100@0.0100 R", "C 1 900 I"]);
  });

  test("nor does one that comes between two steps, or a post-only one that would have taken", () => {
    const { rig, alice, bob } = dying();
    rig.tick(10_000);
    bob.enter({ userRefNum: 1, side: "S", tags: { POST_ONLY: "P" } });
    bob.cancel(1);
    rig.run();
    assert.deepEqual(alice.receive(), ended(1, 7));
    assert.deepEqual(bob.receiveMessages(), ["A 1 L", "C 1 100 U"]);
  });

  test("nor does one that has waited behind a mass cancel", () => {
    const { rig, alice, bob } = dying(2);
    for (let userRefNum = 1; userRefNum <= 20; userRefNum++) bob.enter({ userRefNum, price: 50 });
    rig.run();
    bob.receive();
    bob.massCancel({ userRefNum: 21 });
    bob.enter({ userRefNum: 22, side: "S", price: 100, timeInForce: "3" });
    rig.runOnce();
    rig.tick(10_000);
    rig.run();
    assert.deepEqual(alice.receive(), [...ended(1, 7), "E 8 100@0.0100 A"]);
    assert.deepEqual(bob.receiveMessages().slice(-2), ["A 22 L", "E 22 100@0.0100 R"]);
  });

  for (const waitsBehind of ["a sweep", "a mass cancel"] as const) {
    test(`one that has waited behind ${waitsBehind} until it was over meets nothing that comes after`, () => {
      const { rig, alice, bob } = resting(40, 2, 4);
      const carol = rig.login("CAROL");
      const passing = { price: 90, timeInForce: "6", tags: { EXPIRE_TIME: 1 } };
      const late = { side: "S", price: 90, timeInForce: "3" };
      if (waitsBehind === "a sweep") {
        bob.enter({ userRefNum: 1, side: "S", price: 100, quantity: 4000 });
      } else alice.massCancel({ userRefNum: 41 });
      alice.enter({ userRefNum: 42, ...passing });
      rig.runOnce();
      rig.eventNs += 1e9;
      // Each waits behind the same as the order that it would meet.
      if (waitsBehind === "a sweep") carol.enter({ userRefNum: 43, ...late });
      else alice.enter({ userRefNum: 43, ...late });
      assert.ok(rig.lane.core.hasWork());
      rig.run();
      const all = [...alice.receiveMessages(), ...carol.receiveMessages()];
      const about = all.filter((text) => /^[^X] 4[23] /.test(text));
      assert.deepEqual(about, ["A 42 L", "C 42 100 T", "A 43 D"]);
    });
  }

  test("one whose time is not yet over stays, and the others do not wait for it", () => {
    const { rig, alice, bob } = dying();
    rig.eventNs += 1e9;
    alice.enter({ userRefNum: 9, ...good });
    rig.run();
    alice.receive();
    rig.eventNs += 9e9;
    bob.enter({ userRefNum: 1, side: "S", timeInForce: "3" });
    rig.run();
    assert.deepEqual(alice.receive(), [...ended(1, 7), "E 9 100@189.5000 A"]);
  });
});

test("an Account Query behind a mass cancel is answered when what waits before it is decided", () => {
  const { rig, alice } = resting(8, 2);

  // The mass cancel takes the replace's target: the replace comes to nothing, and its number is free again.
  alice.massCancel({ userRefNum: 9 }).replace({ origUserRefNum: 8, userRefNum: 10 }).query();
  rig.run();
  alice.query();
  rig.run();
  const answers = alice.receiveMessages();
  assert.deepEqual(answers.slice(-2), ["Q 10", "Q 10"]);
  assert.equal(answers.filter((text) => text.startsWith("C ")).length, 8);
  alice.enter({ userRefNum: 10, price: 100 });
  rig.run();
  assert.deepEqual(alice.receiveMessages(), ["A 10 L"]);
});

test("an Account Query behind a sweep is answered when the replaces before it are decided", () => {
  const { rig, alice, bob } = resting(8, 2);
  bob.enter({ userRefNum: 1, side: "S", price: 100, quantity: 800 });
  alice.replace({ origUserRefNum: 8, userRefNum: 9 }).query();
  rig.run();
  assert.deepEqual(alice.receiveMessages().slice(-2), ["E 8 100@0.0100 A", "Q 9"]);

  // Of one that comes to something, the number is used up. What comes behind the query keeps its turn.
  for (let userRefNum = 9; userRefNum <= 28; userRefNum++) alice.enter({ userRefNum, price: 100 });
  alice.enter({ userRefNum: 29, price: 90 });
  rig.run();
  alice.receive();
  bob.enter({ userRefNum: 2, side: "S", price: 100, quantity: 2000 });
  alice.replace({ origUserRefNum: 29, userRefNum: 30, price: 80 }).query();
  alice.enter({ userRefNum: 31, price: 70 }).cancel(31).query();
  rig.run();
  const answers = alice.receiveMessages().filter((text) => !text.startsWith("E "));
  assert.deepEqual(answers, ["U 29>30 100 L", "Q 31", "A 31 L", "C 31 100 U", "Q 32"]);
  assert.ok(!rig.lane.core.hasWork());
});

test("an Account Query is not answered with the number of a replace that waits behind it", () => {
  const { rig, alice } = resting(8, 2);
  alice.massCancel({ userRefNum: 9 }).query().replace({ origUserRefNum: 8, userRefNum: 10 });
  alice.query().enter({ userRefNum: 11, price: 100 }).query();
  rig.run();
  const answers = alice.receiveMessages().filter((text) => !/^[CX] /.test(text));
  assert.deepEqual(answers, ["Q 10", "Q 10", "A 11 L", "Q 12"]);
});

test("an Account Query is answered with no number that was used while it waited", () => {
  const { rig, alice } = resting(8, 2);
  alice.massCancel({ userRefNum: 9 }).query().enter({ userRefNum: 10, price: 100 });
  alice.enter({ userRefNum: 11, quantity: 0 });
  rig.run();
  const answers = alice.receiveMessages().filter((text) => !/^[CX] /.test(text));
  assert.deepEqual(answers, ["J 11 0013", "Q 12", "A 10 L"]);
});

test("replaces that all come to nothing behind a mass cancel give all their numbers back", () => {
  const rig = new LaneRig({ outputsPerStepMax: 2 });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 8; userRefNum++) alice.enter({ userRefNum, price: 100 });
  const inChannel = { tags: { USER_REF_IDX: 7 } };
  alice.enter({ userRefNum: 1, price: 100, ...inChannel });
  rig.run();
  alice.receive();

  alice.massCancel({ userRefNum: 9 });
  alice.replace({ origUserRefNum: 8, userRefNum: 10 });
  alice.replace({ origUserRefNum: 1, userRefNum: 2, ...inChannel });
  alice.replace({ origUserRefNum: 10, userRefNum: 11 });
  alice.replace({ origUserRefNum: 2, userRefNum: 3, ...inChannel });
  alice.replace({ origUserRefNum: 7, userRefNum: 12 });
  rig.run();
  alice.receive();
  alice.query().query(inChannel);
  alice.enter({ userRefNum: 10, price: 100 }).enter({ userRefNum: 2, price: 100, ...inChannel });
  rig.run();
  assert.deepEqual(alice.receiveMessages(), ["Q 10", "Q 2 /7", "A 10 L", "A 2 L /7"]);
});

test("replaces that all come too late behind a sweep give all their numbers back", () => {
  const rig = new LaneRig({ outputsPerStepMax: 2 });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 8; userRefNum++) alice.enter({ userRefNum, price: 100 });
  const inChannel = { tags: { USER_REF_IDX: 7 } };
  for (let userRefNum = 1; userRefNum <= 5; userRefNum++) {
    alice.enter({ userRefNum, symbol: "MSFT", ...inChannel });
  }
  const bob = rig.login("BOB");
  rig.run();
  alice.receive();

  bob.enter({ userRefNum: 1, side: "S", price: 100, quantity: 800 });
  alice.replace({ origUserRefNum: 8, userRefNum: 9 });
  alice.replace({ origUserRefNum: 7, userRefNum: 10 });
  // The last one waits behind the account's own mass cancel first.
  alice.massCancel({ userRefNum: 6, ...inChannel }).replace({ origUserRefNum: 6, userRefNum: 11 });
  rig.run();
  const ends = alice.receiveMessages().filter((text) => /^[EC]/.test(text));
  assert.equal(ends.length, 8 + 5);
  alice.query().enter({ userRefNum: 9, price: 90 });
  rig.run();
  assert.deepEqual(alice.receiveMessages(), ["Q 9", "A 9 L"]);
});

for (const waitsBehind of ["a mass cancel", "a sweep"] as const) {
  test(`requests that wait behind ${waitsBehind} are answered with their own located shares`, () => {
    const { rig, alice, bob } = resting(8, 2);

    if (waitsBehind === "a sweep") {
      bob.enter({ userRefNum: 1, side: "S", price: 100, quantity: 800 });
    } else alice.massCancel({ userRefNum: 9 });
    const by = (broker: string) => ({ tags: { SHARES_LOCATED: "Y", LOCATE_BROKER: broker } });
    const order = { userRefNum: 10, side: "T" };
    alice.enter({ ...order, quantity: 500, ...by("ONE") });
    alice.modify({ ...order, quantity: 400, ...by("TWO") });
    alice.modify({ ...order, quantity: 300 });
    alice.modify({ ...order, quantity: 200, tags: { LOCATE_BROKER: "LAST" } });
    rig.run();
    alice.receive();
    const told = alice.delivered
      .map(({ fields }) => fields)
      .filter(({ userRefNum }) => userRefNum === 10)
      .map(({ quantity, sharesLocated, locateBroker }) => [quantity, sharesLocated, locateBroker]);
    assert.deepEqual(told, [
      [500, "Y", undefined],
      [400, "Y", "TWO"],
      [300, undefined, undefined],
      [200, undefined, "LAST"],
    ]);
  });
}

test("what is asked about an order that waited behind a mass cancel is done in the order of its asking", () => {
  const { rig, alice } = resting(8, 2);

  alice.massCancel({ userRefNum: 9 });
  const order = { userRefNum: 10, side: "S", quantity: 500 };
  alice.enter(order);
  for (const side of ["T", "E", "S", "T", "E", "S", "T"]) alice.modify({ ...order, side });
  alice
    .cancel(10, { quantity: 400 })
    .modify({ ...order, side: "E", quantity: 300 })
    .cancel(10);
  rig.run();
  const about = alice.receiveMessages().filter((text) => text.split(" ")[1] === "10");
  const turns = ["T", "E", "S", "T", "E", "S", "T"].map((side) => `M 10 ${side} 500`);
  assert.deepEqual(about, ["A 10 L", ...turns, "C 10 100 U", "M 10 E 300", "C 10 300 U"]);
});

test("cancels of an order that waited behind a mass cancel are done in the order of their asking", () => {
  const { rig, alice } = resting(8, 2);

  alice.massCancel({ userRefNum: 9 }).enter({ userRefNum: 10, quantity: 500 });
  for (let left = 490; left >= 400; left -= 10) alice.cancel(10, { quantity: left });
  rig.run();
  const about = alice.receiveMessages().filter((text) => text.split(" ")[1] === "10");
  assert.deepEqual(about, ["A 10 L", ...new Array<string>(10).fill("C 10 10 U")]);
});

test("a replacement that comes to nothing gives no number back that somebody else has used", () => {
  const { rig, alice } = resting(20, 2);

  alice.massCancel({ userRefNum: 21 }).replace({ origUserRefNum: 20, userRefNum: 22 });
  alice.enter({ userRefNum: 23, quantity: 0 }).replace({ origUserRefNum: 19, userRefNum: 24 });
  rig.run();
  assert.ok(alice.receiveMessages().includes("J 23 0013"));
  alice.query().enter({ userRefNum: 23, price: 100 }).enter({ userRefNum: 24, price: 100 });
  rig.run();
  assert.deepEqual(alice.receiveMessages(), ["Q 24", "A 24 L"]);
});

test("a request about a replacement that came to nothing is not about the next order of that number", () => {
  const { rig, alice } = resting(40, 2);

  alice.massCancel({ userRefNum: 41 }).replace({ origUserRefNum: 40, userRefNum: 42 });
  for (let asked = 0; asked < 12; asked++) alice.cancel(42, { quantity: 50 - asked });
  // The first that finds the number given back: what waits before it was about the replacement.
  for (let tries = 0; tries < 80; tries++) {
    alice.enter({ userRefNum: 42, price: 100 });
    rig.runOnce();
  }
  rig.run();
  const about = alice.receiveMessages().filter((text) => text.split(" ")[1] === "42");
  assert.deepEqual(about, ["A 42 L"]);
  const { orders, index } = rig.lane.core.state!;
  assert.equal(orders.waiting(index.find(0, 0, 42)), 0);
});

test("requests about an order wait behind its replace, which waits behind a mass cancel", () => {
  for (const what of ["cancel", "modify", "invalid replace"]) {
    const { rig, alice } = resting(8, 2);
    alice.enter({ userRefNum: 9, symbol: "MSFT", side: "S" });
    rig.run();
    alice.receive();

    alice.massCancel({ userRefNum: 10, symbol: "AAPL" });
    alice.replace({ origUserRefNum: 9, userRefNum: 11 });
    if (what === "cancel") alice.cancel(9);
    else if (what === "modify") alice.modify({ userRefNum: 9, side: "T", quantity: 50 });
    else alice.replace({ origUserRefNum: 9, userRefNum: 12, quantity: 0 });
    rig.run();
    const about = alice.receiveMessages().filter((text) => !/^(X|C [1-8]) /.test(text));
    assert.deepEqual(about, ["U 9>11 100 L"], what);
    alice.cancel(11);
    rig.run();
    assert.deepEqual(alice.receiveMessages(), ["C 11 100 U"]);
  }
});

for (const waitsBehind of ["a mass cancel", "a sweep"] as const) {
  test(`a replace that waits behind ${waitsBehind} inherits the side that a modify before it gave`, () => {
    const { rig, alice, bob } = resting(8, 4);

    if (waitsBehind === "a sweep") {
      bob.enter({ userRefNum: 1, side: "S", price: 100, quantity: 800 });
    } else alice.massCancel({ userRefNum: 9 });
    alice.enter({ userRefNum: 10, side: "S" });
    alice.modify({ userRefNum: 10, side: "T", quantity: 100 });
    alice.replace({ origUserRefNum: 10, userRefNum: 11 });
    alice.replace({ origUserRefNum: 11, userRefNum: 12, tags: { SIDE: "E" } });
    alice.modify({ userRefNum: 12, side: "S", quantity: 100 });
    alice.replace({ origUserRefNum: 12, userRefNum: 13 });
    rig.run();
    const sides = alice.delivered
      .map(({ fields }) => fields)
      .filter(({ userRefNum }) => Number(userRefNum) >= 10)
      .map(({ userRefNum, side }) => `${userRefNum} ${side}`);
    assert.deepEqual(sides, ["10 S", "10 T", "11 T", "12 E", "12 S", "13 S"]);
  });
}

test("nothing waits for a replace that has gone from behind a mass cancel to behind a sweep", () => {
  const rig = new LaneRig({ outputsPerStepMax: 2, batchMax: 4 });
  const [alice, bob] = [rig.login("ALICE"), rig.login("BOB")];
  const msft = { symbol: "MSFT", price: 100 };
  for (let userRefNum = 1; userRefNum <= 8; userRefNum++) alice.enter({ userRefNum, price: 100 });
  alice.enter({ userRefNum: 9, ...msft, side: "S", price: 200 });
  for (let userRefNum = 1; userRefNum <= 80; userRefNum++) bob.enter({ userRefNum, ...msft });
  rig.run();
  alice.receive();

  bob.enter({ userRefNum: 81, ...msft, side: "S", quantity: 8000 });
  alice.massCancel({ userRefNum: 10, symbol: "AAPL" });
  alice.replace({ origUserRefNum: 9, userRefNum: 11, price: 200 });
  const { accounts, venue } = rig.lane.core.state!;
  do rig.runOnce();
  while (accounts.at(0).isHolding);
  assert.ok(venue.hasWork(), "the sweep is over already");
  alice.cancel(9).enter({ userRefNum: 12, price: 100 });
  rig.run();
  const about = alice.receiveMessages().filter((text) => !/^(X|C [1-8]) /.test(text));
  assert.deepEqual(about, ["A 12 L", "U 9>11 100 L"]);
});
