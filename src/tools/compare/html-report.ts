// The report as one HTML file that needs nothing else: no scripts, no fonts, no network.

import { timeText } from "../terminal-text.ts";
import type { ComparisonRecord, TargetFacts } from "./comparison-record.ts";
import { estimateText, noteLines, trustText } from "./comparison-text.ts";
import { percentText } from "./percentile-verdict.ts";
import { percentileChart, ratioChart, timeChart } from "./report-charts.ts";
import { isValid } from "./run-sample.ts";
import { collectionsOf, STAGE_PERCENTILES, stageRows } from "./stage-table.ts";
import { escaped } from "./svg-chart.ts";

const STYLE = `
:root { color-scheme: light dark; --a: #2f6fb3; --b: #c8541c; --bad: #c0392b; --good: #2e8b57; --soft: #8884; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 900px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.6em; margin-bottom: 0; } h2 { font-size: 1.1em; margin-top: 2em; }
h1.regressed { color: var(--bad); } h1.not-regressed { color: var(--good); }
table { border-collapse: collapse; font-size: 13px; } td, th { padding: 2px 10px 2px 0; text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; } .muted { opacity: 0.6; }
code { font-size: 12px; overflow-wrap: anywhere; } svg { width: 100%; } svg text { font-size: 12px; fill: currentColor; }
.grid { stroke: var(--soft); } .line { fill: none; stroke-width: 1.8; } .line.a { stroke: var(--a); } .line.b { stroke: var(--b); }
.max.a { fill: var(--a); } .max.b { fill: var(--b); } .noise { fill: var(--soft); }
.limit { fill: none; stroke: var(--bad); stroke-width: 2; stroke-dasharray: 4 3; }
.interval { fill: #888; } .interval.regressed { fill: var(--bad); } .interval.not-regressed { fill: var(--good); }
.estimate { fill: currentColor; } .block { fill: currentColor; opacity: 0.35; }
.key-a { color: var(--a); } .key-b { color: var(--b); }
`;

export function htmlReport(record: ComparisonRecord): string {
  const { outcome, reasons } = record;
  const title = `${outcome} · ${record.kind}`;
  const parts = [
    `<h1 class="${outcome.replaceAll(" ", "-")}">${escaped(outcome)}</h1>`,
    `<p><strong>${escaped(trustText(record))}</strong>, ${escaped(record.startedAt)}</p>`,
    `<ul>${[...reasons, ...noteLines(record)].map((text) => `<li>${escaped(text)}</li>`).join("")}</ul>`,
    targetTable(record),
    verdictTable(record),
    section("Ratios", ratioChart(record), RATIO_NOTE),
    section("Percentiles", percentileChart(record), `${KEY} All runs that count, together.`),
    section(
      "In time",
      timeChart(record),
      `${KEY} Line: P99 of each second. Dots: its slowest answer.`,
    ),
    stageTable(record),
    environmentTable(record),
    runTable(record),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${parts.filter((part) => part !== "").join("\n")}
</body>
</html>
`;
}

const KEY = `<span class="key-a">A</span>, <span class="key-b">B</span>.`;
const RATIO_NOTE =
  "Bar: the interval. Small dots: single blocks. Dashed: the limit. Grey: what A differed from itself by.";

const section = (title: string, chart: string, note: string): string =>
  chart === "" ? "" : `<h2>${title}</h2>\n${chart}\n<p class="muted">${note}</p>`;

/** Cells that begin with a digit, a sign or a dash are set as numbers. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const kind = (column: number): string =>
    rows.length > 0 && rows.every((row) => /^[–+−±\d]/.test(row[column] ?? ""))
      ? ' class="number"'
      : "";
  const row = (tag: string, cells: readonly string[]): string =>
    `<tr>${cells.map((text, column) => `<${tag}${kind(column)}>${escaped(text)}</${tag}>`).join("")}</tr>`;
  return `<table>${row("th", titles)}${rows.map((cells) => row("td", cells)).join("")}</table>`;
}

function targetTable({ a, b, profile }: ComparisonRecord): string {
  const cells = (side: string, target: TargetFacts): string[] => [
    side,
    target.kind,
    [target.text, ...target.settings].join("  "),
    target.commit ?? "–",
    target.startScript ?? "–",
  ];
  const titles = ["", "kind", "target", "commit", "start script"];
  return `${table(titles, [cells("A", a), cells("B", b)])}<p>load: <code>${escaped(profile)}</code></p>`;
}

function verdictTable({ verdicts }: ComparisonRecord): string {
  const rows = verdicts.map((verdict) => [
    verdict.name.toUpperCase(),
    estimateText(verdict),
    percentText(verdict.limit),
    verdict.noise === null ? "–" : `±${percentText(verdict.noise).slice(1)}`,
    String(verdict.estimate?.blocks ?? 0),
    `${verdict.outcome}: ${verdict.reason}`,
  ]);
  return table(["", "B to A, with interval", "limit", "A/A", "blocks", "verdict"], rows);
}

function stageTable(record: ComparisonRecord): string {
  const stages = stageRows(record);
  if (stages.length === 0) return "";
  const titles = STAGE_PERCENTILES.flatMap((name) => [
    `A ${name.toUpperCase()}`,
    `B ${name.toUpperCase()}`,
  ]);
  const rows = stages.map(({ stage, a, b }) => [
    stage,
    ...STAGE_PERCENTILES.flatMap((name) => [timeText(a[name]), timeText(b[name])]),
  ]);
  const note = "As the targets say of themselves at the end of a block; the median of all blocks.";
  return `<h2>Stages</h2>${table(["", ...titles], rows)}<p class="muted">${note}</p>`;
}

function environmentTable(record: ComparisonRecord): string {
  const { host, node, cpu, cores, kernel, loadBefore, loadAfter, toolCommit } = record.environment;
  const collections = (["A", "B"] as const).flatMap((side): [string, string][] => {
    const facts = collectionsOf(record, side);
    if (facts.collections === null) return [];
    const millis = ((facts.seconds ?? 0) * 1000).toFixed(1);
    return [[`collections of ${side}, a block`, `${facts.collections}, ${millis} ms`]];
  });
  const builds = (["A", "B"] as const).flatMap((side): [string, string][] => {
    const build = record.admin.find((block) => block[side]?.build)?.[side]?.build;
    return build ? [[`build of ${side}`, build]] : [];
  });
  const rows: [string, string][] = [
    ["host", host],
    ["CPU", `${cores} × ${cpu}`],
    ["kernel", kernel],
    ["Node", node],
    ["load average before, after", `${loadBefore.toFixed(2)}, ${loadAfter.toFixed(2)}`],
    ["the tool's commit", toolCommit ?? "–"],
    ...builds,
    ...collections,
  ];
  return `<h2>Environment</h2>${table(["", ""], rows)}`;
}

function runTable({ runs }: ComparisonRecord): string {
  const rows = runs.map((run) => [
    `${run.phase === "noise" ? "A/A " : ""}${run.block + 1}`,
    run.phase === "noise" && run.side === "B" ? "A′" : run.side,
    ...(["p50", "p99", "p999", "max"] as const).map((name) =>
      timeText(isValid(run) ? run.percentiles[name] : null),
    ),
    String(run.count),
    run.answers === undefined ? "–" : String(run.answers.rejected),
    run.loadAverage?.toFixed(2) ?? "–",
    run.problem ?? "",
  ]);
  const titles = [
    "block",
    "run",
    "P50",
    "P99",
    "P999",
    "max",
    "answers",
    "rejected",
    "load",
    "left out",
  ];
  return `<h2>Runs</h2>${table(titles, rows)}`;
}
