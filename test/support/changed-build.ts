// The project once more in a temporary directory, with one line of its sources changed: another build.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../src/tools/gateway-process.ts";
import type { TestHooks } from "./gateway.ts";

/** Returns its root. `from` must be in that file, and once. */
export function changedBuild(hooks: TestHooks, file: string, from: string, to: string): string {
  const root = mkdtempSync(join(tmpdir(), "tailgate-build-"));
  hooks.after(() => rmSync(root, { recursive: true }));
  for (const name of ["src", "config", "package.json"]) {
    cpSync(join(PROJECT_ROOT, name), join(root, name), { recursive: true });
  }
  symlinkSync(join(PROJECT_ROOT, "node_modules"), join(root, "node_modules"));
  const path = join(root, file);
  const parts = readFileSync(path, "utf8").split(from);
  assert.equal(parts.length, 2, `${from} is not in ${file}, or not only once`);
  writeFileSync(path, parts.join(to));
  return root;
}
