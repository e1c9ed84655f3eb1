// The npm package soupbintcp, written by somebody else, as a client of ours.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, test } from "node:test";
import soupbintcp from "soupbintcp";
import { describeOutbound } from "../../src/protocol/ouch/describe.ts";
import { type EnterFields, writeEnter } from "../../src/tools/client/order-messages.ts";
import { PASSWORD, TestGateway } from "../support/gateway.ts";
import { viewOf } from "../support/hex.ts";
import { RecordingProxy } from "../support/recording-proxy.ts";
import { shortText } from "../support/short-text.ts";
import { dollars } from "../support/trader.ts";

const WAIT_MS_MAX = 15_000;
/** The package says that it lives each second. */
const IDLE_MS = 2_500;

const gateway = await TestGateway.start(
  { after },
  { settings: { "session.idleTimeoutMs": IDLE_MS } },
);

class Peer {
  readonly client: InstanceType<typeof soupbintcp.Client>;
  readonly texts: string[] = [];

  constructor(address: { readonly host: string; readonly port: number } = gateway) {
    this.client = new soupbintcp.Client({ host: address.host, port: address.port });
    this.client.on("message", (payload) => {
      const bytes = Buffer.from(payload);
      this.texts.push(shortText(describeOutbound(viewOf(bytes), 0, bytes.length)));
    });
  }

  login(username: string, requestedSession = "", requestedSequenceNumber = 1): void {
    const password = PASSWORD;
    this.client.login({ username, password, requestedSession, requestedSequenceNumber });
  }

  async accepted(): Promise<{ session: string; sequenceNumber: number }> {
    const [{ session, sequenceNumber }] = await once(this.client, "accept", soon());
    return { session: session.trim(), sequenceNumber };
  }

  enter(userRefNum: number, fields: Partial<EnterFields> = {}): void {
    const order = { side: "B", quantity: 100, symbol: "NPM", price: dollars(10), ...fields };
    const bytes = Buffer.alloc(200);
    this.client.send(bytes.subarray(0, writeEnter(viewOf(bytes), 0, { ...order, userRefNum })));
  }

  async received(count: number): Promise<string[]> {
    while (this.texts.length < count) await once(this.client, "message", soon());
    return this.texts;
  }

  async logout(): Promise<void> {
    const ended = once(this.client, "end", soon());
    this.client.logout();
    await ended;
    this.client.end();
  }
}

const soon = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(WAIT_MS_MAX) });

test("it logs in, trades, logs out and resumes from where it was", async () => {
  const user = gateway.user();
  const peer = new Peer();
  await once(peer.client, "connect", soon());
  peer.login(user);
  const { session, sequenceNumber } = await peer.accepted();
  assert.deepEqual([session, sequenceNumber], [gateway.session, 1]);
  peer.enter(1);
  assert.deepEqual(await peer.received(2), ["S S", "A 1 L"]);

  const seller = await gateway.trader();
  seller.order({ symbol: "NPM", side: "S", quantity: 30 });
  assert.deepEqual((await peer.received(3))[2], "E 1 30@10.0000 A");
  await peer.logout();

  seller.order({ symbol: "NPM", side: "S", quantity: 70 });
  await seller.heard();
  const back = new Peer();
  await once(back.client, "connect", soon());
  back.login(user, session, 3);
  assert.deepEqual(await back.accepted(), { session, sequenceNumber: 3 });
  assert.deepEqual(await back.received(2), ["E 1 30@10.0000 A", "E 1 70@10.0000 A"]);
  await back.logout();
});

test("its heartbeats keep it connected for longer than our patience, and ours keep it content", async () => {
  const proxy = await RecordingProxy.start(gateway.ready.order);
  const peer = new Peer(proxy);
  peer.client.on("error", (error) => assert.fail(error));
  await once(peer.client, "connect", soon());
  peer.login(gateway.user());
  await peer.accepted();
  // One each second: four of them take longer than the gateway would wait in silence.
  await Promise.all([proxy.until("client", "R", 4), proxy.until("server", "H", 3)]);
  peer.enter(1);
  assert.deepEqual(await peer.received(2), ["S S", "A 1 L"]);
  await peer.logout();
  proxy.stop();
});

test("it understands why it is refused", async () => {
  const peer = new Peer();
  await once(peer.client, "connect", soon());
  const ended = once(peer.client, "end", soon());
  peer.login(gateway.user(), "NOSESSION");
  const [{ rejectReasonCode }] = await once(peer.client, "reject", soon());
  assert.equal(rejectReasonCode, "S");
  await ended;
  peer.client.end();
});
