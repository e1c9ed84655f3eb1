// The journal of a model's lane on a simulated disk, with the real writer, recovery and keeper around it. It outlives
// the process: it can be made to die before any call to the disk, or right behind a write, and to lose its power then.

import assert from "node:assert/strict";
import type { Digest } from "../../src/base/digest.ts";
import { checkpointPath, checkpointsAmong } from "../../src/journal/journal-names.ts";
import { JournalWriter } from "../../src/journal/journal-writer.ts";
import { Keeper } from "../../src/keeper/keeper.ts";
import * as shadows from "../../src/keeper/shadow-checkpoints.ts";
import { type InputLog, NoInputLog } from "../../src/lane/input-log.ts";
import type { Lane } from "../../src/lane/lane.ts";
import type { SpillOptions } from "../../src/lane/outbox-spill.ts";
import { type Recovery, recover } from "../../src/lane/recovery.ts";
import { createJournalBlock, JOURNAL_COUNT, JournalBlock } from "../../src/memory/journal-block.ts";
import { LANE_BEHAVIOUR_VERSION } from "../../src/memory/lane-config.ts";
import type { SlotMemory } from "../../src/memory/slot-memory.ts";
import { SESSION } from "./lane-rig.ts";
import type { ModelClock } from "./model-clock.ts";
import { Cut, type ModelLog } from "./model-lane.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { type CrashKeep, SimulatedDisk } from "./simulated-disk.ts";

export const DIRECTORY = "/journal/lane";
export const BUILD = "0123456789abcdef";
const KEEPER_OUTBOX_BYTES = 2 ** 20;
const PIECE_MS = 10;

/** Where a death may be planned: in a lane's own calls, or in those about files with such a name. */
type Place = "anywhere" | "commit" | ".staging" | "checkpoint" | "store";
const COMMIT: Place = "commit";
const PLACES: readonly Place[] = [
  ...[COMMIT, COMMIT, COMMIT, COMMIT],
  ...(["anywhere", ".staging", "checkpoint", "store"] as const),
];

export interface CrashJournalOptions {
  readonly lane: number;
  readonly durability: "power-loss" | "process-crash";
  readonly segmentBytes: number;
  /** A checkpoint after so many records. */
  readonly checkpointRecordsMax: number;
  readonly random: SeededRandom;
  readonly clock: ModelClock;
}

/** What has happened to a journal, so that a test can see that it was enough. */
export interface CrashCounts {
  deaths: number;
  powerLosses: number;
  /** Recoveries that cut something off, that began at a checkpoint, that were cut short themselves. */
  torn: number;
  fromCheckpoint: number;
  inRecovery: number;
  segments: number;
}

export const noCrashes = (): CrashCounts => ({
  deaths: 0,
  powerLosses: 0,
  torn: 0,
  fromCheckpoint: 0,
  inRecovery: 0,
  segments: 0,
});

export class CrashJournal {
  readonly disk = new SimulatedDisk(DIRECTORY);
  readonly counts = noCrashes();
  /** The process is dead: it does nothing to the disk any more. */
  isDead = false;
  /** To the disk, so far. */
  calls = 0;
  private readonly options: CrashJournalOptions;
  private callsLeft = Number.POSITIVE_INFINITY;
  private commitsLeft = Number.POSITIVE_INFINITY;
  private place: Place = "anywhere";
  private isCommitting = false;
  private keeper: Keeper | undefined = undefined;
  private block = new JournalBlock(createJournalBlock());
  private isRecovering = false;
  /** What a keeper had to say that none should have to. */
  private readonly complaints: string[] = [];

  constructor(options: CrashJournalOptions) {
    this.options = options;
    this.disk.before = ({ path }) => this.beforeCall(path);
  }

  get isDeathPlanned(): boolean {
    return Math.min(this.callsLeft, this.commitsLeft) < Number.POSITIVE_INFINITY;
  }
  /** Where the lane's outbox goes when memory is short. */
  get spill(): SpillOptions {
    const { disk } = this;
    return {
      files: disk,
      path: `${DIRECTORY}/spill.outbox`,
      storePath: `${DIRECTORY}/store.outbox`,
    };
  }

  /** Dies before one of the next calls to the disk, of any kind or about such files. */
  planDeath(): void {
    const { random } = this.options;
    if (random.chance(5)) {
      this.commitsLeft = 1 + random.below(20);
      return;
    }
    this.place = random.pick(PLACES);
    this.callsLeft = 1 + random.below(this.place === "anywhere" ? 60 : 12);
    // Writes in pieces, so that the death may come between two of them.
    if (!random.chance(3)) this.disk.writeBytesMax = random.pick([50, 100, 700]);
  }

  /** The process is gone, and perhaps the power, which only one durability is made for. */
  crash(losesPower: boolean): void {
    const { random, durability } = this.options;
    const isPowerLoss = losesPower && durability === "power-loss";
    const lost: CrashKeep[] = [{ kind: "synced" }, { kind: "some", random }];
    this.crashTo(isPowerLoss ? random.pick(lost) : { kind: "everything" });
    // Recovery too may be cut short.
    if (random.chance(4)) this.dieAtCall(1 + random.below(60));
  }

  /** The process is gone; of what was not synced, that is left. */
  crashTo(keep: CrashKeep): void {
    this.counts.deaths++;
    if (this.isRecovering) this.counts.inRecovery++;
    if (keep.kind !== "everything") this.counts.powerLosses++;
    this.disk.crash(keep);
    this.isDead = false;
    this.isRecovering = false;
    this.spare();
    this.keeper = undefined;
  }

