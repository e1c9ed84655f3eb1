// What clients do, right and wrong, as chance has it.

import {
  writeCancel,
  writeDisable,
  writeEnable,
  writeEnter,
  writeMassCancel,
  writeModify,
  writeQuery,
  writeReplace,
} from "../../src/tools/client/order-messages.ts";
import { SESSION } from "./lane-rig.ts";
import { type Client, FIRST_MARK, request } from "./model-client.ts";
import type { Trader } from "./model-trader.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { packet } from "./soup-packets.ts";

const SYMBOLS = ["AAPL", "MSFT"];
const CHANNELS = [0, 0, 0, 0, 1, 2, 7];
export const TRADED_CHANNELS = [0, 1, 2, 7];
const SELLS = ["S", "T", "E"];
export const FIRM = "LIME";
export const PASSWORD = "DEMO";
const MARKET = 2_000_000_000;
const LAST_MARK = 255;

const tagsOf = (channel: number): Record<string, number | string> =>
  channel === 0 ? {} : { USER_REF_IDX: channel };

export class Actions {
  private readonly random: SeededRandom;
  /** Each is used once. */
  private mark = FIRST_MARK;

  constructor(random: SeededRandom) {
    this.random = random;
  }

  /** One thing, and a word for it. */
  act(client: Client, nowNs: number): string {
    const { random } = this;
    const what = random.below(1000);
    if (what < 760) return this.trade(client);
    if (what < 800) return this.flood(client);
    if (what < 850) return this.ask(client);
    if (what < 900) return this.sendAgain(client);
    if (what < 930) {
      client.sleepsUntilNs = nowNs + random.pick([5e6, 50e6, 1000e6, 5000e6]);
      return "stops reading";
    }
    if (what < 940) return this.send(client, packet("+", "hello"), "says hello");
    if (what < 955) return this.sendRubbish(client);
    if (what < 985) return this.leave(client);
    return this.send(client, packet("R"), "heartbeat");
  }

  logIn(client: Client, isSure: boolean): string {
    const { random } = this;
    const { trader } = client;
    const known = trader.nextSequence;
    const session = random.pick(["", "", SESSION]);
    if (isSure) return this.sendLogin(client, session, known, PASSWORD);
    const kind = random.below(20);
    if (kind === 0) return this.sendLogin(client, session, known, "WRONG");
    if (kind === 1) return this.sendLogin(client, "YESTERDAY", known, PASSWORD);
    if (kind === 2) return this.sendLogin(client, session, known + 1_000_000, PASSWORD);
    if (kind === 3) return this.sendLogin(client, session, 0, PASSWORD);
    if (kind < 7) return this.sendLogin(client, session, 1, PASSWORD);
    if (kind < 10) return this.sendLogin(client, session, 1 + random.below(known), PASSWORD);
    return this.sendLogin(client, session, known, PASSWORD);
  }

  /** Goes, in one of the ways in which clients go. */
  leave(client: Client): string {
    const { random } = this;
    const { socket } = client;
    const kind = random.below(3);
    if (kind > 0 && random.chance(2)) {
      const cut = request(Buffer.alloc(1 + random.below(60), "O"));
      socket.clientSends(cut.subarray(0, 1 + random.below(cut.length - 1)));
    }
    if (kind === 0) socket.clientSends(packet("O"));
    else if (kind === 1) socket.clientEnds();
    else socket.clientResets();
    return ["logs out", "hangs up", "resets"][kind] ?? "";
  }

  /** Asks for the next number of a channel, in a way that tells this answer from older ones. */
  ask(client: Client): string {
    const channel = this.random.pick(CHANNELS);
    if (this.mark <= LAST_MARK) {
      client.noteQuery(this.mark, channel);
      this.send(client, this.query(this.mark), "");
      this.mark++;
    }
    return this.send(client, this.query(channel), `asks ${channel}`);
  }

  query(channel: number): Buffer {
    return request(message((view) => writeQuery(view, 0, { tags: tagsOf(channel) })));
  }

