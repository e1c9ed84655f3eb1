// Entry of the process that makes old messages and reads them back, for resume-under-load.ts: many clients, told by their
// parent what to do. What is read back must be, byte for byte, what came when it was new.

import { Digest } from "../../src/base/digest.ts";
import { messageOf } from "../../src/base/message-of.ts";
import { ORDER_ACCEPTED_TYPE } from "../../src/protocol/ouch/order-accepted.ts";
import { writeEnter } from "../../src/tools/client/order-messages.ts";
import { OuchSession, type SessionSink } from "../../src/tools/client/session.ts";

export interface OldMessages {
  readonly user: string;
  readonly password: string;
  /** Each makes one message: accepted and dead at once, because nothing is there to trade with. */
  readonly orders: number;
}

export type ToClients =
  | {
      readonly kind: "make";
      readonly host: string;
      readonly port: number;
      readonly accounts: readonly OldMessages[];
    }
  /** All of them at once; and again when the last has everything, until they are stopped. */
  | { readonly kind: "read"; readonly users: readonly string[] }
  | { readonly kind: "stop" };

export type FromClients =
  | { readonly kind: "made" }
  /** The first message has come. */
  | { readonly kind: "reading" }
  | { readonly kind: "stopped"; readonly readBack: ReadBack }
  | { readonly kind: "failed"; readonly reason: string };

export interface ReadBack {
  readonly messages: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Of every time that all of them got everything. */
  readonly wholeMs: readonly number[];
}

/** Orders of one client that want an answer. */
const ORDERS_UNDER_WAY = 64;
const NO_MARKET = "ZNOBID";
const IMMEDIATE_OR_CANCEL = "3";

interface Known extends OldMessages {
  nextSequence: number;
  digest: string;
}

class Clients {
  private host = "";
  private port = 0;
  private readonly accounts = new Map<string, Known>();
  private streams: OldStream[] = [];
  private isStopping = false;
  private reading: Promise<ReadBack> | undefined = undefined;

  async make({ host, port, accounts }: Extract<ToClients, { kind: "make" }>): Promise<void> {
    this.host = host;
    this.port = port;
    await Promise.all(
      accounts.map(async (account) => {
        const stream = new OldStream(host, port, account, { ordersToSend: account.orders });
        await stream.ended;
        const { nextSequence, digest } = stream;
        this.accounts.set(account.user, { ...account, nextSequence, digest });
      }),
    );
  }

  read(users: readonly string[], onFirst: () => void): void {
    this.isStopping = false;
    this.reading = this.readAgainAndAgain(users, onFirst);
  }

  async stop(): Promise<ReadBack | undefined> {
    this.isStopping = true;
    for (const stream of this.streams) stream.close();
    return this.reading;
  }

  private async readAgainAndAgain(
    users: readonly string[],
    onFirst: () => void,
  ): Promise<ReadBack> {
    const total = { messages: 0, bytes: 0, wholeMs: [] as number[] };
    const startMs = performance.now();
    while (!this.isStopping) {
      const beganMs = performance.now();
      this.streams = users.map((user) => {
        const known = this.accounts.get(user);
        if (known === undefined) throw new Error(`nothing was made for ${user}`);
        return new OldStream(this.host, this.port, known, { expected: known, onFirst });
      });
      await Promise.all(this.streams.map(({ ended }) => ended));
      for (const { messages, bytes } of this.streams) {
        total.messages += messages;
        total.bytes += bytes;
      }
      if (!this.isStopping) total.wholeMs.push(performance.now() - beganMs);
    }
    return { ...total, seconds: (performance.now() - startMs) / 1000 };
  }
}

interface StreamTask {
  readonly ordersToSend?: number;
  readonly expected?: Known;
  readonly onFirst?: () => void;
}

/** One connection that asks for everything from the first message on. */
class OldStream implements SessionSink {
  /** When there is nothing more to come; rejects when it was not what it had to be. */
  readonly ended: Promise<void>;
  messages = 0;
  bytes = 0;

