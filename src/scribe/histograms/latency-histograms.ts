// The scribe's histograms: each second it takes what the threads have counted since the last one, keeps the windows that
// everybody reads, and logs it. In pieces: a second that moved every series is spread over some ticks.

import type { JsHistogram } from "hdr-histogram-js";
import { assert } from "../../base/assert.ts";
import { COARSE, type HdrPrecision, PRECISE } from "../../telemetry/hdr-index.ts";
import {
  ANSWER_SERIES,
  type AnswerLabels,
  EVENT_SERIES,
  EVENT_TYPES,
  HEADLINE_TYPES,
  LANE_TIME,
  LANE_TIME_NAMES,
  REQUEST_TYPES,
  STAGE,
  STAGE_NAMES,
  stageSeries,
} from "../../telemetry/latency-series.ts";
import { CountsReader } from "../../telemetry/shared-counts.ts";
import type { TelemetryMemory } from "../../telemetry/telemetry-memory.ts";
import type { ScribePart } from "../scribe-part.ts";
import { CountsSource, mergeSources } from "./counts-source.ts";
import type { HistogramLog } from "./histogram-log.ts";
import { statsOf } from "./latency-stats.ts";
import {
  type Burn,
  type EventType,
  type LaneTimeName,
  type LatencyStats,
  type LatencyView,
  type NowStats,
  P999_SAMPLES_MIN,
  type StageName,
  WINDOW_SECONDS,
  type WindowSeconds,
  type WindowStats,
} from "./latency-view.ts";
import { type SlaCounts, SlaHistory } from "./sla-history.ts";
import { WindowCounts } from "./window-counts.ts";

const NS_PER_SECOND = 1e9;
/** The counting threads begin a second some milliseconds late: its predecessor's maxima are complete then. */
const SETTLE_NS = 20e6;
/** About a quarter of a millisecond. */
const COUNTS_PER_TICK = 120_000;

export interface LatencyHistogramsOptions {
  readonly memory: TelemetryMemory;
  /** Counted so far; each second asks. */
  readonly slaCounts: () => Omit<SlaCounts, "peerLimited">;
  readonly nowNs: number;
  /** Begins with this second of the common clock; undefined: nothing is logged. */
  readonly openLog?: (stages: readonly string[], second: number) => HistogramLog;
}

/** Series that go into the same windows, and who is told of each. */
interface Feed {
  readonly source: CountsSource;
  readonly sinks: readonly WindowCounts[];
}

/** What one name stands for: its windows, and the sources of all that was ever counted under it. */
interface Series {
  readonly windows: WindowCounts;
  readonly sources: CountsSource[];
  readonly precision: HdrPrecision;
}

export interface AnswerStats extends AnswerLabels {
  readonly stats: LatencyStats;
}

export class LatencyHistograms implements ScribePart, LatencyView {
  private readonly slaCounts: LatencyHistogramsOptions["slaCounts"];
  private readonly answersReader: CountsReader;
  private readonly answerSources: readonly CountsSource[];
  private readonly feeds: Feed[] = [];
  private readonly total: Series = newSeries(PRECISE);
  private readonly stages: readonly Series[] = STAGE_NAMES.map(() => newSeries(COARSE));
  private readonly events: readonly Series[] = EVENT_TYPES.map(() => newSeries(COARSE));
  private readonly lanes: readonly (readonly Series[])[];
  private readonly allLanes: readonly Series[];
  /** Each once, though a lane that is alone is also all of them. */
  private readonly everySeries: ReadonlySet<Series>;
  private readonly sla: SlaHistory;
  private readonly log: HistogramLog | undefined;
  private readonly stagesOfSecond: readonly JsHistogram[];
  /** Seconds that are over and counted. */
  private second: number;
  /** Feeds from this one on are to be read; 0 = no second is being read. */
  private nextFeed = 0;
  private secondBeingRead = 0;
  private slaBeingRead: SlaCounts;

  constructor({ memory, slaCounts, nowNs, openLog }: LatencyHistogramsOptions) {
    this.slaCounts = slaCounts;
    this.answersReader = new CountsReader(memory.gate.answers, PRECISE);
    this.answerSources = ANSWER_SERIES.map(({ isHeadline }, series) => {
      const source = new CountsSource(this.answersReader, series);
      if (isHeadline) this.feed(source, this.total);
      else this.feeds.push({ source, sinks: [] });
      return source;
    });
    const stagesReader = new CountsReader(memory.gate.stages, COARSE);
    for (const type of HEADLINE_TYPES) {
      const stageClass = (REQUEST_TYPES as readonly string[]).indexOf(type);
      for (const [stage, series] of this.stages.entries()) {
        this.feed(new CountsSource(stagesReader, stageSeries(stage, stageClass)), series);
      }
    }
    for (const [index, series] of this.events.entries()) {
      this.feed(new CountsSource(stagesReader, EVENT_SERIES[index]!), series);
    }
    const isAlone = memory.lanes.length === 1;
    this.allLanes = LANE_TIME_NAMES.map(() => newSeries(COARSE));
    this.lanes = memory.lanes.map(({ times }) => {
      const reader = new CountsReader(times, COARSE);
      return this.allLanes.map((all, time) => {
        const series = isAlone ? all : newSeries(COARSE);
        const source = new CountsSource(reader, time);
        if (isAlone) this.feed(source, series);
        else this.feed(source, series, all);
        return series;
      });
    });
    this.everySeries = new Set([
      this.total,
      ...this.stages,
      ...this.events,
      ...this.allLanes,
      ...this.lanes.flat(),
    ]);
    this.second = Math.floor(nowNs / NS_PER_SECOND) - 1;
    this.slaBeingRead = this.readSla();
    this.sla = new SlaHistory(this.slaBeingRead);
    this.stagesOfSecond = this.stages.map(({ windows }) => windows.latest);
    this.log = openLog?.(STAGE_NAMES, this.second + 1);
  }

