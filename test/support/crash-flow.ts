// What the accounts of a crash test ask for, as chance has it: prices that cross, so that there are trades, and every
// kind of request that changes a lane.

import {
  type TagFields,
  writeCancel,
  writeEnter,
  writeMassCancel,
  writeModify,
  writeQuery,
  writeReplace,
} from "../../src/tools/client/order-messages.ts";
import type { CrashAccount, Request } from "./crash-account.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { packet } from "./soup-packets.ts";

const SYMBOLS = ["AAPL", "MSFT", "IBM"];
const SELLS = ["S", "T", "E"];
const CHANNELS = [0, 0, 0, 5];
const MESSAGE_BYTES_MAX = 256;
const PRICE = 100_000;
const PRICES = 16;
const TICK = 100;
const DAY = "0";
const IMMEDIATE = "3";
const GOOD_TILL = "6";

export class CrashFlow {
  private readonly random: SeededRandom;
  private readonly firm: string;

  constructor(random: SeededRandom, firm: string) {
    this.random = random;
    this.firm = firm;
  }

  /** One more request of the account, noted there. Returns its packet. */
  next(account: CrashAccount): Buffer {
    const what = this.random.below(200);
    if (what < 118) return this.enter(account);
    if (what < 142) return this.replace(account);
    if (what < 168) return this.cancel(account);
    if (what < 194) return this.modify(account);
    if (what < 195) return this.massCancel(account, SYMBOLS);
    return query(this.channel());
  }

  /** Cancels all that the account has, in every channel. */
  cancelEverything(account: CrashAccount): Buffer {
    return this.massCancel(account, [""]);
  }

  private enter(account: CrashAccount): Buffer {
    const { random } = this;
    const channel = this.channel();
    const userRefNum = account.takeNumber(channel);
    const clOrdId = clOrdIdOf(account, channel, userRefNum);
    const timeInForce = random.pick([DAY, DAY, DAY, IMMEDIATE, GOOD_TILL]);
    const tags: Tags = tagsOf(channel);
    if (timeInForce === GOOD_TILL) tags.EXPIRE_TIME = 1 + random.below(3);
    if (timeInForce === IMMEDIATE && random.chance(3)) tags.MIN_QTY = random.below(300);
    if (random.chance(10)) tags.POST_ONLY = "P";
    const side = this.side();
    const quantity = random.chance(60) ? 0 : 1 + random.below(random.chance(20) ? 5000 : 300);
    const bytes = message((view) =>
      writeEnter(view, 0, {
        userRefNum,
        clOrdId,
        quantity,
        side,
        symbol: random.pick(SYMBOLS),
        price: this.price(side),
        timeInForce,
        display: random.chance(5) ? "N" : "Y",
        tags,
      }),
    );
    const request = requestOf("O", channel, userRefNum, bytes);
    account.note(request, { type: "O", clOrdId, quantity });
    return request.packet;
  }

  private replace(account: CrashAccount): Buffer {
    const { random } = this;
    const channel = this.channel();
    const target = this.someNumber(account, channel);
    const userRefNum = account.takeNumber(channel);
    const clOrdId = clOrdIdOf(account, channel, userRefNum);
    const quantity = random.chance(40) ? 1_000_000 : 1 + random.below(500);
    const bytes = message((view) =>
      writeReplace(view, 0, {
        origUserRefNum: target,
        userRefNum,
        clOrdId,
        quantity,
        price: this.price(random.pick(["B", "S"])),
        timeInForce: random.chance(6) ? IMMEDIATE : DAY,
        tags: tagsOf(channel),
      }),
    );
    const request = { ...requestOf("U", channel, userRefNum, bytes), target };
    account.note(request, { type: "U", clOrdId, quantity });
    return request.packet;
  }

  private cancel(account: CrashAccount): Buffer {
    const channel = this.channel();
    const userRefNum = this.someNumber(account, channel);
    const quantity = this.random.chance(3) ? this.random.below(300) : 0;
    const tags = tagsOf(channel);
    const bytes = message((view) => writeCancel(view, 0, { userRefNum, quantity, tags }));
    const request = { ...requestOf("X", channel, userRefNum, bytes), quantity };
    account.note(request);
    return request.packet;
  }

  private modify(account: CrashAccount): Buffer {
    const channel = this.channel();
    const userRefNum = this.someNumber(account, channel);
    const side = this.side();
    const quantity = this.random.below(300);
    const tags = tagsOf(channel);
    const bytes = message((view) => writeModify(view, 0, { userRefNum, side, quantity, tags }));
    const request = { ...requestOf("M", channel, userRefNum, bytes), quantity, side };
    account.note(request);
    return request.packet;
  }

  private massCancel(account: CrashAccount, symbols: readonly string[]): Buffer {
    const { firm } = this;
    const userRefNum = account.takeNumber(0);
    const symbol = this.random.pick(symbols);
    const bytes = message((view) => writeMassCancel(view, 0, { userRefNum, firm, symbol }));
    const request = requestOf("C", 0, userRefNum, bytes);
    account.note(request);
    return request.packet;
  }

  private channel(): number {
    return this.random.pick(CHANNELS);
  }
  private side(): string {
    return this.random.chance(2) ? "B" : this.random.pick(SELLS);
  }
  /** Buyers and sellers meet in the middle, and the others wait. */
  private price(side: string): number {
    const steps = this.random.below(PRICES) + (side === "B" ? 0 : PRICES / 2);
    return PRICE + steps * TICK;
  }

  /** Mostly one of the latest, now and then an old one. */
  private someNumber(account: CrashAccount, channel: number): number {
    const latest = account.latestNumber(channel);
    const back = this.random.below(this.random.chance(8) ? 2000 : 30);
    return Math.max(1, latest - back);
  }
}

/** An Account Query of that channel. */
export const query = (channel: number): Buffer =>
  packet(
    "U",
    message((view) => writeQuery(view, 0, { tags: tagsOf(channel) })),
  );

/** At most 14 letters. */
const clOrdIdOf = (account: CrashAccount, channel: number, userRefNum: number): string =>
  `${account.name}${channel}${userRefNum}`;

type Tags = { -readonly [name in keyof TagFields]: TagFields[name] };

const tagsOf = (channel: number): Tags => (channel === 0 ? {} : { USER_REF_IDX: channel });

const requestOf = (
  type: Request["type"],
  channel: number,
  userRefNum: number,
  bytes: Buffer,
): Request => ({
  type,
  channel,
  userRefNum,
  target: 0,
  quantity: 0,
  side: "",
  packet: packet("U", bytes),
});

function message(write: (view: DataView) => number): Buffer {
  const bytes = Buffer.alloc(MESSAGE_BYTES_MAX);
  const length = write(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  return bytes.subarray(0, length);
}
