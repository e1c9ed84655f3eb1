// Which requests wait for an answer, in the order of their sending: a chain over typed arrays, so that one in the middle
// leaves as cheaply as the first.

import { NOWHERE } from "./number-map.ts";

export class WaitingList {
  count = 0;
  first = NOWHERE;
  private last = NOWHERE;
  private readonly nexts: Int32Array;
  private readonly previous: Int32Array;
  private readonly members: Uint8Array;

  constructor(requestsMax: number) {
    this.nexts = new Int32Array(requestsMax).fill(NOWHERE);
    this.previous = new Int32Array(requestsMax).fill(NOWHERE);
    this.members = new Uint8Array(requestsMax);
  }

  has(request: number): boolean {
    return this.members[request] === 1;
  }

  /** The one behind it, or NOWHERE. */
  next(request: number): number {
    return this.nexts[request]!;
  }

  join(request: number): void {
    this.count++;
    this.members[request] = 1;
    this.previous[request] = this.last;
    this.nexts[request] = NOWHERE;
    if (this.last === NOWHERE) this.first = request;
    else this.nexts[this.last] = request;
    this.last = request;
  }

  leave(request: number): void {
    this.count--;
    this.members[request] = 0;
    const before = this.previous[request]!;
    const behind = this.nexts[request]!;
    if (before === NOWHERE) this.first = behind;
    else this.nexts[before] = behind;
    if (behind === NOWHERE) this.last = before;
    else this.previous[behind] = before;
  }
}