  private readonly session: OuchSession;
  private readonly task: StreamTask;
  private readonly running = new Digest();
  private readonly settle: { resolve: () => void; reject: (error: Error) => void };
  private readonly user: string;
  private sent = 0;
  private answered = 0;
  private isDone = false;

  constructor(host: string, port: number, { user, password }: OldMessages, task: StreamTask) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ended = promise;
    this.settle = { resolve, reject };
    this.user = user;
    this.task = task;
    this.session = new OuchSession({ host, port }, this);
    this.session.login({
      userName: user,
      password,
      requestedSession: "",
      requestedSequence: 1,
    });
  }

  get nextSequence(): number {
    return this.session.nextSequence;
  }
  get digest(): string {
    return this.running.hex();
  }

  /** Before everything has come. */
  close(): void {
    this.isDone = true;
    this.session.close("stopped");
  }

  onRead(): void {}
  onDebug(): void {}
  onEndOfSession(): void {}
  onLoginRejected(reason: number): void {
    this.settle.reject(
      new Error(`${this.user} was refused, reason ${String.fromCharCode(reason)}`),
    );
  }

  onLoginAccepted(_session: string, sequence: number): void {
    if (sequence !== 1) this.settle.reject(new Error(`${this.user} begins with ${sequence}`));
    this.send();
  }

  onMessage(
    sequence: number,
    bytes: Buffer,
    view: DataView,
    offset: number,
    messageBytes: number,
  ): void {
    const { ordersToSend, expected, onFirst } = this.task;
    if (this.messages === 0) onFirst?.();
    this.messages++;
    this.bytes += messageBytes;
    this.running.addBytes(bytes, offset, messageBytes);
    if (ordersToSend !== undefined && view.getUint8(offset) === ORDER_ACCEPTED_TYPE) {
      this.answered++;
      if (this.answered === ordersToSend) this.leave();
      else if (this.sent - this.answered <= ORDERS_UNDER_WAY / 2) this.send();
    }
    if (expected !== undefined && sequence + 1 === expected.nextSequence) {
      if (this.digest !== expected.digest) {
        this.settle.reject(new Error(`${this.user} was told something else than before`));
      }
      this.leave();
    }
  }

  onClosed(reason: string): void {
    if (this.isDone) this.settle.resolve();
    else this.settle.reject(new Error(`${this.user} lost its connection: ${reason}`));
  }

  private leave(): void {
    this.isDone = true;
    this.session.logout();
  }

  private send(): void {
    const { ordersToSend = 0 } = this.task;
    const { session } = this;
    while (this.sent < ordersToSend && this.sent - this.answered < ORDERS_UNDER_WAY) {
      this.sent++;
      const offset = session.claimMessage();
      const messageBytes = writeEnter(session.sendView, offset, {
        userRefNum: this.sent,
        side: "B",
        quantity: 100,
        symbol: NO_MARKET,
        price: 10_000,
        timeInForce: IMMEDIATE_OR_CANCEL,
      });
      session.commitMessage(offset, messageBytes);
    }
    session.flush();
  }
}

const clients = new Clients();

async function take(message: ToClients): Promise<void> {
  if (message.kind === "make") {
    await clients.make(message);
    tell({ kind: "made" });
  } else if (message.kind === "read") {
    let isTold = false;
    clients.read(message.users, () => {
      if (!isTold) tell({ kind: "reading" });
      isTold = true;
    });
  } else {
    const readBack = await clients.stop();
    if (readBack !== undefined) tell({ kind: "stopped", readBack });
  }
}

const tell = (message: FromClients): void => {
  process.send?.(message);
};
const fail = (error: unknown): void => {
  tell({ kind: "failed", reason: messageOf(error) });
};

process.on("message", (message: ToClients) => {
  take(message).catch(fail);
});
process.on("unhandledRejection", fail);
process.on("disconnect", () => process.exit());
