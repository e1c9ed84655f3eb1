// A lane's journal on the real disk, for benches: segments are staged whenever the writer wants one, by the writer's own
// thread.

import { mkdirSync } from "node:fs";
import { startClock } from "../../src/base/clock.ts";
import { realFiles } from "../../src/journal/files.ts";
import { segmentPath } from "../../src/journal/journal-names.ts";
import { JOURNAL_START } from "../../src/journal/journal-position.ts";
import { JournalWriter, type JournalWriterOptions } from "../../src/journal/journal-writer.ts";
import { createJournalBlock, JournalBlock } from "../../src/memory/journal-block.ts";
import { LANE_BEHAVIOUR_VERSION } from "../../src/memory/lane-config.ts";
import { BENCH_SESSION } from "./bench-lane.ts";

/** What a journal's build id looks like; benches write and read with the same sources. */
export const BENCH_BUILD = "bbbbbbbbbbbbbbbb";

export interface BenchJournalOptions {
  /** Made here. */
  readonly laneDirectory: string;
  readonly segmentBytes: number;
  readonly durability: JournalWriterOptions["durability"];
}

export class BenchJournal {
  readonly block = new JournalBlock(createJournalBlock());
  readonly writer: JournalWriter;
  private readonly options: BenchJournalOptions;
  private segment = 0;

  constructor(options: BenchJournalOptions) {
    const { laneDirectory, durability } = options;
    this.options = options;
    mkdirSync(laneDirectory, { recursive: true });
    this.stage();
    this.writer = new JournalWriter({
      files: realFiles,
      laneDirectory,
      lane: 0,
      session: BENCH_SESSION,
      build: BENCH_BUILD,
      behaviourVersion: LANE_BEHAVIOUR_VERSION,
      incarnation: 1,
      durability,
      block: this.block,
      position: JOURNAL_START,
      clock: startClock().clock,
      onWaiting: () => this.stage(),
    });
  }

  /** Zeros that are only promised: what is read back is full of records anyway. */
  private stage(): void {
    const { laneDirectory, segmentBytes } = this.options;
    while (this.block.canHandOver) {
      this.segment++;
      const descriptor = realFiles.open(segmentPath(laneDirectory, this.segment), true);
      realFiles.truncate(descriptor, segmentBytes);
      this.block.handOver(this.segment, descriptor);
    }
  }
}
