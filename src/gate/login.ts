// From a Login Request to an ATTACH in the lane's ring. The gate knows who somebody is; whether the session and the
// sequence are there to be had, only the lane can say.

import type { Clock } from "../base/clock.ts";
import { AttachPayload } from "../memory/attach-payload.ts";
import { INBOUND_KIND, InboundRecord } from "../memory/inbound-record.ts";
import { LOGIN_REFUSAL } from "../memory/outbound-record.ts";
import type { Progress } from "../memory/progress.ts";
import { RING_FULL } from "../memory/ring-producer.ts";
import { LOGIN_REJECT_REASON } from "../protocol/soupbintcp/login-rejected.ts";
import { isLoginRequestBytes, LoginRequest } from "../protocol/soupbintcp/login-request.ts";
import type { Closer } from "./closing.ts";
import { type Connection, PHASE } from "./connection.ts";
import type { Connections } from "./connections.ts";
import { type Credentials, type LoginAttempt, VERDICT_LATER } from "./credentials.ts";
import type { EventClock } from "./event-clock.ts";
import type { GateAccount } from "./gate-config.ts";
import type { InboundLane } from "./inbound-lane.ts";
import { IndexQueue } from "./index-queue.ts";
import { laneOf } from "./lane-of.ts";
import { PasswordDelays } from "./password-delays.ts";
import type { SessionTimers } from "./session-timers.ts";

/** A client of 4.10 may choose its silence within these. */
const IDLE_TIMEOUT_MS_MIN = 2_000;
const IDLE_TIMEOUT_MS_MAX = 60_000;

/** The two that take turns at the password check; in each the addresses, and the accounts of an address. */
const NEW = "new";
const FAILED = "failed";

export interface LoginParts {
  readonly credentials: Credentials;
  readonly connections: Connections;
  readonly lanes: readonly InboundLane[];
  readonly progress: Progress;
  readonly closer: Closer;
  readonly timers: SessionTimers;
  readonly eventClock: EventClock;
  readonly clock: Clock;
  /** A verdict came in a turn of its own: held input may go on. */
  readonly onSettled: (connection: Connection) => void;
  readonly idleTimeoutMs: number;
  readonly connectionsMax: number;
}

export class Login {
  private readonly parts: LoginParts;
  private readonly request = new LoginRequest();
  private readonly record = new InboundRecord();
  private readonly payload = new AttachPayload();
  private readonly delays = new PasswordDelays();
  private readonly attachesWaiting: IndexQueue;
  private readonly accounts: (GateAccount | undefined)[]; // by connection, until its ATTACH is out

  constructor(parts: LoginParts) {
    this.parts = parts;
    this.attachesWaiting = new IndexQueue(parts.connectionsMax);
    this.accounts = new Array<GateAccount | undefined>(parts.connectionsMax).fill(undefined);
  }

  /** The first packet of a connection, where it lies; its password is wiped there. */
  onRequest(
    connection: Connection,
    view: DataView,
    payloadOffset: number,
    payloadBytes: number,
    nowNs: number,
  ): void {
    const { connections, timers, credentials } = this.parts;
    const nowMs = nowNs / 1e6;
    if (!isLoginRequestBytes(payloadBytes)) {
      this.wipe(view, payloadOffset, payloadBytes);
      const text = "a login request has 46 or 51 bytes";
      this.refuseMalformed(connection, LOGIN_REJECT_REASON.NOT_AUTHORIZED, text, nowMs);
      return;
    }
    const request = this.request.wrap(view, payloadOffset, payloadBytes);
    const { password, requestedSequence } = request;
    request.wipePassword();
    connection.account = request.userName.toUpperCase();
    if (requestedSequence < 0) {
      const text = "the requested sequence is not a number";
      this.refuseMalformed(connection, LOGIN_REJECT_REASON.SESSION_NOT_AVAILABLE, text, nowMs);
      return;
    }
    connection.requestedSession = request.requestedSession;
    connection.requestedSequence = requestedSequence;
    connection.idleTimeoutMs = this.idleTimeoutMs(request.heartbeatTimeoutMs);
    connections.enter(connection, PHASE.CHECKING);
    timers.stopLogin(connection);

    const { index, epoch, account: user } = connection;
    const { remoteAddress } = connection.socket;
    const attempt: LoginAttempt = {
      user,
      password,
      // Who was wrong a while ago is most likely wrong again: he does not go before a first login.
      turn: [this.delays.hasFailed(remoteAddress, user, nowMs) ? FAILED : NEW, remoteAddress, user],
      isAwaited: () => this.parts.connections.find(index, epoch) !== undefined,
      onVerdict: (account) => this.onVerdict(index, epoch, account, nowMs),
    };
    const verdict = credentials.check(attempt);
    if (verdict !== VERDICT_LATER) this.decide(connection, verdict, nowMs, nowNs);
  }

