import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeDirectories } from "../../src/base/make-directories.ts";
import { testDirectory } from "../support/gateway.ts";

test("a directory is made with those above it, and again without complaint", () => {
  const directory = join(testDirectory(), "a", "b", "c");
  makeDirectories(directory);
  assert.ok(existsSync(directory));
  makeDirectories(directory);
});

test("what cannot be made is named, and nobody waits for ever", () => {
  const file = join(testDirectory(), "file");
  writeFileSync(file, "");
  assert.throws(() => makeDirectories(join(file, "below")), {
    code: "ENOTDIR",
    path: join(file, "below"),
  });
  assert.throws(() => makeDirectories(file), { code: "ENOTDIR", path: `${file}/` });
  assert.throws(() => makeDirectories("/proc/nothing/here"), {
    code: "ENOENT",
    path: "/proc/nothing",
  });
});
