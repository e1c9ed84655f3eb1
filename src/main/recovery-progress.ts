// Says each second how far a recovery is, and at its end what it found: whoever waits for the port wants to know for
// how long. Main thread.

import type { Clock } from "../base/clock.ts";
import type { Log } from "../gate/gate-config.ts";
import type { JournalBlock } from "../memory/journal-block.ts";
import type { LaneRecovered } from "../memory/lane-worker-data.ts";

const LOOK_INTERVAL_MS = 100;
const NS_PER_SECOND = 1e9;

export class RecoveryProgress {
  private readonly blocks: readonly JournalBlock[];
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly timer: NodeJS.Timeout;
  private latest: number[];
  private toldNs: number;

  constructor(blocks: readonly JournalBlock[], clock: Clock, log: Log) {
    this.blocks = blocks;
    this.clock = clock;
    this.log = log;
    this.toldNs = clock.nowNs();
    this.latest = blocks.map(() => 0);
    this.timer = setInterval(this.look, LOOK_INTERVAL_MS);
  }

  /** For a lane that keeps this thread busy all the while, too: no timer runs then. */
  readonly look = (): void => {
    const elapsedNs = this.clock.nowNs() - this.toldNs;
    if (elapsedNs < NS_PER_SECOND) return;
    this.toldNs += elapsedNs;
    this.tellProgress(elapsedNs / NS_PER_SECOND);
  };

  stop(): void {
    clearInterval(this.timer);
  }

  /** What one lane's recovery came to. */
  tell(recovered: LaneRecovered): void {
    const { lane, records, recordsReplayed, checkpointSegment, elapsedMs } = recovered;
    if (recovered.checkpointRefusal !== "") {
      this.log.warn("checkpoint-not-used", { lane, reason: recovered.checkpointRefusal });
    }
    if (recovered.tornBytes > 0) {
      this.log.warn("journal-torn", {
        lane,
        file: recovered.tornFile,
        bytesCut: recovered.tornBytes,
        reason:
          "what stands behind the last whole batch is cut off: of a batch that was not finished nobody was told; if more was lost, login-ahead will say so",
      });
    }
    if (records === 0) return;
    this.log.info("recovered", {
      lane,
      records,
      recordsReplayed,
      checkpointSegment,
      elapsedMs: Math.round(elapsedMs),
    });
  }

  private tellProgress(seconds: number): void {
    this.blocks.forEach((block, lane) => {
      const records = block.recoveredRecords;
      const { recoveredBytes, recoveryBytes } = block;
      const percent = recoveryBytes === 0 ? 0 : Math.floor((recoveredBytes / recoveryBytes) * 100);
      const recordsPerSecond = Math.round((records - (this.latest[lane] ?? 0)) / seconds);
      this.latest[lane] = records;
      this.log.info("recovering", { lane, records, percent, recordsPerSecond });
    });
  }
}
