// What the gate needs of the configuration. The gateway's own configuration has this shape.

export interface GateConfig {
  readonly listen: {
    readonly host: string;
    /** 0 = any free port. */
    readonly port: number;
    readonly backlog: number;
    readonly connectionsMax: number;
    /** Connections that have not logged in. */
    readonly pendingMax: number;
    readonly perAddressMax: number;
    /** 16 KiB each: input that waits for a login check or for ring room. */
    readonly stashesMax: number;
    /** 4 KiB each: unfinished packets and answers on their way, of all connections together. */
    readonly sendBuffersMax: number;
  };
  readonly session: {
    readonly loginTimeoutMs: number;
    readonly heartbeatIntervalMs: number;
    readonly idleTimeoutMs: number;
    /** Limits the length field of a client's packet. */
    readonly inboundPacketBytesMax: number;
    readonly windowBytes: number;
    readonly sendStallMsMax: number;
    readonly drainMsMax: number;
  };
}

/** An account as the gate knows it. */
export interface GateAccount {
  /** At most six characters, upper case. */
  readonly user: string;
  /** In the clear, or "scrypt$N$r$p$salt$hash". */
  readonly password: string;
  /** The account's own firm first. */
  readonly firms: readonly string[];
  readonly anyFirm: boolean;
}

/** Lines for operators; main makes JSON of them. */
export interface Log {
  info(event: string, fields: LogFields): void;
  warn(event: string, fields: LogFields): void;
  error(event: string, fields: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean>>;
