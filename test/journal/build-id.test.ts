import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildId } from "../../src/journal/build-id.ts";

const FOLDERS = ["base", "memory", "protocol/ouch", "venue", "lane", "journal", "gate"];

test("the build is 16 letters, the same each time", () => {
  const source = fileURLToPath(new URL("../../src/", import.meta.url));
  assert.match(buildId(source), /^[0-9a-f]{16}$/);
  assert.equal(buildId(source), buildId(source));
});

test("any letter of what a lane is made of makes another build, and nothing else does", () => {
  const source = mkdtempSync(join(tmpdir(), "tailgate-build-"));
  try {
    for (const folder of FOLDERS) {
      mkdirSync(join(source, folder), { recursive: true });
      writeFileSync(join(source, folder, "a.ts"), "one");
    }
    const seen = new Set([buildId(source)]);
    for (const folder of FOLDERS) {
      writeFileSync(join(source, folder, "a.ts"), "two");
      seen.add(buildId(source));
    }
    assert.equal(seen.size, FOLDERS.length, "a gate's source is none of a lane's");
    writeFileSync(join(source, "lane", "b.ts"), "");
    seen.add(buildId(source));
    writeFileSync(join(source, "lane", "notes.md"), "");
    seen.add(buildId(source));
    assert.equal(seen.size, FOLDERS.length + 1);
  } finally {
    rmSync(source, { recursive: true });
  }
});
