import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { descriptorLimit } from "../../src/base/descriptor-limit.ts";

test("the descriptor limit is the soft one; a system that does not say has none", (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), "tailgate-limits-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = path.join(directory, "limits");
  writeFileSync(
    file,
    "Limit   Soft Limit  Hard Limit  Units\nMax open files   1024  4096  files\n",
  );
  assert.equal(descriptorLimit(file), 1024);
  writeFileSync(file, "Max open files   unlimited  unlimited  files\n");
  assert.equal(descriptorLimit(file), Number.POSITIVE_INFINITY);
  assert.equal(descriptorLimit(path.join(directory, "none")), Number.POSITIVE_INFINITY);
});
