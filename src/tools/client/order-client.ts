// A client for people and tests: the session with promises. Everything that arrives is kept, so that a wait which
// times out can say what did come. Slow on purpose; load tools use OuchSession.

import { once } from "node:events";
import {
  ACCOUNT_QUERY_RESPONSE_TYPE,
  AccountQueryResponse,
} from "../../protocol/ouch/account-query-response.ts";
import { describeOutbound } from "../../protocol/ouch/describe.ts";
import {
  type CancelFields,
  type EnterFields,
  type EntryControlFields,
  type MassCancelFields,
  type ModifyFields,
  type QueryFields,
  type ReplaceFields,
  writeCancel,
  writeDisable,
  writeEnable,
  writeEnter,
  writeMassCancel,
  writeModify,
  writeQuery,
  writeReplace,
} from "./order-messages.ts";
import { OuchSession, type SessionOptions, type SessionSink } from "./session.ts";
import { ClientWaitError, Waits } from "./waits.ts";

/** One sequenced message as it came. */
export interface ReceivedMessage {
  readonly sequence: number;
  /** OUCH type letter, e.g. "A". */
  readonly type: string;
  /** The OUCH message, without the packet header: a copy of its own. */
  readonly bytes: Buffer;
  readonly view: DataView;
  /** Every field by name, decoded. */
  readonly fields: Record<string, string | number>;
}

export type LoginOutcome =
  | { readonly isAccepted: true; readonly session: string; readonly sequence: number }
  /** reason: "A" not authorized, "S" session or sequence not available. */
  | { readonly isAccepted: false; readonly reason: string };

export interface LoginOptions {
  /** Blank = whatever session is current. */
  readonly session?: string;
  /** The next message needed; 1 (the default) = from the beginning, 0 = live end. */
  readonly sequence?: number;
  readonly heartbeatTimeoutMs?: number;
}

export interface OrderClientOptions extends SessionOptions {
  /** How long any wait may take. */
  readonly timeoutMs?: number;
}

export interface Closing {
  readonly reason: string;
  readonly isClean: boolean;
}

const TIMEOUT_MS = 5_000;

export class OrderClient implements SessionSink {
  readonly session: OuchSession;
  /** Every sequenced message since the login. */
  readonly messages: ReceivedMessage[] = [];
  readonly debugTexts: string[] = [];
  isEnded = false;
  closing: Closing | undefined = undefined;
  loginOutcome: LoginOutcome | undefined = undefined;
  /** What enter() and the others use when they are given no number. */
  nextUserRefNum = 1;

  private readonly waits: Waits;
  private unread = 0; // index in messages of the first one that next() has not returned

  constructor(options: OrderClientOptions) {
    this.waits = new Waits(options.timeoutMs ?? TIMEOUT_MS, () => this.received());
    this.session = new OuchSession(options, this);
  }

  /** Resolves when TCP is up. */
  static async connect(options: OrderClientOptions): Promise<OrderClient> {
    const client = new OrderClient(options);
    await once(client.session.socket, "connect");
    return client;
  }

  /** Connects, logs in and asks for the next number: ready to trade. */
  static async loggedIn(
    options: OrderClientOptions,
    user: string,
    password: string,
    login: LoginOptions = { sequence: 0 },
  ): Promise<OrderClient> {
    const client = await OrderClient.connect(options);
    const outcome = await client.login(user, password, login);
    if (!outcome.isAccepted) {
      client.close();
      throw new ClientWaitError(`the login of ${user} was refused with reason ${outcome.reason}`);
    }
    await client.learnNextNumber();
    return client;
  }

  // -- session -------------------------------------------------------------------------------------------------

  login(user: string, password: string, options: LoginOptions = {}): Promise<LoginOutcome> {
    this.loginOutcome = undefined;
    const requestedSession = options.session ?? "";
    const requestedSequence = options.sequence ?? 1;
    const { heartbeatTimeoutMs } = options;
    this.session.login({
      userName: user,
      password,
      requestedSession,
      requestedSequence,
      ...(heartbeatTimeoutMs === undefined ? {} : { heartbeatTimeoutMs }),
    });
    return this.waits.wait("the answer to the login", () => this.loginOutcome);
  }

