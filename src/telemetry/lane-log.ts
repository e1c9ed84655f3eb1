// A lane's log records: the few facts about orders that nobody else sees. All are kept. Nothing of it is lane state.

import { THREAD } from "./event-record.ts";
import {
  LOG_KIND,
  LOG_RECORD_BYTES,
  LOG_STATUS,
  LOG_WHY,
  writeLogHead,
  writeLogOrder,
} from "./log-record.ts";
import { RECORD_DROPPED, RecordRingWriter } from "./record-ring.ts";

export class LaneLog {
  readonly ring: RecordRingWriter;
  private readonly lane: number;
  private readonly stamps = new Float64Array(2);

  constructor(memory: SharedArrayBuffer, lane: number) {
    this.ring = new RecordRingWriter(memory, LOG_RECORD_BYTES);
    this.lane = lane;
  }

  /** A market order traded so long after it was entered. `nowNs` is of the common clock in all of these. */
  lateFill(account: number, userRefNum: number, nowNs: number, lateNs: number): void {
    this.add(LOG_KIND.LATE_FILL, LOG_STATUS.TIME_OUT, account, userRefNum, nowNs, lateNs);
  }
  /** An order is over. */
  longRest(account: number, userRefNum: number, nowNs: number, restedNs: number): void {
    this.add(LOG_KIND.LONG_REST, LOG_STATUS.TIME_OUT, account, userRefNum, nowNs, restedNs);
  }
  /** A cancel so soon after another one of the same order. */
  cancelAgain(account: number, userRefNum: number, nowNs: number, afterNs: number): void {
    this.add(LOG_KIND.CANCEL_AGAIN, LOG_STATUS.ERROR, account, userRefNum, nowNs, afterNs);
  }

  private add(
    kind: number,
    status: number,
    account: number,
    userRefNum: number,
    nowNs: number,
    deltaNs: number,
  ): void {
    const { ring, stamps } = this;
    const target = ring.claim();
    if (target === RECORD_DROPPED) return;
    const { words } = ring;
    const thread = THREAD.LANE + this.lane;
    stamps[0] = nowNs - deltaNs;
    stamps[1] = nowNs;
    writeLogHead(words, target, kind, thread, status, 0, LOG_WHY.ALWAYS, 0, 0, stamps, 0, 1);
    writeLogOrder(words, target, this.lane, account, userRefNum, -1);
    ring.publish();
  }
}
