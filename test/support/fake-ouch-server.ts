// A server that speaks enough SoupBinTCP and OUCH for tests of the client tools, and misbehaves on request.
// It matches immediate-or-cancel orders with whatever rests on the other side, at any price.

import { once } from "node:events";
import net from "node:net";
import { ACCOUNT_QUERY_REQUEST_TYPE } from "../../src/protocol/ouch/account-query-request.ts";
import {
  ACCOUNT_QUERY_RESPONSE_BYTES,
  ACCOUNT_QUERY_RESPONSE_TYPE,
  AccountQueryResponse,
} from "../../src/protocol/ouch/account-query-response.ts";
import { AppendageWriter } from "../../src/protocol/ouch/appendage-writer.ts";
import {
  CANCEL_ORDER_REQUEST_TYPE,
  CancelOrderRequest,
} from "../../src/protocol/ouch/cancel-order-request.ts";
import {
  CANCEL_REASON,
  ORDER_STATE,
  REJECT_REASON,
  SIDE,
  TIME_IN_FORCE,
} from "../../src/protocol/ouch/codes.ts";
import { ENTER_ORDER_TYPE, EnterOrder } from "../../src/protocol/ouch/enter-order.ts";
import {
  MODIFY_ORDER_REQUEST_TYPE,
  ModifyOrderRequest,
} from "../../src/protocol/ouch/modify-order-request.ts";
import { ORDER_ACCEPTED_BYTES, OrderAccepted } from "../../src/protocol/ouch/order-accepted.ts";
import { ORDER_CANCELED_BYTES, OrderCanceled } from "../../src/protocol/ouch/order-canceled.ts";
import { ORDER_EXECUTED_BYTES, OrderExecuted } from "../../src/protocol/ouch/order-executed.ts";
import { ORDER_MODIFIED_BYTES, OrderModified } from "../../src/protocol/ouch/order-modified.ts";
import { ORDER_REJECTED_BYTES, OrderRejected } from "../../src/protocol/ouch/order-rejected.ts";
import { ORDER_REPLACED_BYTES, OrderReplaced } from "../../src/protocol/ouch/order-replaced.ts";
import {
  REPLACE_ORDER_REQUEST_TYPE,
  ReplaceOrderRequest,
} from "../../src/protocol/ouch/replace-order-request.ts";
import { SYSTEM_EVENT_BYTES, SystemEvent } from "../../src/protocol/ouch/system-event.ts";
import { writeDebug } from "../../src/protocol/soupbintcp/debug.ts";
import { writeLoginAccepted } from "../../src/protocol/soupbintcp/login-accepted.ts";
import {
  LOGIN_REJECT_REASON,
  writeLoginRejected,
} from "../../src/protocol/soupbintcp/login-rejected.ts";
import { LoginRequest } from "../../src/protocol/soupbintcp/login-request.ts";
import { PacketReader, type PacketSink } from "../../src/protocol/soupbintcp/packet-reader.ts";
import {
  CLIENT_HEARTBEAT,
  CLIENT_LOGIN_REQUEST,
  CLIENT_LOGOUT,
  CLIENT_UNSEQUENCED,
} from "../../src/protocol/soupbintcp/packet-type.ts";
import {
  SEQUENCED_HEADER_BYTES,
  writeSequencedHeader,
} from "../../src/protocol/soupbintcp/sequenced.ts";
import {
  SIMPLE_PACKET_BYTES,
  writeEndOfSession,
} from "../../src/protocol/soupbintcp/simple-packets.ts";
import type { TestHooks } from "./gateway.ts";

export interface FakeServerOptions {
  /** Every so many accepted messages one is not sent: a lost answer. */
  readonly losesEvery?: number;
  /** Every so many accepted messages one is sent twice. */
  readonly repeatsEvery?: number;
  /** Every so many accepted messages an immediate-or-cancel order rests, and nothing matches it. */
  readonly restsEvery?: number;
  /** Every immediate-or-cancel order matches and ends so much later than it was accepted. */
  readonly takesAfterMs?: number;
  /** Orders in this symbol are refused. */
  readonly refusesSymbol?: string;
  /** Sends each packet in pieces of so many bytes. */
  readonly pieceBytes?: number;
}

interface FakeOrder {
  readonly account: FakeAccount;
  readonly number: number;
  readonly side: number;
  readonly symbol: string;
  readonly price: number;
  readonly capacity: number;
  readonly crossType: number;
  open: number;
  executed: number;
  isStuck: boolean;
}

class FakeAccount {
  readonly packets: Buffer[] = [];
  readonly orders = new Map<number, FakeOrder>();
  highest = 0;
  socket: net.Socket | undefined = undefined;
}

const PASSWORD = "SECRET";
const SESSION = "FAKE01";

