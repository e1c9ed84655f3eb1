import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startCommand } from "../src/tools/gateway-process.ts";
import { writeEntries } from "./support/compiled-entries.ts";

const CHECK = new URL("../src/require-node.mjs", import.meta.url);

const runAs = (...flags: string[]) =>
  spawnSync(process.execPath, [...flags, "--import", CHECK.href, "-e", "console.log('ran')"], {
    encoding: "utf8",
  });

test("this Node may run the sources", () => {
  const ended = runAs();
  assert.equal(ended.status, 0);
  assert.equal(ended.stdout, "ran\n");
});

test("a Node that does not strip types is told so in one line and ends with 23", () => {
  const ended = runAs("--no-experimental-strip-types");
  assert.equal(ended.status, 23);
  assert.match(ended.stderr, /^tailgate: [^\n]*strip types[^\n]*npm ci[^\n]*\n$/);
});

test("an older Node is told so in one line and ends with 23", () => {
  const older = `data:text/javascript,${encodeURIComponent(
    'Object.defineProperty(process, "versions", { value: { node: "20.20.2" } });',
  )}`;
  const ended = runAs("--import", older);
  assert.equal(ended.status, 23);
  assert.match(ended.stderr, /^tailgate: [^\n]*Node 20\.20\.2[^\n]*Node 24[^\n]*\n$/);
});

test("a start finds its sources compiled for its flags, even if none before it ended well", (t) => {
  const project = mkdtempSync(join(tmpdir(), "tailgate-start-"));
  t.after(() => rmSync(project, { recursive: true }));
  const sources = join(project, "src");
  mkdirSync(join(project, "node_modules"));
  mkdirSync(sources);
  copyFileSync(CHECK, join(sources, "require-node.mjs"));
  const entryCount = writeEntries(sources, "export const loaded: number = 1;\n");
  // One that is killed leaves hardly anything in the cache that it uses.
  const main = join(sources, "main.ts");
  const killed = `import { cachedDataVersionTag } from "node:v8";
    import { writeSync } from "node:fs";
    if (process.argv[1] === import.meta.filename) {
      const tag: number = cachedDataVersionTag();
      writeSync(1, tag.toString(16));
      process.kill(process.pid, "SIGKILL");
    }\n`;
  writeFileSync(main, killed);

  const command = startCommand();
  const flags = command.slice(0, command.indexOf("src/main.ts"));
  const ownCaches = [flags, flags.slice(0, 2)].map((words) => {
    const { stdout, stderr, signal } = spawnSync(process.execPath, [...words, main], {
      cwd: project,
      encoding: "utf8",
    });
    assert.equal(signal, "SIGKILL", stderr);
    const cache = join(project, "node_modules", ".cache", "tailgate");
    const own = readdirSync(cache).find((name) => name.includes(`-${stdout}-`));
    assert.ok(own !== undefined, `no cache of ${stdout}`);
    assert.ok(readdirSync(join(cache, own)).length >= entryCount, "sources are missing");
    return own;
  });
  assert.notEqual(ownCaches[0], ownCaches[1], "V8 takes one cache for both");
});