  /** Logout, as the protocol has it; the server closes. */
  async logout(): Promise<void> {
    this.session.logout();
    await this.closed();
  }

  /** Ends the connection from our side at once. */
  close(): void {
    this.session.close("closed by us");
  }

  /** Resolves when the connection is gone. */
  closed({ mayTakeForEver = false } = {}): Promise<Closing> {
    const options = { outlivesConnection: true, mayTakeForEver };
    return this.waits.wait("the end of the connection", () => this.closing, options);
  }

  /** Any bytes onto the connection: whole packets, halves, nonsense. */
  sendBytes(bytes: Uint8Array): void {
    this.session.sendBytes(bytes);
    this.session.flush();
  }

  /** One OUCH message of any content as an unsequenced packet. */
  sendMessage(message: Uint8Array): void {
    const packet = Buffer.alloc(3 + message.length);
    packet.writeUInt16BE(1 + message.length, 0);
    packet.write("U", 2, "latin1");
    packet.set(message, 3);
    this.sendBytes(packet);
  }

  // -- requests ------------------------------------------------------------------------------------------------
  // Those that need a new UserRefNum take the next one unless they are given one, and return it.

  enter(fields: Omit<EnterFields, "userRefNum"> & { userRefNum?: number }): number {
    const userRefNum = this.takeNumber(fields.userRefNum);
    this.request((view, offset) => writeEnter(view, offset, { ...fields, userRefNum }));
    return userRefNum;
  }

  replace(fields: Omit<ReplaceFields, "userRefNum"> & { userRefNum?: number }): number {
    const userRefNum = this.takeNumber(fields.userRefNum);
    this.request((view, offset) => writeReplace(view, offset, { ...fields, userRefNum }));
    return userRefNum;
  }

  cancel(fields: CancelFields): void {
    this.request((view, offset) => writeCancel(view, offset, fields));
  }

  modify(fields: ModifyFields): void {
    this.request((view, offset) => writeModify(view, offset, fields));
  }

  massCancel(fields: Omit<MassCancelFields, "userRefNum"> & { userRefNum?: number }): number {
    const userRefNum = this.takeNumber(fields.userRefNum);
    this.request((view, offset) => writeMassCancel(view, offset, { ...fields, userRefNum }));
    return userRefNum;
  }

  disable(fields: Omit<EntryControlFields, "userRefNum"> & { userRefNum?: number }): number {
    const userRefNum = this.takeNumber(fields.userRefNum);
    this.request((view, offset) => writeDisable(view, offset, { ...fields, userRefNum }));
    return userRefNum;
  }

  enable(fields: Omit<EntryControlFields, "userRefNum"> & { userRefNum?: number }): number {
    const userRefNum = this.takeNumber(fields.userRefNum);
    this.request((view, offset) => writeEnable(view, offset, { ...fields, userRefNum }));
    return userRefNum;
  }

  query(fields: QueryFields = {}): void {
    this.request((view, offset) => writeQuery(view, offset, fields));
  }

  /** Asks for the next number and waits for it: everything sent before has then been handled. Skips what came before. */
  async learnNextNumber(fields: QueryFields = {}): Promise<number> {
    this.query(fields);
    const answer = await this.until(String.fromCharCode(ACCOUNT_QUERY_RESPONSE_TYPE));
    this.nextUserRefNum = new AccountQueryResponse().wrap(answer.view, 0).nextUserRefNum;
    return this.nextUserRefNum;
  }

  // -- answers -------------------------------------------------------------------------------------------------

  /** The next sequenced message that was not returned yet. With a type, it must be of that type. */
  async next(type?: string): Promise<ReceivedMessage> {
    const message = await this.waits.wait(`the next message${type ? ` (${type})` : ""}`, () =>
      this.takeUnread(),
    );
    if (type !== undefined && message.type !== type) {
      throw new ClientWaitError(`expected ${type} next; ${this.received()}`);
    }
    return message;
  }

