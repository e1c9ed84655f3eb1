import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Files, realFiles } from "../../src/journal/files.ts";
import { SEGMENT_BYTES_MIN } from "../../src/journal/journal-layout.ts";
import { Keeper } from "../../src/keeper/keeper.ts";
import * as shadows from "../../src/keeper/shadow-checkpoints.ts";
import { createJournalBlock, JournalBlock, SHORTAGE } from "../../src/memory/journal-block.ts";
import type { KeeperMessage, KeeperStatus } from "../../src/memory/keeper-worker-data.ts";
import { ManualClock } from "../support/manual-clock.ts";

interface Rig {
  readonly clock: ManualClock;
  readonly blocks: readonly JournalBlock[];
  readonly keeper: Keeper;
  readonly disk: { usedShare: number; canWrite: boolean };
  readonly lines: string[];
  readonly statuses: KeeperStatus[];
}

function rigOf(t: TestContext, laneCount: number): Rig {
  const clock = new ManualClock();
  const disk = { usedShare: 0.5, canWrite: true };
  const files: Files = {
    ...realFiles,
    space: () => ({ bytesFree: 2 ** 40, usedShare: disk.usedShare }),
    write: (descriptor, bytes, offset, length, position) => {
      if (!disk.canWrite) throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
      return realFiles.write(descriptor, bytes, offset, length, position);
    },
  };
  const lines: string[] = [];
  const statuses: KeeperStatus[] = [];
  const tell = (message: KeeperMessage): void => {
    if (message.kind === "status") statuses.push(message.status);
    else {
      const { reason, advice, ...facts } = message.fields;
      const isAdvised = reason !== undefined && advice !== undefined;
      const said = `${message.level} ${message.event} ${JSON.stringify(facts)}`;
      lines.push(isAdvised ? `${said}, with advice` : said);
    }
  };
  const lanes = Array.from({ length: laneCount }, (_, lane) => ({
    lane,
    laneDirectory: mkdtempSync(join(tmpdir(), "keeper-")),
    block: createJournalBlock(),
    firstSegmentToStage: 1,
  }));
  const keeper = new Keeper({
    shadows: () => shadows,
    data: {
      baseNs: 0n,
      session: "20261121A",
      lanes,
      segmentBytes: SEGMENT_BYTES_MIN,
      diskUsedPercentMax: 90,
      recoverySecondsMax: 30,
      build: "0123456789abcdef",
      outboxBytesMax: 2 ** 20,
    },
    files,
    clock,
    cpuMs: () => clock.nowNs() / 1e6,
    tell,
    pause: (ms) => clock.advanceMs(ms),
  });
  t.after(() => {
    keeper.close(true);
    for (const { laneDirectory } of lanes) rmSync(laneDirectory, { recursive: true });
  });
  const blocks = lanes.map(({ block }) => new JournalBlock(block));
  return { clock, blocks, keeper, disk, lines, statuses };
}

/** So long, in its own steps. */
function run({ keeper, clock }: Rig, ms: number): void {
  const endNs = clock.nowNs() + ms * 1e6;
  for (;;) {
    const waitMs = keeper.step();
    const leftMs = (endNs - clock.nowNs()) / 1e6;
    clock.advanceMs(Math.min(waitMs, leftMs));
    if (waitMs > leftMs) return;
  }
}

test("every lane has its segments, and the keeper then sleeps until it looks at the disk again", (t) => {
  const rig = rigOf(t, 3);
  run(rig, 500);
  assert.deepEqual(
    rig.blocks.map((block) => block.stagedWaiting),
    [2, 2, 2],
  );
  const waitMs = rig.keeper.step();
  assert.ok(waitMs > 400 && waitMs <= 1000, String(waitMs));
});

test("a disk fuller than its limit is told to each lane once, and is roomy again two percent below", (t) => {
  const rig = rigOf(t, 2);
  const { blocks, disk, lines } = rig;
  const shortages = (): number[] => blocks.map((block) => block.shortage);
  const usedPercents = [90, 90.1, 95, 89, 88.1, 88, 90, 90.1];
  const seen = usedPercents.map((percent) => {
    disk.usedShare = percent / 100;
    run(rig, 1000);
    assert.equal(shortages()[0], shortages()[1]);
    return shortages()[0] === SHORTAGE.SHORT ? "short" : "roomy";
  });
  assert.deepEqual(seen, ["roomy", "short", "short", "short", "short", "roomy", "roomy", "short"]);
  assert.deepEqual(
    lines.filter((line) => line.includes('"lane":1')),
    [
      'error disk-short {"lane":1,"usedPercent":90.1,"diskUsedPercentMax":90,"isNextSegmentStaged":true,"stagedSegments":2}, with advice',
      'info disk-roomy {"lane":1,"usedPercent":88,"diskUsedPercentMax":90,"isNextSegmentStaged":true,"stagedSegments":2}',
      'error disk-short {"lane":1,"usedPercent":90.1,"diskUsedPercentMax":90,"isNextSegmentStaged":true,"stagedSegments":2}, with advice',
    ],
  );
});

test("a segment that cannot be staged is a shortage as well, and ends when it is staged", (t) => {
  const rig = rigOf(t, 1);
  const [block] = rig.blocks;
  run(rig, 500);
  assert.equal(block?.shortage, SHORTAGE.NONE);
  rig.disk.canWrite = false;
  realFiles.close(block.stagedDescriptor);
  block.taken();
  run(rig, 100);
  assert.equal(block.shortage, SHORTAGE.SHORT);
  assert.match(
    rig.lines[0] ?? "",
    /^error disk-short .*"isNextSegmentStaged":false,"stagedSegments":1/,
  );
  run(rig, 20_000);
  assert.equal(rig.lines.length, 1);
  rig.disk.canWrite = true;
  run(rig, 5000);
  assert.equal(block.shortage, SHORTAGE.NONE);
  assert.equal(block.stagedWaiting, 2);
});

test("it tells once a second how things are", (t) => {
  const rig = rigOf(t, 1);
  run(rig, 3500);
  assert.equal(rig.statuses.length, 4);
  const { tid, heapBytes, ...rest } = rig.statuses.at(-1) ?? assert.fail("no status");
  assert.ok(tid > 0 || process.platform !== "linux");
  assert.ok(heapBytes > 2 ** 20);
  assert.deepEqual(rest, {
    diskUsedPercent: 50,
    isShort: false,
    lanes: [
      {
        lane: 0,
        currentSegment: 0,
        stagedSegments: 2,
        checkpointSegment: 0,
        segmentsBehind: 0,
        outboxBytes: 0,
        recordsPerSecond: 0,
        isCheckpointing: true,
      },
    ],
  });
});
