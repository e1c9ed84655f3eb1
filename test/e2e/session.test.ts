// Logins, streams and their numbers, over real sockets (soupbintcp.md §4, §5; semantics §2).

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { PASSWORD, TestGateway } from "../support/gateway.ts";
import { login } from "../support/soup-packets.ts";
import type { Trader } from "../support/trader.ts";

const gateway = await TestGateway.start({ after });

const sequencesOf = (trader: Trader): number[] => trader.messages.map(({ sequence }) => sequence);
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** An account with nine messages in its stream: S, seven times A, and the Q that says that they are there. */
async function nineMessages(): Promise<{ user: string; texts: string[] }> {
  const trader = await gateway.trader(undefined, { sequence: 1 });
  for (let order = 0; order < 7; order++) trader.order();
  await trader.learnNextNumber();
  const texts = trader.allTexts;
  assert.equal(texts.length, 9);
  await trader.logout();
  return { user: trader.user, texts };
}

test("the first login is told the session and number 1, and the first message is System Event S", async () => {
  const trader = await gateway.stranger();
  const outcome = await trader.login(trader.user, PASSWORD);
  assert.deepEqual(outcome, { isAccepted: true, session: gateway.session, sequence: 1 });
  assert.equal(await trader.nextText(), "S S");
  trader.order();
  assert.equal(await trader.nextText(), "A 1 L");
  assert.deepEqual(sequencesOf(trader), [1, 2]);
});

test("user name and password are taken in any case, and padding on either side", async () => {
  const user = gateway.user();
  const packet = login({ userName: user.toLowerCase(), password: PASSWORD.toLowerCase() });
  const session = gateway.session.padEnd(10);
  packet.write(session, 3 + 16, "latin1");
  packet.write("1".padEnd(20), 3 + 26, "latin1");
  const connection = await gateway.raw();
  connection.send(packet);
  const accepted = await connection.untilPacket("A");
  assert.equal(accepted, gateway.session.padStart(10) + "1".padStart(20));
  connection.close();
});

test("nothing but debug texts comes before Login Accepted", async () => {
  const connection = await gateway.raw();
  connection.send(login({ userName: gateway.user(), password: PASSWORD }));
  await connection.untilPacket("S");
  const types = connection.packets.map((packet) => packet[0]).filter((type) => type !== "+");
  assert.deepEqual(types.slice(0, 2), ["A", "S"]);
  connection.close();
});

test("a stream is resumed from any number, and goes on live without a seam", async () => {
  const { user, texts } = await nineMessages();
  for (const sequence of range(1, 10)) {
    const trader = await gateway.trader(user, { session: gateway.session, sequence });
    const { session } = gateway;
    assert.deepEqual(trader.loginOutcome, { isAccepted: true, session, sequence });
    // What was there, what each resume before this one has added, and what this one adds.
    texts.push(`A ${trader.order({ userRefNum: 7 + sequence })} L`);
    await trader.untilSequence(texts.length);
    assert.deepEqual(trader.allTexts, texts.slice(sequence - 1));
    assert.deepEqual(sequencesOf(trader), range(sequence, texts.length));
    await trader.logout();
  }
});

test("sequence 0 starts at the live end and is told its number", async () => {
  const { user, texts } = await nineMessages();
  const trader = await gateway.stranger(user);
  const outcome = await trader.login(user, PASSWORD, { sequence: 0 });
  const sequence = texts.length + 1;
  assert.deepEqual(outcome, { isAccepted: true, session: gateway.session, sequence });
  await trader.learnNextNumber();
  assert.deepEqual(trader.allTexts, ["Q 8"]);
});

