// A gateway of a few lines, for what a real one does only now and then: accepts logins and orders, answers Account
// Queries, ends what logs out. A test says what it does otherwise.

import { once } from "node:events";
import net from "node:net";
import {
  ACCOUNT_QUERY_RESPONSE_BYTES,
  AccountQueryResponse,
} from "../../../src/protocol/ouch/account-query-response.ts";
import { AppendageWriter } from "../../../src/protocol/ouch/appendage-writer.ts";
import { ORDER_EXECUTED_BYTES, OrderExecuted } from "../../../src/protocol/ouch/order-executed.ts";
import { accepted } from "../../support/capture-script.ts";
import type { TestHooks } from "../../support/gateway.ts";
import { packet, packetsIn } from "../../support/soup-packets.ts";

const SESSION = "20261121A";
const SEQUENCE_OFFSET = 26;

/** "L", "O", or "U" and the letter of the message, with its whole text. True: the gateway does nothing more about it. */
export type PacketHook = (
  client: ScriptedClient,
  kind: string,
  text: string,
  gateway: ScriptedGateway,
) => boolean;

/** One connection, by the order of their opening. */
export class ScriptedClient {
  readonly index: number;
  readonly socket: net.Socket;
  private unread = Buffer.alloc(0);

  constructor(index: number, socket: net.Socket) {
    this.index = index;
    this.socket = socket;
  }

  /** The whole packets of what came so far. */
  packetsOf(chunk: Buffer): string[] {
    this.unread = Buffer.concat([this.unread, chunk]);
    const found = packetsIn(this.unread);
    const rest = found.at(-1)?.startsWith("rest:") ? (found.pop() ?? "") : "";
    this.unread = Buffer.from(rest.slice("rest:".length), "hex");
    return found;
  }
}

export class ScriptedGateway {
  /** Kinds of all packets, in the order of their coming. */
  readonly kinds: string[] = [];
  /** Sequenced messages of its one account. */
  readonly stored: Buffer[] = [];
  accepted = 0;
  private readonly server: net.Server;
  private readonly hook: PacketHook;
  private clients = 0;
  private nextNumber = 1;

  private constructor(hook: PacketHook) {
    this.hook = hook;
    this.server = net.createServer({ noDelay: true }, (socket) => {
      const client = new ScriptedClient(this.clients++, socket);
      socket.on("data", (chunk: Buffer) => {
        for (const text of client.packetsOf(chunk)) this.onPacket(client, text);
      });
      socket.on("error", () => socket.destroy());
    });
  }

  /** Listens when this resolves, and ends with the test. */
  static async start(hooks: TestHooks, hook: PacketHook = () => false): Promise<ScriptedGateway> {
    const gateway = new ScriptedGateway(hook);
    gateway.server.listen(0, "127.0.0.1");
    await once(gateway.server, "listening");
    hooks.after(() => void gateway.server.close());
    return gateway;
  }

  get address(): { host: string; port: number } {
    const address = this.server.address();
    return { host: "127.0.0.1", port: typeof address === "object" ? (address?.port ?? 0) : 0 };
  }

  /** A sequenced message for whoever is given; without anybody, whoever logs in next is told. */
  tell(client: ScriptedClient | undefined, message: Buffer): void {
    this.stored.push(message);
    client?.socket.write(message);
  }

  /** An order is accepted: now, or when a hook that held it says so. */
  onEnter(client: ScriptedClient | undefined, text: string): void {
    const number = Buffer.from(text.slice("U:O".length), "latin1").readUInt32BE();
    if (number < this.nextNumber) return;
    this.nextNumber = number + 1;
    this.accepted++;
    this.tell(client, accepted(number));
  }

  private onPacket(client: ScriptedClient, text: string): void {
    const type = text[0] ?? "";
    const kind = type === "U" ? `U${text[2]}` : type;
    if (kind === "R") return;
    this.kinds.push(kind);
    if (this.hook(client, kind, text, this)) return;
    if (kind === "L") this.onLogin(client, text);
    else this.answer(client, kind, text);
  }

  answer(client: ScriptedClient | undefined, kind: string, text: string): void {
    if (kind === "O") client?.socket.end();
    else if (kind === "UO") this.onEnter(client, text);
    else if (kind === "UQ") this.onQuery(client, text);
  }

  /** Orders come on channel 0 alone. */
  private onQuery(client: ScriptedClient | undefined, text: string): void {
    const channel = channelOf(text);
    this.tell(client, queried(channel === 0 ? this.nextNumber : 1, channel));
  }

  onLogin(client: ScriptedClient, text: string): void {
    // Behind "L:", 16 bytes of name and password and 10 of the session.
    const asked = Number(text.slice("L:".length + SEQUENCE_OFFSET));
    const next = asked === 0 ? this.stored.length + 1 : asked;
    client.socket.write(packet("A", SESSION.padStart(10) + String(next).padStart(20)));
    for (const message of this.stored.slice(next - 1)) client.socket.write(message);
  }
}

export function executed(userRefNum: number, quantity: number): Buffer {
  const bytes = Buffer.alloc(64);
  const message = new OrderExecuted().wrap(new DataView(bytes.buffer, bytes.byteOffset), 0).start();
  message.userRefNum = userRefNum;
  message.quantity = quantity;
  return packet("S", bytes.subarray(0, ORDER_EXECUTED_BYTES));
}

/** The index of a query, the only tag that it may have, is its last byte. */
const channelOf = (query: string): number =>
  query.length > "U:Q".length ? query.charCodeAt(query.length - 1) : 0;

function queried(nextNumber: number, channel: number): Buffer {
  const bytes = Buffer.alloc(64);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  new AccountQueryResponse().wrap(view, 0).start().nextUserRefNum = nextNumber;
  const tags = new AppendageWriter();
  const end = tags.userRefIdxOnly(view, ACCOUNT_QUERY_RESPONSE_BYTES, channel);
  return packet("S", bytes.subarray(0, end));
}
