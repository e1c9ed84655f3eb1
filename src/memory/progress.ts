// Credit windows: how many sequenced bytes a lane has released to each connection, and how many of them the
// kernel has taken; and how much of what it asked for the lane holds back. All arrays have one word per connection.
//
//   array    written by   read by   order
//   sent     lane         gate      after the packet's record was claimed; counts up and wraps at 2^32
//   taken    gate         lane      when the kernel has taken the bytes; counts up and wraps at 2^32
//   starved  lane, gate   both      lane sets 1 when the window was full and looks once more; gate clears it
//                                   when half the window is free, adds credit and wakes the lane
//   held     lane         gate      requests that wait behind a mass cancel of the account, at any change
//
// Only SEQUENCED packets count. ATTACH carries `taken` as it stands, and the lane starts `sent` there. What it holds
// back belongs to the account: an ATTACH takes it over.

const ARRAYS = 4;

export const createProgress = (connectionsMax: number): SharedArrayBuffer =>
  new SharedArrayBuffer(connectionsMax * ARRAYS * Int32Array.BYTES_PER_ELEMENT);

export class Progress {
  private readonly words: Int32Array;
  private readonly takenBase: number;
  private readonly starvedBase: number;
  private readonly heldBase: number;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    const connections = this.words.length / ARRAYS;
    this.takenBase = connections;
    this.starvedBase = connections * 2;
    this.heldBase = connections * 3;
  }

  /** Lane: an ATTACH starts the connection's window empty. */
  startSent(connection: number, taken: number): void {
    Atomics.store(this.words, connection, taken);
    Atomics.store(this.words, this.starvedBase + connection, 0);
  }
  /** Lane. */
  addSent(connection: number, bytes: number): void {
    Atomics.add(this.words, connection, bytes);
  }
  /** Gate. */
  addTaken(connection: number, bytes: number): void {
    Atomics.add(this.words, this.takenBase + connection, bytes);
  }
  taken(connection: number): number {
    return Atomics.load(this.words, this.takenBase + connection);
  }
  /** Bytes released by the lane and not yet taken by the kernel. */
  inFlight(connection: number): number {
    return (
      (Atomics.load(this.words, connection) -
        Atomics.load(this.words, this.takenBase + connection)) |
      0
    );
  }
  /** Lane: the window was full. Look at inFlight() once more after this call. */
  setStarved(connection: number): void {
    Atomics.store(this.words, this.starvedBase + connection, 1);
  }
  /** The lane has more for the connection than its window takes. */
  isStarved(connection: number): boolean {
    return Atomics.load(this.words, this.starvedBase + connection) === 1;
  }
  /** Of all connections. */
  starvedCount(): number {
    let count = 0;
    for (let word = this.starvedBase; word < this.heldBase; word++) {
      count += Atomics.load(this.words, word);
    }
    return count;
  }
  /** Lane. */
  setHeld(connection: number, requests: number): void {
    Atomics.store(this.words, this.heldBase + connection, requests);
  }
  held(connection: number): number {
    return Atomics.load(this.words, this.heldBase + connection);
  }
  /** Either side: true if it was set; it is clear afterwards. */
  clearStarved(connection: number): boolean {
    return (
      Atomics.load(this.words, this.starvedBase + connection) === 1 &&
      Atomics.exchange(this.words, this.starvedBase + connection, 0) === 1
    );
  }
}
