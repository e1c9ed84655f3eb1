// What stands in ops/ names only what there is: metrics and labels of the table, rules that are recorded, pages that are
// written. Needs no Prometheus; what does is in *.ops.ts beside this file.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { METRICS, type MetricFamily } from "../../src/scribe/metrics/metric-table.ts";
import { EVENT_NAMES } from "../../src/telemetry/event-record.ts";
import {
  DASHBOARD_PATH,
  expressionsOf,
  type OpsFile,
  readAlertIndex,
  readAlertPages,
  readAlertRules,
  readDashboard,
  readRuleFiles,
  readRuleTests,
} from "../support/ops-files.ts";
import { ROOT } from "../support/source-files.ts";

const alerts = readAlertRules();
const pages = readAlertPages();
const ruleFiles = readRuleFiles();
const ruleTests = readRuleTests();
const dashboard = readDashboard();
const expressions: OpsFile = { path: DASHBOARD_PATH, text: expressionsOf(dashboard).join("\n") };
const queries = [...ruleFiles, ...ruleTests, expressions];

const families: ReadonlyMap<string, MetricFamily> = new Map(
  METRICS.map((family) => [family.name, family]),
);

/** A family by its name, or by that of a histogram's series. */
function familyOf(name: string): MetricFamily | undefined {
  const whole = families.get(name);
  if (whole !== undefined) return whole;
  const family = families.get(name.replace(/_(bucket|sum|count)$/, ""));
  return family?.type === "histogram" ? family : undefined;
}

const METRIC = /(?<![\w:])(?:gateway|process)_\w+(?![\w:])/g;

test("rules, their tests and the dashboard ask for metrics that are in the table", () => {
  const unknown = queries.flatMap(({ path, text }) =>
    [...text.matchAll(METRIC)]
      .filter(([name]) => familyOf(name) === undefined)
      .map(([name]) => `${path}: ${name}`),
  );
  assert.deepEqual(unknown, []);
});

test("pages name metrics that are in the table, or how several begin", () => {
  const known = (name: string): boolean =>
    familyOf(name) !== undefined ||
    (name.endsWith("_") && METRICS.some((family) => family.name.startsWith(name)));
  const unknown = [...pages, readAlertIndex()].flatMap(({ path, text }) =>
    [...text.matchAll(METRIC)].filter(([name]) => !known(name)).map(([name]) => `${path}: ${name}`),
  );
  assert.deepEqual(unknown, []);
});

/** Of a scrape, or of Prometheus itself. */
const TARGET_LABELS = ["job", "instance", "build"];

test("labels are those of their metric", () => {
  const wrong: string[] = [];
  for (const { path, text } of queries) {
    for (const [, name = "", selector = ""] of text.matchAll(
      /((?:gateway|process)_\w+)\{([^}]*)\}/g,
    )) {
      const family = familyOf(name);
      const known = [...TARGET_LABELS, ...(family?.labels ?? []), "le"];
      for (const [, label = ""] of selector.matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g)) {
        if (!known.includes(label)) wrong.push(`${path}: ${name} has no label ${label}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test("what is grouped by, and what a legend shows, is a label", () => {
  const labels = new Set([...TARGET_LABELS, "le", ...METRICS.flatMap((family) => family.labels)]);
  const legends = dashboard.panels.flatMap(({ targets = [] }) =>
    targets.flatMap(({ legendFormat }) =>
      [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label),
    ),
  );
  const grouped = [...ruleFiles, expressions].flatMap(({ text }) =>
    [...text.matchAll(/\b(?:by|on|ignoring|without) \(([^)]*)\)/g)].flatMap(([, list = ""]) =>
      list.split(/, */),
    ),
  );
  assert.ok(legends.length > 0 && grouped.length > 0);
  assert.deepEqual(
    [...legends, ...grouped].filter((label) => !labels.has(label)),
    [],
  );
});

test("what was recorded is asked for by the name that it was recorded under", () => {
  const recorded = ruleFiles.flatMap(({ text }) =>
    [...text.matchAll(/- record: (\S+)/g)].map(([, name = ""]) => name),
  );
  const used = queries.flatMap(({ text }) => text.match(/\b\w+:\w+:\w+\b/g) ?? []);
  assert.ok(recorded.length > 0);
  assert.deepEqual(
    used.filter((name) => !recorded.includes(name)),
    [],
  );
  const asked = [
    ...ruleFiles.map(({ text }) => text.replaceAll(/- record: \S+/g, "")),
    expressions.text,
  ];
  assert.deepEqual(
    recorded.filter((name) => !asked.some((text) => text.includes(name))),
    [],
    "recorded for nobody",
  );
});

test("each alert has its page, and each page its alert", () => {
  const paths = pages.map(({ path }) => path);
  assert.deepEqual(paths, alerts.map(({ name }) => `ops/alerts/${name}.md`).sort());
  for (const { name, runbook, severity } of alerts) {
    assert.equal(runbook, `ops/alerts/${name}.md`);
    assert.match(severity, /^(critical|warning|info)$/, name);
  }
  const index = readAlertIndex().text;
  for (const { name, severity } of alerts) {
    assert.ok(index.includes(`| [${name}](${name}.md) | ${severity} |`), `${name} is not listed`);
  }
});

test("a page says its severity, where to look, what to do, and how to see what the gateway waits for", () => {
  const severities = new Map(alerts.map(({ name, severity }) => [name, severity]));
  for (const { path, text } of pages) {
    const name = /^# (\w+)$/m.exec(text)?.[1] ?? "";
    assert.equal(path, `ops/alerts/${name}.md`);
    const severity = /^(\w+):/m.exec(text)?.[1]?.toLowerCase();
    assert.equal(severity, severities.get(name), path);
    for (const part of ["What it means", "Look", "Causes, and what to do"]) {
      assert.ok(text.includes(`\n## ${part}\n`), `${path} has no part "${part}"`);
    }
    assert.ok(text.includes("`ops/bin/verify-wait PID`"), path);
  }
});

