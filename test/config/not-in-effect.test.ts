import assert from "node:assert/strict";
import { test } from "node:test";
import { readCommandLine } from "../../src/config/command-line.ts";
import { GATEWAY_RULE } from "../../src/config/config-rules.ts";
import { describeCheck, describeHelp } from "../../src/config/describe-config.ts";
import { findWithoutEffect, NOT_IN_EFFECT } from "../../src/config/not-in-effect.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { isRecord } from "../../src/config/rule.ts";

test("each path without effect is a key of the configuration", () => {
  for (const path of NOT_IN_EFFECT) {
    const [section = "", key = ""] = path.split(".");
    const fields = GATEWAY_RULE.fields?.[section]?.fields;
    // Accounts are a list: their keys belong to its items.
    if (section === "accounts") continue;
    assert.ok(fields !== undefined, path);
    assert.ok(key === "" || Object.hasOwn(fields, key), path);
  }
});

test("what is as it was by default is not mentioned", () => {
  const defaults = { risk: { a: null, list: [] }, listen: { port: 1 } };
  assert.deepEqual(findWithoutEffect(defaults, defaults), []);
  const changed = { risk: { a: 1, list: ["X"] }, listen: { port: 2 } };
  assert.deepEqual(
    findWithoutEffect(changed, defaults).map((problem) => problem.path),
    ["risk.a", "risk.list.0"],
  );
});

test("the check lists files, warnings and the keys without effect", () => {
  const loaded = readConfig(readCommandLine(["--set", "risk.collarPercent=5"]));
  const text = describeCheck(loaded);
  assert.match(text, /^configuration is valid\n/);
  assert.match(text, /read .*config\/gateway\.json\n/);
  assert.match(text, /warning: risk\.collarPercent: is set, but has no effect yet\n/);
  for (const path of NOT_IN_EFFECT) assert.ok(text.includes(`\n  ${path}\n`), path);
});

const keysOf = (value: object, path: string): string[] =>
  Object.entries(value).flatMap(([key, beneath]) =>
    isRecord(beneath) ? keysOf(beneath, `${path}${key}.`) : [path + key],
  );

test("the help has a line for every key, and no password", () => {
  const { config } = readConfig(readCommandLine([]));
  const text = describeHelp(config);
  for (const key of keysOf(config, "")) assert.ok(text.includes(`  ${key} = `), key);
  assert.doesNotMatch(text, /DEMO/);
});
