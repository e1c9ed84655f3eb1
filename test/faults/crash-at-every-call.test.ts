// A lane with its journal, its keeper and a disk in memory dies before one call to the disk: before each that there is,
// one after the other. Among them are all steps of a roll, of a checkpoint, of staging, and what lies between a write
// and its sync. It comes back, takes some more and dies again. In short, a part of the calls: CRASH_CALLS=all is all of
// them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CrashScenario } from "../support/crash-scenario.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";
import type { CrashKeep } from "../support/simulated-disk.ts";

const KIB = 2 ** 10;
const RECORDS = 150;
const CASES = 20;

const seed = fuzzSeed();
const isAll = process.env.CRASH_CALLS === "all";

for (const durability of ["power-loss", "process-crash"] as const) {
  test(`death before any call to the disk, ${durability}, seed ${seed}`, () => {
    const segmentBytes = 8 * KIB;
    const checkpointRecordsMax = 1;
    const records = RECORDS;
    const options = { seed, durability, segmentBytes, checkpointRecordsMax, records };
    const scenario = new CrashScenario(options);
    const random = new SeededRandom(seed);
    const everything: CrashKeep = { kind: "everything" };
    const undisturbed = {
      call: Number.POSITIVE_INFINITY,
      first: everything,
      second: everything,
      writeBytesMax: Number.POSITIVE_INFINITY,
    };
    const journal = scenario.run(undisturbed);
    const { segments, fromCheckpoint } = journal.counts;
    assert.ok(segments >= 3, `only ${segments} segments`);
    assert.ok(fromCheckpoint > 0, "no checkpoint is used");
    const some: CrashKeep = { kind: "some", random };
    const keeps: CrashKeep[] =
      durability === "power-loss" ? [everything, { kind: "synced" }, some] : [everything];
    const { calls } = journal;
    const cases = isAll ? calls : CASES;
    for (let index = 0; index < cases; index++) {
      const call = 1 + (isAll ? index : random.below(calls));
      for (const first of keeps) {
        const second = random.pick(keeps);
        const writeBytesMax = random.pick([Number.POSITIVE_INFINITY, 100, 2000]);
        try {
          scenario.run({ call, first, second, writeBytesMax });
        } catch (thrown) {
          const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
          const how = `${first.kind}, then ${second.kind}, in pieces of ${writeBytesMax}`;
          throw new Error(`before call ${call} of ${calls}; ${how}: ${cause.message}`, { cause });
        }
      }
    }
  });
}
