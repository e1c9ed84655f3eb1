import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Clock } from "../../src/base/clock.ts";
import type { Log, LogFields } from "../../src/gate/gate-config.ts";
import { type SyncFileSystem, writeOut } from "../../src/main/write-out.ts";
import { testDirectory } from "../support/gateway.ts";

const BEGIN_NS = 2 ** 33;

class Told implements Log {
  readonly lines: [level: string, event: string, fields: LogFields][] = [];
  onLine = (): void => undefined;
  readonly info = (event: string, fields: LogFields) => this.add("info", event, fields);
  readonly warn = (event: string, fields: LogFields) => this.add("warn", event, fields);
  readonly error = (event: string, fields: LogFields) => this.add("error", event, fields);

  private add(level: string, event: string, fields: LogFields): void {
    this.lines.push([level, event, fields]);
    this.onLine();
  }
}

/** Writes out with a sync that takes so long and ends so. */
function writtenOut(tookNs: number, reason?: string): Told {
  const told = new Told();
  let nowNs = BEGIN_NS;
  const clock: Clock = { nowNs: () => nowNs };
  const sync: SyncFileSystem = (path, onDone) => {
    assert.equal(path, "/var/lib/tailgate");
    assert.deepEqual(told.lines, []);
    nowNs += tookNs;
    onDone(reason);
  };
  writeOut("/var/lib/tailgate", clock, told, sync);
  return told;
}

test("tells how long the disk took", () => {
  assert.deepEqual(writtenOut(247_400_000).lines, [["info", "disk", { writtenOutMs: 247 }]]);
});

test("without sync, an operator knows what to expect", () => {
  const effect = "what other programs wrote may hold orders up when the kernel writes it";
  assert.deepEqual(writtenOut(1, "spawn sync ENOENT").lines, [
    ["warn", "disk", { reason: "spawn sync ENOENT", effect }],
  ]);
});

test("the system's own sync takes a directory, and says why it does not take another", async () => {
  const directory = testDirectory();
  writeFileSync(join(directory, "unwritten"), Buffer.alloc(1 << 20, 7));
  const clock: Clock = { nowNs: () => BEGIN_NS };
  const told = new Told();
  for (const path of [directory, join(directory, "missing")]) {
    await new Promise<void>((resolve) => {
      told.onLine = resolve;
      writeOut(path, clock, told);
    });
  }
  assert.deepEqual(told.lines[0], ["info", "disk", { writtenOutMs: 0 }]);
  assert.equal(told.lines[1]?.[0], "warn");
  assert.match(`${told.lines[1]?.[2].reason}`, /missing/);
});
