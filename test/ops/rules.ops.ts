// Rules, their tests and the scrape config, as promtool judges them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readRuleFiles, readRuleTests } from "../support/ops-files.ts";
import { PROMETHEUS_FOLDER, promtool } from "../support/prometheus.ts";

test("the scrape config is one", async () => {
  const { status, text } = await promtool([
    "check",
    "config",
    `${PROMETHEUS_FOLDER}/prometheus.yml`,
  ]);
  assert.equal(status, 0, text);
});

test("the rules are such, and none stands there twice", async () => {
  const paths = readRuleFiles().map(({ path }) => path);
  const { status, text } = await promtool(["check", "rules", "--lint-fatal", ...paths]);
  assert.equal(status, 0, text);
});

test("alerts fire when they should and are silent when they should be", async () => {
  const paths = readRuleTests().map(({ path }) => path);
  const { status, text } = await promtool(["test", "rules", ...paths]);
  assert.equal(status, 0, text);
});
