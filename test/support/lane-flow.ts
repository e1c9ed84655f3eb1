// A random day of a few accounts against one lane: every kind of request, right and wrong, time that passes, logins
// and leavings. The seed decides all of it.

import { DETACH_REASON } from "../../src/memory/inbound-record.ts";
import type { TagFields } from "../../src/tools/client/order-messages.ts";
import type { LaneRig, RigClient } from "./lane-rig.ts";
import type { SeededRandom } from "./seeded-random.ts";

const SYMBOLS = ["AAPL", "MSFT", "IBM"];
const SELLS = ["S", "T", "E"];

interface FlowAccount {
  client: RigClient;
  lastNumbers: Map<number, number>;
}

export class LaneFlow {
  private readonly rig: LaneRig;
  private readonly random: SeededRandom;
  private readonly accounts: FlowAccount[];

  constructor(rig: LaneRig, random: SeededRandom, accountCount: number) {
    this.rig = rig;
    this.random = random;
    this.accounts = Array.from({ length: accountCount }, (_, index) => ({
      client: rig.login(`U${index}`),
      lastNumbers: new Map<number, number>(),
    }));
  }

  get clients(): RigClient[] {
    return this.accounts.map(({ client }) => client);
  }

  step(): void {
    const { random, rig } = this;
    const account = this.accounts[random.below(this.accounts.length)]!;
    const what = random.below(100);
    if (what < 52) this.enter(account);
    else if (what < 64) this.replace(account);
    else if (what < 74) this.cancel(account);
    else if (what < 80) this.modify(account);
    else if (what < 84) this.massCancel(account);
    else if (what < 86) this.controlEntry(account);
    else if (what < 92) account.client.query({ tags: this.channelTags(this.channel()) });
    else if (what < 96) rig.tick(random.below(3000));
    else if (what < 97) this.sendRubbish(account);
    else if (what < 98) this.relogin(account);
    else rig.eventNs += random.below(1_000_000);
  }

  private relogin(account: FlowAccount): void {
    // Takeovers are rare, or they would be a fight.
    if (this.random.below(10) > 0) account.client.detach(DETACH_REASON.CLOSED);
    account.client = this.rig.login(account.client.name, { sequence: this.random.below(2) });
  }

  private enter({ client, lastNumbers }: FlowAccount): void {
    const { random } = this;
    const channel = this.channel();
    const isImmediate = random.below(5) === 0;
    const isUnpriced = random.below(12) === 0;
    const tags = this.channelTags(channel);
    if (isImmediate && random.below(2) === 0) tags.MIN_QTY = random.below(300);
    if (random.below(8) === 0) tags.POST_ONLY = "P";
    if (random.below(8) === 0) tags.GROUP_ID = random.below(3);
    if (random.below(40) === 0) tags.MAX_FLOOR = 100;
    const isGoodTill = !isImmediate && random.below(4) === 0;
    if (isGoodTill) tags.EXPIRE_TIME = 1 + random.below(8);
    client.enter({
      userRefNum: this.newNumber(lastNumbers, channel),
      side: random.below(2) === 0 ? "B" : SELLS[random.below(3)]!,
      quantity: random.below(50) === 0 ? 0 : 1 + random.below(400),
      symbol: SYMBOLS[random.below(3)]!,
      price: isUnpriced ? 2_000_000_000 : this.price(),
      timeInForce: isImmediate ? "3" : isGoodTill ? "6" : "0",
      display: random.below(4) === 0 ? "N" : "Y",
      tags,
    });
  }

  private replace({ client, lastNumbers }: FlowAccount): void {
    const { random } = this;
    const channel = this.channel();
    const tags = this.channelTags(channel);
    if (random.below(30) === 0) tags.PRICE_TYPE = "P";
    client.replace({
      origUserRefNum: this.oldNumber(lastNumbers, channel),
      userRefNum: this.newNumber(lastNumbers, channel),
      quantity: random.below(30) === 0 ? 1_000_000 : 1 + random.below(500),
      price: this.price(),
      timeInForce: random.below(6) === 0 ? "3" : "0",
      tags,
    });
  }

  private cancel({ client, lastNumbers }: FlowAccount): void {
    const channel = this.channel();
    const quantity = this.random.below(2) * this.random.below(300);
    const tags = this.channelTags(channel);
    client.cancel(this.oldNumber(lastNumbers, channel), { quantity, tags });
  }

  private modify({ client, lastNumbers }: FlowAccount): void {
    const { random } = this;
    const channel = this.channel();
    client.modify({
      userRefNum: this.oldNumber(lastNumbers, channel),
      side: random.below(2) === 0 ? "B" : SELLS[random.below(3)]!,
      quantity: random.below(300),
      tags: this.channelTags(channel),
    });
  }

  private massCancel({ client, lastNumbers }: FlowAccount): void {
    const { random } = this;
    const channel = this.channel();
    const tags = this.channelTags(channel);
    if (random.below(3) === 0) tags.SIDE = random.below(2) === 0 ? "B" : "S";
    if (random.below(4) === 0) tags.GROUP_ID = random.below(3);
    client.massCancel({
      userRefNum: this.newNumber(lastNumbers, channel),
      symbol: random.below(2) === 0 ? "" : SYMBOLS[random.below(3)]!,
      firm: random.below(20) === 0 ? "EVIL" : "LIME",
      tags,
    });
  }

  private controlEntry({ client, lastNumbers }: FlowAccount): void {
    const fields = { userRefNum: this.newNumber(lastNumbers, 0), firm: "LIME" };
    if (this.random.below(4) === 0) client.disable(fields);
    client.enable({ ...fields, userRefNum: this.newNumber(lastNumbers, 0) });
  }

  private sendRubbish({ client }: FlowAccount): void {
    const bytes = Buffer.alloc(this.random.below(60));
    for (let index = 0; index < bytes.length; index++) bytes[index] = this.random.below(256);
    bytes.fill(0, 0, Math.min(9, bytes.length)); // its numbers are none, or they would use up all that are left
    if (bytes.length > 0) bytes[0] = "OUXMCDEQ?".charCodeAt(this.random.below(9));
    client.send(bytes);
  }

  private price(): number {
    return 1_000_000 + this.random.below(8) * 100;
  }
  private channel(): number {
    return this.random.below(4) === 0 ? 5 : 0;
  }
  private channelTags(channel: number): { -readonly [name in keyof TagFields]: TagFields[name] } {
    return channel === 0 ? {} : { USER_REF_IDX: channel };
  }

  /** Mostly the next one; now and then one that skips, and one that was used. */
  private newNumber(lastNumbers: Map<number, number>, channel: number): number {
    const last = lastNumbers.get(channel) ?? 0;
    const kind = this.random.below(20);
    if (kind === 0) return Math.max(0, last - this.random.below(3));
    const number = last + (kind === 1 ? 1 + this.random.below(5) : 1);
    lastNumbers.set(channel, number);
    return number;
  }

  /** Mostly one of the latest. */
  private oldNumber(lastNumbers: Map<number, number>, channel: number): number {
    return Math.max(0, (lastNumbers.get(channel) ?? 0) - this.random.below(12));
  }
}