  /** Dies before the nth call to the disk from here. */
  dieAtCall(call: number): void {
    this.place = "anywhere";
    this.callsLeft = call;
  }

  /** Brings a new lane to where the journal ends. Returns what was found. */
  rebuild(lane: Lane, log: ModelLog): Recovery {
    const { disk } = this;
    this.isRecovering = true;
    let found: Recovery | undefined;
    lane.rebuild((parts) => {
      const recovery = this.recover(disk, parts);
      const { records } = recovery;
      found = recovery;
      assert(records >= log.committed, `${records} records are left of ${log.committed}`);
      assert(records <= log.slots.length, "there are records that nobody has written");
      const { committed } = log;
      log.keep(records);
      // What is found may be in the page cache alone; it counts when something is committed behind it.
      log.committed = committed;
      return this.goOn(recovery, log);
    });
    this.isRecovering = false;
    assert(found !== undefined);
    if (found.tornBytes > 0) this.counts.torn++;
    if (found.checkpointSegment > 0) this.counts.fromCheckpoint++;
    return found;
  }

  /** Brings a lane to where the journal ends by everything that was recorded, on a copy of the disk. */
  replayAll(lane: Lane): Recovery {
    const copy = this.disk.copy();
    for (const segment of checkpointsAmong(copy.list(DIRECTORY))) {
      copy.remove(checkpointPath(DIRECTORY, segment));
    }
    let found: Recovery | undefined;
    lane.rebuild((parts) => {
      found = this.recover(copy, parts);
      return new NoInputLog();
    });
    assert(found !== undefined);
    return found;
  }

  /** The keeper gets a turn. */
  stepKeeper(): void {
    this.keeper?.step();
    assert.deepEqual(this.complaints, []);
  }

  /** Time in which a keeper may have paused. */
  passMs(ms: number): void {
    this.options.clock.passUs(ms * 1000);
  }

  private recover(
    disk: SimulatedDisk,
    parts: Parameters<Parameters<Lane["rebuild"]>[0]>[0],
  ): Recovery {
    return recover({
      ...parts,
      files: disk,
      laneDirectory: DIRECTORY,
      lane: this.options.lane,
      session: SESSION,
      build: BUILD,
      onProgress: () => undefined,
    });
  }

  private goOn({ position, incarnation }: Recovery, log: ModelLog): InputLog {
    const { disk } = this;
    const { lane, clock, durability, segmentBytes } = this.options;
    const memory = createJournalBlock();
    const block = new JournalBlock(memory);
    this.block = block;
    this.keeper = new Keeper({
      shadows: () => shadows,
      data: {
        baseNs: 0n,
        session: SESSION,
        lanes: [
          {
            lane,
            laneDirectory: DIRECTORY,
            block: memory,
            firstSegmentToStage: position.segment + 1,
          },
        ],
        segmentBytes,
        diskUsedPercentMax: 90,
        recoverySecondsMax: 1,
        build: BUILD,
        outboxBytesMax: KEEPER_OUTBOX_BYTES,
      },
      files: disk,
      clock,
      cpuMs: () => clock.nowNs() / 1e6,
      checkpointRecordsMax: this.options.checkpointRecordsMax,
      tell: (message) => {
        if (message.kind !== "line" || message.level !== "error" || this.isDead) return;
        this.complaints.push(`${message.event} ${JSON.stringify(message.fields)}`);
      },
    });
    const writer = new JournalWriter({
      files: disk,
      laneDirectory: DIRECTORY,
      lane,
      session: SESSION,
      build: BUILD,
      behaviourVersion: LANE_BEHAVIOUR_VERSION,
      incarnation,
      durability,
      block,
      position,
      clock,
      onWaiting: () => this.stageNow(),
    });
    return {
      get isShort(): boolean {
        return writer.isShort;
      },
      append(slots: SlotMemory, offset: number, digest: Digest): void {
        writer.append(slots, offset, digest);
        log.append(slots, offset);
      },
      commit: (digest: Digest): void => {
        const segments = writer.counts[JOURNAL_COUNT.SEGMENTS] ?? 0;
        this.isCommitting = true;
        writer.commit(digest);
        this.isCommitting = false;
        this.counts.segments += (writer.counts[JOURNAL_COUNT.SEGMENTS] ?? 0) - segments;
        log.commit();
        this.afterCommit();
      },
    };
  }

  /** The lane waits for a segment, in whose thread the keeper is here. */
  private stageNow(): void {
    this.isCommitting = false;
    for (let ms = 0; this.block.stagedWaiting === 0; ms += PIECE_MS) {
      assert(ms < 1000, "the keeper stages nothing");
      this.passMs(PIECE_MS);
      this.stepKeeper();
    }
    this.isCommitting = true;
  }

  private beforeCall(path: string): void {
    const { place } = this;
    const isThere = place === "commit" ? this.isCommitting : path.includes(place);
    if (!this.isDead) this.calls++;
    if (!this.isDead && (isThere || place === "anywhere")) this.callsLeft--;
    if (this.callsLeft <= 0) this.die();
  }

  /** The records are safe, and nobody has been told yet. */
  private afterCommit(): void {
    this.commitsLeft--;
    if (this.commitsLeft <= 0) this.die();
  }

  private die(): never {
    this.isDead = true;
    throw new Cut();
  }

  /** No death that was planned comes any more. */
  spare(): void {
    this.callsLeft = Number.POSITIVE_INFINITY;
    this.commitsLeft = Number.POSITIVE_INFINITY;
    this.place = "anywhere";
    this.isCommitting = false;
    this.disk.writeBytesMax = Number.POSITIVE_INFINITY;
  }
}
