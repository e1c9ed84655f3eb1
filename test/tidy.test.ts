// What review forgets: rules of the house that the compiler and the linter do not know.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import {
  importsOf,
  ROOT,
  readFolder,
  type SourceFile,
  withoutComments,
} from "./support/source-files.ts";

const sources = readFolder("src", [".ts", ".mjs"]);
const tests = readFolder("test", [".ts"]);
const benches = readFolder("native-free-bench", [".ts"]);
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

/** src/lane/outbox.ts is lane's, src/main.ts is main's. */
const folderOf = (path: string): string => path.split("/")[1]?.replace(/\.ts$/, "") ?? "";

/** Lines of the code, comments aside, that a pattern finds. */
const findLines = (files: readonly SourceFile[], pattern: RegExp): string[] =>
  files.flatMap(({ path, code }) =>
    code
      .split("\n")
      .flatMap((line, index) =>
        pattern.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [],
      ),
  );

/** Who may import from whom, beside its own folder. The folder is the thread: gate, lane and scribe never meet. */
const SHARED = ["base", "memory", "protocol", "telemetry", "limits"];
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  config: ["base"],
  memory: ["base"],
  protocol: ["base"],
  limits: ["base", "memory", "protocol"],
  telemetry: ["base", "memory", "protocol"],
  capture: ["base", "memory", "protocol"],
  journal: ["base", "memory", "protocol"],
  venue: [...SHARED, "journal"],
  lane: [...SHARED, "journal", "venue"],
  keeper: [...SHARED, "config", "journal", "venue", "lane"],
  gate: [...SHARED, "config", "capture"],
  scribe: [...SHARED, "config", "capture"],
};
/** They wire the others. */
const MAY_IMPORT_ALL = ["main", "tools"];

test("imports point one way", () => {
  const against: string[] = [];
  for (const { path, imports } of sources) {
    const folder = folderOf(path);
    if (path.endsWith(".mjs") || MAY_IMPORT_ALL.includes(folder)) continue;
    const allowed = MAY_IMPORT[folder];
    assert.ok(allowed !== undefined, `${path} is in a folder without arrows`);
    for (const imported of imports) {
      if (!imported.startsWith("src/")) continue;
      const target = folderOf(imported);
      if (target !== folder && !allowed.includes(target)) against.push(`${path} → ${imported}`);
    }
  }
  assert.deepEqual(against, []);
});

test("the path of a file is not taken from its URL, where a blank is %20", () => {
  const found = findLines([...sources, ...tests, ...benches], /\.pathname\b/);
  assert.deepEqual(
    found.filter((line) => !line.startsWith("test/tidy.test.ts")),
    [],
  );
});

test("the sources import nothing from tests and benches", () => {
  const against = sources.filter(({ imports }) =>
    imports.some((imported) => /^(test|native-free-bench)\//.test(imported)),
  );
  assert.deepEqual(
    against.map(({ path }) => path),
    [],
  );
});

test("no module needs itself, however far round", () => {
  const importsByPath = new Map(
    sources.map(({ path, code }) => [path, runTimeImports(code, path)]),
  );
  const finished = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
    if (finished.has(path) || trail.includes(path)) return;
    for (const imported of importsByPath.get(path) ?? []) visit(imported, [...trail, path]);
    finished.add(path);
  };
  for (const path of importsByPath.keys()) visit(path, []);
  assert.deepEqual(cycles, []);
});

/** Types are not loaded by who names them. */
const runTimeImports = (code: string, path: string): string[] =>
  importsOf(code.replace(/\bimport type\b[^;]*;/g, ""), path);

