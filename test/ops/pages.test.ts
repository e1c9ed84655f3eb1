// What an operator looks up is written down, and there: every key of the configuration, every line on stderr, every way to
// fail, every command and refusal of the control socket.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT, readFolder } from "../support/source-files.ts";

const readText = (path: string): string => readFileSync(join(ROOT, path), "utf8");

test("each key of the configuration is described, with its default", () => {
  const page = readText("ops/configuration.md");
  const rows = new Map(
    [...page.matchAll(/^\| `([\w.]+)` \| (.*?) \|/gm)].map(([, key = "", value = ""]) => [
      key,
      value,
    ]),
  );
  /** Lists and groups that one row stands for. */
  const whole = ["risk", "accounts", "telemetry.log.sample", "admin.tokens"];
  const missing: string[] = [];
  const look = (value: unknown, path: string): void => {
    const shown = rows.get(path);
    if (typeof value === "object" && value !== null && !whole.includes(path)) {
      for (const [key, each] of Object.entries(value))
        look(each, path === "" ? key : `${path}.${key}`);
    } else if (shown === undefined) missing.push(path);
    else if (!whole.includes(path)) assert.equal(shown, `\`${JSON.stringify(value)}\``, path);
    rows.delete(path);
  };
  look(JSON.parse(readText("config/gateway.json")), "");
  assert.deepEqual(missing, []);
  assert.deepEqual([...rows.keys()], [], "described, and no key");
});

test("each line that the gateway can write on stderr is in the runbook", () => {
  const runbook = readText("ops/runbook.md");
  const events = readFolder("src", [".ts"])
    .filter(({ path }) => !path.startsWith("src/tools/"))
    .flatMap(({ code }) => [
      ...code.matchAll(
        /\b(?:info|warn|error|say|put)\(\s*(?:"(?:info|warn|error)",\s*)?"([a-z][a-z -]+)"/g,
      ),
      ...code.matchAll(/level: "\w+", event: "([a-z-]+)"/g),
    ])
    .map(([, event = ""]) => event);
  assert.ok(events.length > 30);
  const isTold = (event: string): boolean => {
    const [, first = "", rest = ""] = /^([a-z]+)(-[a-z]+)?$/.exec(event) ?? [];
    return (
      runbook.includes(`\`${event}\``) ||
      (runbook.includes(`\`${first}-`) && runbook.includes(`\`${rest}\``))
    );
  };
  assert.deepEqual(
    [...new Set(events)].filter((event) => !isTold(event)),
    [],
  );
});

test("each way to fail has its row in the runbook, and something that ends with it", () => {
  const runbook = readText("ops/runbook.md");
  const rows = [...runbook.matchAll(/^\| (\d+ \| `[A-Z_]+`) \|/gm)].map(([, row = ""]) => row);
  const answers = readText("src/base/fault.ts").matchAll(/^ {2}([A-Z_]+): \{\s+status: (\d+),/gm);
  const faults = [...answers].map(([, code = "", status = ""]) => ({ code, status }));
  assert.deepEqual(
    rows,
    faults.map(({ code, status }) => `${status} | \`${code}\``),
  );
  const others = readFolder("src", [".ts", ".mjs"]).filter(
    ({ path }) => path !== "src/base/fault.ts",
  );
  // What nobody foresaw needs nobody who says so.
  const unforeseen = ["MEMORY_SHORT", "INVARIANT"];
  const unused = faults.filter(
    ({ code }) => !unforeseen.includes(code) && !others.some(({ text }) => text.includes(code)),
  );
  assert.deepEqual(unused, []);
});

test("each code with which the control socket refuses is in the runbook", () => {
  const runbook = readText("ops/runbook.md");
  const refusals = readFolder("src", [".ts"]).flatMap(({ code }) => [
    ...code.matchAll(/\bcontrolError\(\s*"([A-Z_]+)"/g),
    ...(/const ROLL_REFUSALS = \{[^}]*\}/.exec(code)?.[0] ?? "").matchAll(/^ {2}([A-Z_]+):/gm),
  ]);
  const codes = new Set(refusals.map(([, code = ""]) => code));
  assert.ok(codes.has("UNKNOWN_COMMAND") && codes.has("SESSIONS_USED_UP"));
  assert.deepEqual(
    [...codes].filter((code) => !runbook.includes(`\`${code}\``)),
    [],
  );
});

test("the commands of the control socket that pages name are those that its tool tells of", () => {
  const known = [...readText("src/tools/control.ts").matchAll(/^ {2}([a-z][a-z-]+) /gm)].map(
    ([, name = ""]) => name,
  );
  assert.ok(known.includes("status") && known.includes("roll"), known.join());
  const pages = [...readFolder("ops", [".md"]), { path: "README.md", text: readText("README.md") }];
  const unknown = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/npm run control -- ([a-z][\w-]*)/g)]
      .filter(([, name = ""]) => !known.includes(name))
      .map(([, name]) => `${path}: ${name}`),
  );
  assert.deepEqual(unknown, []);
});
