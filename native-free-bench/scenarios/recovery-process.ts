// A process that starts a lane on a journal, once, as the gateway does: the lane's own worker, with the start script's
// flags. It says how long that took, and ends. Started by recovery.ts.

import { startClock } from "../../src/base/clock.ts";
import { startLane } from "../../src/gate/lane-workers.ts";
import { createCounters, LANE_COUNTERS } from "../../src/memory/counters.ts";
import { openDoorbell } from "../../src/memory/doorbell.ts";
import { createJournalBlock, JournalBlock } from "../../src/memory/journal-block.ts";
import { createLaneSignal, LaneSignal } from "../../src/memory/lane-signal.ts";
import type { LaneRecovered } from "../../src/memory/lane-worker-data.ts";
import { createProgress } from "../../src/memory/progress.ts";
import { createRing } from "../../src/memory/ring-layout.ts";
import { RingProducer } from "../../src/memory/ring-producer.ts";
import { leaveSignalsToParent } from "../harness/interruption.ts";

export interface RecoveryOrder {
  readonly laneDirectory: string;
  readonly session: string;
  readonly build: string;
  readonly segmentBytes: number;
  readonly outboxBytesMax: number;
}

export interface RecoveryRun {
  readonly recovered: LaneRecovered;
  /** From the start of the lane's thread to its word that it stands. */
  readonly elapsedMs: number;
  /** Records a second in the first and in the last quarter of what was replayed; NaN when that was little. */
  readonly firstQuarterRate: number;
  readonly lastQuarterRate: number;
  readonly residentBytesMax: number;
}

const LOOK_MS = 5;
const SLOTS = 4096;

process.on("message", (order: RecoveryOrder) => void run(order));
leaveSignalsToParent();
process.on("disconnect", () => process.exit());

async function run(order: RecoveryOrder): Promise<void> {
  const { outboxBytesMax, ...journal } = order;
  const { baseNs } = startClock();
  const block = createJournalBlock();
  const [inbound, outbound] = [createRing(SLOTS), createRing(SLOTS)];
  const signal = createLaneSignal();
  const doorbell = openDoorbell();
  const pace = new Pace(new JournalBlock(block));
  const lane = startLane(
    {
      lane: 0,
      inbound,
      outbound,
      signal,
      progress: createProgress(1),
      counters: createCounters(LANE_COUNTERS),
      doorbell: doorbell.transfer,
      baseNs,
      windowBytes: 65_536,
      batchMax: 256,
      outboxBytesMax,
      journal: {
        directory: journal.laneDirectory,
        crashDirectory: journal.laneDirectory,
        session: journal.session,
        build: journal.build,
        durability: "process-crash",
        segmentBytes: journal.segmentBytes,
        block,
      },
      spinNs: 0,
      parkMsMax: 10,
    },
    doorbell.transferList,
    { inbound: new RingProducer(inbound), signal: new LaneSignal(signal) },
    console,
  );
  const recovered = await lane.recovered;
  const result: RecoveryRun = {
    recovered,
    ...pace.end(recovered.records - recovered.recordsReplayed),
    residentBytesMax: process.resourceUsage().maxRSS * 1024,
  };
  await lane.stop();
  doorbell.close();
  process.send?.(result, () => process.disconnect());
}

/** When how many records had been replayed, as the lane says itself every now and then. */
class Pace {
  private readonly block: JournalBlock;
  private readonly startMs = performance.now();
  private readonly looks: { readonly ms: number; readonly records: number }[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(block: JournalBlock) {
    this.block = block;
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  end(
    recordsBefore: number,
  ): Pick<RecoveryRun, "elapsedMs" | "firstQuarterRate" | "lastQuarterRate"> {
    clearInterval(this.timer);
    this.look();
    const replayed = (this.looks.at(-1)?.records ?? 0) - recordsBefore;
    return {
      elapsedMs: performance.now() - this.startMs,
      firstQuarterRate: this.rateBetween(recordsBefore, recordsBefore + replayed / 4),
      lastQuarterRate: this.rateBetween(recordsBefore + (replayed * 3) / 4, Infinity),
    };
  }

  private rateBetween(from: number, to: number): number {
    const looks = this.looks.filter(({ records }) => records > from && records <= to);
    const [first, last] = [looks[0], looks.at(-1)];
    if (first === undefined || last === undefined || last.records === first.records) return NaN;
    return ((last.records - first.records) * 1000) / (last.ms - first.ms);
  }

  private look(): void {
    const { recoveredRecords: records } = this.block;
    if (records === this.looks.at(-1)?.records) return;
    this.looks.push({ ms: performance.now(), records });
  }
}
