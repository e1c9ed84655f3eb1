import assert from "node:assert/strict";
import { test } from "node:test";
import { StderrLog } from "../../src/gate/stderr-log.ts";

test("a line is one JSON object with its time, level and event first; lines below the level are left out", () => {
  const lines: string[] = [];
  const wallClock = { epochMs: () => 1_795_000_000_123 };
  const log = new StderrLog(wallClock, "warn", (line) => lines.push(line));
  log.info("draining", { connections: 3 });
  log.warn("closed", { why: 'a "quoted"\nreason' });
  log.error("scribe-ended", { status: 1 });
  assert.equal(lines.length, 2);
  assert.ok(lines.every((line) => line.indexOf("\n") === line.length - 1));
  assert.deepEqual(JSON.parse(lines[0]!), {
    time: new Date(1_795_000_000_123).toISOString(),
    level: "warn",
    event: "closed",
    why: 'a "quoted"\nreason',
  });
  assert.equal(JSON.parse(lines[1]!).level, "error");
});
