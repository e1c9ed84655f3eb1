import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import os from "node:os";
import { test } from "node:test";
import { runEnvironment } from "../../../src/tools/driver/run-environment.ts";

test("a run says on what it was measured", () => {
  const environment = runEnvironment()();
  assert.equal(environment.node, process.version);
  assert.equal(environment.cores, os.cpus().length);
  assert.equal(environment.host, os.hostname());
  assert.ok(environment.loadBefore >= 0 && environment.loadAfter >= 0);
  let head: string | null = null;
  try {
    head = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    // An unpacked copy has no commit, and says so.
  }
  assert.equal(environment.commit, head);
});
