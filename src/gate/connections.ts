// The table of connections. A place is used again when the former connection's socket is closed and its lane has
// handled its DETACH, so that no lane counts towards a window that is somebody else's by then.

import { assert } from "../base/assert.ts";
import { Connection, type ConnectionEvents, PHASE } from "./connection.ts";
import type { GateConfig } from "./gate-config.ts";
import type { GateSocket } from "./gate-socket.ts";

export class Connections {
  private readonly limits: GateConfig["listen"];
  private readonly places: (Connection | undefined)[];
  private readonly freePlaces: number[];
  private readonly perAddress = new Map<string, number>();
  private latestEpoch = 0;
  private pending = 0;
  private live = 0;

  constructor(limits: GateConfig["listen"]) {
    const { connectionsMax } = limits;
    this.limits = limits;
    this.places = new Array<Connection | undefined>(connectionsMax).fill(undefined);
    this.freePlaces = Array.from(
      { length: connectionsMax },
      (_, place) => connectionsMax - 1 - place,
    );
  }

  get openCount(): number {
    return this.places.length - this.freePlaces.length;
  }
  /** Connections that have not logged in. */
  get pendingCount(): number {
    return this.pending;
  }
  /** Connections that are logged in: neither pending nor on their way out. */
  get liveCount(): number {
    return this.live;
  }

  /** A new connection, or undefined when a cap is reached. */
  add(socket: GateSocket, events: ConnectionEvents): Connection | undefined {
    const fromAddress = this.perAddress.get(socket.remoteAddress) ?? 0;
    if (this.pending >= this.limits.pendingMax) return undefined;
    if (fromAddress >= this.limits.perAddressMax) return undefined;
    const index = this.freePlaces.pop();
    if (index === undefined) return undefined;

    this.latestEpoch = (this.latestEpoch + 1) | 0;
    const connection = new Connection(index, this.latestEpoch, socket, events);
    this.places[index] = connection;
    this.perAddress.set(socket.remoteAddress, fromAddress + 1);
    this.pending++;
    return connection;
  }

  /** The connection that holds the place, whatever its phase. */
  at(index: number): Connection | undefined {
    return this.places[index];
  }

  /** The connection that an answer is for, or undefined when it is gone. */
  find(index: number, epoch: number): Connection | undefined {
    const connection = this.places[index];
    if (connection === undefined || connection.epoch !== epoch) return undefined;
    return connection.phase === PHASE.CLOSING ? undefined : connection;
  }

  /** Address and port of the client that is logged in to the account, if there is one. */
  liveFrom(account: string): string | undefined {
    for (const { phase, account: its, socket } of this) {
      if (phase === PHASE.LIVE && its === account) {
        return `${socket.remoteAddress}:${socket.remotePort}`;
      }
    }
    return undefined;
  }

  /** Changes of phase go through here, as the numbers of pending and live ones depend on them. */
  enter(connection: Connection, phase: number): void {
    assert(phase > connection.phase, "phase goes back");
    if (phase >= PHASE.LIVE && connection.phase < PHASE.LIVE) this.pending--;
    if (phase === PHASE.LIVE) this.live++;
    if (connection.phase === PHASE.LIVE) this.live--;
    connection.phase = phase;
  }

  /** Gives the place back. */
  remove(connection: Connection): void {
    assert(this.places[connection.index] === connection, "connection is not in its place");
    assert(connection.phase === PHASE.CLOSING, "connection is still in use");
    const { remoteAddress } = connection.socket;
    const fromAddress = this.perAddress.get(remoteAddress) ?? 0;
    if (fromAddress > 1) this.perAddress.set(remoteAddress, fromAddress - 1);
    else this.perAddress.delete(remoteAddress);
    this.places[connection.index] = undefined;
    this.freePlaces.push(connection.index);
  }

  *[Symbol.iterator](): Generator<Connection> {
    for (const connection of this.places) if (connection !== undefined) yield connection;
  }
}
