// The end of the day as the gate sees it (semantics §8): the lanes cancel what is open while clients log in and cancel
// as ever; then the journals end, and everybody who is logged in hears End of Session behind all that he was owed.
//
// Every step can be taken again, so a restart between any two goes on by taking all of them anew. A client that does
// not read holds up the last steps only, and only to their limits: then he goes without End of Session, for without
// it he knows that he has missed something. Nobody else on his lane does: when those who do not read have gone, the
// lane is soon done with the others, and says so.

import type { Clock } from "../base/clock.ts";
import {
  DETACH_REASON,
  INBOUND_KIND,
  InboundRecord,
  REQUEST_ID,
  ROLL_STEP,
} from "../memory/inbound-record.ts";
import { LOGIN_REFUSAL } from "../memory/outbound-record.ts";
import type { Progress } from "../memory/progress.ts";
import { RING_FULL } from "../memory/ring-producer.ts";
import { LOGIN_REJECT_REASON } from "../protocol/soupbintcp/login-rejected.ts";
import { SIMPLE_PACKET_BYTES, writeEndOfSession } from "../protocol/soupbintcp/simple-packets.ts";
import type { Closer } from "./closing.ts";
import { type Connection, PHASE } from "./connection.ts";
import type { Connections } from "./connections.ts";
import type { EventClock } from "./event-clock.ts";
import type { InboundLane } from "./inbound-lane.ts";
import type { Sender } from "./send.ts";
import { LINGER_MS_MAX } from "./session-timers.ts";

const OVER = "the session is over";
const UNREAD = "the session is over, and its last messages were not read in time";

/** Behind the deadline a lane gets this long to be done with those who read. */
const LAST_WORDS_MS_MAX = 1000;

/** Goodbyes of one tick. */
const DISMISSALS_MAX = 256;

const STAGE = {
  IDLE: 0,
  /** Orders go. As long as it takes: no client can hold it up. */
  CLOSING: 1,
  /** The lanes hand out what is left. Nobody new. */
  ENDING: 2,
  /** End of Session is on its way. */
  LEAVING: 3,
  OVER: 4,
} as const;

const ASKED = { NOT: 0, WAITING: 1, ANSWERED: 2 } as const;

export interface RollParts {
  readonly clock: Clock;
  readonly eventClock: EventClock;
  readonly connections: Connections;
  readonly lanes: readonly InboundLane[];
  readonly progress: Progress;
  readonly sender: Sender;
  readonly closer: Closer;
  readonly drainMsMax: number;
}

export class Roll {
  private readonly parts: RollParts;
  private readonly record = new InboundRecord();
  private readonly endOfSession = Buffer.alloc(SIMPLE_PACKET_BYTES);
  private readonly asked: number[]; // by lane, of the stage's step
  private onRolled: () => void = () => undefined;
  private stage: number = STAGE.IDLE;
  private deadlineMs = 0;
  private lingerMs = 0;

  constructor(parts: RollParts) {
    this.parts = parts;
    this.asked = parts.lanes.map(() => ASKED.NOT);
    const { buffer, byteOffset } = this.endOfSession;
    writeEndOfSession(new DataView(buffer, byteOffset), 0);
  }

  get isRunning(): boolean {
    return this.stage !== STAGE.IDLE;
  }
  /** Newcomers are the next session's. */
  get isEnding(): boolean {
    return this.stage >= STAGE.ENDING;
  }

  start(onRolled: () => void): void {
    if (this.isRunning) return;
    this.onRolled = onRolled;
    this.stage = STAGE.CLOSING;
    this.settle();
  }

  /** Asks the lanes that could not be asked yet. */
  settle(): void {
    if (this.stage === STAGE.CLOSING) this.ask(ROLL_STEP.CLOSE);
    else if (this.stage === STAGE.ENDING) this.ask(ROLL_STEP.END);
  }

  onAnswer(lane: number, requestId: number): void {
    const isWanted =
      (requestId === REQUEST_ID.ROLL_CLOSE && this.stage === STAGE.CLOSING) ||
      (requestId === REQUEST_ID.ROLL_END && this.isEnding);
    if (isWanted) this.asked[lane] = ASKED.ANSWERED;
  }

