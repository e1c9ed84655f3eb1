// A lane with its real writer, recovery and keeper on a simulated disk, all in this thread: whoever waits lets the keeper
// work, and time passes by the clock below alone.

import { SEGMENT_BYTES_MIN } from "../../src/journal/journal-layout.ts";
import { JournalWriter } from "../../src/journal/journal-writer.ts";
import { Keeper } from "../../src/keeper/keeper.ts";
import * as shadows from "../../src/keeper/shadow-checkpoints.ts";
import { type Recovery, recover } from "../../src/lane/recovery.ts";
import { INBOUND_KIND } from "../../src/memory/inbound-record.ts";
import { createJournalBlock, JournalBlock } from "../../src/memory/journal-block.ts";
import type { KeeperMessage } from "../../src/memory/keeper-worker-data.ts";
import { LANE_BEHAVIOUR_VERSION } from "../../src/memory/lane-config.ts";
import { LaneRig, laneConfig, SESSION } from "./lane-rig.ts";
import { ManualClock } from "./manual-clock.ts";
import { pushConfig } from "./push-config.ts";
import type { SimulatedDisk } from "./simulated-disk.ts";

export const LANE_DIRECTORY = "/journal/lane-0";
const BUILD = "0123456789abcdef";
const OUTBOX_BYTES = 16 * 2 ** 20;

export class JournaledLane {
  readonly clock = new ManualClock();
  readonly rig = new LaneRig({ isReplay: true });
  readonly recovery: Recovery;
  readonly keeper: Keeper;
  /** What the keeper has to say, without its status. */
  readonly lines: Extract<KeeperMessage, { kind: "line" }>[] = [];
  /** The lane says that it waits for a segment, and lives. */
  onWaiting: () => void = () => {};
  /** False: it gets no turn, whoever waits. */
  isKeeperAlive = true;
  readonly block: JournalBlock;

  /** Stands where the journal on that disk ends; one without records gets its configuration. */
  constructor(disk: SimulatedDisk, durability: "power-loss" | "process-crash" = "power-loss") {
    const memory = createJournalBlock();
    const block = new WaitedBlock(memory, (ms) => this.passMs(ms));
    this.block = block;
    let recovery: Recovery | undefined;
    this.rig.lane.rebuild((parts) => {
      recovery = recover({
        ...parts,
        files: disk,
        laneDirectory: LANE_DIRECTORY,
        lane: 0,
        session: SESSION,
        build: BUILD,
        onProgress: () => undefined,
      });
      const { position, incarnation } = recovery;
      return new JournalWriter({
        files: disk,
        laneDirectory: LANE_DIRECTORY,
        lane: 0,
        session: SESSION,
        build: BUILD,
        behaviourVersion: LANE_BEHAVIOUR_VERSION,
        incarnation,
        durability,
        block,
        position,
        clock: this.clock,
        onWaiting: () => this.onWaiting(),
      });
    });
    if (recovery === undefined) throw new Error("a lane was not rebuilt");
    this.recovery = recovery;
    this.keeper = this.keeperOn(disk, memory);
    if (recovery.records === 0) pushConfig(this.rig, laneConfig());
    else this.rig.push(INBOUND_KIND.RECOVERED, -1, 0, 0);
    this.rig.run();
  }

  /** Time passes, and the keeper works in it. */
  passMs(ms: number): void {
    const endNs = this.clock.nowNs() + ms * 1e6;
    while (this.clock.nowNs() < endNs) {
      const leftMs = (endNs - this.clock.nowNs()) / 1e6;
      const waitMs = this.isKeeperAlive ? this.keeper.step() : leftMs;
      this.clock.advanceMs(Math.min(Math.max(waitMs, 1), leftMs));
    }
  }

  private keeperOn(disk: SimulatedDisk, block: SharedArrayBuffer): Keeper {
    const firstSegmentToStage = this.recovery.position.segment + 1;
    return new Keeper({
      shadows: () => shadows,
      data: {
        baseNs: 0n,
        session: SESSION,
        lanes: [{ lane: 0, laneDirectory: LANE_DIRECTORY, block, firstSegmentToStage }],
        segmentBytes: SEGMENT_BYTES_MIN,
        diskUsedPercentMax: 90,
        recoverySecondsMax: 30,
        build: BUILD,
        outboxBytesMax: OUTBOX_BYTES,
      },
      files: disk,
      clock: this.clock,
      cpuMs: () => this.clock.nowNs() / 1e6,
      tell: (message) => {
        if (message.kind === "line") this.lines.push(message);
      },
    });
  }
}

class WaitedBlock extends JournalBlock {
  private readonly passMs: (ms: number) => void;

  constructor(memory: SharedArrayBuffer, passMs: (ms: number) => void) {
    super(memory);
    this.passMs = passMs;
  }
  override waitForStaged(msMax: number): void {
    this.passMs(msMax);
  }
}
