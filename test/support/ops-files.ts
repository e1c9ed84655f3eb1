// What stands in ops/ for Prometheus and Grafana, as text and as far as it can be read without either.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./source-files.ts";

const RULE_FILES = [
  "ops/prometheus/recording.rules.yml",
  "ops/prometheus/alerts.rules.yml",
] as const;
const RULE_TESTS_FOLDER = "ops/prometheus/tests";
const ALERTS_FOLDER = "ops/alerts";

export interface OpsFile {
  /** From the project's root. */
  readonly path: string;
  readonly text: string;
}

const readOps = (path: string): OpsFile => ({ path, text: readFileSync(join(ROOT, path), "utf8") });
const filesOf = (folder: string, pattern: RegExp): OpsFile[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => readOps(join(folder, name)));

export const readRuleFiles = (): OpsFile[] => RULE_FILES.map(readOps);
export const readRuleTests = (): OpsFile[] => filesOf(RULE_TESTS_FOLDER, /\.test\.yml$/);
/** One for each alert. */
export const readAlertPages = (): OpsFile[] => filesOf(ALERTS_FOLDER, /^Tailgate\w+\.md$/);
export const readAlertIndex = (): OpsFile => readOps(join(ALERTS_FOLDER, "README.md"));

export interface AlertRule {
  readonly name: string;
  readonly severity: string;
  readonly runbook: string;
}

export function readAlertRules(): AlertRule[] {
  const [, alerts] = readRuleFiles();
  const blocks = (alerts?.text ?? "").split(/^ +- alert: /m).slice(1);
  return blocks.map((block) => ({
    name: /^\w+/.exec(block)?.[0] ?? "",
    severity: /severity: (\w+)/.exec(block)?.[1] ?? "",
    runbook: /runbook: (\S+)/.exec(block)?.[1] ?? "",
  }));
}

export interface PanelTarget {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
}
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly PanelTarget[];
}
export interface Dashboard {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

export const DASHBOARD_PATH = "ops/grafana/tailgate.json";
export const readDashboard = (): Dashboard => JSON.parse(readOps(DASHBOARD_PATH).text) as Dashboard;

/** Every expression that Grafana sends, but for its own variables. */
export const expressionsOf = ({ panels, annotations }: Dashboard): string[] => [
  ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...annotations.list.map(({ expr }) => expr),
];
