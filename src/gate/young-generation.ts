// Every connection leaves some 3 KiB of objects, of Node's and ours, that stay. V8 copies them twice before it takes them
// for old, in collections that come when the young generation is full: with the connections of a busy morning in it, one
// of them takes 20 to 45 ms, and the last is in the midst of trading. Collected for every few connections it takes 1 to
// 4 ms each time, and nothing of them is left for later (ops/decisions/0014).

import { type Collect, collector } from "../base/collector.ts";

/** So many connections come between two collections. */
export const CONNECTIONS_PER_COLLECTION = 128;

export class YoungGeneration {
  private readonly collect: Collect | undefined;
  private connections = 0;

  constructor(collect: Collect | undefined = collector()) {
    this.collect = collect;
  }

  /** A connection has come. */
  add(): void {
    this.connections++;
    if (this.connections < CONNECTIONS_PER_COLLECTION) return;
    this.connections = 0;
    this.collect?.({ type: "minor" });
  }
}
