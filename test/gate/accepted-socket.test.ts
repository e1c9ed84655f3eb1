// When a descriptor stops being ours, over real sockets: whoever else writes to it must know before it is another's.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readlinkSync, writeSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import {
  acceptSocket,
  ReadTurns,
  ReceiveBuffer,
  type ReceiveMode,
} from "../../src/gate/accepted-socket.ts";
import { type GateSocket, NO_DESCRIPTOR, type SocketSink } from "../../src/gate/gate-socket.ts";
import { SendChain } from "../../src/gate/send-chain.ts";
import { BufferPool } from "../../src/memory/buffer-pool.ts";

/** What stands behind a descriptor of this process, e.g. "socket:[123]"; "" for nothing. */
function behind(descriptor: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return "";
  }
}

/** What a socket tells, in its order, and what stood behind its descriptor then. */
class Told implements SocketSink {
  readonly calls: string[] = [];
  behindAtClosing = "";
  readonly closed = Promise.withResolvers<void>();
  private readonly socket: GateSocket;

  constructor(socket: GateSocket) {
    this.socket = socket;
  }

  onRead(_bytes: Buffer, _view: DataView, length: number): void {
    this.calls.push(`read ${length}`);
  }
  onWritten(): void {
    this.calls.push("written");
  }
  onEnd(): void {
    this.calls.push("end");
  }
  onClosing(): void {
    this.calls.push("closing");
    this.behindAtClosing = behind(this.socket.descriptor);
  }
  onClosed(): void {
    this.calls.push("closed");
    this.closed.resolve();
  }
}

interface Pair {
  readonly client: Socket;
  readonly socket: GateSocket;
  readonly told: Told;
}

/** An accepted socket and its client. */
async function pairOf(context: TestContext, mode: ReceiveMode = "onread"): Promise<Pair> {
  const server = createServer({ pauseOnConnect: true, noDelay: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = connect(port, "127.0.0.1");
  client.on("error", () => undefined);
  const [[accepted]] = (await Promise.all([
    once(server, "connection"),
    once(client, "connect"),
  ])) as [[Socket], unknown];
  const socket = acceptSocket(accepted, new ReceiveBuffer(), new ReadTurns(), mode);
  context.after(() => {
    client.destroy();
    socket.destroy();
    server.close();
  });
  const told = new Told(socket);
  socket.open(told);
  return { client, socket, told };
}

const isSocket = /^socket:\[\d+\]$/;

test("the descriptor is the socket's own: what others write to it reaches the client", async (context) => {
  const { client, socket, told } = await pairOf(context);
  assert.match(behind(socket.descriptor), isSocket);
  client.setEncoding("latin1");
  assert.equal(writeSync(socket.descriptor, Buffer.from("-hello-"), 1, 5), 5);
  assert.deepEqual(await once(client, "data"), ["hello"]);
  client.write("and back");
  while (told.calls.length === 0) await new Promise(setImmediate);
  assert.deepEqual(told.calls, ["read 8"]);
});

test("two writers share a descriptor when one waits for the other", async (context) => {
  const { client, socket } = await pairOf(context);
  const pool = new BufferPool(64, 4, 4);
  let received = "";
  client.on("data", (chunk) => {
    received += chunk;
  });
  let expected = "";
  for (let round = 0; round < 50; round++) {
    const chain = new SendChain();
    const buffer = pool.take()!;
    buffer.used = buffer.bytes.write(`gate ${round};`);
    chain.push(buffer);
    assert.ok(socket.write(chain), "the kernel has it all");
    chain.giveBack(pool);
    writeSync(socket.descriptor, `lane ${round};`);
    expected += `gate ${round};lane ${round};`;
  }
  while (received.length < expected.length) await once(client, "data");
  assert.equal(received, expected);
});

const endings: Readonly<Record<string, (pair: Pair) => void>> = {
  "destroy()": ({ socket }) => socket.destroy(),
  "destroy() behind end()": ({ socket }) => {
    socket.end();
    socket.destroy();
  },
  "the peer's reset": ({ client }) => client.resetAndDestroy(),
  "the peer's reset, while something is to be sent": ({ client, socket }) => {
    client.pause();
    // More than the kernel takes.
    const pool = new BufferPool(2 ** 24, 1, 1);
    const chain = new SendChain();
    const buffer = pool.take()!;
    buffer.used = buffer.bytes.length;
    chain.push(buffer);
    assert.ok(!socket.write(chain));
    client.resetAndDestroy();
  },
  "the end of both sides, ours first": ({ client, socket }) => {
    client.on("end", () => client.end());
    client.resume();
    socket.end();
  },
  "the end of both sides, the peer's first": ({ client, socket, told }) => {
    client.end();
    const { onEnd } = told;
    told.onEnd = () => {
      onEnd.call(told);
      socket.end();
    };
  },
};

for (const [name, end] of Object.entries(endings)) {
  test(`the descriptor's end is told once, before it is free: ${name}`, async (context) => {
    const pair = await pairOf(context);
    const { socket, told } = pair;
    const { descriptor } = socket;
    const itself = behind(descriptor);
    assert.match(itself, isSocket);
    end(pair);
    await told.closed.promise;
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    assert.equal(told.behindAtClosing, itself);
    assert.notEqual(behind(descriptor), itself);
    const isOfEnd = (call: string): boolean => call.startsWith("clos");
    assert.deepEqual(told.calls.filter(isOfEnd), ["closing", "closed"]);
    socket.destroy();
    assert.deepEqual(told.calls.filter(isOfEnd), ["closing", "closed"]);
  });
}

test("when destroy() returns the descriptor is nobody's, and its end has been told", async (context) => {
  const { socket, told } = await pairOf(context);
  const { descriptor } = socket;
  const itself = behind(descriptor);
  socket.destroy();
  assert.deepEqual(told.calls, ["closing"]);
  assert.equal(told.behindAtClosing, itself);
  assert.notEqual(behind(descriptor), itself);
});

test("the number of a descriptor goes to the next who comes, who has not been told of any end", async (context) => {
  const first = await pairOf(context);
  const { descriptor } = first.socket;
  first.client.resetAndDestroy();
  await first.told.closed.promise;
  // Both ends of a connection are this process's: one of the next has the number.
  const others: Pair[] = [];
  const used = new Set<number>();
  for (let count = 0; count < 4; count++) {
    const pair = await pairOf(context);
    others.push(pair);
    used.add(pair.socket.descriptor);
  }
  assert.equal(used.size, others.length);
  assert.match(behind(descriptor), isSocket);
  for (const { told } of others) assert.deepEqual(told.calls, []);
});

test("a socket that is read in chunks has no descriptor for others, and ends as it always did", async (context) => {
  const { client, socket, told } = await pairOf(context, "data");
  assert.equal(socket.descriptor, NO_DESCRIPTOR);
  client.resetAndDestroy();
  await told.closed.promise;
  assert.deepEqual(told.calls, ["closed"]);
});
