import assert from "node:assert/strict";
import { test } from "node:test";
import { measureRecovery, recoveryLines } from "../../../native-free-bench/scenarios/recovery.ts";

const SMALL = {
  records: 20_000,
  rounds: 1,
  accounts: 8,
  resting: 50,
  batch: 16,
  "segment-bytes": 512 * 1024,
  "outbox-bytes": 1024 * 1024,
};

test("a recovery scenario that is stopped ends behind the recovery that is under way, and tells of it", async () => {
  const plan = { ...SMALL, records: 2_000, "segment-bytes": 64 * 1024, rounds: 3 };
  const result = await measureRecovery(plan, () => true);
  const { written, fromStart, checkpoint, fromCheckpoint } = result;
  assert.ok(written.segments > 1);
  assert.deepEqual([fromStart.length, checkpoint, fromCheckpoint], [1, undefined, []]);
  assert.doesNotMatch(recoveryLines(plan, result).join(), /NaN s/);
});

test("the recovery scenario runs: every record comes back, from the start and from a checkpoint", async () => {
  const { written, fromStart, checkpoint, fromCheckpoint } = await measureRecovery(SMALL);
  assert.ok(written.segments > 1 && written.matches > 1000);
  assert.deepEqual(
    fromStart.map(({ recovered }) => [recovered.records, recovered.recordsReplayed]),
    [[written.records, written.records]],
  );
  const [run] = fromCheckpoint;
  assert.ok(checkpoint && run);
  assert.equal(run.recovered.checkpointSegment, checkpoint.segment);
  assert.equal(run.recovered.records, written.records);
  assert.ok(run.recovered.recordsReplayed < written.records / 2);
});