  onTick(nowMs: number): void {
    if (this.stage === STAGE.CLOSING) {
      if (this.areLanesDone()) this.end(nowMs);
    } else if (this.stage === STAGE.ENDING) {
      if (this.areLanesDone() || nowMs >= this.deadlineMs) this.stage = STAGE.LEAVING;
    } else if (this.stage === STAGE.LEAVING) {
      this.sayGoodbye(nowMs);
    }
  }

  private areLanesDone(): boolean {
    return this.asked.every((asked) => asked === ASKED.ANSWERED);
  }

  private ask(step: number): void {
    const { lanes, clock, eventClock } = this.parts;
    for (let index = 0; index < lanes.length; index++) {
      if (this.asked[index] !== ASKED.NOT) continue;
      const lane = lanes[index]!;
      const offset = lane.claimControl();
      if (offset === RING_FULL) continue;
      const nowNs = clock.nowNs();
      const record = this.record.wrap(lane.ring.slots, offset).start(INBOUND_KIND.ROLL, -1, 0);
      record.detail = step;
      record.eventNs = eventClock.at(nowNs);
      record.sinceNs = nowNs;
      record.readNs = nowNs;
      lane.publish(nowNs);
      this.asked[index] = ASKED.WAITING;
    }
  }

  /** No order is left in any lane. */
  private end(nowMs: number): void {
    const { connections, closer, drainMsMax } = this.parts;
    this.stage = STAGE.ENDING;
    this.deadlineMs = nowMs + drainMsMax;
    this.asked.fill(ASKED.NOT);
    for (const connection of connections) {
      if (connection.phase === PHASE.SILENT) {
        closer.close(connection, DETACH_REASON.DRAIN, OVER, nowMs);
      } else if (connection.phase < PHASE.ATTACHING) {
        this.refuse(connection, nowMs);
      }
    }
    this.settle();
  }

  /** To each when the kernel has taken what he was owed; to all when the time is over. */
  private sayGoodbye(nowMs: number): void {
    const { connections } = this.parts;
    let dismissed = 0;
    let isWaiting = false;
    for (const connection of connections) {
      if (connection.phase === PHASE.CLOSING) continue;
      if (dismissed === DISMISSALS_MAX || this.isToWait(connection, nowMs)) {
        isWaiting = true;
      } else {
        this.dismiss(connection, nowMs);
        dismissed++;
      }
    }
    if (isWaiting || dismissed > 0) this.lingerMs = nowMs + LINGER_MS_MAX;
    if (nowMs >= this.lingerMs) this.abortAll();
    if (connections.openCount > 0 && nowMs < this.lingerMs + LINGER_MS_MAX) return;
    this.stage = STAGE.OVER;
    this.onRolled();
  }

  private refuse(connection: Connection, nowMs: number): void {
    const { SESSION_NOT_AVAILABLE } = LOGIN_REJECT_REASON;
    const { closer } = this.parts;
    closer.reject(connection, SESSION_NOT_AVAILABLE, LOGIN_REFUSAL.SESSION, OVER, nowMs);
  }

  private dismiss(connection: Connection, nowMs: number): void {
    const { closer, sender } = this.parts;
    if (connection.phase < PHASE.LIVE) {
      this.refuse(connection, nowMs);
    } else if (connection.phase === PHASE.LIVE && !this.isLaneDone(connection)) {
      closer.close(connection, DETACH_REASON.STALLED, UNREAD, nowMs);
    } else if (connection.phase === PHASE.LIVE) {
      const { endOfSession } = this;
      if (sender.append(connection, endOfSession, 0, endOfSession.length, 0)) {
        closer.close(connection, DETACH_REASON.DRAIN, "", nowMs);
      } else {
        closer.abort(connection, DETACH_REASON.FORCED, "no send buffer is left");
      }
    }
  }

  private isToWait(connection: Connection, nowMs: number): boolean {
    if (nowMs < this.deadlineMs) return connection.isSending;
    if (connection.phase !== PHASE.LIVE || this.isLaneDone(connection)) return false;
    // Who reads may still be owed something, here or in a file, and only the lane knows.
    const isReading = !connection.isSending && !this.parts.progress.isStarved(connection.index);
    return isReading && nowMs < this.deadlineMs + LAST_WORDS_MS_MAX;
  }

  /** It owes nobody anything. */
  private isLaneDone(connection: Connection): boolean {
    return this.asked[connection.lane] === ASKED.ANSWERED;
  }

  private abortAll(): void {
    const { connections, closer } = this.parts;
    for (const connection of connections) closer.abort(connection, DETACH_REASON.STALLED, "");
  }
}
