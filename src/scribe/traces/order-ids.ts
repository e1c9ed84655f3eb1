// The ids of an order's trace and of the spans in it, all derived from the order: who knows an order finds its trace
// without a search, and what is sent twice has the same ids both times. Scribe thread.

import { hash } from "node:crypto";
import type { REQUEST_TYPES } from "../../telemetry/latency-series.ts";

const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;

/**
 * By hand: printf '%s' SESSION/ACCOUNT/USERREFNUM | sha256sum | head -c 32. A hash and no packed numbers, because
 * samplers and stores take the bits of an id for random ones.
 */
export const traceIdOf = (session: string, account: string, userRefNum: number): string =>
  sha256(`${session}/${account}/${userRefNum}`).slice(0, TRACE_ID_DIGITS);

const sha256 = (text: string): string => hash("sha256", text);

/** What OpenTelemetry asks when it makes a span. It is told before each what it has to answer. */
export class OrderIds {
  private traceId = "";
  private requestHash = "";
  private spans = 0;

  /** The next spans are of this request: its root, then its stages in their order. */
  begin(traceId: string, requestType: string, writtenNs: number): void {
    this.traceId = traceId;
    // An order may have had many requests, and each of them has a root in the order's trace.
    this.requestHash = sha256(`${traceId}/${requestType}/${writtenNs}`);
    this.spans = 0;
  }

  generateTraceId = (): string => this.traceId;

  generateSpanId = (): string => {
    const root = this.requestHash.slice(0, SPAN_ID_DIGITS);
    const index = this.spans++;
    if (index === 0) return root;
    // Counted up in the last three digits: no two spans of a request are alike.
    const last = Number.parseInt(root.slice(-LAST_DIGITS), 16);
    const own = (last + index) % 16 ** LAST_DIGITS;
    return root.slice(0, -LAST_DIGITS) + own.toString(16).padStart(LAST_DIGITS, "0");
  };
}

const LAST_DIGITS = 3;

/** By its letter. Few, as a span's name should be one of few. */
export const REQUEST_NAMES: Readonly<Record<(typeof REQUEST_TYPES)[number], string>> = {
  O: "enter order",
  U: "replace order",
  X: "cancel order",
  M: "modify order",
  C: "mass cancel",
  D: "disable order entry",
  E: "enable order entry",
  Q: "account query",
};