  tick(nowNs: number): void {
    if (this.nextFeed === 0) {
      const over = Math.floor((nowNs - SETTLE_NS) / NS_PER_SECOND) - 1;
      if (over <= this.second) {
        this.log?.writeStage();
        return;
      }
      this.beginRead(over);
    }
    if (this.readFeeds(COUNTS_PER_TICK)) this.endSeconds();
  }

  get isBehind(): boolean {
    return this.nextFeed > 0;
  }

  /** What was counted until now is logged, though its second is not over. */
  close(): void {
    if (this.nextFeed === 0) this.beginRead(this.second + 1);
    this.readFeeds(Number.POSITIVE_INFINITY);
    this.endSeconds();
    this.log?.close();
  }

  /** The last second that is over and in the windows. */
  get latestSecond(): number {
    return this.second;
  }

  headline(window: WindowSeconds): WindowStats {
    return this.total.windows.stats(window);
  }

  now(): NowStats {
    let stats = this.headline(WINDOW_SECONDS[0]);
    for (const window of WINDOW_SECONDS) {
      stats = this.headline(window);
      if (stats.count >= P999_SAMPLES_MIN) return { ...stats, isEnough: true };
    }
    return { ...stats, isEnough: false };
  }

  stage(name: StageName, window: WindowSeconds): WindowStats {
    return this.stages[STAGE[name]]!.windows.stats(window);
  }

  service(window: WindowSeconds): WindowStats {
    return this.stage("service", window);
  }

  event(type: EventType, window: WindowSeconds): WindowStats {
    return this.events[EVENT_TYPES.indexOf(type)]!.windows.stats(window);
  }

  laneTime(name: LaneTimeName, window: WindowSeconds, lane?: number): WindowStats {
    const times = lane === undefined ? this.allLanes : this.lanes[lane]!;
    return times[LANE_TIME[name]]!.windows.stats(window);
  }

  burn(seconds: number): Burn {
    return this.sla.burn(seconds);
  }

  peerLimitedShare(seconds: number): number {
    return this.sla.peerLimitedShare(seconds);
  }

  /** Since the process started: what makes the headline, late answers of it, and those limited by their peers. */
  get slaTotals(): SlaCounts {
    return this.slaBeingRead;
  }

  /** Since the process started, those that ever counted. */
  answers(): AnswerStats[] {
    return ANSWER_SERIES.flatMap((labels, series) => {
      const source = this.answerSources[series]!;
      if (this.answersReader.count(series) === 0) return [];
      const histogram = mergeSources([source], PRECISE);
      return [{ ...labels, stats: statsOf(histogram, histogram.maxValue) }];
    });
  }

  /** Names that cumulative() and window() know. */
  get seriesNames(): readonly string[] {
    return ["total", ...STAGE_NAMES, ...EVENT_TYPES.map(eventName), ...LANE_TIME_NAMES];
  }

  /** All since the process started, as the library knows it. `name` of seriesNames. */
  cumulative(name: string): JsHistogram {
    const { sources, precision } = this.seriesOf(name);
    return mergeSources(sources, precision);
  }

  /** The same of a window; to be read at once. */
  window(name: string, seconds: WindowSeconds): JsHistogram {
    return this.seriesOf(name).windows.histogram(seconds);
  }

  private seriesOf(name: string): Series {
    const all = [this.total, ...this.stages, ...this.events, ...this.allLanes];
    const series = all[this.seriesNames.indexOf(name)];
    assert(series !== undefined, "there is no such series");
    return series;
  }

  private feed(source: CountsSource, ...into: readonly Series[]): void {
    this.feeds.push({ source, sinks: into.map(({ windows }) => windows) });
    for (const series of into) series.sources.push(source);
  }

  private beginRead(second: number): void {
    this.secondBeingRead = second;
    this.slaBeingRead = this.readSla();
  }

  /** Returns whether all are read. */
  private readFeeds(countsMax: number): boolean {
    let counts = 0;
    while (this.nextFeed < this.feeds.length) {
      const { source, sinks } = this.feeds[this.nextFeed++]!;
      const read = source.read(sinks);
      counts += read;
      // The present second's, too: what it has recorded so far is among what was just read.
      const last = this.secondBeingRead + 1;
      for (let second = this.second + 1; read > 0 && second <= last; second++) {
        source.readMaximum(second, sinks);
      }
      if (counts >= countsMax) break;
    }
    return this.nextFeed === this.feeds.length;
  }

  /** What was read counts for the last of the seconds that it was read for: the others were missed. */
  private endSeconds(): void {
    this.nextFeed = 0;
    const { secondBeingRead } = this;
    const missed = Math.min(secondBeingRead - this.second - 1, Math.max(...WINDOW_SECONDS));
    for (const { windows } of this.everySeries) windows.endSecond(missed);
    this.sla.endSeconds(this.slaBeingRead, secondBeingRead - this.second);
    this.second = secondBeingRead;
    this.log?.endSecond(secondBeingRead, this.total.windows.latest, this.stagesOfSecond);
  }

  private readSla(): SlaCounts {
    let peerLimited = 0;
    for (const [series, { type, outcome, isPeerLimited }] of ANSWER_SERIES.entries()) {
      if (!isPeerLimited || outcome !== "accepted" || !HEADLINE_TYPES.includes(type)) continue;
      peerLimited += this.answersReader.count(series);
    }
    return { ...this.slaCounts(), peerLimited };
  }
}

const newSeries = (precision: HdrPrecision): Series => ({
  windows: new WindowCounts(precision),
  sources: [],
  precision,
});

const eventName = (type: string): string => `event-${type}`;
