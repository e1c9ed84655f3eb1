// Credit windows: how many sequenced bytes a lane has released to each connection, and how many of them the
// kernel has taken. All three arrays have one word per connection.
//
//   array    written by   read by   order
//   sent     lane         gate      after the packet's record was claimed; counts up and wraps at 2^32
//   taken    gate         lane      when the kernel has taken the bytes; counts up and wraps at 2^32
//   starved  lane, gate   both      lane sets 1 when the window was full and looks once more; gate clears it
//                                   when half the window is free, adds credit and wakes the lane
//
// Only SEQUENCED packets count. ATTACH carries `taken` as it stands, and the lane starts `sent` there.

export const createProgress = (connectionsMax: number): SharedArrayBuffer =>
  new SharedArrayBuffer(connectionsMax * 3 * Int32Array.BYTES_PER_ELEMENT);

export class Progress {
  private readonly words: Int32Array;
  private readonly takenBase: number;
  private readonly starvedBase: number;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    const connections = this.words.length / 3;
    this.takenBase = connections;
    this.starvedBase = connections * 2;
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
    for (let word = this.starvedBase; word < this.words.length; word++) {
      count += Atomics.load(this.words, word);
    }
    return count;
  }
  /** Either side: true if it was set; it is clear afterwards. */
  clearStarved(connection: number): boolean {
    return (
      Atomics.load(this.words, this.starvedBase + connection) === 1 &&
      Atomics.exchange(this.words, this.starvedBase + connection, 0) === 1
    );
  }
}
