// What a person reads of a load run: a line each second and a summary.

import type { LoadProgress, LoadResult } from "./driver/load-result.ts";
import type { Percentiles } from "./driver/percentiles.ts";
import { REQUEST_NAMES } from "./driver/requests.ts";
import { type Column, countText, tableLine, timeText } from "./terminal-text.ts";

/** P999 ≤ 8 ms: what the gateway is built around. */
export const SLA_NS = 8_000_000;

interface ProgressColumn extends Column {
  readonly cell: (progress: LoadProgress) => string;
}

const COLUMNS: readonly ProgressColumn[] = [
  { title: "time", width: 7, cell: ({ second }) => `${second} s` },
  { title: "sent/s", width: 8, cell: ({ sentRate }) => countText(sentRate) },
  { title: "answered/s", width: 10, cell: ({ answeredRate }) => countText(answeredRate) },
  { title: "trades/s", width: 8, cell: ({ executionRate }) => countText(executionRate) },
  { title: "P50", width: 8, cell: ({ response }) => timeText(response.p50) },
  { title: "P99", width: 8, cell: ({ response }) => timeText(response.p99) },
  { title: "P999", width: 8, cell: ({ response }) => timeText(response.p999) },
  { title: "max", width: 8, cell: ({ response }) => timeText(response.max) },
  { title: "waiting", width: 7, cell: ({ waiting }) => countText(waiting) },
  // How late the load tool itself was: what it adds to the response times.
  { title: "late P99", width: 8, cell: ({ lateness }) => timeText(lateness.p99) },
  { title: "", width: 10, cell: noteOf },
];

/** What goes first where a terminal has no room for all; the summary has it. */
const LEFT_OFF = ["trades/s", "waiting", "answered/s"];

/** `room`: columns of the terminal; undefined: it is none, and takes lines of any length. */
export const progressTitles = (room?: number): string => tableLine(columnsWithin(room)).trimEnd();

export function progressLine(progress: LoadProgress, room?: number): string {
  const columns = columnsWithin(room);
  const cells = columns.map(({ cell }) => cell(progress));
  return tableLine(columns, cells).trimEnd();
}

function columnsWithin(room = Number.POSITIVE_INFINITY): readonly ProgressColumn[] {
  let columns = COLUMNS;
  for (const leftOff of LEFT_OFF) {
    if (tableLine(columns).length <= room) break;
    columns = columns.filter(({ title }) => title !== leftOff);
  }
  return columns;
}

function noteOf({ phase, rejected }: LoadProgress): string {
  if (phase !== "measured") return phase;
  return rejected > 0 ? `${countText(rejected)} rejected` : "";
}

/** The summary, line by line. Latencies that cannot be trusted are not in it. */
export function summaryLines(result: LoadResult): string[] {
  const { counts, latency, lateness } = result;
  const answered = counts.accepted + counts.rejected;
  const rate = `${countText(result.rate.sent)}/s of ${countText(result.rate.asked)}/s asked`;
  const lines = [
    line("sent", `${countText(counts.sent)} requests, ${rate}`),
    line(
      "answered",
      `${countText(answered)} (${countText(counts.accepted)} accepted, ${countText(counts.rejected)} rejected); ${countText(counts.explained)} came too late for their order, which OUCH leaves unanswered; ${countText(counts.unanswered)} missing`,
    ),
    line(
      "executed",
      `${countText(counts.executions)} fills, shares bought ${countText(counts.sharesBought)}, sold ${countText(counts.sharesSold)}`,
    ),
  ];
  for (const [code, count] of Object.entries(result.rejectCodes)) {
    lines.push(line("rejected", `${countText(count)} with reason 0x${code}`));
  }
  if (!result.isValid) {
    for (const reason of result.invalid) lines.push(line("INVALID", reason));
    return lines;
  }
  lines.push(
    line("response", `${percentilesText(latency.response)}   from the intended send to the answer`),
    line("service", `${percentilesText(latency.service)}   from the actual send`),
  );
  for (const name of REQUEST_NAMES) {
    const percentiles = latency.responseByRequest[name];
    if (percentiles && percentiles.count > 0) {
      lines.push(line(`  ${name}`, percentilesText(percentiles)));
    }
  }
  lines.push(line("lateness", `${percentilesText(lateness)}   of the load tool itself`));
  return lines;
}

/** One sentence about the tail, when enough is known to say one. */
export function slaLine(result: LoadResult): string {
  const { p999, count } = result.latency.response;
  if (!result.isValid) return line("SLA", "not judged: the run is invalid");
  if (p999 === null) {
    return line("SLA", `not judged: P999 needs 10,000 answers, these were ${countText(count)}`);
  }
  const isMet = p999 <= SLA_NS;
  const verdict = isMet ? "met" : "MISSED";
  return line("SLA", `${verdict}: P999 ${timeText(p999)}, the limit is ${timeText(SLA_NS)}`);
}

export const line = (title: string, text: string): string => `${title.padEnd(10)} ${text}`;

function percentilesText(percentiles: Percentiles): string {
  const { p50, p99, p999, p9999, max } = percentiles;
  const named: [string, number | null][] = [
    ["P50", p50],
    ["P99", p99],
    ["P999", p999],
    ["P9999", p9999],
    ["max", max],
  ];
  return named
    .filter(([, ns]) => ns !== null)
    .map(([name, ns]) => `${name} ${timeText(ns).padStart(8)}`)
    .join("  ");
}
