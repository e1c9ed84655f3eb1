// A capture as a replay needs it: connections with what their clients sent, accounts with what they asked and were
// answered. Reads the records twice: first what there is, then what became of it. All of it is kept in memory.

import { printable } from "../../base/printable.ts";
import {
  CAPTURE_FLAG,
  CAPTURE_KIND,
  type CaptureRecord,
  type ConnectFacts,
  type LossFacts,
  type PressureFacts,
} from "../../capture/capture-record.ts";
import { LOGIN_ACCEPTED_BYTES, LoginAccepted } from "../../protocol/soupbintcp/login-accepted.ts";
import { isLoginRequestBytes, LoginRequest } from "../../protocol/soupbintcp/login-request.ts";
import {
  CLIENT_LOGIN_REQUEST,
  CLIENT_UNSEQUENCED,
  SERVER_LOGIN_ACCEPTED,
  SERVER_LOGIN_REJECTED,
  SERVER_SEQUENCED,
} from "../../protocol/soupbintcp/packet-type.ts";
import { AnswerReader } from "./answer-reader.ts";
import { CapturedAccount } from "./captured-account.ts";
import { CapturedConnection } from "./captured-connection.ts";
import { CapturedPressure } from "./captured-pressure.ts";
import { NOWHERE } from "./number-map.ts";
import { PacketCutter } from "./packet-cutter.ts";
import { RequestReader } from "./request-reader.ts";

export interface RecordSource {
  records(): Iterable<CaptureRecord>;
}

const PROBLEMS_TOLD_MAX = 20;

export class CapturedTraffic {
  readonly connections: CapturedConnection[] = [];
  readonly accounts = new Map<string, CapturedAccount>();
  /** What will not be replayed as it was, in words; the first of them. */
  readonly problems: string[] = [];
  problemCount = 0;
  /** Requests that name orders which the capture does not know. */
  unknownOrders = 0;
  readonly pressure = new CapturedPressure();
  private readonly byId = new Map<number, CapturedConnection>();
  private readonly reader = new RequestReader();
  private readonly login = new LoginRequest();

  /** Throws what the source throws. */
  static read(source: RecordSource): CapturedTraffic {
    const traffic = new CapturedTraffic();
    traffic.readClients(source);
    traffic.readAnswers(source);
    for (const account of traffic.accounts.values()) account.settle();
    return traffic;
  }

  private readClients(source: RecordSource): void {
    const cutters = new Map<CapturedConnection, PacketCutter>();
    const answers = new Map<CapturedConnection, PacketCutter>();
    for (const record of source.records()) {
      const { kind, atNs, payload } = record;
      if (kind === CAPTURE_KIND.PRESSURE) this.pressure.add(atNs, jsonOf<PressureFacts>(payload));
      if (record.connection === 0) continue;
      const connection = this.connectionOf(record);
      if (kind === CAPTURE_KIND.IN) {
        let cutter = cutters.get(connection);
        if (cutter === undefined) {
          cutter = this.clientCutter(connection);
          cutters.set(connection, cutter);
        }
        connection.addChunk(payload, atNs);
        cutter.add(payload);
      } else if (kind === CAPTURE_KIND.OUT) {
        let cutter = answers.get(connection);
        if (cutter === undefined) {
          cutter = loginAnswerCutter(connection);
          answers.set(connection, cutter);
        }
        connection.hasAnswers = true;
        if (!connection.isLoggedIn) cutter.add(payload);
      } else if (kind === CAPTURE_KIND.LOST) {
        const { direction, bytes = 0 } = jsonOf<LossFacts>(payload);
        if (direction !== "in") continue;
        const cutter = cutters.get(connection) ?? this.clientCutter(connection);
        cutter.lose(`${bytes} bytes of the client are missing: what follows is left out`);
        cutters.set(connection, cutter);
      } else if (kind === CAPTURE_KIND.END) {
        connection.endedAtNs = atNs;
      } else if (kind === CAPTURE_KIND.CLOSE) {
        connection.closedAtNs = atNs;
        connection.closedBy = record.detail;
      }
    }
    for (const connection of this.connections) this.judge(connection, cutters.get(connection));
    this.tellNewSession();
  }

