// What a person reads of a load run: a line each second and a summary.

import type { LoadProgress, LoadResult } from "./driver/load-result.ts";
import type { Percentiles } from "./driver/percentiles.ts";
import { REQUEST_NAMES } from "./driver/requests.ts";
import { type Column, countText, tableLine, timeText } from "./terminal-text.ts";

/** P999 ≤ 8 ms: what the gateway is built around. */
export const SLA_NS = 8_000_000;

const COLUMNS: readonly Column[] = [
  { title: "time", width: 7 },
  { title: "sent/s", width: 8 },
  { title: "answered/s", width: 10 },
  { title: "trades/s", width: 8 },
  { title: "P50", width: 8 },
  { title: "P99", width: 8 },
  { title: "P999", width: 8 },
  { title: "max", width: 8 },
  { title: "waiting", width: 7 },
  // How late the load tool itself was: what it adds to the response times.
  { title: "late P99", width: 8 },
  { title: "", width: 10 },
];

export const progressTitles = (): string => tableLine(COLUMNS).trimEnd();

export function progressLine(progress: LoadProgress): string {
  const { response } = progress;
  let note: string = progress.phase;
  if (progress.phase === "measured") {
    note = progress.rejected > 0 ? `${countText(progress.rejected)} rejected` : "";
  }
  return tableLine(COLUMNS, [
    `${progress.second} s`,
    countText(progress.sentRate),
    countText(progress.answeredRate),
    countText(progress.executionRate),
    timeText(response.p50),
    timeText(response.p99),
    timeText(response.p999),
    timeText(response.max),
    countText(progress.waiting),
    timeText(progress.lateness.p99),
    note,
  ]).trimEnd();
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