export class FakeOuchServer {
  readonly options: FakeServerOptions;
  readonly accounts = new Map<string, FakeAccount>();
  heartbeats = 0;
  port = 0;
  private readonly server: net.Server;
  private readonly sockets = new Set<net.Socket>();
  private heartbeatWait: { count: number; resolve: () => void } | undefined = undefined;
  private attachedWait: { user: string; resolve: () => void } | undefined = undefined;
  private acceptedCount = 0;
  private matches = 0;

  private constructor(options: FakeServerOptions) {
    this.options = options;
    this.server = net.createServer((socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      socket.on("error", () => {}); // a client that resets is a client that is gone
      new FakeConnection(this, socket);
    });
  }

  /** Listens when this resolves, and ends with the test, if it has not before. */
  static async start(hooks: TestHooks, options: FakeServerOptions = {}): Promise<FakeOuchServer> {
    const fake = new FakeOuchServer(options);
    hooks.after(() => fake.stop());
    fake.server.listen(0, "127.0.0.1");
    await once(fake.server, "listening");
    const address = fake.server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    fake.port = address.port;
    return fake;
  }

  get password(): string {
    return PASSWORD;
  }

  get session(): string {
    return SESSION;
  }

  /** Resolves when clients have said so often that they live. */
  untilHeartbeats(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.heartbeatWait = { count, resolve };
    return promise;
  }

  /** Resolves when that user is logged in. */
  untilAttached(user: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.attachedWait = { user, resolve };
    return promise;
  }

  onAttached(user: string): void {
    if (this.attachedWait?.user === user) this.attachedWait.resolve();
  }

  onHeartbeat(): void {
    this.heartbeats++;
    if (this.heartbeats === this.heartbeatWait?.count) this.heartbeatWait.resolve();
  }

