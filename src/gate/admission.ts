// Sockets that wait for room in a lane's ring. Once the ring was full everybody waits behind those who wait already;
// they go on in turn when half of it is free. A connection that has used up its own share waits without holding up
// others.

import type { BackPressure } from "./back-pressure.ts";
import type { Connection } from "./connection.ts";
import type { Connections } from "./connections.ts";
import { type InboundLane, OVER_QUOTA } from "./inbound-lane.ts";
import { IndexQueue } from "./index-queue.ts";

/** Sockets that go on in one pass; the others in the next. */
const RESUMES_MAX = 64;

export interface Resumer {
  resume(connection: Connection): void;
}

export class Admission {
  private readonly lane: InboundLane;
  private readonly connections: Connections;
  private readonly waiting: IndexQueue;
  private readonly pressure: BackPressure | undefined;
  /** The ring was full and not all who waited then have gone on: a socket that was just read must wait. */
  isFull = false;

  constructor(
    lane: InboundLane,
    connections: Connections,
    connectionsMax: number,
    pressure?: BackPressure,
  ) {
    this.lane = lane;
    this.connections = connections;
    this.pressure = pressure;
    this.waiting = new IndexQueue(connectionsMax);
  }

  get waitingCount(): number {
    return this.waiting.count;
  }

  /** The connection holds input that found no room; `why` is what claiming a slot gave. */
  wait(connection: Connection, why: number): void {
    this.waiting.push(connection.index);
    if (this.waiting.count === 1) this.lane.signal.isGateWaiting = true;
    if (why !== OVER_QUOTA) this.isFull = true;
    this.pressure?.note(this.waiting.count);
  }

  /** After the lane may have handed slots back. */
  resume(resumer: Resumer): void {
    const hasWaited = this.waiting.count > 0;
    let passes = Math.min(this.waiting.count, RESUMES_MAX);
    // Whoever has his turn finds room for something, or he would lose it to the next.
    while (passes-- > 0 && this.lane.isHalfEmpty() && this.lane.hasRoom()) {
      const index = this.waiting.pop();
      const connection = this.connections.at(index);
      if (connection === undefined || !connection.isHeld) continue;
      if (!connection.isAttached || !this.lane.hasShare(index)) this.waiting.push(index);
      else resumer.resume(connection);
    }
    if (this.waiting.count === 0) {
      this.isFull = false;
      if (hasWaited) this.lane.signal.isGateWaiting = false;
    }
    this.pressure?.note(this.waiting.count);
  }
}
