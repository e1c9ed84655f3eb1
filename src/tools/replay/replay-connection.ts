// One connection of a replay: opens, logs in, sends its chunks when they are due and ends as the captured one did. Steps
// that are due before it can take them wait, with the times at which they were meant. Hot path of the replay.

import {
  ACCOUNT_QUERY_REQUEST_BYTES,
  AccountQueryRequest,
} from "../../protocol/ouch/account-query-request.ts";
import { PACKET_HEADER_BYTES } from "../../protocol/soupbintcp/packet-header.ts";
import {
  SIMPLE_PACKET_BYTES,
  writeClientHeartbeat,
} from "../../protocol/soupbintcp/simple-packets.ts";
import { writeQuery } from "../client/order-messages.ts";
import { OuchSession, type SessionSink } from "../client/session.ts";
import { paceNowNs } from "../driver/pacer.ts";
import { NOWHERE } from "./number-map.ts";
import type { ReplayAccount } from "./replay-account.ts";
import { ENDING, type PlannedConnection, type PlannedQuery } from "./replay-plan.ts";
import { RequestReader } from "./request-reader.ts";

export const PHASE = { WAITING: 0, LOGIN: 1, PRELUDE: 2, OPEN: 3, ENDING: 4, OVER: 5 } as const;

/** A client that has sent nothing for so long says that it lives. */
const SILENCE_NS_MAX = 1e9;

export interface ReplayTarget {
  readonly host: string;
  readonly port: number;
}

/** What a connection asks and tells its run. */
export interface ReplayConnectionSink {
  /** On the replay's time line. */
  nowNs(): number;
  /** When what was captured at that moment is meant to leave. */
  intendedNs(atNs: number): number;
  onRead(): void;
  /** One request but a query left. */
  onSent(intendedNs: number, sentNs: number): void;
  /** One request but a query cannot leave any more: the gateway closed, as it did in the capture. */
  onOmitted(intendedNs: number): void;
  /** Its phase, or what its account waits for, is another. */
  onChanged(): void;
  /** It ended otherwise than it was captured. */
  onLost(connection: ReplayConnection, reason: string): void;
}

export class ReplayConnection implements SessionSink {
  readonly plan: PlannedConnection;
  readonly account: ReplayAccount;
  /** Its place in the plan. */
  readonly place: number;
  phase: number = PHASE.WAITING;
  /** When its end began, on the pace's clock; NaN before. */
  endDueNs = Number.NaN;
  /** Packets that the gateway's close, as captured, left unsent. */
  unsentPackets = 0;
  /** Steps that are due: the opening is the first. */
  private stepsDue = 0;
  private chunk = 0;
  private packetBegun = 0;
  private packetEnded = 0;
  /** It may go once everything is answered. */
  private isFenced = false;
  private isDone = false;
  /** Which login of its account it was; 0 before. */
  private login = 0;
  private readonly sink: ReplayConnectionSink;
  private readonly target: ReplayTarget;
  private readonly predecessor: ReplayConnection | undefined;
  /** Those of the account that wait for this one to be over. */
  private readonly successors: ReplayConnection[] = [];
  private readonly requests = new RequestReader();
  private readonly lastSentNs = new Float64Array(1);
  private session: OuchSession | undefined = undefined;
  private reason = "";
  /** The text that came last, while nothing else has come. */
  private said = "";

  constructor(
    plan: PlannedConnection,
    place: number,
    account: ReplayAccount,
    predecessor: ReplayConnection | undefined,
    target: ReplayTarget,
    sink: ReplayConnectionSink,
  ) {
    this.plan = plan;
    this.place = place;
    this.account = account;
    this.predecessor = predecessor;
    predecessor?.successors.push(this);
    this.target = target;
    this.sink = sink;
  }

  /** Its login was due. */
  get hasBegun(): boolean {
    return this.stepsDue > 0;
  }

  /** All that was due has been done, and what it waits for is not an answer to its login. */
  get isSettled(): boolean {
    if (this.phase === PHASE.OVER) return true;
    if (this.stepsDue === 0) return true;
    return this.phase === PHASE.OPEN && this.chunk === this.stepsDue - 1;
  }

  /** Another step is due. */
  step(): void {
    this.stepsDue++;
    this.advance();
  }

  /** Does what is due and can be done. */
  advance(): void {
    const chunkCount = this.plan.chunkEnds.length;
    if (this.phase === PHASE.WAITING && this.stepsDue > 0) this.open();
    if (this.phase !== PHASE.OPEN) return;
    while (this.chunk < chunkCount && this.chunk + 1 < this.stepsDue) this.sendChunk();
    if (this.chunk === chunkCount && this.stepsDue === chunkCount + 2) {
      // Whether a question or a Logout still comes before the other login is a race that nobody asked for.
      if (this.plan.isTakenOver) this.awaitEnd();
      else this.beginEnd(this.plan.isFenceAdded);
    }
  }

  /** Its next step could be done at once, or never: steps of a connection that is over are passed over. */
  get isReady(): boolean {
    if (this.phase === PHASE.OVER) return true;
    return this.stepsDue === 0 || (this.phase === PHASE.OPEN && this.isSettled);
  }

