// TCP cuts a stream wherever it likes.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { writeEnter } from "../../src/tools/client/order-messages.ts";
import { PASSWORD, TestGateway } from "../support/gateway.ts";
import { login, packet } from "../support/soup-packets.ts";
import { dollars } from "../support/trader.ts";

const gateway = await TestGateway.start({ after });

const enter = (userRefNum: number): Buffer => {
  const bytes = Buffer.alloc(200);
  const fields = { userRefNum, side: "B", quantity: 1, symbol: "CUT", price: dollars(1) };
  const tags = { FIRM: "LIME", GROUP_ID: 1 };
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return packet("U", bytes.subarray(0, writeEnter(view, 0, { ...fields, tags })));
};

const isAnswer = (text: string): boolean => text.startsWith("S:Q");

test("a session that is cut at any byte, in two segments, is the same session", async () => {
  const stream = Buffer.concat([
    login({ userName: "T-----", password: PASSWORD }),
    ...[enter(1), packet("R"), packet("+", "between"), enter(2), packet("U", "Q")],
  ]);
  for (let cut = 1; cut < stream.length; cut++) {
    const own = Buffer.from(stream);
    own.write(gateway.user(), 3, "latin1");
    const connection = await gateway.raw();
    await connection.sent(own.subarray(0, cut));
    // One turn of our own event loop: without Nagle the halves leave one by one.
    await new Promise((resolve) => setImmediate(resolve));
    connection.send(own.subarray(cut));
    const packets = await connection.until("the answers", (all) => all.some(isAnswer));
    const types = packets.filter((text) => text !== "H:").map((text) => text.slice(0, 3));
    assert.deepEqual(
      types.map((text) => (text.startsWith("S:") ? text : text.slice(0, 2))),
      ["A:", "S:S", "S:A", "S:A", "S:Q"],
      `cut at ${cut}`,
    );
    connection.close();
  }
});

test("a session that comes byte by byte is the same session", async () => {
  const user = gateway.user();
  const connection = await gateway.raw();
  const stream = Buffer.concat([
    login({ userName: user, password: PASSWORD }),
    ...[enter(1), enter(2), packet("U", "Q")],
  ]);
  for (const byte of stream) {
    await connection.sent(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const packets = await connection.until("the answers", (all) => all.some(isAnswer));
  assert.equal(packets.filter((text) => text.startsWith("S:A")).length, 2);
  connection.close();
});

test("thousands of packets in one write are all answered, in order, the login among them", async () => {
  const user = gateway.user();
  const count = 5_000;
  const orders = Array.from({ length: count }, (_, index) => enter(index + 1));
  const connection = await gateway.raw();
  const all = [login({ userName: user, password: PASSWORD }), ...orders, packet("U", "Q")];
  connection.send(Buffer.concat(all));
  await connection.until("the last answer", (packets) => isAnswer(packets.at(-1) ?? ""));
  const accepted = connection.packets.filter((text) => text.startsWith("S:A"));
  const numbers = accepted.map((text) => Buffer.from(text, "latin1").readUInt32BE(2 + 9));
  assert.deepEqual(
    numbers,
    Array.from({ length: count }, (_, index) => index + 1),
  );
  connection.close();
});