test("links and programs of the pages are there", () => {
  for (const { path, text } of [...pages, readAlertIndex()]) {
    for (const [, target = ""] of text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      assert.ok(existsSync(join(ROOT, "ops/alerts", target)), `${path}: ${target}`);
    }
    for (const [program] of text.matchAll(/ops\/bin\/[\w-]+/g)) {
      assert.ok(existsSync(join(ROOT, program)), `${path}: ${program}`);
    }
  }
});

test("pages name scripts, kinds of events and configuration keys that there are", () => {
  const { scripts } = readJson("package.json") as { scripts: Record<string, string> };
  const config = readJson("config/gateway.json") as Record<string, unknown>;
  const kinds = [...EVENT_NAMES.values()];
  for (const { path, text } of [...pages, readAlertIndex()]) {
    for (const [, script = ""] of text.matchAll(/npm run ([\w:]+)/g)) {
      assert.ok(Object.hasOwn(scripts, script), `${path}: npm run ${script}`);
    }
    for (const [, kind = ""] of text.matchAll(/kind=([\w-]+)/g)) {
      assert.ok(kinds.includes(kind), `${path}: kind=${kind}`);
    }
    for (const [, key = ""] of text.matchAll(/`([a-z]+(?:\.[a-zA-Z]+)+)`/g)) {
      const [section = "", ...rest] = key.split(".");
      // What looks like a key and begins with no section is a file.
      if (!Object.hasOwn(config, section)) continue;
      let value: unknown = config[section];
      for (const name of rest) value = (value as Record<string, unknown> | undefined)?.[name];
      assert.notEqual(value, undefined, `${path}: ${key}`);
    }
  }
});

const readJson = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), "utf8"));

test("each alert is tested when it fires and when it does not", () => {
  for (const { name } of alerts) {
    const groups = ruleTests.flatMap(({ text }) => text.split(/^ {2}- name: /m).slice(1));
    const own = groups.filter((group) => group.includes(`alertname="${name}"`));
    assert.ok(own.length > 0, `${name} never fires in a test`);
    // Within one history: a rule that fires whatever happens would pass otherwise.
    const silent = own.filter((group) =>
      group
        .split("- expr: ")
        .some((check) => check.startsWith("count by (alertname)") && !check.includes(name)),
    );
    assert.ok(silent.length > 0, `${name} is never silent in a test in which it fires`);
  }
});

test("the dashboard's panels stand side by side, and each says what it shows", () => {
  const { panels } = dashboard;
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length, "an id is used twice");
  const cells = new Set<string>();
  for (const { title, type, description, gridPos, targets = [] } of panels) {
    const { x, y, w, h } = gridPos;
    assert.ok(x + w <= 24, `${title} is too far to the right`);
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        const cell = `${column}/${row}`;
        assert.ok(!cells.has(cell), `${title} lies over another panel`);
        cells.add(cell);
      }
    }
    if (type === "row") continue;
    assert.ok(description !== undefined && description.length > 0, `${title} is not explained`);
    assert.ok(targets.length > 0, `${title} asks for nothing`);
    assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
  }
});
