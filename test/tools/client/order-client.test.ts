import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { type TestContext, test } from "node:test";
import { PRICE_UNITS_PER_DOLLAR } from "../../../src/protocol/ouch/codes.ts";
import { OrderClient } from "../../../src/tools/client/order-client.ts";
import { ClientWaitError } from "../../../src/tools/client/waits.ts";
import { FakeOuchServer } from "../../support/fake-ouch-server.ts";

const BUY = { side: "B", quantity: 100, symbol: "AAPL", price: 189.5 * PRICE_UNITS_PER_DOLLAR };
const TIMEOUT_MS = 5_000;

async function withClient(
  t: TestContext,
  use: (client: OrderClient, server: FakeOuchServer) => Promise<void>,
): Promise<void> {
  const server = await FakeOuchServer.start(t);
  const options = { host: "127.0.0.1", port: server.port, timeoutMs: TIMEOUT_MS };
  const client = await OrderClient.connect(options);
  try {
    await use(client, server);
  } finally {
    client.close();
  }
}

test("a login from the beginning brings the whole stream, counted from 1", async (t) => {
  await withClient(t, async (client, server) => {
    const login = await client.login("alice", server.password);
    assert.deepEqual(login, { isAccepted: true, session: server.session, sequence: 1 });
    const event = await client.next("S");
    assert.equal(event.sequence, 1);
  });
});

test("orders are answered in order, each with its number", async (t) => {
  await withClient(t, async (client, server) => {
    await client.login("alice", server.password, { sequence: 0 });
    const first = client.enter(BUY);
    const second = client.replace({ origUserRefNum: first, quantity: 50, price: 1_000_000 });
    client.modify({ userRefNum: second, side: "B", quantity: 40 });
    client.cancel({ userRefNum: second });
    assert.deepEqual([first, second], [1, 2]);
    const answers = await client.take(4);
    assert.deepEqual(
      answers.map(({ type }) => type),
      ["A", "U", "M", "C"],
    );
    assert.deepEqual(
      answers.map(({ sequence }) => sequence),
      [2, 3, 4, 5],
    );
    assert.equal(await client.learnNextNumber(), 3);
  });
});

test("a client that logs in again gets what it missed from the number it names", async (t) => {
  await withClient(t, async (client, server) => {
    await client.login("alice", server.password);
    client.enter(BUY);
    await client.until("A");
    client.close();
    await client.closed();
    const again = await OrderClient.connect({ host: "127.0.0.1", port: server.port });
    const login = await again.login("alice", server.password, {
      session: server.session,
      sequence: 2,
    });
    assert.equal(login.isAccepted && login.sequence, 2);
    assert.equal((await again.next("A")).sequence, 2);
    again.close();
  });
});

test("loggedIn() is ready to trade with the next number", async (t) => {
  await withClient(t, async (client, server) => {
    await client.login("alice", server.password);
    client.enter({ ...BUY, userRefNum: 7 });
    await client.until("A");
    const options = { host: "127.0.0.1", port: server.port };
    const other = await OrderClient.loggedIn(options, "alice", server.password);
    assert.equal(other.enter(BUY), 8);
    await other.until("A");
    other.close();
  });
});

test("a refused login gives the reason, then the connection ends", async (t) => {
  await withClient(t, async (client) => {
    assert.deepEqual(await client.login("alice", "WRONG"), { isAccepted: false, reason: "A" });
    assert.equal((await client.closed()).isClean, true);
  });
});

test("a wait that finds nothing says what did arrive", async (t) => {
  await withClient(t, async (client, server) => {
    await client.login("alice", server.password);
    client.enter(BUY);
    await client.until("A");
    server.say("look here");
    await client.untilDebug("look");
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const inVain = assert.rejects(client.until("J"), (error: Error) => {
      assert.ok(error instanceof ClientWaitError);
      assert.match(error.message, /waited for a message of type J: nothing in 5000 ms/);
      assert.match(error.message, /2 messages/);
      assert.match(error.message, /AAPL/);
      assert.match(error.message, /look here/);
      return true;
    });
    t.mock.timers.tick(TIMEOUT_MS);
    await inVain;
  });
});

test("next() with a type refuses a message of another type", async (t) => {
  await withClient(t, async (client, server) => {
    await client.login("alice", server.password);
    await assert.rejects(client.next("A"), /expected A next/);
  });
});

test("a wait fails at once when the connection ends", async (t) => {
  await withClient(t, async (client, server) => {
    await client.login("alice", server.password);
    const wait = client.until("J");
    server.dropAll();
    await assert.rejects(wait, /the connection has ended/);
    await assert.rejects(client.until("J"), /the connection has ended/);
  });
});

test("stream() gives every message and ends with the connection", async (t) => {
  await withClient(t, async (client, server) => {
    await client.login("alice", server.password);
    client.enter(BUY);
    const types: string[] = [];
    for await (const { type } of client.stream()) {
      types.push(type);
      if (type === "A") server.dropAll();
    }
    assert.deepEqual(types, ["S", "A"]);
  });
});

test("connecting to nobody rejects", async (t) => {
  const server = await FakeOuchServer.start(t);
  const { port } = server;
  await server.stop();
  await assert.rejects(OrderClient.connect({ host: "127.0.0.1", port }), /ECONNREFUSED/);
});

test("raw bytes go out as they are, larger than any buffer too", async () => {
  const received: Buffer[] = [];
  const server = net.createServer((socket) => socket.on("data", (chunk) => received.push(chunk)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const client = await OrderClient.connect({ host: "127.0.0.1", port });
  const bytes = Buffer.alloc(1_000_000);
  for (let index = 0; index < bytes.length; index++) bytes[index] = (index * 31) & 0xff;
  client.sendBytes(bytes);
  client.session.socket.end();
  await client.closed();
  assert.ok(Buffer.concat(received).equals(bytes));
  server.close();
});