  /** Numbers begin anew with each session, and its orders are gone; a replay has one session. */
  private tellNewSession(): void {
    const loggedIn = this.connections.filter(({ sessionId }) => sessionId !== "");
    const first = loggedIn[0]?.sessionId;
    const later = loggedIn.find(({ sessionId }) => sessionId !== first);
    if (later === undefined) return;
    const cut = "cut the capture there, and replay each session by itself";
    this.tell(later, `it is the first of session ${later.sessionId}, after ${first}: ${cut}`);
  }

  /** A connection is made by whatever record names it first. */
  private connectionOf(record: CaptureRecord): CapturedConnection {
    const known = this.byId.get(record.connection);
    const isConnect = record.kind === CAPTURE_KIND.CONNECT;
    if (known !== undefined && !(isConnect && known.closedAtNs < record.atNs)) return known;
    const isMid = !isConnect || (record.flags & CAPTURE_FLAG.MID) !== 0;
    const connection = new CapturedConnection(record.connection, record.atNs, isMid);
    if (isConnect) {
      const { account } = jsonOf<ConnectFacts>(record.payload);
      connection.account = printable(String(account ?? "").toUpperCase());
      connection.isLoggedIn = connection.account !== "";
    }
    this.byId.set(record.connection, connection);
    this.connections.push(connection);
    return connection;
  }

  private clientCutter(connection: CapturedConnection): PacketCutter {
    const onPacket = (
      type: number,
      view: DataView,
      offset: number,
      bytes: number,
      start: number,
      end: number,
    ): void => {
      let request = NOWHERE;
      if (type === CLIENT_LOGIN_REQUEST && isLoginRequestBytes(bytes)) {
        const { userName } = this.login.wrap(view, offset, bytes);
        connection.account ||= printable(userName.toUpperCase());
        if (connection.packets.length === 0) {
          connection.loginAtNs = connection.chunkAtNs.at(-1) ?? connection.openedAtNs;
        }
      } else if (type === CLIENT_UNSEQUENCED) {
        // Mid-connection, nothing says whose it is; its number stands for the name.
        connection.account ||= `#${connection.id}`;
        this.reader.read(view, offset, bytes);
        request = this.accountOf(connection.account).add(this.reader);
      }
      connection.packets.push({ type, start, end, request });
    };
    return new PacketCutter("in", connection.isMid, onPacket);
  }

  private accountOf(name: string): CapturedAccount {
    const known = this.accounts.get(name);
    if (known !== undefined) return known;
    const account = new CapturedAccount(name);
    this.accounts.set(name, account);
    return account;
  }

  private judge(connection: CapturedConnection, cutter: PacketCutter | undefined): void {
    if (cutter === undefined) {
      if (connection.hasAnswers) connection.problem = "the client's side is not in the capture";
    } else {
      connection.problem ||= cutter.problem;
      if (connection.problem === "" && cutter.skippedBytes > 0) {
        this.tell(connection, `${cutter.skippedBytes} bytes before its first whole packet`);
      }
    }
    if (connection.isRefused) connection.problem ||= "its login was refused";
    if (connection.problem !== "") this.tell(connection, connection.problem);
    else if (connection.packets.length > 0 && !connection.hasAnswers) {
      this.tell(connection, "its answers are not in the capture: nothing to compare with");
    }
  }

  private tell(connection: CapturedConnection, problem: string): void {
    this.problemCount++;
    if (this.problems.length >= PROBLEMS_TOLD_MAX) return;
    const name = connection.account === "" ? "" : ` (${connection.account})`;
    this.problems.push(`connection ${connection.id}${name}: ${problem}`);
  }

  private readAnswers(source: RecordSource): void {
    const answers = new AnswerReader();
    const states = new Map<CapturedConnection, AnswerState>();
    const latest = new Map<CapturedAccount, AnswerState>();
    const opened = [...this.connections];
    const byId = new Map<number, CapturedConnection>();
    for (const record of source.records()) {
      if (record.connection === 0) continue;
      let connection = byId.get(record.connection);
      const isConnect = record.kind === CAPTURE_KIND.CONNECT;
      if (connection === undefined || (isConnect && connection.closedAtNs < record.atNs)) {
        connection = opened.shift();
        if (connection === undefined) break;
        byId.set(record.connection, connection);
      }
      const account = this.accounts.get(connection.account);
      if (account === undefined || connection.isRefused) continue;
      let state = states.get(connection);
      if (state === undefined) {
        state = new AnswerState(connection, account, answers, latest);
        states.set(connection, state);
      }
      if (record.kind === CAPTURE_KIND.IN) this.unknownOrders += state.onChunk();
      else if (record.kind === CAPTURE_KIND.OUT) state.cutter.add(record.payload);
      else if (record.kind === CAPTURE_KIND.LOST) state.onLost(jsonOf<LossFacts>(record.payload));
    }
    for (const connection of this.connections) {
      const account = this.accounts.get(connection.account);
      if (account !== undefined && !connection.hasAnswers) account.hasLostAnswers = true;
    }
  }
}