  /** What has no answer goes once more, under its old number. */
  sendAgain(client: Client): string {
    const { trader } = client;
    for (const { clOrdId, packet: bytes } of trader.unanswered) {
      trader.noteSentAgain(clOrdId, client);
      this.send(client, bytes, "");
    }
    return `sends ${trader.unanswered.length} again`;
  }

  cancelEverything(client: Client): void {
    const { trader } = client;
    const userRefNum = this.newNumber(trader, 0, true);
    const bytes = message((view) => writeMassCancel(view, 0, { userRefNum, firm: FIRM }));
    this.send(client, request(bytes), "");
  }

  private flood(client: Client): string {
    const count = 5 + this.random.below(60);
    for (let sent = 0; sent < count; sent++) this.trade(client);
    return `sends ${count}`;
  }

  private trade(client: Client): string {
    const what = this.random.below(100);
    if (what < 55) return this.enter(client);
    if (what < 68) return this.replace(client);
    if (what < 80) return this.cancel(client);
    if (what < 88) return this.modify(client);
    if (what < 93) return this.massCancel(client);
    if (what < 95) return this.control(client);
    return this.send(client, this.query(this.random.pick(CHANNELS)), "queries");
  }

  private enter(client: Client): string {
    const { random } = this;
    const { trader } = client;
    const channel = random.pick(CHANNELS);
    const tags = tagsOf(channel);
    const isImmediate = random.chance(6);
    const isGoodTill = !isImmediate && random.chance(3);
    if (isImmediate && random.chance(2)) tags.MIN_QTY = random.below(200);
    if (isGoodTill) tags.EXPIRE_TIME = 1 + random.below(4);
    if (random.chance(8)) tags.POST_ONLY = "P";
    if (random.chance(8)) tags.GROUP_ID = random.below(3);
    const userRefNum = this.newNumber(trader, channel);
    const clOrdId = trader.newClOrdId();
    const quantity = random.chance(40) ? 0 : 1 + random.below(random.chance(12) ? 9_000 : 300);
    const bytes = message((view) =>
      writeEnter(view, 0, {
        userRefNum,
        clOrdId,
        quantity,
        side: random.chance(2) ? "B" : random.pick(SELLS),
        symbol: random.pick(SYMBOLS),
        price: random.chance(12) ? MARKET : this.price(),
        timeInForce: isImmediate ? "3" : isGoodTill ? "6" : "0",
        display: random.chance(4) ? "N" : "Y",
        tags,
      }),
    );
    this.sendOrder(client, channel, userRefNum, clOrdId, quantity, false, request(bytes));
    return `enters ${channel}/${userRefNum}`;
  }

  private replace(client: Client): string {
    const { random } = this;
    const { trader } = client;
    const channel = random.pick(CHANNELS);
    const origUserRefNum = this.oldNumber(trader, channel);
    const userRefNum = this.newNumber(trader, channel);
    const clOrdId = trader.newClOrdId();
    const quantity = random.chance(30) ? 1_000_000 : 1 + random.below(400);
    const bytes = message((view) =>
      writeReplace(view, 0, {
        origUserRefNum,
        userRefNum,
        clOrdId,
        quantity,
        price: this.price(),
        timeInForce: random.chance(6) ? "3" : "0",
        tags: tagsOf(channel),
      }),
    );
    this.sendOrder(client, channel, userRefNum, clOrdId, quantity, true, request(bytes));
    return `replaces ${channel}/${origUserRefNum}>${userRefNum}`;
  }

  private cancel(client: Client): string {
    const channel = this.random.pick(CHANNELS);
    const userRefNum = this.oldNumber(client.trader, channel);
    const quantity = this.random.chance(2) ? 0 : this.random.below(300);
    const tags = tagsOf(channel);
    const bytes = message((view) => writeCancel(view, 0, { userRefNum, quantity, tags }));
    return this.send(client, request(bytes), `cancels ${channel}/${userRefNum}`);
  }

  private modify(client: Client): string {
    const { random } = this;
    const channel = random.pick(CHANNELS);
    const userRefNum = this.oldNumber(client.trader, channel);
    const side = random.chance(2) ? "B" : random.pick(SELLS);
    const quantity = random.below(300);
    const tags = tagsOf(channel);
    const bytes = message((view) => writeModify(view, 0, { userRefNum, side, quantity, tags }));
    return this.send(client, request(bytes), `modifies ${channel}/${userRefNum}`);
  }

