// A planned end: nobody new, nothing more is read, what is in the rings is finished, answers leave, then everybody is
// told and closed. Bounded: what has not left by drainMsMax stays behind.

import type { Clock } from "../base/clock.ts";
import {
  COMMAND_CODE,
  DETACH_REASON,
  INBOUND_KIND,
  InboundRecord,
  REQUEST_ID,
} from "../memory/inbound-record.ts";
import { RING_FULL } from "../memory/ring-producer.ts";
import type { Closer } from "./closing.ts";
import { PHASE } from "./connection.ts";
import type { Connections } from "./connections.ts";
import type { EventClock } from "./event-clock.ts";
import type { InboundLane } from "./inbound-lane.ts";

const GOODBYE = "the gateway is shutting down";

const FENCE = { UNSENT: 0, SENT: 1, ANSWERED: 2 } as const;

export interface DrainParts {
  readonly clock: Clock;
  readonly eventClock: EventClock;
  readonly connections: Connections;
  readonly lanes: readonly InboundLane[];
  readonly closer: Closer;
  readonly drainMsMax: number;
}

export class Drain {
  private readonly parts: DrainParts;
  private readonly record = new InboundRecord();
  private readonly fences: number[];
  private onDrained: (() => void) | undefined = undefined;
  private hasStarted = false;
  private hasSaidGoodbye = false;
  private deadlineMs = 0;

  constructor(parts: DrainParts) {
    this.parts = parts;
    this.fences = parts.lanes.map(() => FENCE.UNSENT);
  }

  get isRunning(): boolean {
    return this.hasStarted;
  }

  start(onDrained: () => void): void {
    if (this.hasStarted) return;
    const { clock, connections, closer, drainMsMax } = this.parts;
    const nowMs = clock.nowNs() / 1e6;
    this.hasStarted = true;
    this.onDrained = onDrained;
    this.deadlineMs = nowMs + drainMsMax;
    for (const connection of connections) {
      if (connection.phase < PHASE.ATTACHING) {
        closer.close(connection, DETACH_REASON.DRAIN, GOODBYE, nowMs);
      } else if (connection.phase !== PHASE.CLOSING) {
        connection.socket.pauseReading();
      }
    }
    this.settle();
  }

  /** Asks the lanes that could not be asked yet. */
  settle(): void {
    if (!this.hasStarted) return;
    const { lanes, clock, eventClock } = this.parts;
    for (let index = 0; index < lanes.length; index++) {
      if (this.fences[index] !== FENCE.UNSENT) continue;
      const lane = lanes[index]!;
      const offset = lane.claimControl();
      if (offset === RING_FULL) continue;
      const nowNs = clock.nowNs();
      const record = this.record.wrap(lane.ring.slots, offset).start(INBOUND_KIND.COMMAND, -1, 0);
      record.flags = COMMAND_CODE.FENCE;
      record.detail = REQUEST_ID.DRAIN;
      record.eventNs = eventClock.at(nowNs);
      record.sinceNs = nowNs;
      record.readNs = nowNs;
      lane.publish(nowNs);
      this.fences[index] = FENCE.SENT;
    }
  }

  /** The lane has handled whatever came before the fence, and released its answers. */
  onFence(lane: number, requestId: number): void {
    if (requestId === REQUEST_ID.DRAIN) this.fences[lane] = FENCE.ANSWERED;
  }

  onTick(nowMs: number): void {
    if (!this.hasStarted || this.onDrained === undefined) return;
    const isOver = nowMs >= this.deadlineMs;
    if (!this.hasSaidGoodbye && (isOver || this.areLanesDone())) this.sayGoodbye(nowMs);
    if (!isOver && (!this.hasSaidGoodbye || this.parts.connections.openCount > 0)) return;
    const { onDrained } = this;
    this.onDrained = undefined;
    onDrained();
  }

  private areLanesDone(): boolean {
    return this.fences.every((fence) => fence === FENCE.ANSWERED);
  }

  private sayGoodbye(nowMs: number): void {
    this.hasSaidGoodbye = true;
    for (const connection of this.parts.connections) {
      this.parts.closer.close(connection, DETACH_REASON.DRAIN, GOODBYE, nowMs);
    }
  }
}
