// What a person reads of a replay besides what a load run tells: what was left out of the capture, and where answers mean
// something else.

import { line } from "../load-report.ts";
import { countText, tableLine } from "../terminal-text.ts";
import type { CapturedTraffic } from "./captured-traffic.ts";
import type { Difference } from "./differences.ts";
import { capturedRate } from "./replay-pace.ts";
import type { ReplayPlan } from "./replay-plan.ts";

const DIFFERENCES_TOLD_MAX = 15;

export function captureLines(format: string, traffic: CapturedTraffic, plan: ReplayPlan): string[] {
  const seconds = ((plan.endsAtNs - plan.startsAtNs) / 1e9).toFixed(1);
  const rate = `${countText(capturedRate(plan))} messages/s for ${seconds} s`;
  const who = `${countText(plan.connections.length)} connections of ${countText(plan.accounts.length)} accounts`;
  return [line(format, `${rate} from ${who}`), ...leftOutLines(traffic)];
}

/** What of the capture is not replayed as it was. */
export function leftOutLines(traffic: CapturedTraffic): string[] {
  const lines = traffic.problems.map((problem) => line("left out", problem));
  const untold = traffic.problemCount - traffic.problems.length;
  if (untold > 0) lines.push(line("left out", `and more of ${countText(untold)} connections`));
  if (traffic.unknownOrders > 0) {
    const count = countText(traffic.unknownOrders);
    lines.push(line("left out", `${count} requests that name orders which it does not know`));
  }
  return lines;
}

/** What the replay itself could not send, and what perhaps nobody read. */
export function unheardLines(unsentPackets: number, takenOver: number): string[] {
  const lines: string[] = [];
  if (takenOver > 0) {
    const what = `${countText(takenOver)} of those without an answer`;
    lines.push(line("taken over", `${what} were under way when another login came`));
  }
  if (unsentPackets > 0) {
    const what = `${countText(unsentPackets)} packets`;
    lines.push(line("left out", `${what} behind a close by the gateway, as captured`));
  }
  return lines;
}

export interface ReplayComparison {
  /** Requests whose answer in the capture is known. */
  readonly compared: number;
  readonly different: number;
  readonly differences: readonly Difference[];
  readonly executionsCaptured: number;
  readonly executionsReplayed: number;
}

const COLUMNS = [
  { title: "request", width: 13 },
  { title: "in the capture", width: 15 },
  { title: "in the replay", width: 15 },
  { title: "count", width: 9 },
];

export function comparisonLines(comparison: ReplayComparison): string[] {
  const { compared, different, differences } = comparison;
  const { executionsCaptured, executionsReplayed } = comparison;
  const fills = `fills ${countText(executionsReplayed)}, captured ${countText(executionsCaptured)}`;
  const same = `${countText(compared - different)} of ${countText(compared)} answers mean the same`;
  const lines = [line("compared", `${same}; ${fills}`)];
  if (differences.length === 0) return lines;
  lines.push("", `${tableLine(COLUMNS)}  first`);
  for (const { request, captured, replayed, count, first } of differences.slice(
    0,
    DIFFERENCES_TOLD_MAX,
  )) {
    const cells = [request, captured, replayed, countText(count)];
    lines.push(`${tableLine(COLUMNS, cells)}  ${first}`);
  }
  const untold = differences.length - DIFFERENCES_TOLD_MAX;
  if (untold > 0) lines.push(`and ${untold} more kinds`);
  return lines;
}
