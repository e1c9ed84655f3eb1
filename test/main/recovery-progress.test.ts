import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { LogFields } from "../../src/gate/gate-config.ts";
import { RecoveryProgress } from "../../src/main/recovery-progress.ts";
import { createJournalBlock, JournalBlock } from "../../src/memory/journal-block.ts";
import { ManualClock } from "../support/manual-clock.ts";

const silence = (): void => undefined;

test("each second has one line, whoever looks, and its rate is that of the time that has passed", (context: TestContext) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const lines: LogFields[] = [];
  const clock = new ManualClock();
  const block = new JournalBlock(createJournalBlock());
  const log = {
    info: (_event: string, fields: LogFields): void => void lines.push(fields),
    warn: silence,
    error: silence,
  };
  const progress = new RecoveryProgress([block], clock, log);
  clock.advanceMs(999);
  progress.look();
  assert.deepEqual(lines, []);
  clock.advanceMs(501);
  block.noteRecovery(300, 10, 40);
  progress.look();
  context.mock.timers.tick(1000);
  assert.deepEqual(lines, [{ lane: 0, records: 300, percent: 25, recordsPerSecond: 200 }]);
  clock.advanceMs(1000);
  context.mock.timers.tick(100);
  assert.deepEqual(lines[1], { lane: 0, records: 300, percent: 25, recordsPerSecond: 0 });
  progress.stop();
  clock.advanceMs(1000);
  context.mock.timers.tick(5000);
  assert.equal(lines.length, 2);
});