  /** Skips messages until one is of that type, or satisfies that predicate, and returns it. */
  until(wanted: string | ((message: ReceivedMessage) => boolean)): Promise<ReceivedMessage> {
    const isWanted =
      typeof wanted === "string" ? (message: ReceivedMessage) => message.type === wanted : wanted;
    const what = typeof wanted === "string" ? `a message of type ${wanted}` : "a certain message";
    return this.waits.wait(what, () => {
      for (let message = this.takeUnread(); message; message = this.takeUnread()) {
        if (isWanted(message)) return message;
      }
      return undefined;
    });
  }

  /** The next `count` messages. */
  async take(count: number): Promise<ReceivedMessage[]> {
    const taken: ReceivedMessage[] = [];
    while (taken.length < count) taken.push(await this.next());
    return taken;
  }

  /** Resolves when a Debug text contains that. */
  untilDebug(part: string): Promise<string> {
    return this.waits.wait(`a Debug text with "${part}"`, () =>
      this.debugTexts.find((text) => text.includes(part)),
    );
  }

  /** Every message from here on, until the connection is gone. */
  async *stream(): AsyncGenerator<ReceivedMessage> {
    const options = { outlivesConnection: true, mayTakeForEver: true };
    for (;;) {
      const look = (): ReceivedMessage | Closing | undefined => this.takeUnread() ?? this.closing;
      const found = await this.waits.wait("the next message", look, options);
      if ("reason" in found) return;
      yield found;
    }
  }

  // -- SessionSink ---------------------------------------------------------------------------------------------

  onRead(): void {}

  onLoginAccepted(session: string, sequence: number): void {
    this.loginOutcome = { isAccepted: true, session, sequence };
    this.waits.wake();
  }

  onLoginRejected(reason: number): void {
    this.loginOutcome = { isAccepted: false, reason: String.fromCharCode(reason) };
    this.waits.wake();
  }

  onMessage(
    sequence: number,
    bytes: Buffer,
    _view: DataView,
    offset: number,
    messageBytes: number,
  ): void {
    // A copy in memory of its own, so that a view on it starts at its first byte.
    const copy = Buffer.from(new Uint8Array(bytes.subarray(offset, offset + messageBytes)).buffer);
    const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
    const type = String.fromCharCode(copy[0] ?? 0);
    const fields = describeOutbound(view, 0, messageBytes);
    this.messages.push({ sequence, type, bytes: copy, view, fields });
    this.waits.wake();
  }

  onDebug(text: string): void {
    this.debugTexts.push(text);
    this.waits.wake();
  }

  onEndOfSession(): void {
    this.isEnded = true;
    this.waits.wake();
  }

  onClosed(reason: string, isClean: boolean): void {
    this.closing = { reason, isClean };
    this.waits.end(`the connection has ended (${reason})`);
  }

  // -- inside --------------------------------------------------------------------------------------------------

  private request(write: (view: DataView, offset: number) => number): void {
    const offset = this.session.claimMessage();
    this.session.commitMessage(offset, write(this.session.sendView, offset));
    this.session.flush();
  }

  private takeNumber(given: number | undefined): number {
    const number = given ?? this.nextUserRefNum;
    this.nextUserRefNum = Math.max(this.nextUserRefNum, number + 1);
    return number;
  }

  private takeUnread(): ReceivedMessage | undefined {
    const message = this.messages[this.unread];
    if (message) this.unread++;
    return message;
  }

  private received(): string {
    const last = this.messages.slice(-20);
    const lines = last.map((message, index) => {
      const place = this.messages.length - last.length + index;
      const mark = place < this.unread ? " " : "*";
      return `\n ${mark} ${message.sequence} ${JSON.stringify(message.fields)}`;
    });
    const debug = this.debugTexts.map((text) => `\n   + ${text}`);
    const omitted = this.messages.length > last.length ? ` (last ${last.length})` : "";
    return `received so far: ${this.messages.length} messages${omitted}, * not yet returned:${lines.join("")}${debug.join("")}`;
  }
}
