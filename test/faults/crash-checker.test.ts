// The crash test's checker itself: it agrees to what a lane really said, and to nothing else.

import assert from "node:assert/strict";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { SEQUENCED_HEADER_BYTES } from "../../src/protocol/soupbintcp/sequenced.ts";
import { CrashAccount } from "../support/crash-account.ts";
import { checkBooksTogether, orderKey } from "../support/crash-book.ts";
import { ConnectionGone, CrashClient } from "../support/crash-client.ts";
import { CrashFlow } from "../support/crash-flow.ts";
import { FIRM } from "../support/gateway.ts";
import { LaneRig, SESSION } from "../support/lane-rig.ts";
import { ModelStreams } from "../support/model-stream.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";
import { packet } from "../support/soup-packets.ts";

const NAMES = ["T00000", "T00001", "T00002"];
const REQUESTS = 400;

const seed = fuzzSeed();
const whole = makeHistory(seed);

interface History {
  /** Messages by account. */
  readonly streams: readonly (readonly Buffer[])[];
  /** Fresh accounts that have sent the same requests and have read nothing. */
  readonly makeAccounts: () => CrashAccount[];
}

/** A few accounts trade and cancel all they have, and a lane answers. The same requests come again from the seed. */
function makeHistory(from: number): History {
  const rig = new LaneRig({ outputsPerStepMax: 4 });
  const clients = NAMES.map((name) => rig.login(name));
  const makeAccounts = (send: (index: number, bytes: Buffer) => void): CrashAccount[] => {
    const random = new SeededRandom(from);
    const flow = new CrashFlow(random, FIRM);
    const accounts = NAMES.map((name) => new CrashAccount(name));
    for (let request = 0; request < REQUESTS; request++) {
      const index = random.below(NAMES.length);
      send(index, flow.next(accounts[index] ?? assert.fail()));
    }
    for (const [index, account] of accounts.entries()) send(index, flow.cancelEverything(account));
    return accounts;
  };
  makeAccounts((index, bytes) => {
    clients[index]?.send(bytes.subarray(SEQUENCED_HEADER_BYTES));
    rig.eventNs += 1000;
    rig.run();
  });
  const streams = new ModelStreams(rig.lane);
  return {
    streams: NAMES.map((name) =>
      streams.packets(name).map((bytes) => bytes.subarray(SEQUENCED_HEADER_BYTES)),
    ),
    makeAccounts: () => makeAccounts(() => undefined),
  };
}

/** As clients do it: everything is read, and then all must add up. */
function check(streams: History["streams"]): CrashAccount[] {
  const accounts = whole.makeAccounts();
  for (const [index, account] of accounts.entries()) {
    for (const [place, message] of (streams[index] ?? []).entries())
      account.take(place + 1, message);
    account.forgetExplained();
    assert.deepEqual(account.waiting, [], "requests have no answer");
    assert.equal(account.book.liveOrders().size, 0, "orders are left");
  }
  checkBooksTogether(accounts.map(({ book }) => book));
  return accounts;
}

/** Every message of every account, with its place. "c" is a cancel that leaves something open. */
const places = whole.streams.flatMap((stream, account) => {
  const owner = whole.makeAccounts()[account] ?? assert.fail();
  return stream.map((message, place) => {
    const fields = owner.take(place + 1, message) ?? assert.fail();
    const key = orderKey(Number(fields.userRefIdx ?? 0), Number(fields.userRefNum ?? 0));
    const isPart = fields.type === "C" && owner.book.openOf(key) > 0;
    return { account, place, message, type: isPart ? "c" : String(fields.type) };
  });
});

/** A change of size or of a sale's kind, before a replace, leaves no other trace; nor does the answer to a question. */
const TRACED = "SAUCEJX";

/** The streams with one of them changed. */
const changed = (account: number, change: (stream: Buffer[]) => void): History["streams"] =>
  whole.streams.map((stream, index) => {
    const copy = [...stream];
    if (index === account) change(copy);
    return copy;
  });

test(`what a lane said holds (seed ${seed})`, () => {
  const accounts = check(whole.streams);
  const matches = checkBooksTogether(accounts.map(({ book }) => book));
  assert.ok(matches > 10, `only ${matches} matches`);
  const types = new Set(places.map(({ type }) => type));
  for (const type of "SAUCEJQX") assert.ok(types.has(type), `there is no ${type}`);
});

test("a message that is left out is missed", () => {
  for (const { account, place, type } of places) {
    if (!TRACED.includes(type)) continue;
    const streams = changed(account, (stream) => stream.splice(place, 1));
    assert.throws(() => check(streams), { name: "AssertionError" }, `${type} at ${place}`);
  }
});