test("lane and venue have no clock, no random source and no file system of their own", () => {
  const pure = sources.filter(({ path }) => /^src\/(lane|venue)\//.test(path));
  const forbidden =
    /\bDate\b|\bperformance\b|\bhrtime\b|Math\.random|\bcrypto\b|\bgetRandomValues\b|"(node:)?(fs|os|net|http|child_process|perf_hooks)\b|\bprocess\.(env|uptime|cpuUsage|memoryUsage)\b|\bsetTimeout\b|\bsetInterval\b|\bIntl\b/;
  assert.deepEqual(findLines(pure, forbidden), []);
});

test("only the lane's entry and its loop know that there are threads", () => {
  const pure = sources.filter(
    ({ path }) => /^src\/(lane|venue)\//.test(path) && !/lane\/(worker|lane-loop)\.ts$/.test(path),
  );
  assert.deepEqual(findLines(pure, /"node:|\bAtomics\b|\bsetImmediate\b|\bprocess\./), []);
});

test("no offset is written as a number outside of the descriptors", () => {
  // Descriptors are in memory and protocol, and in files that are named as layouts. The two halves of a
  // scratch value, at 0 and 4, are no structure.
  const others = sources.filter(
    ({ path }) => !/^src\/(memory|protocol)\//.test(path) && !/-(layout|entry)\.ts$/.test(path),
  );
  const number = String.raw`(?:\w[\w.]* \+ \d+|[1-35-9]|\d\d+)`;
  const accessors = [
    String.raw`\.[gs]et(?:Big)?(?:Uint|Int|Float)\d+\(${number}[,)]`,
    String.raw`\.read(?:Big)?(?:U?Int|Float|Double)\w*\(${number}\)`,
    String.raw`\.write(?:Big)?(?:U?Int|Float|Double)\w*\([^,]+, ${number}\)`,
  ];
  assert.deepEqual(findLines(others, new RegExp(accessors.join("|"))), []);
});

test("V8 flags stand in the start script and nowhere else", () => {
  const flag =
    /--(?:(?:min|max)-(?:semi-space|old-space|heap)|expose-gc|stack-size|single-threaded)/;
  const scripts: [string, string][] = Object.entries(manifest.scripts);
  assert.deepEqual(
    scripts.filter(([, command]) => flag.test(command)).map(([name]) => name),
    ["start"],
  );
  assert.deepEqual(findLines([...sources, ...readFolder(".ci", [""])], flag), []);
  assert.deepEqual(findLines(sources, /setFlagsFromString/), []);
});

test("the sources import only Node's modules and the packages that they may have at run time", () => {
  const allowed = Object.keys(manifest.dependencies);
  const others = sources.flatMap(({ path, imports }) =>
    imports
      .filter((name) => !/^(src\/|node:)/.test(name) && !allowed.includes(name))
      .map((name) => `${path}: ${name}`),
  );
  assert.deepEqual(others, []);
});

test("nothing is silenced, postponed or left out", () => {
  // Split, so that this file does not find itself.
  const marks = [
    "biome-" + "ignore",
    "@ts-" + "(ignore|expect-error|nocheck)",
    "TO" + "DO",
    "FIX" + "ME",
  ];
  const pattern = new RegExp(marks.join("|"));
  const found = [...sources, ...tests, ...benches].filter(({ text }) => pattern.test(text));
  assert.deepEqual(
    found.map(({ path }) => path),
    [],
  );
  assert.deepEqual(findLines(tests, /\b(?:test|describe|it)\.(?:skip|only|todo)\(/), []);
});

test("a file holds one idea: at most 400 lines, and a name that says which", () => {
  const long = sources.filter(({ text }) => text.split("\n").length > 401);
  assert.deepEqual(
    long.map(({ path }) => path),
    [],
  );
  const vague = [...sources, ...tests].filter(
    ({ path }) =>
      /(^|[-/])(utils?|helpers?|misc|common|index)\b/.test(path) &&
      !/[-/]index-|-index\./.test(path),
  );
  assert.deepEqual(
    vague.map(({ path }) => path),
    [],
  );
  const odd = [...sources, ...tests].filter(
    ({ path }) => !/^[a-z0-9-]+(\.[a-z]+)*\.m?[tj]s$/.test(basename(path)),
  );
  assert.deepEqual(
    odd.map(({ path }) => path),
    [],
  );
});

/** Started as a process, so that no test imports them; what stands here runs them. */
const RUN_BY: Readonly<Record<string, string>> = {
  "src/compile-all.mjs": "test/compile-all.test.ts",
  "src/main.ts": "test/e2e/",
  "src/require-node.mjs": "test/require-node.test.ts",
  "src/tools/capture.ts": "test/tools/capture.test.ts",
  "src/tools/compare.ts": "test/tools/compare.test.ts",
  "src/tools/control.ts": "test/tools/control.test.ts",
  "src/tools/demo.ts": "test/tools/demo.test.ts",
  "src/tools/driver/load-process.ts": "test/tools/driver/load-child.test.ts",
  "src/tools/hash-password.ts": "test/tools/hash-password.test.ts",
  "src/tools/journal.ts": "test/tools/journal.test.ts",
  "src/tools/load.ts": "test/tools/load.test.ts",
  "src/tools/logs.ts": "test/tools/logs.test.ts",
  "src/tools/order.ts": "test/tools/order.test.ts",
  "src/tools/pairs.ts": "test/tools/pairs.test.ts",
  "src/tools/replay.ts": "test/tools/replay.test.ts",
  "src/tools/slow.ts": "test/tools/slow.test.ts",
  "src/tools/status.ts": "test/tools/status.test.ts",
};

/** A file of types alone has nothing that a test could run. */
const DOES_SOMETHING =
  /^(?:export )?(?:abstract |async )?(?:class|const|function|let|for|if|try|await)\b/m;

test("every source file is reached by a test of its folder", () => {
  const needsByPath = new Map(
    sources.map(({ path, imports, starts }) => [path, [...imports, ...starts]]),
  );
  const ownFolders = [...Object.keys(MAY_IMPORT), ...MAY_IMPORT_ALL];
  const reached = new Set<string>();
  const reach = (path: string): void => {
    if (!path.startsWith("src/") || reached.has(path)) return;
    reached.add(path);
    for (const imported of needsByPath.get(path) ?? []) {
      // What another folder's code needs is that folder's to test.
      if (folderOf(imported) === folderOf(path)) reach(imported);
    }
  };
  for (const { path, imports, starts } of tests) {
    for (const imported of [...imports, ...starts]) {
      // test/lane answers for src/lane; test/e2e, test/vectors and the like for whatever they use.
      const isOther = !ownFolders.includes(folderOf(path));
      if (isOther || folderOf(imported) === folderOf(path)) reach(imported);
    }
  }
  for (const [path, run] of Object.entries(RUN_BY)) {
    if (tests.some((file) => file.path.startsWith(run))) reach(path);
  }
  const unreached = sources.filter(
    ({ path, code }) => !reached.has(path) && DOES_SOMETHING.test(code),
  );
  assert.deepEqual(
    unreached.map(({ path }) => path),
    [],
  );
});

test("comments are taken out and strings are left in", () => {
  const text = 'a(); // b\n/* c\n d */ e("http://f"); /** g */\n';
  assert.equal(withoutComments(text), 'a(); \n\n e("http://f"); \n');
});

test("imports are found in each of their forms", () => {
  const text = [
    'import { a } from "../base/a.ts";',
    'import type { b } from "./b.ts";',
    'export { c } from "node:fs";',
    'import "pino";',
    'const d = await import("./d.ts");',
    'parse("from", "a", "import");',
    '// import "./f.ts";',
  ].join("\n");
  assert.deepEqual(importsOf(text, "src/gate/x.ts"), [
    "src/base/a.ts",
    "src/gate/b.ts",
    "node:fs",
    "pino",
    "src/gate/d.ts",
  ]);
});
