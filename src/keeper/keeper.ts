// What the keeper does for the lanes of one session (E31): segments staged ahead, an eye on the disk. All that blocks
// or takes long and that no lane may wait for. Keeper thread.

import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { Files } from "../journal/files.ts";
import { JournalBlock, SHORTAGE } from "../memory/journal-block.ts";
import type {
  KeeperLaneStatus,
  KeeperMessage,
  KeeperWorkerData,
} from "../memory/keeper-worker-data.ts";
import { readTid } from "../memory/thread-block.ts";
import { DiskSpace } from "./disk-space.ts";
import { SegmentStager } from "./segment-stager.ts";

export interface KeeperOptions {
  readonly data: KeeperWorkerData;
  readonly files: Files;
  readonly clock: Clock;
  readonly tell: (message: KeeperMessage) => void;
}

interface KeptLane {
  readonly lane: number;
  readonly block: JournalBlock;
  readonly stager: SegmentStager;
}

const STATUS_EVERY_MS = 1000;

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
    this.lanes = data.lanes.map(({ lane, laneDirectory, block: memory, firstSegmentToStage }) => {
      const block = new JournalBlock(memory);
      const stager = new SegmentStager({
        files,
        clock,
        laneDirectory,
        block,
        segmentBytes: data.segmentBytes,
        firstSegment: firstSegmentToStage,
      });
      return { lane, block, stager };
    });
  }

  /** Does one bounded piece of all that there is to do. Returns in how many milliseconds there is more. */
  step(): number {
    let waitMs = this.disk.step();
    for (const { stager } of this.lanes) waitMs = Math.min(waitMs, stager.step());
    for (const lane of this.lanes) this.setShortage(lane);
    return Math.min(waitMs, this.tellStatus());
  }

  /** The lanes have stopped. */
  close(isSessionOver: boolean): void {
    for (const { stager } of this.lanes) stager.close(isSessionOver);
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
    if (isShort) this.options.tell({ kind: "line", level: "error", event: "disk-short", fields });
    else this.options.tell({ kind: "line", level: "info", event: "disk-roomy", fields });
  }

  private tellStatus(): number {
    const nowMs = this.options.clock.nowNs() / 1e6;
    if (nowMs < this.nextStatusMs) return this.nextStatusMs - nowMs;
    this.nextStatusMs = nowMs + STATUS_EVERY_MS;
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    this.options.tell({
      kind: "status",
      status: {
        tid: this.tid,
        diskUsedPercent: roundedPercent(this.disk.usedPercent),
        isShort: this.lanes.some(({ block }) => block.shortage === SHORTAGE.SHORT),
        memoryBytes: heapUsed + external + arrayBuffers,
        lanes: this.lanes.map(statusOf),
      },
    });
    return STATUS_EVERY_MS;
  }
}

const roundedPercent = (percent: number): number => Math.round(percent * 10) / 10;

const statusOf = ({ lane, block }: KeptLane): KeeperLaneStatus => ({
  lane,
  currentSegment: block.currentSegment,
  stagedSegments: block.stagedWaiting,
  checkpointSegment: block.checkpointSegment,
  segmentsBehind: Math.max(0, block.currentSegment - 1 - block.checkpointSegment),
  recordsPerSecond: 0,
  isCheckpointing: false,
});