  /** Asks what became of requests that OUCH may have left unanswered. False: half a packet is in the way. */
  askAgain(): boolean {
    const { account } = this;
    if (this.phase !== PHASE.OPEN || !account.tracker.isHeldUp) return true;
    if (!this.isBetweenPackets) return false;
    this.askMore();
    return true;
  }

  private askMore(): void {
    const { account } = this;
    if (!this.isLatest || !account.tracker.isHeldUp) return;
    account.tracker.forget(account.spareQuery);
    this.sendQuery(account.spareQuery, 0, this.sink.nowNs());
    this.flush();
  }

  /** Ends the waiting for answers that do not come. */
  giveUpWaiting(): void {
    if (this.phase === PHASE.ENDING && !this.isDone) this.end();
  }

  /** Whatever it does, it is over. */
  destroy(): void {
    this.phase = PHASE.OVER;
    this.session?.close("the replay is over");
  }

  /** The replay ends before its time: what is under way is still answered, what is not is left. */
  breakOff(): void {
    const { phase, isFenced } = this;
    // Who was to be taken over ends by himself now.
    const isUp = phase === PHASE.OPEN || (phase === PHASE.ENDING && !isFenced);
    if (isUp && this.isBetweenPackets) this.beginEnd(true);
    else if (phase !== PHASE.ENDING) {
      if (phase === PHASE.PRELUDE) this.account.tracker.doubtAll();
      this.destroy();
    }
  }

  /** `nowNs` is the pace's. */
  heartbeat(nowNs: number): void {
    const { session } = this;
    if (session === undefined || !session.isUp || session.socket.writableEnded) return;
    // Between two packets only: a chunk may have ended in the middle of one.
    if (!this.isBetweenPackets || this.phase === PHASE.OVER) return;
    if (nowNs - this.lastSentNs[0]! < SILENCE_NS_MAX) return;
    session.sendBytes(HEARTBEAT);
    this.flush();
  }

  // -- steps ---------------------------------------------------------------------------------------------------

  private open(): void {
    const { account, predecessor, target } = this;
    if (predecessor?.isInTheWay) return;
    this.phase = PHASE.LOGIN;
    this.session = new OuchSession({ ...target, sendsHeartbeats: false }, this);
    // The first login begins at the live end; a later one goes on where the last stopped, so that no answer is missed.
    this.session.login({
      userName: account.user,
      password: account.password,
      requestedSession: account.sessionId,
      requestedSequence: account.nextSequence,
    });
  }

  /** Whoever logs in behind it has to wait: until it is over, or, to take it over, until it has logged in and sent what it should have. */
  private get isInTheWay(): boolean {
    return this.plan.isTakenOver ? this.phase < PHASE.OPEN : this.phase !== PHASE.OVER;
  }

  /** No later connection of the account has logged in. */
  private get isLatest(): boolean {
    return this.login === this.account.logins;
  }

  private get isBetweenPackets(): boolean {
    return this.packetBegun === this.packetEnded;
  }

  private sendPrelude(): void {
    this.phase = PHASE.PRELUDE;
    const nowNs = this.sink.nowNs();
    for (const { request, channel } of this.plan.prelude) this.sendQuery(request, channel, nowNs);
    this.flush();
    this.lookAtPrelude();
  }

  private lookAtPrelude(): void {
    const isAnswered = ({ request }: PlannedQuery): boolean => this.account.isConfirmed(request);
    if (!this.plan.prelude.every(isAnswered)) return;
    this.phase = PHASE.OPEN;
    this.advance();
    for (const successor of this.successors) successor.advance();
    this.sink.onChanged();
  }

  private sendChunk(): void {
    const { plan, session, account, sink, chunk } = this;
    if (session === undefined) return;
    const { stream, view, packets, chunkEnds } = plan;
    const from = chunk === 0 ? 0 : (chunkEnds[chunk - 1] ?? 0);
    const to = chunkEnds[chunk] ?? from;
    this.chunk++;
    for (; ; this.packetBegun++) {
      const packet = packets[this.packetBegun];
      if (packet === undefined || packet.start >= to) break;
      if (packet.request === NOWHERE) continue;
      const request = account.numbered(packet.request);
      this.requests.renumber(view, packet.start + PACKET_HEADER_BYTES, request);
    }
    const sentNs = sink.nowNs();
    // Without a schedule it is meant to leave when it does, not when the clock is looked at again.
    const intendedNs = Math.min(sink.intendedNs(plan.chunkAtNs[chunk] ?? 0), sentNs);
    for (; ; this.packetEnded++) {
      const packet = packets[this.packetEnded];
      if (packet === undefined || packet.end > to) break;
      if (packet.request === NOWHERE) continue;
      account.onSent(packet.request, intendedNs, sentNs);
      if (!account.isQuery(packet.request)) sink.onSent(intendedNs, sentNs);
      // Nobody reads it: the gateway closes what is taken over.
      if (!this.isLatest) account.tracker.drop(packet.request);
    }
    session.sendBytes(stream.subarray(from, to));
    this.flush();
  }

