// A client with an account on a test's gateway, and answers in a few words.

import assert from "node:assert/strict";
import { once } from "node:events";
import { OrderClient, type ReceivedMessage } from "../../src/tools/client/order-client.ts";
import { shortText } from "./short-text.ts";

const WAIT_MS_MAX = 60_000;
const QUERY_RESPONSE = "Q";

export interface TraderLogin {
  readonly session?: string;
  readonly sequence?: number;
  readonly heartbeatTimeoutMs?: number;
}

/** "$189.50" is 1895000 on the wire. */
export const dollars = (amount: number): number => Math.round(amount * 10_000);

export class Trader extends OrderClient {
  readonly user: string;

  private constructor(address: { host: string; port: number }, user: string) {
    super({ host: address.host, port: address.port, timeoutMs: WAIT_MS_MAX });
    this.user = user;
  }

  static override async connect(
    address: { host: string; port: number },
    user = "",
  ): Promise<Trader> {
    const trader = new Trader(address, user);
    await once(trader.session.socket, "connect");
    return trader;
  }

  /** Logs in at the live end unless told otherwise. At the live end, whatever is there is read. */
  async mustLogIn(password: string, login: TraderLogin = {}): Promise<number> {
    const outcome = await this.login(this.user, password, { sequence: 0, ...login });
    assert.ok(outcome.isAccepted, `the login of ${this.user} was refused: ${this.debugTexts}`);
    if (login.sequence === undefined) await this.heard();
    return outcome.sequence;
  }

  /** Number of the next message that the stream is to bring. */
  get nextExpected(): number {
    const latest = this.messages.at(-1);
    if (latest !== undefined) return latest.sequence + 1;
    return this.loginOutcome?.isAccepted === true ? this.loginOutcome.sequence : 0;
  }

  /** Skips messages up to that number. */
  async untilSequence(sequence: number): Promise<void> {
    await this.until((message) => message.sequence === sequence);
  }

  /** A limit order: buys 100 XYZ at $10 unless told otherwise. Returns its number. */
  order(fields: Partial<Parameters<OrderClient["enter"]>[0]> = {}): number {
    return this.enter({ side: "B", quantity: 100, symbol: "XYZ", price: dollars(10), ...fields });
  }

  /** What came since, in a few words each, up to the answers of everything sent so far. */
  async heard(): Promise<string[]> {
    return (await this.heardMessages()).map(({ fields }) => shortText(fields));
  }

  /** As heard(), whole. */
  async heardMessages(): Promise<ReceivedMessage[]> {
    this.query();
    const heard: ReceivedMessage[] = [];
    for (;;) {
      const message = await this.next();
      if (message.type === QUERY_RESPONSE) {
        this.nextUserRefNum = Number(message.fields.nextUserRefNum);
        return heard;
      }
      heard.push(message);
    }
  }

  /** The next message, in a few words. */
  async nextText(): Promise<string> {
    return shortText((await this.next()).fields);
  }
  /** The next ones. */
  async texts(count: number): Promise<string[]> {
    return (await this.take(count)).map(({ fields }) => shortText(fields));
  }
  /** Every message since the login. */
  get allTexts(): string[] {
    return this.messages.map(({ fields }) => shortText(fields));
  }
}
