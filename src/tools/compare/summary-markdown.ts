// The verdict for the summary of a CI step.

import { timeText } from "../terminal-text.ts";
import type { ComparisonRecord, TargetFacts } from "./comparison-record.ts";
import { estimateText, noteLines, trustText } from "./comparison-text.ts";
import { type Outcome, percentText } from "./percentile-verdict.ts";
import { STAGE_PERCENTILES, stageRows } from "./stage-table.ts";

const MARKS: Readonly<Record<Outcome, string>> = {
  regressed: "❌",
  "not regressed": "✅",
  "cannot tell": "❔",
};

/** What a target or tool said may be a page long. */
const TEXT_MAX = 400;

/** GitHub's Markdown. */
export function summaryMarkdown(record: ComparisonRecord): string {
  const { outcome, reasons, environment } = record;
  const stages = stageRows(record);
  const lines = [
    `## ${MARKS[outcome]} ${outcome}`,
    "",
    `**${cell(trustText(record))}** · ${cell(record.profile)}`,
    "",
    ...reasons.map((reason) => `- ${cell(reason)}`),
    "",
    `| | target | commit |`,
    `|---|---|---|`,
    targetRow("A", record.a),
    targetRow("B", record.b),
    "",
    "| | B to A | interval | limit | A/A | blocks | |",
    "|---|--:|---|--:|--:|--:|---|",
    ...record.verdicts.map(({ name, estimate, limit, noise, outcome: each, reason }) => {
      const [ratio, ...interval] = estimateText({ estimate }).split(" (");
      const cells = [
        name.toUpperCase(),
        ratio ?? "",
        interval.join("").replace(")", ""),
        percentText(limit),
        noise === null ? "–" : `±${percentText(noise).slice(1)}`,
        String(estimate?.blocks ?? 0),
        `${MARKS[each]} ${each}: ${reason}`,
      ];
      return `| ${cells.map(cell).join(" | ")} |`;
    }),
    "",
    ...noteLines(record).map((line) => `- ${cell(line)}`),
  ];
  if (stages.length > 0) {
    lines.push(
      "",
      "<details><summary>stages, A → B</summary>",
      "",
      `| stage | ${STAGE_PERCENTILES.map((name) => name.toUpperCase()).join(" | ")} |`,
      "|---|--:|--:|--:|",
      ...stages.map(({ stage, a, b }) => {
        const cells = STAGE_PERCENTILES.map(
          (name) => `${timeText(a[name])} → ${timeText(b[name])}`,
        );
        return `| ${cell(stage)} | ${cells.join(" | ")} |`;
      }),
      "",
      "</details>",
    );
  }
  const { node, cpu, cores, loadBefore, loadAfter } = environment;
  lines.push(
    "",
    `${record.startedAt} · Node ${node} · ${cores} × ${cell(cpu)} · load ${loadBefore.toFixed(2)} → ${loadAfter.toFixed(2)}`,
  );
  return `${lines.join("\n")}\n`;
}

function targetRow(side: string, target: TargetFacts): string {
  const text = [target.text, ...target.settings].join(" ");
  // In a code span an entity would be shown as its letters, and no tag begins.
  return `| ${side} | \`${row(text).replaceAll("`", "'")}\` | ${cell(target.commit ?? "–")} |`;
}

/** Whatever a target or tool said stays within its cell. */
const cell = (text: string): string => row(text).replaceAll("<", "&lt;");
const row = (text: string): string =>
  text.replaceAll(/\s+/g, " ").slice(0, TEXT_MAX).replaceAll("|", "\\|");