  private massCancel(client: Client): string {
    const { random } = this;
    const channel = random.pick(CHANNELS);
    const tags = tagsOf(channel);
    if (random.chance(3)) tags.SIDE = random.pick(["B", "S"]);
    if (random.chance(4)) tags.GROUP_ID = random.below(3);
    const userRefNum = this.newNumber(client.trader, channel);
    const firm = random.chance(20) ? "EVIL" : FIRM;
    const symbol = random.chance(2) ? "" : random.pick(SYMBOLS);
    const bytes = request(
      message((view) => writeMassCancel(view, 0, { userRefNum, firm, symbol, tags })),
    );
    client.trader.expectAnswer(channel, userRefNum, "", bytes);
    return this.send(client, bytes, `mass cancels ${channel}/${userRefNum}`);
  }

  private control(client: Client): string {
    const disable = this.newNumber(client.trader, 0);
    const enable = this.newNumber(client.trader, 0);
    const no = { userRefNum: disable, firm: FIRM };
    const yes = { userRefNum: enable, firm: FIRM };
    if (this.random.chance(3)) {
      this.send(client, request(message((view) => writeDisable(view, 0, no))), "");
    }
    const bytes = request(message((view) => writeEnable(view, 0, yes)));
    return this.send(client, bytes, `enables ${enable}`);
  }

  private sendRubbish(client: Client): string {
    const { random } = this;
    const kind = random.below(10);
    if (kind === 0) return this.send(client, Buffer.from([0, 0]), "sends an empty packet");
    if (kind === 1) return this.send(client, Buffer.from([0xff, 0xff]), "announces too much");
    if (kind === 2) return this.send(client, packet("Z"), "sends a server's packet");
    if (kind === 3) return this.send(client, request(Buffer.alloc(0)), "says nothing");
    const bytes = random.bytes(random.pick([1, 20, 60, 300]));
    bytes.fill(0, 0, Math.min(9, bytes.length)); // no number, or it would use up all that are left
    bytes[0] = "OUXMCDEQ?".charCodeAt(random.below(9));
    return this.send(client, request(bytes), "sends rubbish");
  }

  private sendLogin(client: Client, session: string, sequence: number, password: string): string {
    const bytes = client.logIn(session, sequence, password);
    return this.send(client, bytes, `logs in at ${sequence} of "${session}"`);
  }

  private sendOrder(
    client: Client,
    channel: number,
    userRefNum: number,
    clOrdId: string,
    quantity: number,
    isReplace: boolean,
    bytes: Buffer,
  ): void {
    const { trader } = client;
    const order = { channel, userRefNum, quantity, isReplace, senders: [client], isLost: false };
    trader.note(clOrdId, order);
    trader.expectAnswer(channel, userRefNum, clOrdId, bytes);
    this.send(client, bytes, "");
  }

  private send(client: Client, bytes: Buffer, word: string): string {
    client.socket.clientSends(bytes);
    return word;
  }

  private price(): number {
    return 1_000_000 + this.random.below(8) * 100;
  }

  /** Mostly the next one; now and then one that skips, was used, or is none. */
  private newNumber(trader: Trader, channel: number, isSure = false): number {
    const next = trader.nextNumber(channel);
    const kind = isSure ? 19 : this.random.below(20);
    if (kind === 0) return Math.max(0, next - 1 - this.random.below(3));
    if (kind === 1) return 0;
    const number = next + (kind === 2 ? this.random.below(5) : 0);
    trader.setNextNumber(channel, number + 1);
    return number;
  }
  /** Mostly one of the latest. */
  private oldNumber(trader: Trader, channel: number): number {
    return Math.max(0, trader.nextNumber(channel) - 1 - this.random.below(12));
  }
}

function message(write: (view: DataView) => number): Buffer {
  const bytes = Buffer.alloc(256);
  const length = write(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  return bytes.subarray(0, length);
}
