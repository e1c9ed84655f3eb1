// Answers that were written for whoever is attached to an account and have not left for him: when he goes, they are
// undelivered (E3), whoever reads them later. Counted per account and type of request. Lane thread.

import { type CounterWriter, LANE_COUNTERS } from "../memory/counters.ts";
import { REQUEST_TYPES, requestTypeIndex, typeCounter } from "../telemetry/latency-series.ts";

const TYPES = REQUEST_TYPES.length;

export class AnswersOwed {
  private readonly counters: CounterWriter;
  private counts = new Uint32Array(64 * TYPES);

  constructor(counters: CounterWriter) {
    this.counters = counters;
  }

  /** `requestType`: OUCH letter's byte, 0 = the message answers nothing. */
  onWritten(account: number, requestType: number): void {
    if (requestType === 0) return;
    while ((account + 1) * TYPES > this.counts.length) this.grow();
    this.counts[account * TYPES + requestTypeIndex(requestType)]! += 1;
  }
  /** It is in the outbound ring, for him who asked. */
  onReleased(account: number, requestType: number): void {
    if (requestType !== 0) this.counts[account * TYPES + requestTypeIndex(requestType)]! -= 1;
  }
  /** It was written when nobody was there. */
  onNobody(requestType: number): void {
    if (requestType === 0) return;
    this.counters.add(typeCounter(LANE_COUNTERS.undeliveredO, requestType), 1);
  }
  /** He is gone. */
  onGone(account: number): void {
    const first = account * TYPES;
    if (first >= this.counts.length) return;
    for (let type = 0; type < TYPES; type++) {
      const owed = this.counts[first + type]!;
      if (owed > 0) this.counters.add(LANE_COUNTERS.undeliveredO + type, owed);
      this.counts[first + type] = 0;
    }
  }

  private grow(): void {
    const counts = new Uint32Array(this.counts.length * 2);
    counts.set(this.counts);
    this.counts = counts;
  }
}
