import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CONNECTIONS_PER_COLLECTION, YoungGeneration } from "../../src/gate/young-generation.ts";
import { PROJECT_ROOT, startCommand } from "../../src/tools/gateway-process.ts";

const run = promisify(execFile);
const CROWD = fileURLToPath(new URL("../support/crowd-of-connections.ts", import.meta.url));

test("a collection for every so many connections, and none in between", () => {
  const asked: string[] = [];
  const young = new YoungGeneration(({ type }) => asked.push(type));
  for (let left = CONNECTIONS_PER_COLLECTION - 1; left > 0; left--) young.add();
  assert.deepEqual(asked, []);
  young.add();
  assert.deepEqual(asked, ["minor"]);
  for (let left = 2 * CONNECTIONS_PER_COLLECTION; left > 0; left--) young.add();
  assert.deepEqual(asked, ["minor", "minor", "minor"]);
});

test("with the flags of the start script V8 collects the young generation, and only that", async () => {
  const flags = startCommand().slice(0, -1); // what follows is main.ts
  const crowd = String(50 * CONNECTIONS_PER_COLLECTION);
  const { stdout } = await run(process.execPath, [...flags, CROWD, crowd], { cwd: PROJECT_ROOT });
  const { minor, major } = JSON.parse(stdout) as { minor: number; major: number };
  assert.ok(minor >= 50, stdout);
  assert.ok(major < 5, stdout); // V8 may end what it began while the sources were compiled
});

test("without them a crowd does no harm", async () => {
  const crowd = String(50 * CONNECTIONS_PER_COLLECTION);
  const { stdout } = await run(process.execPath, [CROWD, crowd], { cwd: PROJECT_ROOT });
  const { minor } = JSON.parse(stdout) as { minor: number };
  assert.ok(minor < 50, stdout);
});
