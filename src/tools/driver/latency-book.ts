// Every latency of a load run, by kind of request. Response time starts at the intended send, service time at the
// actual one. The headline (semantics §6.1) is the response time of accepted enters, replaces, cancels and modifies.

import { REQUEST_NAMES } from "./order-model.ts";
import { LatencyHistogram, type Percentiles } from "./percentiles.ts";

export interface LatencySummary {
  readonly response: Percentiles;
  readonly service: Percentiles;
  readonly rejected: Percentiles;
  readonly responseByRequest: Record<string, Percentiles>;
}

export class LatencyBook {
  /** Since the last progress line; two digits, because it is read and cleared while the load runs. */
  readonly interval = new LatencyHistogram(2);
  private readonly response = REQUEST_NAMES.map(() => new LatencyHistogram(3));
  private readonly service = new LatencyHistogram(3);
  private readonly rejected = new LatencyHistogram(3);

  record(request: number, isAccepted: boolean, responseNs: number, serviceNs: number): void {
    if (!isAccepted) {
      this.rejected.record(responseNs);
      return;
    }
    const histogram = this.response[request];
    if (histogram) histogram.record(responseNs);
    this.service.record(serviceNs);
  }

  summary(): LatencySummary {
    const all = new LatencyHistogram(3);
    for (const histogram of this.response) all.add(histogram);
    const byRequest = this.response.map((histogram, request) => [
      REQUEST_NAMES[request],
      histogram.percentiles(),
    ]);
    return {
      response: all.percentiles(),
      service: this.service.percentiles(),
      rejected: this.rejected.percentiles(),
      responseByRequest: Object.fromEntries(byRequest),
    };
  }
}
