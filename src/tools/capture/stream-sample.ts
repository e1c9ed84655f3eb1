// The first bytes of one direction between two ends, put together as far as segments follow each other: whoever writes
// a packet in two pieces, or more at once than a segment holds, sends hardly a segment that begins with one.

import { type Direction, fullPacketsIn } from "./packet-walk.ts";
import type { TcpSegment } from "./tcp-segment.ts";

const SAMPLE_BYTES = 1024;
/** So many packets with a payload, one behind the other, are no accident. */
const SURE_PACKETS = 2;

export class StreamSample {
  private bytes: Buffer = Buffer.alloc(0);
  private next = 0; // the sequence number behind them

  /** A segment with bytes. */
  add({ sequence, payload }: TcpSegment): void {
    const isFirst = this.bytes.length === 0;
    if (this.bytes.length >= SAMPLE_BYTES) return;
    const distance = isFirst ? 0 : (sequence - this.next) | 0;
    const fresh = payload.subarray(Math.max(-distance, 0)).subarray(0, SAMPLE_BYTES);
    // All of it came before.
    if (fresh.length === 0) return;
    // Behind a hole it begins anew.
    const isNext = distance <= 0;
    this.bytes = isNext ? Buffer.concat([this.bytes, fresh]) : Buffer.from(fresh);
    this.next = (sequence + payload.length) >>> 0;
  }

  /** Whether it is surely what such a side says. */
  isOf(direction: Direction): boolean {
    return fullPacketsIn(this.bytes, direction) >= SURE_PACKETS;
  }
}
