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
  private readonly waitsForRoom: Uint8Array; // by connection: 1 = for the ring's, and not for its share alone
  private roomCount = 0; // of these

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
    this.waitsForRoom = new Uint8Array(connectionsMax);
  }

  /** The ring was full and not all who waited for it then have had their turn: a socket that was just read must wait. */
  get isFull(): boolean {
    return this.roomCount > 0;
  }

  get waitingCount(): number {
    return this.waiting.count;
  }

  /** The connection holds input that found no room; `why` is what claiming a slot gave. */
  wait(connection: Connection, why: number): void {
    this.waiting.push(connection.index);
    if (this.waiting.count === 1) this.lane.signal.isGateWaiting = true;
    if (why !== OVER_QUOTA) this.noteRoom(connection.index, 1);
    this.pressure?.note(this.waiting.count);
  }

  /** After the lane may have handed slots back. */
  resume(resumer: Resumer): void {
    const hasWaited = this.waiting.count > 0;
    let passes = Math.min(this.waiting.count, RESUMES_MAX);
    // Whoever has his turn finds room for something, or he would lose it to the next.
    while (passes-- > 0 && this.lane.isHalfEmpty() && this.lane.hasRoom()) {
      const index = this.waiting.pop();
      this.noteRoom(index, 0);
      const connection = this.connections.at(index);
      if (connection === undefined || !connection.isHeld) continue;
      if (!connection.isAttached || !this.lane.hasShare(index)) this.waiting.push(index);
      else resumer.resume(connection);
    }
    if (this.waiting.count === 0 && hasWaited) this.lane.signal.isGateWaiting = false;
    this.pressure?.note(this.waiting.count);
  }

  private noteRoom(index: number, waits: 0 | 1): void {
    this.roomCount += waits - this.waitsForRoom[index]!;
    this.waitsForRoom[index] = waits;
  }
}
