// What is over goes before any request: the lane against its naive twin, with whole crowds that are over at once, long
// sweeps that are unfinished then, and whatever waits behind them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { INBOUND_KIND } from "../../src/memory/inbound-record.ts";
import { ExpiryTwin, twinId } from "../support/expiry-twin.ts";
import { InputRecorder } from "../support/input-recorder.ts";
import { LaneRig, type RigClient } from "../support/lane-rig.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";
import type { OrderTerms } from "../support/venue-requests.ts";

const seed = fuzzSeed();
const SYMBOLS = ["AAA", "BBB", "CCC"];
const ACCOUNTS = 4;
const STEPS = 400;
const TICK_MS_LAST = 100_000;

class Flow {
  readonly twin = new ExpiryTwin();
  readonly clients: readonly RigClient[];
  private readonly lastNumbers = new Array<number>(ACCOUNTS).fill(0);
  private ends: number[] = [];
  private readonly rig: LaneRig;
  private readonly random: SeededRandom;

  constructor(rig: LaneRig, random: SeededRandom) {
    this.rig = rig;
    this.random = random;
    this.clients = this.lastNumbers.map((_, account) => rig.login(`U${account}`));
  }

  step(): void {
    const { random, rig, twin } = this;
    const what = random.below(90);
    if (what < 4) this.enterCrowd();
    else if (what < 36) this.enterOne();
    else if (what < 42) this.sweep();
    else if (what < 52) this.replace();
    else if (what < 62) this.reduce();
    else if (what < 66) rig.eventNs += random.below(400e6);
    else if (what < 74) this.passToAnEnd();
    else if (what < 78) {
      rig.tick(0);
      twin.pass(rig.eventNs);
    } else if (what < 87) rig.runOnce();
    else rig.run();
  }

  private enterCrowd(): void {
    const { random } = this;
    const [account, seconds] = [random.below(ACCOUNTS), 1 + random.below(4)];
    const side = random.pick(["B", "S"]);
    const instrument = random.below(SYMBOLS.length);
    for (let left = random.pick([8, 60, 300]); left > 0; left--) {
      const one = { side, instrument: random.chance(8) ? 0 : instrument, quantity: 1 };
      this.enter(account, this.terms(account, one), seconds);
    }
  }

  private enterOne(): void {
    const { random } = this;
    const account = random.below(ACCOUNTS);
    const quantity = 1 + random.below(200);
    const isImmediate = random.chance(4);
    const minQty = isImmediate && random.chance(2) ? 1 + random.below(quantity) : 0;
    const terms = { isImmediate, isPostOnly: random.chance(5), minQty, quantity };
    const seconds = isImmediate ? 0 : random.below(2) * (1 + random.below(5));
    this.enter(account, this.terms(account, terms), seconds);
  }

  private sweep(): void {
    const { random } = this;
    const account = random.below(ACCOUNTS);
    const side = random.pick(["B", "S"]);
    const price = side === "B" ? 1_001_000 : 999_000;
    const quantity = 1 + random.below(3000);
    const terms = { side, price, quantity, isImmediate: random.chance(2) };
    this.enter(account, this.terms(account, terms), 0);
  }

  private replace(): void {
    const { random, rig, twin } = this;
    const account = random.below(ACCOUNTS);
    const origUserRefNum = this.oldNumber(account);
    const target = twinId(account, origUserRefNum);
    const known = twin.book.orders.get(target);
    if (known === undefined || known.terms.minQty > 0) return;
    const { side, terms: before } = known;
    const inherited = { side, instrument: before.instrument, isPostOnly: before.isPostOnly };
    const terms = this.terms(account, { ...inherited, quantity: 1 + random.below(250) });
    const seconds = random.below(2) * (1 + random.below(5));
    this.clients[account]!.replace({
      origUserRefNum,
      userRefNum: this.lastNumbers[account]!,
      quantity: terms.quantity,
      price: terms.price,
      display: terms.isHidden ? "N" : "Y",
      timeInForce: seconds > 0 ? "6" : "0",
      tags: seconds > 0 ? { EXPIRE_TIME: seconds } : {},
    });
    // One of a dead target is ignored by both, and its number is of no order.
    twin.pass(rig.eventNs);
    if (!known.isLive) return;
    twin.handle({ kind: "replace", target, terms }, rig.eventNs, this.endOf(seconds));
  }

