// Looks at a gateway's metrics as a Prometheus would.

import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { type MetricSample, readMetrics } from "./metric-text.ts";

const LOOK_MS = 100;
const WAIT_MS_MAX = 60_000;

export class Scrape {
  private readonly samples: readonly MetricSample[];

  private constructor(samples: readonly MetricSample[]) {
    this.samples = samples;
  }

  static async of({ admin }: { admin: { host: string; port: number } }): Promise<Scrape> {
    const answer = await fetch(`http://${admin.host}:${admin.port}/metrics`);
    assert.equal(answer.status, 200);
    const families = readMetrics(await answer.text());
    return new Scrape([...families.values()].flatMap(({ samples }) => samples));
  }

  /** The page is made once a second: looks until it shows what must come to be true. */
  static async until(
    ready: { admin: { host: string; port: number } },
    isTrue: (scrape: Scrape) => boolean,
  ): Promise<Scrape> {
    const endMs = performance.now() + WAIT_MS_MAX;
    for (;;) {
      const scrape = await Scrape.of(ready);
      if (isTrue(scrape)) return scrape;
      assert.ok(performance.now() < endMs, "the metrics never show it");
      await wait(LOOK_MS);
    }
  }

  /** Of all samples of that name that have these labels. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.samples
      .filter((sample) => sample.name === name)
      .filter((sample) =>
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      )
      .reduce((sum, { value }) => sum + value, 0);
  }
}
