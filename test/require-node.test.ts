import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const CHECK = new URL("../src/require-node.mjs", import.meta.url).pathname;

const runAs = (...flags: string[]) =>
  spawnSync(process.execPath, [...flags, "--import", CHECK, "-e", "console.log('ran')"], {
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