  async stop(): Promise<void> {
    this.dropAll();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, "close");
  }

  dropAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  say(text: string): void {
    for (const socket of this.sockets) {
      const bytes = Buffer.alloc(200);
      socket.write(bytes.subarray(0, writeDebug(bytes, viewOf(bytes), 0, text, 100)));
    }
  }

  /** Says once more that the login is accepted. */
  acceptAgain(user: string): void {
    const { socket, packets } = this.account(user);
    const bytes = Buffer.alloc(64);
    const end = writeLoginAccepted(viewOf(bytes), 0, SESSION, packets.length + 1);
    this.send(socket, bytes.subarray(0, end));
  }

  /** Says End of Session, and goes on as if nothing were. */
  endSession(user: string): void {
    const bytes = Buffer.alloc(SIMPLE_PACKET_BYTES);
    writeEndOfSession(viewOf(bytes), 0);
    this.send(this.account(user).socket, bytes);
  }

  account(user: string): FakeAccount {
    const known = this.accounts.get(user);
    if (known) return known;
    const account = new FakeAccount();
    this.accounts.set(user, account);
    this.sequence(account, SYSTEM_EVENT_BYTES, (view, offset) => {
      const event = new SystemEvent().wrap(view, offset).start();
      event.timestamp = 0;
      event.eventCode = 0x53;
    });
    return account;
  }

  /** Stores one message of the account's stream and sends it to whoever is attached. */
  sequence(
    account: FakeAccount,
    fixedBytes: number,
    fill: (view: DataView, offset: number) => void,
    hasAppendage = false,
  ): void {
    const bytes = Buffer.alloc(SEQUENCED_HEADER_BYTES + fixedBytes + 2);
    const view = viewOf(bytes);
    fill(view, SEQUENCED_HEADER_BYTES);
    let end = SEQUENCED_HEADER_BYTES + fixedBytes;
    if (hasAppendage) end = new AppendageWriter().begin(view, end).end();
    writeSequencedHeader(view, 0, end - SEQUENCED_HEADER_BYTES);
    const packet = bytes.subarray(0, end);
    account.packets.push(packet);
    this.send(account.socket, packet);
  }

  send(socket: net.Socket | undefined, packet: Buffer): void {
    if (socket === undefined || socket.destroyed) return;
    const pieceBytes = this.options.pieceBytes ?? packet.length;
    for (let from = 0; from < packet.length; from += pieceBytes) {
      socket.write(packet.subarray(from, from + pieceBytes));
    }
  }

  // -- orders --------------------------------------------------------------------------------------------------

  enter(account: FakeAccount, request: EnterOrder): void {
    const { userRefNum: number, side, quantity, symbol, price, capacity, crossType } = request;
    if (number <= account.highest) return;
    account.highest = number;
    if (symbol === this.options.refusesSymbol) {
      this.refuse(account, request);
      return;
    }
    const kind = { side, symbol, price, capacity, crossType };
    const order: FakeOrder = {
      ...{ account, number, ...kind, open: quantity, executed: 0 },
      isStuck: false,
    };
    account.orders.set(number, order);
    this.acceptedCount++;
    const accept = (): void => this.accept(order, request);
    if (this.acceptedCount % (this.options.losesEvery ?? Infinity) !== 0) accept();
    if (this.acceptedCount % (this.options.repeatsEvery ?? Infinity) === 0) accept();
    if (request.timeInForce !== TIME_IN_FORCE.IMMEDIATE_OR_CANCEL) return;
    order.isStuck = this.acceptedCount % (this.options.restsEvery ?? Infinity) === 0;
    if (order.isStuck) return;
    const { takesAfterMs } = this.options;
    if (takesAfterMs === undefined) this.take(order);
    else setTimeout(() => this.take(order), takesAfterMs);
  }

  replace(account: FakeAccount, request: ReplaceOrderRequest): void {
    const target = account.orders.get(request.origUserRefNum);
    if (target === undefined || request.userRefNum <= account.highest) return;
    account.highest = request.userRefNum;
    account.orders.delete(target.number);
    const open = Math.max(0, request.quantity - target.executed);
    const order = { ...target, number: request.userRefNum, price: request.price, open };
    if (open > 0) account.orders.set(order.number, order);
    this.sequence(
      account,
      ORDER_REPLACED_BYTES,
      (view, offset) => {
        const replaced = new OrderReplaced().wrap(view, offset).start();
        replaced.origUserRefNum = target.number;
        replaced.userRefNum = order.number;
        replaced.side = order.side;
        replaced.quantity = open;
        replaced.symbol = order.symbol;
        replaced.price = request.price;
        replaced.timeInForce = request.timeInForce;
        replaced.display = request.display;
        replaced.capacity = target.capacity;
        replaced.interMarketSweep = request.interMarketSweep;
        replaced.crossType = target.crossType;
        replaced.orderState = open > 0 ? ORDER_STATE.LIVE : ORDER_STATE.DEAD;
        replaced.clOrdId = request.clOrdId;
      },
      true,
    );
  }

  cancel(account: FakeAccount, number: number, intended: number, reason: number): void {
    const order = account.orders.get(number);
    if (order === undefined) return;
    const open = Math.min(order.open, Math.max(0, intended - order.executed));
    if (open === order.open) return;
    const shares = order.open - open;
    order.open = open;
    if (open === 0) account.orders.delete(number);
    this.sequence(account, ORDER_CANCELED_BYTES, (view, offset) => {
      const canceled = new OrderCanceled().wrap(view, offset).start();
      canceled.userRefNum = number;
      canceled.quantity = shares;
      canceled.reason = reason;
    });
  }

  modify(account: FakeAccount, request: ModifyOrderRequest): void {
    const order = account.orders.get(request.userRefNum);
    if (order === undefined) return;
    const open = request.quantity - order.executed;
    if (open <= 0) this.cancel(account, order.number, 0, CANCEL_REASON.USER);
    if (open <= 0 || open >= order.open) return;
    order.open = open;
    this.sequence(account, ORDER_MODIFIED_BYTES, (view, offset) => {
      const modified = new OrderModified().wrap(view, offset).start();
      modified.userRefNum = order.number;
      modified.side = order.side;
      modified.quantity = open;
    });
  }

  query(account: FakeAccount): void {
    this.sequence(account, ACCOUNT_QUERY_RESPONSE_BYTES, (view, offset) => {
      const answer = new AccountQueryResponse().wrap(view, offset);
      view.setUint8(offset, ACCOUNT_QUERY_RESPONSE_TYPE);
      answer.timestamp = 0;
      answer.nextUserRefNum = account.highest + 1;
    });
  }

  private accept(order: FakeOrder, request: EnterOrder): void {
    this.sequence(
      order.account,
      ORDER_ACCEPTED_BYTES,
      (view, offset) => {
        const accepted = new OrderAccepted().wrap(view, offset).start();
        accepted.userRefNum = order.number;
        accepted.side = order.side;
        accepted.quantity = order.open;
        accepted.symbol = order.symbol;
        accepted.price = request.price;
        accepted.timeInForce = request.timeInForce;
        accepted.display = request.display;
        accepted.capacity = request.capacity;
        accepted.interMarketSweep = request.interMarketSweep;
        accepted.crossType = request.crossType;
        accepted.orderState = ORDER_STATE.LIVE;
        accepted.clOrdId = request.clOrdId;
      },
      true,
    );
  }

  private refuse(account: FakeAccount, { userRefNum, clOrdId }: EnterOrder): void {
    this.sequence(account, ORDER_REJECTED_BYTES, (view, offset) => {
      const rejected = new OrderRejected().wrap(view, offset).start();
      rejected.userRefNum = userRefNum;
      rejected.reason = REJECT_REASON.INVALID_SYMBOL;
      rejected.clOrdId = clOrdId;
    });
  }

  private take(taker: FakeOrder): void {
    for (const account of this.accounts.values()) {
      for (const maker of account.orders.values()) {
        const isOther = (maker.side === SIDE.BUY) !== (taker.side === SIDE.BUY);
        if (
          taker.open === 0 ||
          maker === taker ||
          !isOther ||
          maker.symbol !== taker.symbol ||
          maker.isStuck
        )
          continue;
        const shares = Math.min(maker.open, taker.open);
        this.matches++;
        this.execute(maker, shares);
        this.execute(taker, shares);
      }
    }
    this.cancel(taker.account, taker.number, 0, CANCEL_REASON.IMMEDIATE_OR_CANCEL);
  }

  /** One match of two orders that rest, whatever their prices. False: there are no two for it. */
  matchResting(maker: FakeAccount, taker: FakeAccount): boolean {
    for (const order of maker.orders.values()) {
      for (const other of taker.orders.values()) {
        if (order.side === other.side || order.symbol !== other.symbol) continue;
        const shares = Math.min(order.open, other.open);
        this.matches++;
        this.execute(order, shares);
        this.execute(other, shares);
        return true;
      }
    }
    return false;
  }

  private execute(order: FakeOrder, shares: number): void {
    order.open -= shares;
    order.executed += shares;
    if (order.open === 0) order.account.orders.delete(order.number);
    this.sequence(
      order.account,
      ORDER_EXECUTED_BYTES,
      (view, offset) => {
        const executed = new OrderExecuted().wrap(view, offset).start();
        executed.userRefNum = order.number;
        executed.quantity = shares;
        executed.price = order.price; // whatever the other side's: there is no book here
        executed.matchNumberLow = this.matches;
      },
      true,
    );
  }
}

