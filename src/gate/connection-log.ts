// What happens to connections, for the order log: who logs in, who is refused, who goes and why. Main thread; rare
// against orders, so it reads the clock by itself.

import type { Clock } from "../base/clock.ts";
import type { GateLog, LoggedConnection } from "../telemetry/gate-log.ts";
import type { Connection } from "./connection.ts";
import type { GateSocket } from "./gate-socket.ts";

export class ConnectionLog {
  private readonly log: GateLog | undefined;
  private readonly clock: Clock;

  /** Without a log nothing is recorded. */
  constructor(log: GateLog | undefined, clock: Clock) {
    this.log = log;
    this.clock = clock;
  }

  /** A cap was reached, or we are closing. */
  onTurnedAway(socket: GateSocket): void {
    this.log?.connectionRefused(addressOf(socket), this.clock.nowNs());
  }
  onLogin(connection: Connection): void {
    this.log?.login(loggedOf(connection), this.clock.nowNs());
  }
  /** `refusal` of LOGIN_REFUSAL. */
  onLoginRefused(connection: Connection, refusal: number): void {
    this.log?.loginRefused(loggedOf(connection), refusal, this.clock.nowNs());
  }
  /** `reason` of DETACH_REASON. */
  onLeave(connection: Connection, reason: number): void {
    this.log?.disconnect(loggedOf(connection), reason, this.clock.nowNs());
  }
}

const addressOf = ({ remoteAddress, remotePort }: GateSocket): string =>
  `${remoteAddress}:${remotePort}`;

/** The name is the client's own word: cut to what a name may have, whatever he sent. */
const loggedOf = ({ epoch, index, account, socket }: Connection): LoggedConnection => ({
  epoch,
  index,
  account,
  address: addressOf(socket),
});
