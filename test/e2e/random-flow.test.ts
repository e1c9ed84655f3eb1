// Many accounts and a random flow: what must hold whatever happens (seeded; FUZZ_SEED replays one).

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { FIRM, PASSWORD, TestGateway } from "../support/gateway.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";
import { dollars, Trader } from "../support/trader.ts";

const TRADERS = 8;
const ROUNDS = 60;
const REQUESTS_PER_ROUND = 25;
const SYMBOLS = ["AAPL", "MSFT", "CVLT"];

type Fields = Trader["messages"][0]["fields"];

interface Heard {
  readonly sequence: number;
  readonly fields: Fields;
}

interface Player {
  readonly user: string;
  trader: Trader;
  /** Every message of the stream, across reconnects. */
  readonly stream: Heard[];
  nextNumber: number;
}

/** Channels for queries that nobody else asks about. */
const CHANNELS = 255;
let fences = 0;

const seed = fuzzSeed();

for (const thread of ["own", "gate"]) {
  test(`a random flow keeps its books, its lane on the thread "${thread}" (seed ${seed})`, async (context) => {
    const settings = { "lanes.thread": thread };
    await keepsItsBooks(await TestGateway.start(context, { settings }), new SeededRandom(seed));
  });
}

async function keepsItsBooks(gateway: TestGateway, random: SeededRandom): Promise<void> {
  const players: Player[] = [];
  for (let count = 0; count < TRADERS; count++) {
    const trader = await gateway.trader(undefined, { sequence: 1 });
    players.push({ user: trader.user, trader, stream: [], nextNumber: 1 });
  }

  for (let round = 0; round < ROUNDS; round++) {
    for (const player of players) act(player, random);
    if (round % 10 === 9) {
      const player = players[random.below(TRADERS)];
      assert.ok(player);
      await reconnect(gateway, player, random.below(2) === 0);
    }
  }
  for (const { trader } of players) await fence(trader);
  // Everything is decided now; what others caused after one's own last answer comes before another answer.
  for (const player of players) {
    const nextNumber = await fence(player.trader);
    keep(player);
    assertNumbersAgree(player, nextNumber);
  }

  for (const { stream, user } of players) {
    const sequences = stream.map(({ sequence }) => sequence);
    assert.deepEqual(
      sequences,
      Array.from(sequences, (_, index) => index + 1),
      `of ${user}`,
    );
  }
  const all = players.flatMap(({ stream, user }) => stream.map(({ fields }) => ({ user, fields })));
  assertTradesBalance(all);
  for (const { stream, user } of players) {
    assertOrdersBalance(
      user,
      stream.map(({ fields }) => fields),
    );
  }

  // And all of it once more from the beginning: the same as it was live.
  for (const { user, stream } of players) {
    const again = await gateway.trader(user, { sequence: 1 });
    await again.untilSequence(stream.length);
    const isSame = (message: Heard, index: number): boolean =>
      isDeepStrictEqual(message.fields, stream[index]?.fields);
    assert.deepEqual(
      again.messages.find((message, index) => !isSame(message, index)),
      undefined,
    );
    // The number that the Account Query gave is the one that an Enter can use.
    const next = await fence(again);
    again.order({ userRefNum: next - 1 });
    again.order({ userRefNum: next, symbol: "UNUSED" });
    assert.equal(await again.nextText(), `A ${next} L`);
  }
}

/** A handful of requests of any kind, none of them waited for. */
function act(player: Player, random: SeededRandom): void {
  const { trader } = player;
  const anyOrder = (): number => 1 + random.below(Math.max(1, player.nextNumber));
  const price = (): number => dollars(10 + random.below(20) / 100);
  const quantity = (): number => 1 + random.below(300);
  for (let request = 0; request < REQUESTS_PER_ROUND; request++) {
    const choice = random.below(100);
    const side = random.below(2) === 0 ? "B" : "S";
    const symbol = SYMBOLS[random.below(SYMBOLS.length)] ?? "AAPL";
    if (choice < 60) {
      trader.order({
        userRefNum: player.nextNumber++,
        side,
        symbol,
        price: price(),
        quantity: quantity(),
        display: random.below(4) === 0 ? "N" : "Y",
        timeInForce: random.below(5) === 0 ? "3" : "0",
        tags: random.below(10) === 0 ? { POST_ONLY: "P" } : {},
      });
    } else if (choice < 70) {
      const origUserRefNum = anyOrder();
      const userRefNum = player.nextNumber++;
      trader.replace({ origUserRefNum, userRefNum, quantity: quantity(), price: price() });
    } else if (choice < 85) {
      trader.cancel({ userRefNum: anyOrder(), quantity: random.below(3) === 0 ? quantity() : 0 });
    } else if (choice < 95) {
      trader.modify({ userRefNum: anyOrder(), side, quantity: quantity() });
    } else if (choice < 96) {
      trader.massCancel({ userRefNum: player.nextNumber++, firm: FIRM, symbol });
    } else if (choice < 98) {
      // A retransmission.
      trader.order({ userRefNum: anyOrder(), side, symbol, price: price() });
    } else {
      trader.query();
    }
  }
}

