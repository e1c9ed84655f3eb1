// Lanes write to clients' sockets themselves, and the gate to the same ones when a kernel has no room: with real
// sockets, whoever of the two it was, streams are whole and nobody gets what is another's.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { StatusReport } from "../../src/gate/status-report.ts";
import { askGateway } from "../../src/tools/control-client.ts";
import { TestGateway } from "../support/gateway.ts";
import type { RawConnection } from "../support/raw-connection.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";
import type { Trader } from "../support/trader.ts";

/** Whatever is echoed makes the answers longer. */
const TAGS = {
  ...{ FIRM: "LIME", CUSTOMER_TYPE: "N", POST_ONLY: "N", TRADE_NOW: "N", GROUP_ID: 1 },
  ...{ MIN_QTY: 0, MAX_FLOOR: 0, PEG_OFFSET: 0, DISCRETION_PRICE: 0, DISCRETION_PEG_OFFSET: 0 },
  ...{ RANDOM_RESERVES: 0, PRICE_TYPE: "L", DISCRETION_PRICE_TYPE: "L", SHARES_LOCATED: "N" },
};

/** An order that is answered once, with what tells it from others. */
const ask = (trader: Trader): number => {
  const quantity = 1 + (trader.nextUserRefNum % 1000);
  return trader.order({ symbol: "NOTHING", timeInForce: "3", quantity, tags: TAGS });
};

const bytesOf = ({ messages }: Trader): number =>
  messages.reduce((sum, { bytes }) => sum + 3 + bytes.length, 0);

/** Bytes that the gate's thread has written, to whatever. Not every kernel says. */
function gateBytes({ pid }: TestGateway): number | undefined {
  try {
    const counts = readFileSync(`/proc/${pid}/task/${pid}/io`, "utf8");
    return Number(/^wchar: (\d+)$/m.exec(counts)?.[1]);
  } catch {
    return undefined;
  }
}

/** Bytes that the lane has released and no kernel has taken. */
async function bytesUnderWay({ ready }: TestGateway): Promise<number> {
  const { result } = await askGateway(ready.control, { command: "status" });
  return (result as { report: StatusReport }).report.windows.bytes;
}

/** Each answer says which order it answers; those of one stream follow each other. The day's beginning comes first. */
function checkAnswers({ messages, user }: Trader): void {
  let userRefNum = 0;
  assert.equal(messages[0]?.type, "S");
  for (const { type, fields } of messages.slice(1)) {
    if (type === "Q") continue;
    assert.equal(type, "A", user);
    assert.equal(fields.userRefNum, ++userRefNum, user);
    assert.equal(fields.quantity, 1 + (userRefNum % 1000), user);
  }
}

/** All that the account was ever told, once more: byte for byte what came live. */
async function readAgain(
  gateway: TestGateway,
  user: string,
  live: readonly Trader["messages"][0][],
): Promise<void> {
  const again = await gateway.trader(user, { session: gateway.session, sequence: 1 });
  await again.untilSequence(live.length);
  for (const [index, { bytes, sequence }] of live.entries()) {
    assert.equal(sequence, index + 1, user);
    assert.ok(bytes.equals(again.messages[index]!.bytes), `message ${sequence} of ${user}`);
  }
  again.close();
}

const ROUNDS = 20;
const ORDERS_AT_ONCE = 500;

const seed = fuzzSeed();

test(`who reads slowly and in bursts, and who reads at once, get whole streams (seed ${seed})`, async (context) => {
  const random = new SeededRandom(seed);
  const settings = { "session.sendStallMsMax": 60_000 };
  const gateway = await TestGateway.start(context, { settings });
  const slow = await gateway.trader(undefined, { sequence: 1 });
  const fast = await gateway.trader(undefined, { sequence: 1 });
  const gateBefore = gateBytes(gateway);

  slow.session.pauseReading();
  let asked = 1; // the day's beginning
  for (let round = 0; round < ROUNDS; round++) {
    // Until buffers are full on the whole way, and the gate has what the lane could not send.
    do {
      for (let order = 0; order < ORDERS_AT_ONCE; order++) ask(slow);
      asked += ORDERS_AT_ONCE;
      ask(fast);
      await fast.heard();
    } while ((await bytesUnderWay(gateway)) === 0);
    slow.session.resumeReading();
    await slow.untilSequence(slow.messages.length + 500 + random.below(2500));
    slow.session.pauseReading();
  }
  slow.session.resumeReading();
  await slow.untilSequence(asked);
  const gateAfter = gateBytes(gateway);

  for (const trader of [slow, fast]) {
    checkAnswers(trader);
    const live = trader.messages.slice();
    await trader.logout();
    await readAgain(gateway, trader.user, live);
  }
  const received = bytesOf(slow) + bytesOf(fast);
  if (gateBefore === undefined || gateAfter === undefined) {
    context.diagnostic("this kernel does not say who has written what");
    return;
  }
  const byGate = gateAfter - gateBefore;
  context.diagnostic(`${received} bytes, ${byGate} of them by the gate`);
  assert.ok(byGate < received / 2, `${byGate} of ${received} bytes were written by the gate`);
  assert.ok(byGate > 65_536, `the gate has written ${byGate} bytes: no kernel was ever full`);
});

test(`who is reset in the middle resumes without a gap, and newcomers get nothing of it (seed ${seed})`, async (context) => {
  const random = new SeededRandom(seed);
  const gateway = await TestGateway.start(context, {
    config: { lanes: { count: 2 }, venue: { kind: "ack" } },
  });
  const gateBefore = gateBytes(gateway);
  let received = 0;
  for (let round = 0; round < 8; round++) {
    const user = gateway.user();
    const live: Trader["messages"][0][] = [];
    // More takeovers than these would be refused.
    for (let life = 0; life < 4; life++) {
      const sequence = live.length + 1;
      const trader = await gateway.trader(user, { session: gateway.session, sequence });
      await trader.learnNextNumber();
      for (let order = 0; order < 300; order++) ask(trader);
      await trader.untilSequence(trader.nextExpected + random.below(250));
      trader.session.socket.resetAndDestroy();
      // Descriptors of those who go are those of whoever comes next.
      const newcomers = await Promise.all(Array.from({ length: 4 }, () => gateway.raw()));
      await trader.closed();
      live.push(...trader.messages);
      await checkNewcomers(gateway, newcomers);
    }
    const last = await gateway.trader(user, {
      session: gateway.session,
      sequence: live.length + 1,
    });
    await last.learnNextNumber();
    live.push(...last.messages);
    received += live.reduce((sum, { bytes }) => sum + 3 + bytes.length, 0);
    await last.logout();
    await readAgain(gateway, user, live);
  }
  const gateAfter = gateBytes(gateway);
  if (gateBefore === undefined || gateAfter === undefined) return;
  const byGate = gateAfter - gateBefore;
  // Once live, by whomever, and once again by the gate.
  assert.ok(
    byGate < received * 1.9,
    `${byGate} of twice ${received} bytes were written by the gate`,
  );
});

/** They get what is said to strangers, and not a byte beside it. */
async function checkNewcomers(gateway: TestGateway, newcomers: RawConnection[]): Promise<void> {
  const stranger = await gateway.trader();
  ask(stranger);
  assert.equal((await stranger.heard()).length, 1);
  assert.equal(stranger.messages.map(({ type }) => type).join(""), "SQAQ");
  stranger.close();
  for (const newcomer of newcomers) {
    assert.deepEqual(newcomer.allPackets, []);
    newcomer.close();
  }
}