  /** The delay of a wrong password is over. */
  onRefusalDue(connection: Connection, nowMs: number): void {
    const { NOT_AUTHORIZED } = LOGIN_REJECT_REASON;
    this.parts.closer.reject(connection, NOT_AUTHORIZED, LOGIN_REFUSAL.CREDENTIALS, "", nowMs);
  }

  private refuseMalformed(
    connection: Connection,
    reason: number,
    text: string,
    nowMs: number,
  ): void {
    this.parts.closer.reject(connection, reason, LOGIN_REFUSAL.MALFORMED, text, nowMs);
  }

  /** Publishes ATTACHs that found no room. */
  settle(): void {
    let passes = this.attachesWaiting.count;
    while (passes-- > 0) {
      const index = this.attachesWaiting.pop();
      const connection = this.parts.connections.at(index);
      if (connection?.phase !== PHASE.ATTACHING || connection.isAttached) continue;
      this.attach(connection, this.parts.clock.nowNs());
      if (connection.isAttached) this.parts.onSettled(connection);
    }
  }

  private onVerdict(
    index: number,
    epoch: number,
    account: GateAccount | undefined,
    askedMs: number,
  ): void {
    const connection = this.parts.connections.find(index, epoch);
    if (connection === undefined) return;
    this.decide(connection, account, askedMs, this.parts.clock.nowNs());
    this.parts.onSettled(connection);
  }

  private decide(
    connection: Connection,
    account: GateAccount | undefined,
    askedMs: number,
    nowNs: number,
  ): void {
    const { remoteAddress } = connection.socket;
    if (account === undefined) {
      const delayMs = this.delays.onFailure(remoteAddress, connection.account, askedMs);
      this.parts.timers.startRefusal(connection, askedMs + delayMs);
      this.parts.connections.enter(connection, PHASE.REFUSED);
      // Who goes gives his place back, and only who is read is seen to go.
      this.parts.closer.forgetInput(connection);
      connection.socket.resumeReading();
      return;
    }
    this.delays.onSuccess(remoteAddress, connection.account);
    this.parts.connections.enter(connection, PHASE.ATTACHING);
    connection.lane = laneOf(account.user, this.parts.lanes.length);
    this.accounts[connection.index] = account;
    this.parts.timers.startIdle(connection, nowNs / 1e6);
    this.attach(connection, nowNs);
  }

  private attach(connection: Connection, nowNs: number): void {
    const { lanes, progress, eventClock } = this.parts;
    const lane = lanes[connection.lane]!;
    const account = this.accounts[connection.index];
    // A DETACH of the same account may wait: it goes first.
    const offset = lane.hasDetachesWaiting ? RING_FULL : lane.claimControl();
    if (offset === RING_FULL || account === undefined) {
      this.attachesWaiting.push(connection.index);
      return;
    }
    const record = this.record.wrap(lane.ring.slots, offset);
    record.start(INBOUND_KIND.ATTACH, connection.index, connection.epoch);
    record.detail = progress.taken(connection.index);
    record.eventNs = eventClock.at(nowNs);
    record.sinceNs = nowNs;
    record.readNs = nowNs;
    record.payloadBytes = this.payload
      .wrap(lane.ring.slots.bytes, record.payloadOffset)
      .write(
        account.user,
        account.firms,
        account.anyFirm,
        connection.requestedSession,
        connection.requestedSequence,
      );
    connection.isAttached = true;
    this.accounts[connection.index] = undefined;
    lane.publish(nowNs);
  }

  private idleTimeoutMs(askedMs: number): number {
    if (askedMs <= 0) return this.parts.idleTimeoutMs;
    return Math.max(IDLE_TIMEOUT_MS_MIN, Math.min(IDLE_TIMEOUT_MS_MAX, askedMs));
  }

  /** Whatever it was meant to be, it may hold a password. */
  private wipe(view: DataView, offset: number, length: number): void {
    for (let index = 0; index < length; index++) view.setUint8(offset + index, 0);
  }
}
