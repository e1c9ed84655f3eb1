// Journals and their disk on the page.

import { statfsSync } from "node:fs";
import { Risen } from "../../base/risen.ts";
import { CounterReader, outboxDiskBytes } from "../../memory/counters.ts";
import { JOURNAL_COUNT, SHORTAGE } from "../../memory/journal-block.ts";
import type { ScribeSample } from "../../memory/scribe-worker-data.ts";
import { COARSE } from "../../telemetry/hdr-index.ts";
import { LANE_TIME } from "../../telemetry/latency-series.ts";
import { CountsReader } from "../../telemetry/shared-counts.ts";
import type { MetricPage } from "./metric-page.ts";
import type { MetricSources } from "./metric-sources.ts";
import type { MetricName } from "./metric-table.ts";
import { RecentCount } from "./recent-counts.ts";
import type { SessionView } from "./session-view.ts";

const TOTALS = [
  ["gateway_journal_writes_total", JOURNAL_COUNT.WRITES],
  ["gateway_journal_syncs_total", JOURNAL_COUNT.SYNCS],
  ["gateway_journal_bytes_total", JOURNAL_COUNT.BYTES],
  ["gateway_journal_records_total", JOURNAL_COUNT.RECORDS],
  ["gateway_journal_waits_total", JOURNAL_COUNT.WAITS],
] as const satisfies readonly (readonly [MetricName, number])[];
const TIMES = [
  ["gateway_lane_batch_seconds", LANE_TIME.batch],
  ["gateway_journal_write_seconds", LANE_TIME.journalWrite],
  ["gateway_journal_sync_seconds", LANE_TIME.journalSync],
] as const satisfies readonly (readonly [MetricName, number])[];
/** The rate by which the disk fills is that of ten minutes. */
const RATE_SLOTS = 60;
const RATE_SLOT_NS = 10e9;
const DISK_LOOK_EVERY_NS = 5e9;

interface Disk {
  readonly bytes: number;
  readonly usedBytes: number;
}

export class JournalMetrics {
  private readonly sources: MetricSources;
  private readonly session: SessionView;
  private readonly times: readonly CountsReader[];
  private readonly lanes: readonly CounterReader[];
  private readonly written = new Risen();
  private readonly writtenLately = new RecentCount(RATE_SLOTS, RATE_SLOT_NS);
  private disk: Disk | undefined;
  private diskLookNs = Number.NEGATIVE_INFINITY;

  constructor(sources: MetricSources, session: SessionView) {
    this.sources = sources;
    this.session = session;
    this.times = sources.memory.lanes.map(({ times }) => new CountsReader(times, COARSE));
    this.lanes = sources.process.laneCounters.map((memory) => new CounterReader(memory));
  }

  tick(nowNs: number): void {
    if (this.session.journals.length > 0) this.writtenLately.note(nowNs, this.writtenBytes());
  }

  write(page: MetricPage, sample: ScribeSample | undefined, nowNs: number): void {
    const { session } = this;
    const lanes = session.journals.flatMap((journal, lane) =>
      journal === undefined ? [] : [{ journal, lane }],
    );
    for (const [name, place] of TOTALS) {
      page.family(name);
      for (const { lane } of lanes) page.sample(session.journalTotal(lane, place), lane);
    }
    for (const [name, series] of TIMES) {
      page.family(name);
      for (const [lane, times] of this.times.entries()) {
        page.histogram(times.edges(series), times.sumNs(series), lane);
      }
    }
    page.family("gateway_journal_sync_max_seconds");
    for (const { journal, lane } of lanes) {
      page.sample(journal.counts[JOURNAL_COUNT.SYNC_NS_MAX]! / 1e9, lane);
    }
    page.family("gateway_journal_segments_staged");
    for (const { journal, lane } of lanes) page.sample(journal.stagedWaiting, lane);
    page.family("gateway_checkpoint_segments_behind");
    for (const { lane, segmentsBehind } of sample?.keeper?.lanes ?? []) {
      page.sample(segmentsBehind, lane);
    }
    page.family("gateway_journal_short");
    for (const { journal, lane } of lanes) {
      page.sample(journal.shortage === SHORTAGE.SHORT ? 1 : 0, lane);
    }
    this.writeDisk(page, nowNs);
  }

  private writeDisk(page: MetricPage, nowNs: number): void {
    this.lookAtDisk(nowNs);
    const { disk } = this;
    const { diskUsedPercentMax } = this.sources.config.journal;
    page.family("gateway_journal_disk_used_ratio");
    if (disk !== undefined) page.sample(disk.usedBytes / disk.bytes);
    page.family("gateway_journal_disk_left_seconds");
    if (disk === undefined) return;
    const bytesLeft = Math.max(0, (disk.bytes * diskUsedPercentMax) / 100 - disk.usedBytes);
    const perSecond = this.writtenLately.perSecond(nowNs, this.writtenBytes());
    // Nothing is written: it lasts for ever, unless it is full already.
    page.sample(bytesLeft === 0 ? 0 : bytesLeft / perSecond);
  }

  private lookAtDisk(nowNs: number): void {
    if (nowNs - this.diskLookNs < DISK_LOOK_EVERY_NS) return;
    this.diskLookNs = nowNs;
    try {
      const { blocks, bavail, bfree, bsize } = statfsSync(this.sources.config.journal.dir);
      // As df counts: what only root may use is not there for us.
      const usedBlocks = blocks - bfree;
      const usable = usedBlocks + bavail;
      this.disk = { bytes: Math.max(1, usable * bsize), usedBytes: usedBlocks * bsize };
    } catch {
      this.disk = undefined; // the journal's own writes will say what is wrong with it
    }
  }

  /** By all sessions, since this scribe has heard of the first. */
  private writtenBytes(): number {
    const { journals } = this.session;
    if (journals.length === 0) return 0;
    const bytes = journals.reduce((sum, each) => sum + (each?.counts[JOURNAL_COUNT.BYTES] ?? 0), 0);
    return this.written.note(this.lanes.reduce((sum, lane) => sum + outboxDiskBytes(lane), bytes));
  }
}
