// One connection of an account in a crash test, from its connect to its end: every byte that arrives goes to the
// account, also what is still in the socket when the gateway is gone.

import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import net from "node:net";
import type { Fields } from "../../src/protocol/ouch/describe.ts";
import { LoginAccepted } from "../../src/protocol/soupbintcp/login-accepted.ts";
import {
  PACKET_HEADER_BYTES,
  packetBytesAt,
  packetTypeAt,
  wireBytes,
} from "../../src/protocol/soupbintcp/packet-header.ts";
import type { CrashAccount } from "./crash-account.ts";
import { type CrashFlow, query } from "./crash-flow.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { login, packet } from "./soup-packets.ts";

/** The connection has ended: right when the gateway was killed, wrong otherwise. */
export class ConnectionGone extends Error {}

const WAIT_MS_MAX = 20_000;
/** Account Queries in channels that nobody trades in mark places in the stream. */
const FIRST_MARK = 100;
const LAST_MARK = 255;
/** Marks that may be on their way: what bounds the requests that have no answer. */
const MARKS_MAX = 3;
const FENCES_MAX = 500;

export class CrashClient {
  readonly account: CrashAccount;
  /** Resolves when nothing more can arrive. */
  readonly ended: Promise<void>;
  private readonly socket: net.Socket;
  private readonly news = new EventEmitter();
  private rest: Buffer = Buffer.alloc(0);
  private startSequence = 0;
  private nextSequence = 0;
  private mark = FIRST_MARK;
  private readonly marks: number[] = [];
  private nextNumber = 0; // of channel 0, as the latest Account Query has it
  private isEnded = false;
  private isStopped = false;
  private failure: unknown = undefined;

  constructor(account: CrashAccount, address: { host: string; port: number }) {
    const { host, port } = address;
    this.account = account;
    this.socket = net.connect({ host, port, noDelay: true });
    this.socket.on("data", (chunk: Buffer) => this.onChunk(chunk));
    this.socket.on("error", () => undefined); // a reset is how killed gateways say goodbye; "close" follows
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.socket.on("close", () => {
      this.isEnded = true;
      if (this.rest.length > 0) this.judge(() => account.noteCut(this.nextSequence, this.rest));
      resolve();
      this.news.emit("news");
    });
  }

  /** Asks for the stream from that number on. */
  async logIn(password: string, sequence: number): Promise<void> {
    const { name, session } = this.account;
    this.send(
      login({
        userName: name,
        password,
        requestedSession: session,
        requestedSequence: sequence,
      }),
    );
    await this.until("the answer to the login", () => this.startSequence > 0);
    assert.equal(this.startSequence, sequence, `where the stream of ${name} goes on`);
  }

  /** What has no answer goes once more, under its old numbers. */
  sendAgain(): void {
    for (const request of this.account.waiting) this.send(request.packet);
  }

  /** Trades until it is stopped. A slow reader leaves answers in the socket now and then. */
  async trade(flow: CrashFlow, random: SeededRandom): Promise<void> {
    while (!this.isStopped) {
      for (let count = 1 + random.below(40); count > 0; count--) {
        this.send(flow.next(this.account));
      }
      this.sendMark();
      if (random.chance(12)) this.pauseReading(random.below(30));
      const isFree = (): boolean => this.marks.length <= random.below(MARKS_MAX);
      await this.until("answers", () => this.isStopped || isFree());
      if (random.chance(6)) await pause(random.below(10));
    }
  }

  /** Sends nothing more. Reads on, or there would be bytes that nobody keeps. */
  stop(): void {
    this.isStopped = true;
    this.socket.resume();
    this.news.emit("news");
  }

