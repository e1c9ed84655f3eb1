// Who is attached to each account of a lane, and where its packets stand; delivery.ts acts on it. By account number.

export const NOBODY = -1;

/** Where an account's packets stand. */
export const PLACE = {
  /** Nothing to deliver, or nobody to deliver to. */
  IDLE: 0,
  /** In the live queue: was at the end of its outbox before this batch. */
  LIVE: 1,
  /** In the backlog queue. */
  BACKLOG: 2,
  /** Its window is full; waits for credit. */
  STARVED: 3,
  /** Its next packet must be read from a file first. */
  COLD: 4,
} as const;

const ACCOUNTS_START = 64;

export class Attachments {
  /** The connection, or NOBODY. */
  connections = new Int32Array(ACCOUNTS_START).fill(NOBODY);
  epochs = new Int32Array(ACCOUNTS_START);
  /** PLACE. */
  places = new Uint8Array(ACCOUNTS_START);
  /** 1: the connection is to be closed. */
  closing = new Uint8Array(ACCOUNTS_START);
  /** What lies before this sequence was not written for who is attached now. */
  liveFrom = new Float64Array(ACCOUNTS_START);

  /** Whether anybody is attached, also of an account that nobody ever was. */
  isAttached(account: number): boolean {
    return account < this.connections.length && this.connections[account] !== NOBODY;
  }

  attach(account: number, connection: number, epoch: number, liveFrom: number): void {
    while (account >= this.connections.length) this.grow();
    this.connections[account] = connection;
    this.epochs[account] = epoch;
    this.closing[account] = 0;
    this.liveFrom[account] = liveFrom;
  }

  private grow(): void {
    const accounts = this.connections.length * 2;
    const connections = new Int32Array(accounts).fill(NOBODY);
    const epochs = new Int32Array(accounts);
    const places = new Uint8Array(accounts);
    const closing = new Uint8Array(accounts);
    const liveFrom = new Float64Array(accounts);
    connections.set(this.connections);
    epochs.set(this.epochs);
    places.set(this.places);
    closing.set(this.closing);
    liveFrom.set(this.liveFrom);
    this.connections = connections;
    this.epochs = epochs;
    this.places = places;
    this.closing = closing;
    this.liveFrom = liveFrom;
  }
}
