import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import {
  BATCH_SIZES,
  measureBatches,
} from "../../../../native-free-bench/micro/journal/journal-batch.ts";

test("the journal's bench runs: a journal writes what a bare loop writes, on a disk and on none", async () => {
  const costs = await measureBatches({ count: 20, rounds: 2 }, { count: 2, rounds: 1 }, tmpdir());
  assert.deepEqual(
    costs.map(({ batch }) => batch),
    BATCH_SIZES,
  );
  for (const { written, synced, batch } of costs) {
    const [, noDisk, , onDisk] = written;
    assert.equal(noDisk?.checksum, onDisk?.checksum, `${batch} records a batch`);
    assert.equal(synced.length, 3);
  }
});
