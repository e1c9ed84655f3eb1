// Every latency of a measured run, by kind of request and by second. Response time starts at the intended send,
// service time at the actual one. The headline (semantics §6.1) is the response time of accepted enters, replaces,
// cancels and modifies.
//
// For whoever sends on a schedule, load and replay alike: record() each answer to a request of the measured part,
// call endSecond() at the first turn after each second of it, and once more when the last answer is in. Then
// summary(), histogram(), series() and intervals are what a result consists of; recording-files.ts writes them down.

import { LatencyHistogram, type Percentiles, type SparseCounts } from "./percentiles.ts";
import { REQUEST_NAMES } from "./requests.ts";

export interface LatencySummary {
  readonly response: Percentiles;
  readonly service: Percentiles;
  readonly rejected: Percentiles;
  readonly responseByRequest: Record<string, Percentiles>;
}

/** The headline of one second. Nanoseconds; null where there were too few answers to say. */
export interface SeriesSecond {
  /** Since the measured part began, 0 for the first. Seconds in which nothing could be recorded are missing. */
  readonly second: number;
  /** Requests of the measured part that were sent in it. */
  readonly sent: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
}

/** What was answered within one second, or a little more of a busy machine. Travels between processes. */
export interface LatencyInterval {
  /** Seconds since the measured part began. */
  readonly from: number;
  readonly until: number;
  readonly sent: number;
  readonly response: SparseCounts;
  readonly service: SparseCounts;
}

export class LatencyBook {
  /** Since the last progress line; two digits, because it is read and cleared while the load runs. */
  readonly interval = new LatencyHistogram(2);
  /** What endSecond() closed. Counts of an answer are in the second in which it was read. */
  readonly intervals: LatencyInterval[] = [];
  private readonly responses = REQUEST_NAMES.map(() => new LatencyHistogram(3));
  private readonly rejected = new LatencyHistogram(3);
  private readonly responseOfSecond = new LatencyHistogram(3);
  private readonly serviceOfSecond = new LatencyHistogram(3);

  /** `request` is one of REQUEST; nanoseconds. */
  record(request: number, isAccepted: boolean, responseNs: number, serviceNs: number): void {
    if (!isAccepted) {
      this.rejected.record(responseNs);
      return;
    }
    const histogram = this.responses[request];
    if (histogram) histogram.record(responseNs);
    this.responseOfSecond.record(responseNs);
    this.serviceOfSecond.record(serviceNs);
  }

  /** Closes the present second: it lasted from where the last one ended until `until` seconds after the first began. */
  endSecond(until: number, sent: number): void {
    const from = this.intervals.at(-1)?.until ?? 0;
    const response = this.responseOfSecond.take();
    const service = this.serviceOfSecond.take();
    this.intervals.push({ from, until, sent, response, service });
  }

  summary(): LatencySummary {
    const byRequest = this.responses.map((histogram, request) => [
      REQUEST_NAMES[request],
      histogram.percentiles(),
    ]);
    return {
      response: this.whole("response").percentiles(),
      service: this.whole("service").percentiles(),
      rejected: this.rejected.percentiles(),
      responseByRequest: Object.fromEntries(byRequest),
    };
  }

  /** The headline of all seconds, as LatencyHistogram.encoded() has it. */
  histogram(kind: LatencyKind): string {
    return this.whole(kind).encoded();
  }

  series(): SeriesSecond[] {
    const histogram = new LatencyHistogram(3);
    return this.intervals.map(({ from, sent, response }) => {
      histogram.reset();
      histogram.addSparse(response);
      const { p50, p99, p999, max } = histogram.percentiles();
      return { second: Math.floor(from), sent, p50, p99, p999, max };
    });
  }

  private whole(kind: LatencyKind): LatencyHistogram {
    return wholeOf(this.intervals, kind);
  }
}

export type LatencyKind = "response" | "service";

/** All intervals in one. */
export function wholeOf(
  intervals: readonly LatencyInterval[],
  kind: LatencyKind,
): LatencyHistogram {
  const whole = new LatencyHistogram(3);
  for (const interval of intervals) whole.addSparse(interval[kind]);
  return whole;
}
