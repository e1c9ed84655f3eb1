// A client that asks for a whole day and never reads it (semantics §2.2).

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { askGateway } from "../../src/tools/control-client.ts";
import { PASSWORD, TestGateway, testDirectory } from "../support/gateway.ts";
import { login, packet, packetsIn } from "../support/soup-packets.ts";
import type { Trader } from "../support/trader.ts";

const STALL_MS = 700;
/** He reads so seldom that the kernel, which has megabytes for him, takes longer than this to have room again. */
const SLOW_STALL_MS = 4000;
const SLOW_PAUSE_MS = 200;
const SLOW_BYTES = 20_000;
const OWED_BYTES = 16 * 2 ** 20;
const WINDOW_BYTES = 65_536;
const ORDERS_AT_ONCE = 20_000;

test("a reader that never reads is closed at its stall limit, harms nobody, and finds everything later", async (context) => {
  const directory = testDirectory();
  // Whoever reads is not to be closed because a busy machine keeps him from it for that long.
  const before = await TestGateway.start(context, { directory });
  const day = await fillStream(await before.trader(undefined, { sequence: 1 }));
  assert.deepEqual(await before.stop(), { status: 0, signal: null });
  const settings = { "session.sendStallMsMax": STALL_MS, "session.windowBytes": WINDOW_BYTES };
  const gateway = await TestGateway.start(context, { directory, settings });

  const reader = await gateway.stranger(day.user);
  reader.session.pauseReading();
  reader.session.login({
    userName: day.user,
    password: PASSWORD,
    requestedSession: gateway.session,
    requestedSequence: 1,
  });
  const other = await gateway.trader("T00001");
  const stalled = gateway.untilLogged("the client does not read", day.user);
  let hasStalled = false;
  void stalled.then(() => {
    hasStalled = true;
  });

  // Meanwhile somebody else trades, with the one who does not read: his stream gets longer.
  let trades = 0;
  let sendBuffersHigh = 0;
  while (!hasStalled) {
    other.order({ symbol: "OWED", side: "S", quantity: 1 });
    assert.deepEqual((await other.heard()).slice(0, 2), [
      `A ${trades + 1} L`,
      `E ${trades + 1} 1@10.0000 R`,
    ]);
    trades++;
    const { result } = await askGateway(gateway.ready.control, { command: "status" });
    const { highWater } = (result as { gate: { sendBuffers: { highWater: number } } }).gate
      .sendBuffers;
    sendBuffersHigh = Math.max(sendBuffersHigh, highWater);
  }
  await stalled;
  assert.ok(trades > 10, `only ${trades} trades beside the reader`);
  // What waits for him, waits in his outbox: not more than a window is ever released to one connection.
  const buffersOfWindow = (2 * WINDOW_BYTES) / 4096 + 64;
  assert.ok(sendBuffersHigh <= buffersOfWindow, `${sendBuffersHigh} send buffers`);

  reader.close();
  const all: Message[] = [];
  while (all.length < day.messages + trades) {
    const sequence = all.length + 1;
    const back = await gateway.trader(day.user, { session: gateway.session, sequence });
    // Should he be taken for one who does not read, he comes again for the rest.
    await back.untilSequence(day.messages + trades).catch(mustBeClosed);
    for (const message of back.messages) all.push(message);
    back.close();
  }
  assert.ok(bytesOf(all) >= OWED_BYTES, `only ${bytesOf(all)} bytes were owed`);
  const numbers = all.filter(({ type }) => type === "A").map(userRefNumOf);
  assert.deepEqual(firstGap(numbers), -1);
  const tail = all.slice(day.messages);
  assert.ok(tail.every(({ type, fields }) => type === "E" && fields.userRefNum === 1));
});

test("a reader that reads slowly is not closed, though the kernel has no room for him for longer than he may read nothing", async (context) => {
  const directory = testDirectory();
  const before = await TestGateway.start(context, { directory });
  const day = await fillStream(await before.trader(undefined, { sequence: 1 }));
  assert.deepEqual(await before.stop(), { status: 0, signal: null });
  const settings = { "session.sendStallMsMax": SLOW_STALL_MS };
  const gateway = await TestGateway.start(context, { directory, settings });

  const socket = net.connect(gateway.port, gateway.host);
  context.after(() => socket.destroy());
  const { session: requestedSession } = gateway;
  socket.write(login({ userName: day.user, password: PASSWORD, requestedSession }));
  const read: Buffer[] = [];
  let readBytes = 0;
  const take = (bytes: Buffer): void => {
    read.push(bytes);
    readBytes += bytes.length;
  };
  const beganMs = performance.now();
  while (performance.now() - beganMs < 2.5 * SLOW_STALL_MS) {
    const bytes = socket.read(Math.min(SLOW_BYTES, socket.readableLength)) as Buffer | null;
    if (bytes !== null) take(bytes);
    assert.ok(!socket.closed, `closed after ${readBytes} bytes`);
    socket.write(packet("R"));
    await pause(SLOW_PAUSE_MS);
  }
  assert.ok(readBytes < OWED_BYTES / 4, "he reads too fast to be slow");
  socket.on("data", take);
  while (readBytes < day.bytes) await once(socket, "data");
  const messages = packetsIn(Buffer.concat(read)).filter((text) => text.startsWith("S:"));
  // But for what heartbeats and the answer to the login have been counted as.
  assert.ok(messages.length > day.messages - 10, `${messages.length} of ${day.messages}`);
});

type Message = Trader["messages"][number];

const mustBeClosed = ({ message }: Error): void =>
  assert.match(message, /the connection has ended/);

interface Day {
  readonly user: string;
  readonly messages: number;
  readonly bytes: number;
}

/** More than 16 MiB of answers, and one order left that others can trade with. */
async function fillStream(trader: Trader): Promise<Day> {
  trader.order({ symbol: "OWED", quantity: 100_000 });
  // Whatever is echoed makes the answers longer.
  const tags = {
    ...{ FIRM: "LIME", CUSTOMER_TYPE: "N", POST_ONLY: "N", TRADE_NOW: "N", GROUP_ID: 1 },
    ...{ MIN_QTY: 0, MAX_FLOOR: 0, PEG_OFFSET: 0, DISCRETION_PRICE: 0, DISCRETION_PEG_OFFSET: 0 },
    ...{ RANDOM_RESERVES: 0, PRICE_TYPE: "L", DISCRETION_PRICE_TYPE: "L", SHARES_LOCATED: "N" },
  };
  while (bytesOf(trader.messages) < OWED_BYTES) {
    for (let order = 0; order < ORDERS_AT_ONCE; order++) {
      trader.order({ symbol: "NOTHING", timeInForce: "3", tags });
    }
    await trader.heard();
  }
  const messages = trader.messages.length;
  const bytes = bytesOf(trader.messages);
  await trader.logout();
  return { user: trader.user, messages, bytes };
}

const bytesOf = (messages: readonly Message[]): number =>
  messages.reduce((sum, { bytes }) => sum + 3 + bytes.length, 0);
const userRefNumOf = ({ view }: Message): number => view.getUint32(9);
const firstGap = (numbers: readonly number[]): number =>
  numbers.findIndex((number, index) => number !== index + 1);