function keep({ trader, stream }: Player): void {
  for (const { sequence, fields } of trader.messages.slice()) {
    if (sequence > stream.length) stream.push({ sequence, fields });
  }
}

/** Leaves in the middle of everything, and comes back for what it has missed. */
async function reconnect(gateway: TestGateway, player: Player, isPolite: boolean): Promise<void> {
  if (isPolite) await player.trader.logout();
  else player.trader.close();
  await player.trader.closed();
  keep(player);
  const trader = await Trader.connect(gateway, player.user);
  const sequence = player.stream.length + 1;
  await trader.mustLogIn(PASSWORD, { session: gateway.session, sequence });
  player.trader = trader;
  // Requests that got lost left numbers unused; asking makes both sides agree again.
  assert.ok((await fence(trader)) <= player.nextNumber);
}

/**
 * Waits until everything sent so far is answered, and returns the next number. Asks by a channel that nobody uses, so
 * that the answer cannot be an older query's.
 */
async function fence(trader: Trader): Promise<number> {
  fences = (fences % CHANNELS) + 1;
  const channel = fences;
  trader.query({ tags: { USER_REF_IDX: channel } });
  await trader.until(({ type, fields }) => type === "Q" && fields.userRefIdx === channel);
  trader.query();
  const answer = await trader.until(({ type, fields }) => type === "Q" && !fields.userRefIdx);
  return Number(answer.fields.nextUserRefNum);
}

/** The next number is one above the highest that was answered as used (ouch50.md §6.2). */
function assertNumbersAgree({ stream, user }: Player, next: number): void {
  const used = stream
    .filter(({ fields }) => "AJUX".includes(String(fields.type)))
    .map(({ fields }) => Number(fields.userRefNum));
  assert.equal(next, Math.max(0, ...used) + 1, `of ${user}`);
}

/** Each match has a buyer and a seller of the same shares at the same price, whoever they are. */
function assertTradesBalance(all: readonly { user: string; fields: Fields }[]): void {
  const sides = new Map<string, string>();
  const keyOf = (user: string, number: unknown): string => `${user} ${number}`;
  for (const { user, fields } of all) {
    if (fields.type !== "A" && fields.type !== "U" && fields.type !== "M") continue;
    sides.set(keyOf(user, fields.userRefNum), String(fields.side));
  }
  const matches = new Map<unknown, { sides: string; shares: number; terms: string[] }>();
  let bought = 0;
  let sold = 0;
  for (const { user, fields } of all) {
    if (fields.type !== "E") continue;
    const isBuy = sides.get(keyOf(user, fields.userRefNum)) === "B";
    const shares = Number(fields.quantity);
    if (isBuy) bought += shares;
    else sold += shares;
    const match = matches.get(fields.matchNumber) ?? { sides: "", shares: 0, terms: [] };
    match.sides += isBuy ? "B" : "S";
    match.terms.push(`${fields.quantity}@${fields.price}`);
    matches.set(fields.matchNumber, match);
  }
  assert.ok(matches.size > 100, `only ${matches.size} trades: the flow tests nothing`);
  assert.equal(bought, sold);
  for (const [number, match] of matches) {
    assert.equal([...match.sides].sort().join(""), "BS", `match ${number}`);
    assert.equal(match.terms[0], match.terms[1], `match ${number}`);
  }
}

/** No order trades, or is taken away, more than it had; dead ones are not heard of again. */
function assertOrdersBalance(user: string, stream: readonly Fields[]): void {
  const open = new Map<unknown, number>();
  for (const fields of stream) {
    const name = `${fields.type} of ${user} ${fields.userRefNum}`;
    const shares = Number(fields.quantity);
    const before = open.get(fields.userRefNum);
    switch (fields.type) {
      case "A":
        assert.equal(before, undefined, `${name} again`);
        open.set(fields.userRefNum, fields.orderState === "L" ? shares : 0);
        break;
      case "U":
        assert.ok((open.get(fields.origUserRefNum) ?? 0) > 0, `${name} of a dead order`);
        open.set(fields.origUserRefNum, 0);
        open.set(fields.userRefNum, fields.orderState === "L" ? shares : 0);
        break;
      case "M":
        assert.ok(shares > 0 && shares <= (before ?? 0), `${name} of ${before}`);
        open.set(fields.userRefNum, shares);
        break;
      case "E":
      case "C":
        assert.ok(shares > 0 && shares <= (before ?? 0), `${name}: ${shares} of ${before}`);
        open.set(fields.userRefNum, (before ?? 0) - shares);
        break;
      default:
        break;
    }
  }
}
