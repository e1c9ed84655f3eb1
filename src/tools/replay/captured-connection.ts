// The client's side of one captured connection: its bytes with the times at which they came and the packets in them,
// how it began and how it ended.

import { CLOSED_BY } from "../../capture/capture-record.ts";
import { NOWHERE } from "./number-map.ts";

/** One packet of the client. */
export interface CapturedPacket {
  readonly type: number;
  /** Its place in the connection's bytes. */
  readonly start: number;
  readonly end: number;
  /** The request of its account that it carries, or NOWHERE. */
  readonly request: number;
}

export class CapturedConnection {
  readonly id: number;
  readonly openedAtNs: number;
  /** When its client asked for a login; that of its opening when nobody saw one. */
  loginAtNs: number;
  readonly isMid: boolean;
  /** Upper case; "" while it is not known. */
  account = "";
  isLoggedIn = false;
  /** That it was let into; "" while nobody has seen the answer to its login. */
  sessionId = "";
  isRefused = false;
  hasAnswers = false;
  /** Of the client's FIN; Infinity when there was none. */
  endedAtNs = Number.POSITIVE_INFINITY;
  /** Infinity when it was open when the capture ended. */
  closedAtNs = Number.POSITIVE_INFINITY;
  closedBy: number = CLOSED_BY.UNKNOWN;
  readonly packets: CapturedPacket[] = [];
  /** Of each chunk: where it ends in the bytes, and when it came. */
  readonly chunkEnds: number[] = [];
  readonly chunkAtNs: number[] = [];
  /** Why the client's bytes end before the connection did; "" when they do not. */
  problem = "";
  private kept = Buffer.alloc(1024);
  private used = 0;

  constructor(id: number, openedAtNs: number, isMid: boolean) {
    this.id = id;
    this.openedAtNs = openedAtNs;
    this.loginAtNs = openedAtNs;
    this.isMid = isMid;
  }

  /** All that the client sent. */
  get bytes(): Buffer {
    return this.kept.subarray(0, this.used);
  }

  get requestCount(): number {
    return this.packets.reduce((sum, { request }) => sum + (request === NOWHERE ? 0 : 1), 0);
  }

  /** Times of packets may go back, where a clock was set: the order of the bytes is what counts. */
  addChunk(chunk: Buffer, atNs: number): void {
    if (this.used + chunk.length > this.kept.length) {
      const larger = Buffer.alloc(2 * (this.used + chunk.length));
      this.kept.copy(larger, 0, 0, this.used);
      this.kept = larger;
    }
    chunk.copy(this.kept, this.used);
    this.used += chunk.length;
    this.chunkEnds.push(this.used);
    this.chunkAtNs.push(Math.max(atNs, this.chunkAtNs.at(-1) ?? atNs));
  }
}
