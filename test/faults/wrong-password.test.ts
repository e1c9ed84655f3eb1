// Somebody guesses passwords (semantics §2.4). Passwords are hashed here, as in a configuration that is no demo.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, test } from "node:test";
import { hashPassword, SALT_BYTES } from "../../src/config/password-hash.ts";
import { FIRM, PASSWORD, TestGateway } from "../support/gateway.ts";
import { login } from "../support/soup-packets.ts";

const password = await hashPassword(PASSWORD, randomBytes(SALT_BYTES));
const gateway = await TestGateway.start(
  { after },
  { config: { accounts: [{ prefix: "T", count: 100, password, firm: FIRM }] } },
);

test("an unknown user and a wrong password are answered alike", async () => {
  const refusals = [
    { userName: gateway.user(), password: "WRONG" },
    { userName: "NOBODY", password: PASSWORD },
    { userName: "", password: "" },
  ].map(async (fields) => {
    const connection = await gateway.raw();
    connection.send(login(fields));
    return connection.ended();
  });
  for (const refused of await Promise.all(refusals)) {
    assert.deepEqual(refused, { packets: ["J:A"], isReset: false });
  }
});

test("the right password is never refused nor delayed, however many wrong ones wait for their answer", async () => {
  const user = gateway.user();
  const guesses = [];
  for (let guess = 0; guess < 6; guess++) {
    const connection = await gateway.raw();
    connection.send(login({ userName: user, password: `WRONG${guess}` }));
    guesses.push(connection);
  }
  // Right behind them; the last of them waits for seconds.
  const trader = await gateway.trader(user);
  assert.deepEqual(guesses.at(-1)?.packets, []);
  assert.ok(trader.session.isUp);
  for (const connection of guesses) connection.close();
});

test("wrong passwords leave the session of the account alone", async () => {
  const trader = await gateway.trader();
  const connection = await gateway.raw();
  connection.send(login({ userName: trader.user, password: "WRONG" }));
  assert.deepEqual((await connection.ended()).packets, ["J:A"]);
  trader.order();
  assert.deepEqual(await trader.heard(), ["A 1 L"]);
  assert.deepEqual(trader.debugTexts, []);
});

test("a password is checked before the session and the number are", async () => {
  const connection = await gateway.raw();
  const fields = { userName: gateway.user(), password: "WRONG" };
  connection.send(login({ ...fields, requestedSession: "NONE", requestedSequence: 1000 }));
  assert.deepEqual((await connection.ended()).packets, ["J:A"]);
});

test("many accounts with one hash log in at once: it is worked out once", async () => {
  const traders = await Promise.all(Array.from({ length: 40 }, () => gateway.trader()));
  for (const trader of traders) trader.order();
  for (const trader of traders) assert.deepEqual(await trader.heard(), ["A 1 L"]);
});
