// Loaded by --import before anything else, on every thread and whatever Node there is: plain JavaScript, old syntax.
// Says what to do where the sources cannot run, instead of a syntax error. The status is that of NODE_UNSUPPORTED.
//
// It also keeps the stripped and compiled sources in node_modules/.cache: Node's type stripper costs about 20 MB in
// each thread that needs it, and a thread that finds its sources there does not.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cachedDataVersionTag } from "node:v8";
import { isMainThread } from "node:worker_threads";

const MAJOR_MIN = 24;
const NODE_UNSUPPORTED_STATUS = 23;
/** It takes two seconds; sources that never end must not keep the start for ever. */
const COMPILE_MS_MAX = 30_000;

const major = Number(process.versions.node.split(".")[0]);
const stripsTypes = process.features.typescript !== false;

if (major < MAJOR_MIN || !stripsTypes) {
  const problem =
    major < MAJOR_MIN
      ? `this is Node ${process.versions.node}, and Tailgate needs Node ${MAJOR_MIN} or newer`
      : "this Node was told not to strip types, and Tailgate runs from its TypeScript sources";
  process.stderr.write(
    `tailgate: ${problem}. On linux-x64 run "npm ci" and start through npm (npm start, npm run demo, npm test): ` +
      `npm scripts use the runtime pinned in package.json. Elsewhere install Node ${MAJOR_MIN} and put it first in PATH.\n`,
  );
  process.exit(NODE_UNSUPPORTED_STATUS);
}

const sources = dirname(fileURLToPath(import.meta.url));
const modules = join(sources, "..", "node_modules");
const cache = join(modules, ".cache", "tailgate");
const entry = process.argv[1];
const isGateway = isMainThread && entry === join(sources, "main.ts");

if (existsSync(modules)) {
  if (isGateway) compileAll();
  // Where it cannot be had (a read-only checkout), the sources are stripped as ever.
  module.enableCompileCache(cache);
}

/**
 * The first start of these sources fills the cache from another process, so that this one never needs the stripper. V8
 * takes only what was compiled with flags like its own: each kind of them has its cache and its marker.
 */
function compileAll() {
  const marker = join(cache, `sources-${cachedDataVersionTag().toString(16)}.txt`);
  const state = stateOfSources();
  if (existsSync(marker) && readFileSync(marker, "utf8") === state) return;
  // Two processes cannot have one inspector's port.
  const flags = process.execArgv.filter((flag) => !flag.startsWith("--inspect"));
  const compile = [...flags, join(sources, "compile-all.mjs"), cache];
  const { status } = spawnSync(process.execPath, compile, {
    stdio: "ignore",
    timeout: COMPILE_MS_MAX,
  });
  if (status !== 0) return;
  try {
    writeFileSync(marker, state);
  } catch {
    // A folder that cannot be written costs every start the same little time, and nothing else.
  }
}

/** Changes when any source does. */
function stateOfSources(folder = sources) {
  const states = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return stateOfSources(path);
    const { mtimeMs, size } = statSync(path);
    return `${path} ${mtimeMs} ${size}`;
  });
  return states.sort().join("\n");
}
