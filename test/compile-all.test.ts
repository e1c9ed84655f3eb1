import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";

const COMPILE_ALL = path.resolve(import.meta.dirname, "../src/compile-all.mjs");
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
