// What an order load is to do and what it came to. Both travel between processes as JSON.

import { LatencyHistogram, type Percentiles } from "../../src/tools/driver/percentiles.ts";
import type { Arrivals } from "../../src/tools/driver/schedule.ts";

export interface OrderPlan {
  readonly host: string;
  readonly port: number;
  /** True: there is no login, and every byte comes back. */
  readonly isEcho: boolean;
  /** True: every order meets the one before it, so each is told twice: accepted and executed. */
  readonly isCrossing: boolean;
  readonly connections: number;
  /** False where so many connections would be nothing but heartbeats; the target has to bear their silence. */
  readonly sendsHeartbeats: boolean;
  /** Orders a second, over all connections. */
  readonly rate: number;
  readonly arrivals: Arrivals;
  /** Sent at the same rate and not measured. */
  readonly warmupSeconds: number;
  readonly seconds: number;
  readonly seed: number;
}

export interface OrderResult {
  /** False: the latencies are those of another load than the one that was asked for. */
  readonly isValid: boolean;
  /** Why not, faults included. */
  readonly invalid: readonly string[];
  /** What the target did wrong. */
  readonly faults: readonly string[];
  /** Orders a second of the measured part. */
  readonly rate: { readonly asked: number; readonly sent: number };
  /** Measured. */
  readonly seconds: number;
  readonly counts: {
    readonly connections: number;
    readonly sent: number;
    readonly answered: number;
    readonly executions: number;
    readonly late: number;
  };
  /** Nanoseconds: response from the intended send, service from the actual one. */
  readonly latency: { readonly response: Percentiles; readonly service: Percentiles };
  /** Nanoseconds from the intended send to the actual one. */
  readonly lateness: Percentiles;
  /** From the first connect to the last login's answer. */
  readonly loginSeconds: number;
}

/**
 * A send later than this is late, and a larger share of them makes a run invalid. More than `npm run load` grants: here
 * client and targets share cores that a target may fill, and what is late counts in the response time anyway.
 */
export const LATE_NS_MAX = 10_000_000;
export const LATE_SHARE_MAX = 0.01;

/** Of a run that did not come to its end. */
export function failedResult(
  plan: Pick<OrderPlan, "rate" | "connections">,
  reason: string,
): OrderResult {
  const nothing = new LatencyHistogram(2).percentiles();
  return {
    isValid: false,
    invalid: [reason],
    faults: [reason],
    rate: { asked: plan.rate, sent: 0 },
    seconds: 0,
    counts: { connections: plan.connections, sent: 0, answered: 0, executions: 0, late: 0 },
    latency: { response: nothing, service: nothing },
    lateness: nothing,
    loginSeconds: 0,
  };
}

export const withFault = (result: OrderResult, fault: string): OrderResult => ({
  ...result,
  isValid: false,
  invalid: [fault, ...result.invalid],
  faults: [fault, ...result.faults],
});
