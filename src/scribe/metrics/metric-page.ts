// One page of metrics in Prometheus' text format 0.0.4, written family by family. Bytes are written where they stay:
// a page has some thousand lines, and the scribe's young memory is small.

import { assert } from "../../base/assert.ts";
import { LATENCY_EDGES_NS } from "../../telemetry/latency-edges.ts";
import { type MetricFamily, type MetricName, metricFamily } from "./metric-table.ts";

const BYTES_START = 64 * 1024;
const NS_PER_SECOND = 1e9;

/** What stands behind `le`: 8e6 ns is 0.008. */
const EDGE_LABELS: readonly string[] = [
  ...LATENCY_EDGES_NS.map((edgeNs) => String(edgeNs / NS_PER_SECOND)),
  "+Inf",
];

export class MetricPage {
  private readonly build: string;
  private readonly seen = new Set<string>();
  private bytes = Buffer.allocUnsafe(BYTES_START);
  private length = 0;
  private current: MetricFamily | undefined;

  constructor(build: string) {
    this.build = build;
  }

  /** The samples that follow are this family's; it may have none. */
  family(name: MetricName): this {
    assert(!this.seen.has(name), "a family is on the page twice");
    this.seen.add(name);
    this.current = metricFamily(name);
    const { help, type } = this.current;
    this.write(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
    return this;
  }

  /** Values of the labels in the order in which the table has them. */
  sample(value: number, ...labels: readonly (string | number)[]): this {
    this.write(`${this.name}{${this.labelText(labels)}} ${numberText(value)}\n`);
    return this;
  }

  /** `edges` are counts by LATENCY_EDGES_NS, not cumulative. */
  histogram(edges: Float64Array, sumNs: number, ...labels: readonly (string | number)[]): this {
    const { name } = this;
    const text = this.labelText(labels);
    let count = 0;
    for (let edge = 0; edge < edges.length; edge++) {
      count += edges[edge]!;
      this.write(`${name}_bucket{${text},le="${EDGE_LABELS[edge]}"} ${count}\n`);
    }
    this.write(`${name}_sum{${text}} ${sumNs / NS_PER_SECOND}\n`);
    this.write(`${name}_count{${text}} ${count}\n`);
    return this;
  }

  /** All that was written, in memory of its own. */
  take(): Buffer {
    const page = Buffer.from(this.bytes.subarray(0, this.length));
    this.length = 0;
    this.seen.clear();
    this.current = undefined;
    return page;
  }

  private get name(): string {
    assert(this.current !== undefined, "a sample without a family");
    return this.current.name;
  }

  private labelText(values: readonly (string | number)[]): string {
    const { labels = [] } = this.current ?? {};
    assert(values.length === labels.length, "a sample has not the labels of its family");
    let text = `build="${this.build}"`;
    for (const [index, label] of labels.entries()) {
      text += `,${label}="${escaped(String(values[index]))}"`;
    }
    return text;
  }

  private write(text: string): void {
    // No character takes more than three bytes.
    if (this.length + text.length * 3 > this.bytes.length) {
      this.bytes = Buffer.concat([this.bytes], (this.bytes.length + text.length) * 2);
    }
    this.length += this.bytes.write(text, this.length);
  }
}

const escaped = (value: string): string =>
  /["\\\n]/.test(value)
    ? value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")
    : value;

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return String(value); // NaN is called so there too
}
