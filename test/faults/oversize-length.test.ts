// A length above session.inboundPacketBytesMax: refused before the body comes.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { PASSWORD, TestGateway } from "../support/gateway.ts";
import { bytesOf } from "../support/hex.ts";
import { login, packet } from "../support/soup-packets.ts";

const PACKET_BYTES_MAX = 512;
const gateway = await TestGateway.start(
  { after },
  { settings: { "session.inboundPacketBytesMax": PACKET_BYTES_MAX } },
);

test("two bytes are enough to be refused, before the login and behind it", async () => {
  for (const length of ["0201", "ffff"]) {
    const connection = await gateway.raw();
    connection.send(bytesOf(length));
    const { packets, isReset } = await connection.ended();
    assert.deepEqual(packets, ["+:the packet is too long"]);
    assert.equal(isReset, false);

    const trader = await gateway.trader();
    trader.sendBytes(bytesOf(length));
    assert.equal((await trader.closed()).isClean, true);
    assert.match(trader.debugTexts.join(), /too long/);
  }
});

test("the longest length is read, and the message within it is malformed", async () => {
  const trader = await gateway.trader();
  trader.sendBytes(packet("U", "Q".repeat(PACKET_BYTES_MAX - 1)));
  assert.deepEqual(await trader.heard(), []);
  assert.match(trader.debugTexts.join(), /malformed OUCH message: Q, 511 bytes/);
});

test("a long body behind a refused length does not take the text away", async () => {
  const connection = await gateway.raw();
  connection.send(login({ userName: gateway.user(), password: PASSWORD }));
  await connection.untilPacket("S");
  connection.send(Buffer.concat([bytesOf("ffff 55"), Buffer.alloc(65_534)]));
  const { packets, isReset } = await connection.ended();
  assert.equal(packets.at(-1), "+:the packet is too long");
  assert.equal(isReset, false);
});