/** How far the second reading is with one connection. */
class AnswerState {
  readonly cutter: PacketCutter;
  private readonly connection: CapturedConnection;
  private readonly account: CapturedAccount;
  private chunk = 0;
  private packet = 0;
  /** Number of its next message; 0 when nobody knows. */
  private nextSequence = 0;
  private isTakenOver = false;

  constructor(
    connection: CapturedConnection,
    account: CapturedAccount,
    answers: AnswerReader,
    latest: Map<CapturedAccount, AnswerState>,
  ) {
    this.connection = connection;
    this.account = account;
    this.cutter = new PacketCutter("out", connection.isMid, (type, view, offset, bytes) => {
      if (type === SERVER_SEQUENCED && this.isFirstTold()) {
        answers.read(view, offset, bytes, account.tracker);
      }
      if (type !== SERVER_LOGIN_ACCEPTED) return;
      if (bytes >= LOGIN_ACCEPTED_BYTES) this.onLoginAccepted(loginAccepted.wrap(view, offset));
      const before = latest.get(account);
      // Caught before its login, it takes over nobody: least of all itself.
      if (before !== this) before?.onTakenOver();
      latest.set(account, this);
    });
    // Its login came before the capture, as far as anybody knows by now.
    if (connection.isMid && !latest.has(account)) latest.set(account, this);
  }

  private onLoginAccepted({ session, sequence }: LoginAccepted): void {
    const { account } = this;
    if (session !== account.sessionId) account.nextSequence = 0;
    account.sessionId = session;
    this.nextSequence = Math.max(0, sequence);
  }

  /** False for what an earlier connection of the account was told: a client may ask for all of its session again. */
  private isFirstTold(): boolean {
    const { account, nextSequence: sequence } = this;
    if (sequence === 0) return true;
    this.nextSequence++;
    if (sequence < account.nextSequence) return false;
    account.nextSequence = sequence + 1;
    return true;
  }

  /** The account has logged in elsewhere: what this one still sends is dropped, and what waits may be. */
  private onTakenOver(): void {
    this.isTakenOver = true;
    for (const { request } of this.connection.packets.slice(0, this.packet)) {
      if (request !== NOWHERE) this.account.tracker.doubt(request);
    }
  }

  /** The next chunk of the client came. Returns how many of its requests name unknown orders. */
  onChunk(): number {
    const { packets, chunkEnds } = this.connection;
    const end = chunkEnds[this.chunk] ?? 0;
    this.chunk++;
    let unknown = 0;
    for (;;) {
      const packet = packets[this.packet];
      if (packet === undefined || packet.end > end) return unknown;
      this.packet++;
      if (packet.request === NOWHERE) continue;
      if (!this.account.onSent(packet.request)) unknown++;
      else if (this.isTakenOver) this.account.tracker.drop(packet.request);
    }
  }

  onLost({ direction }: Partial<LossFacts>): void {
    if (direction !== "out") return;
    this.cutter.lose("lost");
    this.nextSequence = 0;
    this.account.hasLostAnswers = true;
  }
}

const loginAccepted = new LoginAccepted();

/** Until the login is answered. */
function loginAnswerCutter(connection: CapturedConnection): PacketCutter {
  return new PacketCutter("out", connection.isMid, (type, view, offset, bytes) => {
    if (type === SERVER_LOGIN_ACCEPTED) {
      connection.isLoggedIn = true;
      // Of a foreign or damaged stream it may be shorter.
      if (bytes >= LOGIN_ACCEPTED_BYTES) {
        connection.sessionId = loginAccepted.wrap(view, offset).session;
      }
    } else if (type === SERVER_LOGIN_REJECTED && !connection.isLoggedIn) {
      connection.isRefused = true;
    }
  });
}

/** Nothing when it cannot be read: the file is damaged where its checksums do not look. */
function jsonOf<T>(payload: Buffer): Partial<T> {
  try {
    const parsed: unknown = JSON.parse(payload.toString());
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch {
    return {}; // whoever reads the facts does without
  }
}