  /** Waits until every request has its answer, or needs none. */
  async settle(): Promise<void> {
    const { account } = this;
    // What waits behind an unfinished sweep or mass cancel is answered behind the mark.
    for (let fences = 0; fences < FENCES_MAX; fences++) {
      this.sendMark();
      await this.until("the answer to a mark", () => this.marks.length === 0);
      if (account.waiting.length === 0) return;
      await pause(2);
    }
    const texts = account.waiting.map(({ type, channel, userRefNum, target, quantity }) =>
      JSON.stringify({ type, channel, userRefNum, target, quantity }),
    );
    assert.fail(`${account.name} never gets answers to ${texts.join(", ")}`);
  }

  /** The number that the gateway says is the next one of channel 0. */
  async askNextNumber(): Promise<number> {
    this.nextNumber = 0;
    this.send(query(0));
    await this.until("the next number", () => this.nextNumber > 0);
    return this.nextNumber;
  }

  send(bytes: Buffer): void {
    if (!this.isStopped) this.socket.write(bytes);
  }

  /** Leaves, as the protocol has it, and reads until the gateway has closed. */
  async leave(): Promise<void> {
    this.socket.write(packet("O"));
    this.isStopped = true;
    await this.ended;
    if (this.failure !== undefined) throw this.failure;
  }

  /** Throws what a message that arrived was found guilty of. */
  check(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /** Everything that the account knows has been read on this connection too. */
  untilCaughtUp(): Promise<void> {
    const { account } = this;
    const what = `${account.name} reads up to message ${account.nextSequence - 1}`;
    return this.until(what, () => this.nextSequence >= account.nextSequence);
  }

  private sendMark(): void {
    this.mark = this.mark === LAST_MARK ? FIRST_MARK : this.mark + 1;
    this.marks.push(this.mark);
    this.send(query(this.mark));
  }

  private pauseReading(ms: number): void {
    this.socket.pause();
    setTimeout(() => this.socket.resume(), ms);
  }

  private async until(what: string, isThere: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(WAIT_MS_MAX);
    for (;;) {
      this.check();
      if (isThere()) return;
      if (this.isEnded) throw new ConnectionGone(`the connection ended before ${what}`);
      await once(this.news, "news", { signal }).catch(() =>
        assert.fail(`${this.account.name} waited in vain for ${what}`),
      );
    }
  }

  private onChunk(chunk: Buffer): void {
    let bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    while (bytes.length >= PACKET_HEADER_BYTES) {
      const length = wireBytes(packetBytesAt(bytes, 0));
      if (bytes.length < length) break;
      const one = bytes.subarray(0, length);
      this.judge(() => this.onPacket(one));
      bytes = bytes.subarray(length);
    }
    this.rest = bytes;
    this.news.emit("news");
  }

  /** The first thing that is wrong is what counts. */
  private judge(take: () => void): void {
    if (this.failure !== undefined) return;
    try {
      take();
    } catch (thrown) {
      this.failure = thrown;
    }
  }

  private onPacket(bytes: Buffer): void {
    const type = String.fromCharCode(packetTypeAt(bytes, 0));
    const payload = bytes.subarray(PACKET_HEADER_BYTES);
    if (type === "S") {
      assert(this.nextSequence > 0, "a sequenced packet comes before the login is accepted");
      const fields = this.account.take(this.nextSequence, Buffer.from(payload));
      this.nextSequence++;
      if (fields?.type === "Q") this.onAccountQuery(fields);
    } else if (type === "A") {
      const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
      const { session, sequence } = new LoginAccepted().wrap(view, 0);
      this.account.noteSession(session);
      this.startSequence = sequence;
      this.nextSequence = sequence;
    } else {
      const name = `a packet ${type} ${payload.toString("latin1")} for ${this.account.name}`;
      assert("H+".includes(type), name);
    }
  }

  private onAccountQuery({ userRefIdx, nextUserRefNum }: Fields): void {
    if (userRefIdx === undefined) this.nextNumber = Number(nextUserRefNum);
    const place = this.marks.indexOf(Number(userRefIdx));
    if (place < 0) return;
    this.marks.splice(0, place + 1);
    this.account.forgetExplained();
  }
}

function pause(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ms);
  return promise;
}