  private awaitEnd(): void {
    this.phase = PHASE.ENDING;
    this.endDueNs = paceNowNs();
  }

  private beginEnd(isFenceAdded: boolean): void {
    this.awaitEnd();
    // What is in doubt since this one took over is known only then.
    if (isFenceAdded || this.account.tracker.isHeldUp) {
      this.sendQuery(this.plan.fence, 0, this.sink.nowNs());
      this.flush();
    }
    this.isFenced = true;
    this.lookAtEnd();
  }

  /** Everything that was asked is answered or explained: the connection may go. */
  private lookAtEnd(): void {
    if (!this.isFenced || this.isDone) return;
    if (this.account.tracker.waiting === 0) this.end();
    else this.askMore();
  }

  private end(): void {
    const { session } = this;
    this.isDone = true;
    if (session === undefined || session.isClosed) return;
    if (this.plan.ending === ENDING.CLIENT_FIN) session.socket.end();
    else if (this.plan.ending === ENDING.CLIENT_CLOSE) session.close("as captured");
    else session.logout();
  }

  private sendQuery(request: number, channel: number, nowNs: number): void {
    const { session } = this;
    if (session === undefined) return;
    this.account.onQuerySent(request, channel, nowNs);
    if (!this.isLatest) this.account.tracker.drop(request);
    const offset = session.claimMessage();
    if (channel === 0) {
      new AccountQueryRequest().wrap(session.sendView, offset).start();
      session.commitMessage(offset, ACCOUNT_QUERY_REQUEST_BYTES);
    } else {
      const tags = { USER_REF_IDX: channel };
      session.commitMessage(offset, writeQuery(session.sendView, offset, { tags }));
    }
  }

  private flush(): void {
    this.lastSentNs[0] = paceNowNs();
    this.session?.flush();
  }

  // -- SessionSink ---------------------------------------------------------------------------------------------

  onRead(): void {
    // A text says why a connection ends when it is the last of it; before a login, when it is of the login.
    if (this.phase !== PHASE.LOGIN) this.said = "";
    this.sink.onRead();
  }

  onLoginAccepted(session: string, sequence: number): void {
    this.account.onLoginAccepted(session, sequence);
    this.login = this.account.logins;
    this.sendPrelude();
  }

  onLoginRejected(reason: number): void {
    this.reason = `login refused, reason ${String.fromCharCode(reason)}`;
    if (this.said !== "") this.reason += `: ${this.said}`;
    // A gateway is to close now; who waits for one that does not learns nothing more.
    this.session?.close(this.reason);
  }

  onMessage(
    sequence: number,
    _bytes: Buffer,
    view: DataView,
    offset: number,
    messageBytes: number,
  ): void {
    this.said = "";
    this.account.onMessage(sequence, view, offset, messageBytes);
    if (this.phase === PHASE.PRELUDE) this.lookAtPrelude();
    else if (this.phase === PHASE.ENDING) this.lookAtEnd();
  }

  onDebug(text: string): void {
    // What became of one request says nothing about why a connection ends; another text may.
    if (!text.startsWith("ignored ")) this.said = text;
  }

  onEndOfSession(): void {
    this.reason = "the session ended";
  }

  onClosed(reason: string): void {
    const { phase } = this;
    if (phase === PHASE.OVER) return;
    this.phase = PHASE.OVER;
    if (this.isLatest) this.account.isOpen = false;
    const said = this.said === "" ? reason : `the gateway said: ${this.said}`;
    const why = this.session?.violation || this.reason || said;
    if (!this.isDone) this.onClosedEarly(why, phase >= PHASE.OPEN);
    for (const successor of this.successors) successor.advance();
    this.sink.onChanged();
  }

  private onClosedEarly(reason: string, hasOpened: boolean): void {
    const { plan, account } = this;
    const isAsCaptured =
      plan.isTakenOver ||
      (plan.ending === ENDING.SERVER && this.packetEnded >= plan.packetsAnswered);
    // Nobody takes over, and no captured packet was the reason, before that.
    if (!isAsCaptured || !hasOpened) {
      this.sink.onLost(this, reason);
      return;
    }
    this.omitPackets();
    // What it did not hear, the account's next connection will; without one nobody does.
    if (!plan.isFollowed) account.tracker.explainAll();
    else if (this.isLatest) account.tracker.doubtAll();
  }

  private omitPackets(): void {
    const { plan, account, sink } = this;
    const { packets, chunkEnds, chunkAtNs } = plan;
    this.unsentPackets = packets.length - this.packetEnded;
    let chunk = this.chunk;
    for (const { request, end } of packets.slice(this.packetEnded)) {
      while ((chunkEnds[chunk] ?? end) < end) chunk++;
      if (request === NOWHERE || account.isQuery(request)) continue;
      sink.onOmitted(sink.intendedNs(chunkAtNs[chunk] ?? 0));
    }
  }
}

const HEARTBEAT = new Uint8Array(SIMPLE_PACKET_BYTES);
writeClientHeartbeat(new DataView(HEARTBEAT.buffer), 0);
