import assert from "node:assert/strict";
import { test } from "node:test";
import { LaneRig } from "../support/lane-rig.ts";

test("the 65th firm that an account disables is refused, until another is enabled again", () => {
  const rig = new LaneRig();
  const alice = rig.login("ALICE", { anyFirm: true });
  const firmOf = (number: number): string =>
    `F${String.fromCharCode(65 + (number >> 4), 65 + (number & 15))}`;
  for (let number = 1; number <= 65; number++) {
    alice.disable({ userRefNum: number, firm: firmOf(number) });
    rig.run();
  }
  const answers = alice.receiveMessages().filter((text) => !text.startsWith("S "));
  assert.equal(answers.filter((text) => text.startsWith("G ")).length, 64);
  assert.equal(answers.at(-1), "J 65 000A");
  // One that is disabled already needs no room.
  alice.disable({ userRefNum: 66, firm: firmOf(1) });
  alice.enable({ userRefNum: 67, firm: firmOf(2) });
  alice.disable({ userRefNum: 68, firm: firmOf(65) });
  rig.run();
  assert.deepEqual(
    alice.receiveMessages().map((text) => text.slice(0, 4)),
    ["G 66", "K 67", "G 68"],
  );
});

test("what is kept by account and by channel is kept when tables grow", () => {
  const count = 200;
  const rig = new LaneRig({ connectionsMax: 2 * count, batchMax: 4 * count });
  const names = Array.from({ length: count }, (_, index) => `A${index}`);
  const clients = names.map((name, connection) => {
    const client = rig.login(name, { connection });
    client.enter({ userRefNum: connection + 1, price: 100 });
    rig.run();
    client.receive();
    return client;
  });
  // All in one batch: everybody's answers are on their way at once.
  for (const [index, client] of clients.entries()) {
    client.query();
    client.enter({ userRefNum: index + 1, price: 100 });
    client.massCancel({ userRefNum: index + 2 });
  }
  rig.run();
  for (const [index, client] of clients.entries()) {
    assert.deepEqual(
      client.receiveMessages().map((text) => text.split(" ").slice(0, 2).join(" ")),
      [`Q ${index + 2}`, `X ${index + 2}`, `C ${index + 1}`],
      client.name,
    );
  }
  for (const [index, first] of clients.entries()) {
    const second = rig.login(first.name, { connection: count + index });
    rig.run();
    const stream = first.all.filter((text) => /^[A-Z] /.test(text));
    assert.equal(stream.length, 5, "System Event, Accepted, and the three of above");
    assert.deepEqual(
      second.all.filter((text) => /^[A-Z] /.test(text)),
      stream,
      first.name,
    );
  }
});
