// A journal directory as a gateway leaves it, in a temporary folder: a lane in this thread writes it through the real
// writer, and segments are staged when it asks for them.

import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Digest } from "../../src/base/digest.ts";
import { realFiles } from "../../src/journal/files.ts";
import { segmentPath } from "../../src/journal/journal-names.ts";
import { JOURNAL_START, type JournalPosition } from "../../src/journal/journal-position.ts";
import { JournalWriter } from "../../src/journal/journal-writer.ts";
import { SessionDirectory, type SessionFacts } from "../../src/journal/session-directory.ts";
import type { InputLog } from "../../src/lane/input-log.ts";
import { DETACH_REASON, INBOUND_KIND, ROLL_STEP } from "../../src/memory/inbound-record.ts";
import { createJournalBlock, JournalBlock } from "../../src/memory/journal-block.ts";
import { LANE_BEHAVIOUR_VERSION } from "../../src/memory/lane-config.ts";
import type { SlotMemory } from "../../src/memory/slot-memory.ts";
import { LaneRig, type LaneRigOptions, MIDNIGHT_MS, type RigClient, SESSION } from "./lane-rig.ts";

/** Smaller than a gateway's, so that a short day has several. */
export const SEGMENT_BYTES = 64 * 1024;
export const BUILDS = ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"] as const;

export class JournalOnDisk implements InputLog {
  readonly directory = mkdtempSync(join(tmpdir(), "tailgate-journal-"));
  readonly sessions = new SessionDirectory(realFiles, this.directory);
  readonly facts: SessionFacts = {
    session: SESSION,
    midnightUtcMs: MIDNIGHT_MS,
    openedAtMs: MIDNIGHT_MS,
    lanes: 1,
  };
  readonly rig: LaneRig;
  readonly isShort = false;
  private readonly block = new JournalBlock(createJournalBlock());
  private writer: JournalWriter;
  private incarnation = 1;
  private staged = 0;

  constructor(options: LaneRigOptions = {}) {
    this.sessions.make(this.facts);
    this.writer = this.makeWriter(JOURNAL_START);
    this.rig = new LaneRig({ ...options, inputLog: this });
    this.sessions.noteBegun(this.facts);
  }

  get laneDirectory(): string {
    return this.sessions.laneDirectory(this.facts, 0);
  }
  segment(number: number): string {
    return segmentPath(this.laneDirectory, number);
  }
  get position(): JournalPosition {
    return this.writer.position;
  }

  append(slots: SlotMemory, offset: number, digest: Digest): void {
    this.writer.append(slots, offset, digest);
  }
  commit(digest: Digest): void {
    this.writer.commit(digest);
  }

  /** A record of its own, whatever the lane thinks of it. */
  appendRaw(slots: SlotMemory, digest: Digest): void {
    this.writer.append(slots, 0, digest);
    this.writer.commit(digest);
  }

  /** The process that writes it ends. */
  stop(): void {
    this.writer.close();
  }

  /** Another process goes on from there, of another build. */
  goOnAt(position: JournalPosition): void {
    this.writer.close();
    this.incarnation++;
    this.staged = position.segment;
    this.writer = this.makeWriter(position);
  }

  /** As after a crash. */
  restart(): void {
    this.goOnAt(this.writer.position);
    this.rig.push(INBOUND_KIND.RECOVERED, -1, 0, 0);
    this.rig.run();
  }

  /** Ends the session and puts it away. Returns where it is then. */
  archive(): string {
    for (const step of [ROLL_STEP.CLOSE, ROLL_STEP.END]) {
      this.rig.push(INBOUND_KIND.ROLL, -1, 0, step);
      this.rig.run();
    }
    this.writer.close();
    this.sessions.archive(this.facts, this.facts.openedAtMs);
    return join(this.directory, "archive", SESSION);
  }

  remove(): void {
    this.writer.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private makeWriter(position: JournalPosition): JournalWriter {
    return new JournalWriter({
      files: realFiles,
      laneDirectory: this.laneDirectory,
      lane: 0,
      session: SESSION,
      build: BUILDS[this.incarnation - 1] ?? BUILDS[0],
      behaviourVersion: LANE_BEHAVIOUR_VERSION,
      incarnation: this.incarnation,
      durability: "process-crash",
      block: this.block,
      position,
      clock: { nowNs: () => 0 },
      onWaiting: () => this.stage(),
    });
  }

  private stage(): void {
    this.staged++;
    const descriptor = realFiles.open(this.segment(this.staged), true);
    realFiles.truncate(descriptor, SEGMENT_BYTES);
    this.block.handOver(this.staged, descriptor);
  }
}

/** Damage, or half a write. */
export function overwrite(file: string, bytes: Uint8Array, position: number): void {
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, bytes, 0, bytes.length, position);
  closeSync(descriptor);
}

/** A few requests of two clients. Records 1 and 2 are the configuration. */
export function smallDay({ rig }: JournalOnDisk): { alice: RigClient; bob: RigClient } {
  const alice = rig.login("ALICE");
  const bob = rig.login("BOB", { session: SESSION });
  rig.run();
  alice.enter({ userRefNum: 1, side: "B", quantity: 100 });
  rig.run();
  rig.eventNs += 60e9;
  bob.enter({ userRefNum: 1, side: "S", quantity: 40 });
  alice.replace({ origUserRefNum: 1, userRefNum: 2, quantity: 90 });
  alice.cancel(2);
  rig.run();
  alice.detach(DETACH_REASON.LOGOUT);
  rig.run();
  return { alice, bob };
}
