import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { COMPILE_ALL, writeEntries } from "./support/compiled-entries.ts";

const SOURCES = path.resolve(import.meta.dirname, "../src");

test("the entries do nothing when they are imported, and the cache has every source of a thread", (t) => {
  const cache = mkdtempSync(path.join(tmpdir(), "tailgate-cache-"));
  t.after(() => rmSync(cache, { recursive: true }));
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMPILE_ALL, cache]);
  assert.equal(String(stdout) + String(stderr), "");
  assert.equal(status, 0);

  const files = readdirSync(cache, { recursive: true, withFileTypes: true });
  const cached = files.filter((file) => file.isFile()).length;
  const threads = ["gate", "lane", "venue", "scribe"];
  const sources = threads.flatMap((folder) =>
    readdirSync(path.join(SOURCES, folder), { recursive: true, encoding: "utf8" }),
  );
  const expected = sources.filter((name) => name.endsWith(".ts")).length;
  // Types alone leave nothing to compile; protocol, memory and configuration come on top.
  assert.ok(cached >= expected, `${cached} cached files for ${expected} sources`);
});

test("a source that starts a timer when it is imported does not keep it", (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "tailgate-compile-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeEntries(folder, "setInterval(() => {}, 1000);\n");
  const copy = path.join(folder, "compile-all.mjs");
  const cache = path.join(folder, "cache");
  const { status, signal } = spawnSync(process.execPath, [copy, cache], { timeout: 60_000 });
  assert.deepEqual([status, signal], [0, null]);
  assert.ok(readdirSync(cache, { recursive: true }).length > 0);
});