  private reduce(): void {
    const { random, rig, twin } = this;
    const account = random.below(ACCOUNTS);
    const userRefNum = this.oldNumber(account);
    const target = twinId(account, userRefNum);
    if (!twin.book.orders.has(target)) return;
    const quantity = random.below(2) * random.below(60);
    if (random.chance(2)) {
      this.clients[account]!.cancel(userRefNum, { quantity });
      const request = { kind: "cancel", target, intended: quantity, reason: "U" } as const;
      twin.handle(request, rig.eventNs);
    } else {
      const side = random.pick(["B", "S", "T", "E"]);
      this.clients[account]!.modify({ userRefNum, side, quantity });
      twin.handle({ kind: "modify", target, intended: quantity, side }, rig.eventNs);
    }
  }

  /** To the moment at which something is over, or just before or after it. */
  private passToAnEnd(): void {
    const { random, rig } = this;
    this.ends = this.ends.filter((endNs) => endNs > rig.eventNs);
    if (this.ends.length === 0) return;
    rig.eventNs = Math.max(rig.eventNs, random.pick(this.ends) + random.below(3) - 1);
  }

  private terms(account: number, wanted: Partial<OrderTerms>): OrderTerms {
    const { random } = this;
    this.lastNumbers[account]!++;
    return {
      id: twinId(account, this.lastNumbers[account]!),
      instrument: random.below(SYMBOLS.length),
      side: random.pick(["B", "S"]),
      quantity: 1,
      price: 1_000_000 + random.below(6) * 100,
      isHidden: random.chance(5),
      isImmediate: false,
      isPostOnly: false,
      isUnpriced: false,
      walkPrice: 0,
      minQty: 0,
      ...wanted,
    };
  }

  private enter(account: number, terms: OrderTerms, seconds: number): void {
    const immediateOrDay = terms.isImmediate ? "3" : "0";
    this.clients[account]!.enter({
      userRefNum: this.lastNumbers[account]!,
      side: terms.side,
      quantity: terms.quantity,
      symbol: SYMBOLS[terms.instrument]!,
      price: terms.price,
      timeInForce: seconds > 0 ? "6" : immediateOrDay,
      display: terms.isHidden ? "N" : "Y",
      tags: {
        ...(seconds > 0 && { EXPIRE_TIME: seconds }),
        ...(terms.isPostOnly && { POST_ONLY: "P" }),
        ...(terms.minQty > 0 && { MIN_QTY: terms.minQty }),
      },
    });
    this.twin.handle({ kind: "enter", terms }, this.rig.eventNs, this.endOf(seconds));
  }

  private endOf(seconds: number): number {
    if (seconds === 0) return 0;
    const endNs = this.rig.eventNs + seconds * 1e9;
    this.ends.push(endNs);
    return endNs;
  }

  private oldNumber(account: number): number {
    const { random, lastNumbers } = this;
    return lastNumbers[account]! - random.below(random.pick([5, 40, 400]));
  }
}

/** What each account was told about each instrument: the sweep of one holds up nothing in another. */
function told({ clients, twin }: Flow): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  for (const [account, { delivered }] of clients.entries()) {
    for (const { fields, text } of delivered) {
      if (fields.type === "S") continue;
      const order = twin.book.orders.get(twinId(account, Number(fields.userRefNum)));
      const key = `${account}/${order?.terms.instrument}`;
      texts.set(key, [...(texts.get(key) ?? []), text]);
    }
  }
  return texts;
}

for (const outputsPerStepMax of [1, 2, 7, 256]) {
  test(`nothing meets what is over, ${outputsPerStepMax} in a step, seed ${seed}`, () => {
    const random = new SeededRandom(seed + outputsPerStepMax);
    const inputLog = new InputRecorder();
    const batchMax = 1 + random.below(64);
    const options = { outputsPerStepMax, batchMax, venue: { ordersMax: 16_384 } };
    const rig = new LaneRig({ ...options, inputLog, heldRequestsMax: random.pick([16, 4096]) });
    const flow = new Flow(rig, random);
    for (let step = 0; step < STEPS; step++) flow.step();
    rig.run();
    rig.tick(TICK_MS_LAST);
    flow.twin.pass(rig.eventNs);
    rig.run();
    const real = told(flow);
    for (const [key, texts] of flow.twin.texts) assert.deepEqual(real.get(key), texts, key);
    assert.equal(real.size, flow.twin.texts.size);
    assert.ok(flow.twin.expired > 20, "crowds were over");
    assert.ok(inputLog.slots.some((slot) => slot[0] === INBOUND_KIND.TICK));
    assert.equal(rig.lane.core.state?.expiry.count, 0);
  });
}