describe("a login is refused with J S, after a text that says why,", () => {
  test("when it asks for a number beyond the next one", async () => {
    const { user, texts } = await nineMessages();
    const sequence = texts.length + 2;
    for (const ahead of [sequence, Number.MAX_SAFE_INTEGER]) {
      const connection = await gateway.raw();
      connection.send(login({ userName: user, password: PASSWORD, requestedSequence: ahead }));
      const { packets, isReset } = await connection.ended();
      assert.match(packets[0] ?? "", new RegExp(`^\\+:.*${ahead}.*${texts.length + 1}`));
      assert.deepEqual(packets.slice(1), ["J:S"]);
      assert.equal(isReset, false);
    }
  });

  test("when a fresh account asks for its second message", async () => {
    const trader = await gateway.stranger();
    const outcome = await trader.login(trader.user, PASSWORD, { sequence: 2 });
    assert.deepEqual(outcome, { isAccepted: false, reason: "S" });
    await trader.closed();
  });

  test("when it names another session", async () => {
    const trader = await gateway.stranger();
    const outcome = await trader.login(trader.user, PASSWORD, { session: "19991231A" });
    assert.deepEqual(outcome, { isAccepted: false, reason: "S" });
    assert.match(trader.debugTexts.join(), /19991231A/);
    await trader.closed();
  });
});

describe("a second login on an account", () => {
  test("takes over: the older connection is told and closed, and a query on the newer is final", async () => {
    const older = await gateway.trader();
    older.order();
    assert.equal(await older.nextText(), "A 1 L");
    const newer = await gateway.trader(older.user);
    const { isClean } = await older.closed();
    assert.equal(isClean, true);
    assert.match(older.debugTexts.join(), /superseded/);
    assert.equal(newer.nextUserRefNum, 2);
    newer.order();
    assert.equal(await newer.nextText(), "A 2 L");
  });

  test("leaves the older one alone when it is refused", async () => {
    const older = await gateway.trader();
    for (const wrong of [{ session: "NONE" }, { sequence: 1000 }]) {
      const refused = await gateway.stranger(older.user);
      const outcome = await refused.login(older.user, PASSWORD, wrong);
      assert.equal(outcome.isAccepted, false);
      await refused.closed();
    }
    older.order();
    assert.deepEqual(await older.heard(), ["A 1 L"]);
  });

  test("is refused for a while when two clients throw each other out, and the one that is there stays", async () => {
    const traders = [await gateway.trader()];
    const user = traders[0]?.user;
    for (let takeover = 0; takeover < 5; takeover++) traders.push(await gateway.trader(user));
    const sixth = await gateway.stranger(user);
    const outcome = await sixth.login(sixth.user, PASSWORD, { sequence: 0 });
    assert.deepEqual(outcome, { isAccepted: false, reason: "S" });
    assert.match(sixth.debugTexts.join(), /too often/);
    const last = traders.at(-1);
    assert.ok(last);
    last.order();
    assert.deepEqual(await last.heard(), ["A 1 L"]);
  });
});

test("a logout closes without a word, and the stream is there for the next login", async () => {
  const connection = await gateway.raw();
  const user = gateway.user();
  connection.send(login({ userName: user, password: PASSWORD }));
  await connection.untilPacket("S");
  connection.send(Buffer.from([0, 1, 0x4f]));
  const { packets, isReset } = await connection.ended();
  assert.deepEqual(packets.map((packet) => packet[0]).join(""), "AS");
  assert.equal(isReset, false);
  const again = await gateway.trader(user, { session: gateway.session, sequence: 1 });
  assert.equal(await again.nextText(), "S S");
});

test("orders outlive their connection, and what happens to them meanwhile is resumed", async () => {
  const symbol = "LIVEON";
  const owner = await gateway.trader();
  owner.order({ symbol, quantity: 300 });
  await owner.heard();
  const next = owner.nextExpected;
  await owner.logout();
  const taker = await gateway.trader();
  for (let trade = 0; trade < 3; trade++) taker.order({ symbol, side: "S", quantity: 100 });
  await taker.heard();
  const back = await gateway.trader(owner.user, { session: gateway.session, sequence: next });
  assert.deepEqual(await back.texts(3), Array(3).fill("E 1 100@10.0000 A"));
  assert.equal(await back.learnNextNumber(), 2);
});

test("a login beyond the end of the stream is the gravest line of the log", async () => {
  const user = gateway.user();
  const ahead = await gateway.stranger(user);
  const outcome = await ahead.login(user, PASSWORD, { sequence: 7 });
  assert.equal(outcome.isAccepted, false);
  const line = JSON.parse(await gateway.untilLogged('"login-ahead"', user));
  assert.equal(line.level, "error");
  assert.equal(line.requestedSequence, 7);
});
