// Clients that go away without a word, in the middle of a packet or of everything.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { askGateway } from "../../src/tools/control-client.ts";
import { PASSWORD, TestGateway } from "../support/gateway.ts";
import { bytesOf } from "../support/hex.ts";
import type { RawConnection } from "../support/raw-connection.ts";
import { login, packet } from "../support/soup-packets.ts";

const gateway = await TestGateway.start({ after });

interface Status {
  readonly gate: {
    readonly connections: number;
    readonly pending: number;
    readonly sendBuffers: { readonly inUse: number };
    readonly stashes: { readonly inUse: number };
    readonly counters: { readonly connectionsAccepted: number };
  };
}

async function status(): Promise<Status["gate"]> {
  const { result } = await askGateway(gateway.ready.control, { command: "status" });
  return (result as Status).gate;
}

let opened = 0;
function open(): Promise<RawConnection> {
  opened++;
  return gateway.raw();
}

/** Asks until everybody has come and nobody is there any more. */
async function untilEmpty(): Promise<Status["gate"]> {
  for (let attempt = 0; attempt < 5_000; attempt++) {
    const gate = await status();
    if (gate.connections === 0 && gate.counters.connectionsAccepted === opened) return gate;
  }
  return assert.fail("connections are left over");
}

test("a fragment at FIN or reset is thrown away, and nothing of it is kept", async () => {
  const user = gateway.user();
  const whole = packet("U", bytesOf(`58 00000001 00000000`));
  for (const isPolite of [true, false]) {
    for (let cut = 1; cut < whole.length; cut++) {
      const connection = await open();
      connection.send(login({ userName: user, password: PASSWORD, requestedSequence: 0 }));
      await connection.untilPacket("A");
      await connection.sent(Buffer.concat([packet("U", "Q"), whole.subarray(0, cut)]));
      await connection.until("the answer", (all) => all.some((text) => text.startsWith("S:Q")));
      if (isPolite) connection.socket.end();
      else connection.socket.resetAndDestroy();
      await connection.ended();
      // One at a time: a second login while the first is still there would be a takeover.
      await untilEmpty();
    }
  }
  const { sendBuffers, stashes, pending } = await status();
  assert.deepEqual([sendBuffers.inUse, stashes.inUse, pending], [0, 0, 0]);
});

test("a client that leaves in the middle of its login leaves nothing behind", async () => {
  const whole = login({ userName: gateway.user(), password: PASSWORD });
  for (let cut = 1; cut < whole.length; cut += 5) {
    const connection = await open();
    await connection.sent(whole.subarray(0, cut));
    connection.socket.resetAndDestroy();
  }
  assert.equal((await untilEmpty()).sendBuffers.inUse, 0);
});

test("orders of a client that resets right behind them are taken, and their answers are there later", async () => {
  const trader = await gateway.trader();
  for (let order = 0; order < 100; order++) trader.order();
  assert.equal(await trader.nextText(), "A 1 L");
  trader.session.socket.resetAndDestroy();
  await trader.closed();
  const back = await gateway.trader(trader.user, { sequence: 1 });
  await back.until(({ fields }) => fields.type === "A");
  const next = back.nextExpected;
  back.query();
  // What was read before the reset was taken; what was not, was not, and nothing between.
  await back.until(({ sequence, type }) => sequence >= next && type === "Q");
  const accepted = back.messages.filter(({ type }) => type === "A");
  const numbers = accepted.map(({ fields }) => fields.userRefNum);
  assert.deepEqual(
    numbers,
    Array.from(numbers, (_, index) => index + 1),
  );
});
