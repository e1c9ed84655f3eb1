// What the keeper does for the lanes of one session (E31): segments staged ahead, an eye on the disk, checkpoints. All
// that blocks or takes long and that no lane may wait for. Keeper thread.

import { getHeapStatistics } from "node:v8";
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { Files } from "../journal/files.ts";
import { JournalBlock, SHORTAGE } from "../memory/journal-block.ts";
import type {
  KeeperLaneData,
  KeeperLaneStatus,
  KeeperMessage,
  KeeperWorkerData,
} from "../memory/keeper-worker-data.ts";
import { readTid } from "../memory/thread-block.ts";
import { Checkpointer, type Shadows } from "./checkpointer.ts";
import { DiskSpace } from "./disk-space.ts";
import { gentleFiles } from "./gentle-files.ts";
import { SegmentStager } from "./segment-stager.ts";

export interface KeeperOptions {
  readonly data: KeeperWorkerData;
  readonly files: Files;
  readonly clock: Clock;
  /** See CheckpointerOptions. */
  readonly cpuMs: () => number;
  readonly tell: (message: KeeperMessage) => void;
  /** See CheckpointerOptions. */
  readonly shadows: () => Shadows | undefined;
  /** A segment is about to be the lane's. */
  readonly onHandOver?: ((descriptor: number) => void) | undefined;
  /** Does nothing for so long: the lanes have the better right to the disk. Undefined: no pauses within a checkpoint. */
  readonly pause?: ((ms: number) => void) | undefined;
  /** A checkpoint after so many records, instead of as many as recoverySecondsMax allows. */
  readonly checkpointRecordsMax?: number;
}

interface KeptLane {
  readonly lane: number;
  readonly block: JournalBlock;
  readonly stager: SegmentStager;
  readonly checkpointer: Checkpointer;
}

const STATUS_EVERY_MS = 1000;
const REASON = "new orders and replaces are refused with 000A; cancels go on while there is room";
const ADVICE = "make room on the disk of journal.dir: trading goes on by itself, and stops without";
const BREATH_MS = 10;

export class Keeper {
  private readonly options: KeeperOptions;
  private readonly disk: DiskSpace;
  private readonly lanes: readonly KeptLane[];
  private readonly tid = readTid();
  private nextStatusMs = 0;

  constructor(options: KeeperOptions) {
    const { data, files, clock } = options;
    this.options = options;
    const directory = data.lanes[0]?.laneDirectory;
    assert(directory !== undefined, "a keeper without lanes");
    this.disk = new DiskSpace(files, clock, directory, data.diskUsedPercentMax);
    this.lanes = data.lanes.map((lane) => this.keep(lane));
  }

  /** Does one bounded piece of all that there is to do. Returns in how many milliseconds there is more. */
  step(): number {
    const urgentMs = this.stageAndLook();
    // A lane that may soon stand still comes first.
    if (urgentMs === 0) return 0;
    let waitMs = urgentMs;
    for (const { checkpointer } of this.lanes) waitMs = Math.min(waitMs, checkpointer.step());
    return waitMs;
  }

  /** The lanes have stopped. */
  close(isSessionOver: boolean): void {
    for (const { stager, checkpointer } of this.lanes) {
      checkpointer.close();
      stager.close(isSessionOver);
    }
  }

  private keep({ lane, laneDirectory, block: memory, firstSegmentToStage }: KeeperLaneData) {
    const { data, files, clock, cpuMs, tell, shadows, checkpointRecordsMax } = this.options;
    const { session, build, segmentBytes, outboxBytesMax, recoverySecondsMax } = data;
    const block = new JournalBlock(memory);
    const place = { files, clock, laneDirectory, block };
    const stager = new SegmentStager({
      ...place,
      segmentBytes,
      firstSegment: firstSegmentToStage,
      onHandOver: this.options.onHandOver,
    });
    const checkpointer = new Checkpointer({
      ...place,
      cpuMs,
      gentleFiles: gentleFiles(files, () => this.breathe()),
      lane,
      session,
      build,
      outboxBytesMax,
      recoverySecondsMax,
      recordsMax: checkpointRecordsMax,
      tell,
      shadows,
    });
    return { lane, block, stager, checkpointer };
  }

  /** Between two pieces of a checkpoint. */
  private breathe(): void {
    if (this.stageAndLook() > 0) this.options.pause?.(BREATH_MS);
  }

  private stageAndLook(): number {
    let waitMs = this.disk.step();
    for (const { stager } of this.lanes) waitMs = Math.min(waitMs, stager.step());
    for (const lane of this.lanes) this.setShortage(lane);
    return Math.min(waitMs, this.tellStatus());
  }

  private setShortage({ lane, block, stager }: KeptLane): void {
    const { isFull, usedPercent } = this.disk;
    const isShort = isFull || stager.hasNoRoom;
    if (isShort === (block.shortage === SHORTAGE.SHORT)) return;
    block.shortage = isShort ? SHORTAGE.SHORT : SHORTAGE.NONE;
    const fields = {
      lane,
      usedPercent: roundedPercent(usedPercent),
      diskUsedPercentMax: this.options.data.diskUsedPercentMax,
      isNextSegmentStaged: !stager.hasNoRoom,
      stagedSegments: block.stagedWaiting,
    };
    const { tell } = this.options;
    if (isShort) {
      const told = { ...fields, reason: REASON, advice: ADVICE };
      tell({ kind: "line", level: "error", event: "disk-short", fields: told });
    } else tell({ kind: "line", level: "info", event: "disk-roomy", fields });
  }

  private tellStatus(): number {
    const nowMs = this.options.clock.nowNs() / 1e6;
    if (nowMs < this.nextStatusMs) return this.nextStatusMs - nowMs;
    this.nextStatusMs = nowMs + STATUS_EVERY_MS;
    this.options.tell({
      kind: "status",
      status: {
        tid: this.tid,
        diskUsedPercent: roundedPercent(this.disk.usedPercent),
        isShort: this.lanes.some(({ block }) => block.shortage === SHORTAGE.SHORT),
        // memoryUsage() opens a file, for which there may be no descriptor.
        heapBytes: getHeapStatistics().used_heap_size,
        lanes: this.lanes.map(statusOf),
      },
    });
    return STATUS_EVERY_MS;
  }
}

const roundedPercent = (percent: number): number => Math.round(percent * 10) / 10;

const statusOf = ({ lane, block, checkpointer }: KeptLane): KeeperLaneStatus => ({
  lane,
  currentSegment: block.currentSegment,
  stagedSegments: block.stagedWaiting,
  checkpointSegment: block.checkpointSegment,
  segmentsBehind: Math.max(0, block.currentSegment - 1 - block.checkpointSegment),
  outboxBytes: checkpointer.outboxBytes,
  recordsPerSecond: checkpointer.recordsPerSecond,
  isCheckpointing: checkpointer.isWorking,
});