test("a message that comes twice is one too many", () => {
  for (const { account, place, message, type } of places) {
    if (!TRACED.includes(type)) continue;
    const streams = changed(account, (stream) => stream.splice(place, 0, message));
    assert.throws(() => check(streams), { name: "AssertionError" }, `${type} at ${place}`);
  }
});

test("an execution of other shares, at another price or under another match is found", () => {
  const quantityOffset = 13;
  const priceOffset = 17;
  const matchOffset = 26;
  for (const { account, place, message } of places.filter(({ type }) => type === "E")) {
    for (const [offset, bytes] of [
      [quantityOffset, 4],
      [priceOffset, 8],
      [matchOffset, 8],
    ] as const) {
      const other = Buffer.from(message);
      other.writeUInt8((other[offset + bytes - 1] ?? 0) ^ 1, offset + bytes - 1);
      const streams = changed(account, (stream) => stream.splice(place, 1, other));
      assert.throws(() => check(streams), { name: "AssertionError" }, `${place}, at ${offset}`);
    }
  }
});

test("what was received once must come again, every bit of it", () => {
  const accounts = check(whole.streams);
  for (const { account, place, message } of places) {
    const owner = accounts[account] ?? assert.fail();
    owner.take(place + 1, message);
    for (let offset = 0; offset < message.length; offset++) {
      const other = Buffer.from(message);
      other.writeUInt8((other[offset] ?? 0) ^ 1, offset);
      assert.throws(() => owner.take(place + 1, other), /was another one/);
    }
    assert.throws(() => owner.take(place + 1, message.subarray(1)), /was another one/);
  }
});

test("a number that is skipped is seen", () => {
  const account = new CrashAccount("T00000");
  const [first, second] = whole.streams[0] ?? [];
  assert.ok(first && second);
  assert.throws(() => account.take(2, second), /leaves out others/);
  account.take(1, first);
  assert.throws(() => account.take(3, second), /leaves out others/);
});

test("half a message that was received must be the beginning of the whole one", () => {
  const [first, second] = whole.streams[0] ?? [];
  assert.ok(first && second);
  const cut = packet("S", second).subarray(0, 12);
  const other = Buffer.from(cut);
  other.writeUInt8((other[11] ?? 0) ^ 1, 11);
  const begin = (rest: Buffer): CrashAccount => {
    const account = whole.makeAccounts()[0] ?? assert.fail();
    account.take(1, first);
    account.noteCut(2, rest);
    return account;
  };
  begin(cut).take(2, second);
  assert.throws(() => begin(other).take(2, second), /began in another way/);
  assert.throws(() => begin(cut).noteCut(2, other), /begins in another way/);
  const knowing = begin(cut);
  knowing.take(2, second);
  knowing.noteCut(2, cut);
  assert.throws(() => knowing.noteCut(2, other), /begins in another way/);
});

test("orders that nobody sent are not accepted", () => {
  const account = new CrashAccount("T00000");
  const read = (): void => {
    for (const [place, message] of (whole.streams[0] ?? []).entries()) {
      account.take(place + 1, message);
    }
  };
  assert.throws(read, /was never sent/);
});

test("a client is not content with a stream that ends early", async (context) => {
  const account = check(whole.streams)[0] ?? assert.fail();
  const stream = whole.streams[0] ?? [];
  const all = await serve(context, stream);
  const client = new CrashClient(account, all);
  await client.logIn("SECRET", 1);
  await client.untilCaughtUp();
  assert.equal(account.compared, stream.length);
  await client.ended;
  client.check();

  const less = new CrashClient(account, await serve(context, stream.slice(0, -1)));
  await less.logIn("SECRET", 1);
  await assert.rejects(less.untilCaughtUp(), ConnectionGone);
});

test("a client tells of a message that was another one, though it came last", async (context) => {
  const account = check(whole.streams)[0] ?? assert.fail();
  const stream = [...(whole.streams[0] ?? [])];
  const last = Buffer.from(stream.pop() ?? []);
  last.writeUInt8((last[5] ?? 0) ^ 1, 5);
  const client = new CrashClient(account, await serve(context, [...stream, last]));
  const read = client.logIn("SECRET", 1).then(() => client.untilCaughtUp());
  await assert.rejects(read, /was another one/);
});

/** A server that knows these messages and nothing else, and goes. */
async function serve(
  context: TestContext,
  messages: readonly Buffer[],
): Promise<{ host: string; port: number }> {
  const server = net.createServer((socket) => {
    const accepted = packet("A", SESSION.padStart(10) + "1".padStart(20));
    const packets = messages.map((message) => packet("S", message));
    socket.once("data", () => socket.end(Buffer.concat([accepted, ...packets])));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.close();
  });
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}