class FakeConnection implements PacketSink {
  private readonly server: FakeOuchServer;
  private readonly socket: net.Socket;
  private readonly reader = new PacketReader(1024);
  private unread = Buffer.alloc(0);
  private account: FakeAccount | undefined = undefined;

  constructor(server: FakeOuchServer, socket: net.Socket) {
    this.server = server;
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.onData(chunk));
  }

  onPacket(
    type: number,
    _bytes: Buffer,
    view: DataView,
    payloadOffset: number,
    payloadBytes: number,
  ): boolean {
    if (type === CLIENT_LOGIN_REQUEST)
      this.logIn(new LoginRequest().wrap(view, payloadOffset, payloadBytes));
    else if (type === CLIENT_LOGOUT) this.socket.end();
    else if (type === CLIENT_HEARTBEAT) this.server.onHeartbeat();
    else if (type === CLIENT_UNSEQUENCED && this.account)
      this.onRequest(this.account, view, payloadOffset);
    return true;
  }

  private onData(chunk: Buffer): void {
    const bytes = Buffer.concat([this.unread, chunk]);
    const end = this.reader.read(bytes, viewOf(bytes), 0, bytes.length, this);
    this.unread = bytes.subarray(end);
  }

  private logIn(login: LoginRequest): void {
    const answer = Buffer.alloc(64);
    if (login.password !== PASSWORD) {
      const reason = LOGIN_REJECT_REASON.NOT_AUTHORIZED;
      this.socket.end(answer.subarray(0, writeLoginRejected(viewOf(answer), 0, reason)));
      return;
    }
    const account = this.server.account(login.userName);
    const next = account.packets.length + 1;
    const from = login.requestedSequence === 0 ? next : login.requestedSequence;
    const answerBytes = writeLoginAccepted(viewOf(answer), 0, SESSION, from);
    this.server.send(this.socket, answer.subarray(0, answerBytes));
    for (const packet of account.packets.slice(from - 1)) this.server.send(this.socket, packet);
    account.socket?.destroy();
    account.socket = this.socket;
    this.account = account;
    this.server.onAttached(login.userName);
  }

  private onRequest(account: FakeAccount, view: DataView, offset: number): void {
    const { server } = this;
    switch (view.getUint8(offset)) {
      case ENTER_ORDER_TYPE:
        server.enter(account, new EnterOrder().wrap(view, offset));
        break;
      case REPLACE_ORDER_REQUEST_TYPE:
        server.replace(account, new ReplaceOrderRequest().wrap(view, offset));
        break;
      case CANCEL_ORDER_REQUEST_TYPE: {
        const cancel = new CancelOrderRequest().wrap(view, offset);
        server.cancel(account, cancel.userRefNum, cancel.quantity, CANCEL_REASON.USER);
        break;
      }
      case MODIFY_ORDER_REQUEST_TYPE:
        server.modify(account, new ModifyOrderRequest().wrap(view, offset));
        break;
      case ACCOUNT_QUERY_REQUEST_TYPE:
        server.query(account);
        break;
    }
  }
}

const viewOf = (bytes: Buffer): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
