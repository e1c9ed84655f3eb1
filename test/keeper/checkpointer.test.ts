import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../../src/base/clock.ts";
import type { FaultError } from "../../src/base/fault.ts";
import { listCheckpoints } from "../../src/journal/checkpoints.ts";
import { checkpointPath, STORE_NAME, segmentPath } from "../../src/journal/journal-names.ts";
import { Checkpointer, type CheckpointerOptions } from "../../src/keeper/checkpointer.ts";
import * as shadows from "../../src/keeper/shadow-checkpoints.ts";
import { type MakeVenue, makeVenue } from "../../src/lane/make-venue.ts";
import { createJournalBlock, JournalBlock, SHORTAGE } from "../../src/memory/journal-block.ts";
import type { KeeperMessage } from "../../src/memory/keeper-worker-data.ts";
import { BUILD, LANE_DIRECTORY, SESSION } from "../support/journal-rig.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordedFlow } from "../support/recorded-flow.ts";
import { RecordedJournal } from "../support/recorded-journal.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";
import type { SimulatedDisk } from "../support/simulated-disk.ts";

const STORE = `${LANE_DIRECTORY}/${STORE_NAME}`;
const STEPS = 5000;
const CRASH = new Error("the machine stops");

const seed = fuzzSeed();
const dayRandom = new SeededRandom(seed);
const SEGMENTS_MIN = 3;

/** Some days end early. */
function longDay(): RecordedJournal {
  for (;;) {
    const day = new RecordedJournal(dayRandom, recordedFlow(dayRandom, {}, STEPS));
    if (day.currentSegment > SEGMENTS_MIN) return day;
  }
}

const journal = longDay();
const finished = journal.currentSegment - 1;
console.log(`seed ${seed}: ${journal.records} records, ${finished} finished segments`);

interface Rig {
  readonly disk: SimulatedDisk;
  readonly clock: ManualClock;
  readonly block: JournalBlock;
  readonly lines: KeeperMessage[];
  readonly checkpointer: Checkpointer;
}

function rigOn(disk: SimulatedDisk, options: Partial<CheckpointerOptions> = {}): Rig {
  const clock = new ManualClock();
  const usedClock = options.clock ?? clock;
  const block = new JournalBlock(createJournalBlock());
  const lines: KeeperMessage[] = [];
  const checkpointer = new Checkpointer({
    shadows: () => shadows,
    files: disk,
    gentleFiles: disk,
    clock,
    cpuMs: () => usedClock.nowNs() / 1e6,
    lane: 0,
    laneDirectory: LANE_DIRECTORY,
    session: SESSION,
    build: BUILD,
    outboxBytesMax: 2 ** 18,
    block,
    recoverySecondsMax: 30,
    recordsMax: 1,
    tell: (line) => lines.push(line),
    ...options,
  });
  return { disk, clock, block, lines, checkpointer };
}

/** The lane writes this segment; the checkpointer works until it has nothing to do for a while. */
function runTo({ block, checkpointer, clock }: Rig, currentSegment: number): void {
  block.currentSegment = currentSegment;
  for (let waitMs = 0; waitMs <= 1000; waitMs = checkpointer.step()) clock.advanceMs(waitMs);
}

const events = ({ lines }: Rig): string[] =>
  lines.map((line) => (line.kind === "line" ? line.event : ""));
const lastFields = ({ lines }: Rig) => {
  const line = lines.at(-1);
  return line?.kind === "line" ? line.fields : assert.fail("nothing was told");
};

test(`from each checkpoint a lane comes to where it was, with every packet (seed ${seed})`, () => {
  const rig = rigOn(journal.disk.copy());
  for (let segment = 1; segment <= finished; segment++) {
    runTo(rig, segment + 1);
    assert.equal(rig.block.checkpointSegment, segment);
    const kept = [segment, segment - 1].filter((other) => other > 0);
    assert.deepEqual(listCheckpoints(rig.disk, LANE_DIRECTORY), kept);
    assert.equal(journal.checkRecovery(rig.disk.copy()), segment);
  }
  assert.deepEqual(
    events(rig),
    Array.from({ length: finished }, () => "checkpoint"),
  );
  assert.equal(rig.checkpointer.isWorking, true);
  rig.checkpointer.close();
  assert.equal(rig.disk.openDescriptors, 0);
});

test("a keeper that is started anew goes on from the newest checkpoint, with the store as that left it", () => {
  const first = rigOn(journal.disk.copy());
  runTo(first, 2);
  first.checkpointer.close();
  const { disk } = first;
  const stored = disk.bytesOf(STORE).length;
  const store = disk.open(STORE, false);
  disk.write(store, Buffer.alloc(5000, 7), 0, 5000, stored);
  disk.close(store);

  const second = rigOn(disk);
  const opens = disk.count("openToRead");
  runTo(second, 2);
  assert.ok(disk.count("openToRead") > opens, "it stands where it stood");
  assert.deepEqual(events(second), []);
  assert.equal(second.block.checkpointSegment, 1);
  assert.equal(disk.bytesOf(STORE).length, stored);
  runTo(second, finished + 1);
  assert.deepEqual(
    events(second),
    Array.from({ length: finished - 1 }, () => "checkpoint"),
  );
  assert.equal(journal.checkRecovery(disk.copy()), finished);
});

test("a checkpoint that does not verify is removed and told, and the one before it is used", () => {
  const { disk, ...first } = rigOn(journal.disk.copy());
  for (const current of [2, 3]) runTo({ disk, ...first }, current);
  first.checkpointer.close();
  disk.damage(checkpointPath(LANE_DIRECTORY, 2), 9000, Buffer.from([1, 2, 3]));

  const second = rigOn(disk);
  runTo(second, 3);
  assert.deepEqual(events(second), ["checkpoint-refused", "checkpoint"]);
  assert.deepEqual(listCheckpoints(disk, LANE_DIRECTORY), [2, 1]);
  assert.equal(journal.checkRecovery(disk.copy()), 2);
});

test("without its store a checkpoint is worth nothing: everything is replayed", () => {
  const first = rigOn(journal.disk.copy());
  const { disk } = first;
  for (const current of [2, 3]) runTo(first, current);
  first.checkpointer.close();
  disk.remove(STORE);
  const second = rigOn(disk);
  runTo(second, 3);
  assert.deepEqual(events(second), ["checkpoint-refused", "checkpoint", "checkpoint"]);
  assert.match(String(lastRefusal(second)), /OUTBOX_DAMAGED.*OUTBOX_DAMAGED/s);
  assert.equal(journal.checkRecovery(disk.copy()), 2);
});

test("a checkpoint is not removed because a file call failed: the lane may have begun with it", () => {
  const first = rigOn(journal.disk.copy());
  const { disk } = first;
  for (const current of [2, 3]) runTo(first, current);
  first.checkpointer.close();
  const stored = disk.bytesOf(STORE).length;
  const second = rigOn(disk);
  disk.before = ({ operation, path }) => {
    if (operation !== "open" || path !== STORE) return;
    throw Object.assign(new Error("EMFILE"), { code: "EMFILE" });
  };
  runTo(second, 4);
  assert.deepEqual(events(second), ["checkpoint-failed"]);
  assert.match(String(lastFields(second).reason), /EMFILE/);
  assert.deepEqual(listCheckpoints(disk, LANE_DIRECTORY), [2, 1]);
  assert.equal(disk.bytesOf(STORE).length, stored);
  assert.equal(disk.openDescriptors, 0);
});

const lastRefusal = ({ lines }: Rig): unknown =>
  lines.flatMap((line) => (line.kind === "line" ? [line.fields.refusal] : [])).find(Boolean);

test("another build's checkpoints go, and it makes its own from the start", () => {
  const build = "fedcba9876543210";
  const first = rigOn(journal.disk.copy());
  runTo(first, finished + 1);
  first.checkpointer.close();
  const second = rigOn(first.disk, { build });
  runTo(second, 2);
  assert.deepEqual(events(second), ["checkpoint-refused", "checkpoint"]);
  assert.match(String(lastRefusal(second)), new RegExp(`written by build ${BUILD}`));
  assert.deepEqual(listCheckpoints(first.disk, LANE_DIRECTORY), [1]);
  assert.equal(journal.checkRecovery(first.disk.copy(), { build }), 1);
});

test("a checkpoint is due when a quarter of the recovery's time would be spent on what came since", () => {
  const checkpointsAt = (recoverySecondsMax: number): number => {
    // Every look at the clock takes half a millisecond: some 500,000 records a second.
    let ns = 0;
    const clock: Clock = { nowNs: () => (ns += 500_000) };
    const disk = journal.disk.copy();
    const rig = rigOn(disk, { recoverySecondsMax, recordsMax: undefined, clock });
    for (let current = 2; current <= finished + 1; current++) {
      rig.block.currentSegment = current;
      for (let waitMs = 0; waitMs !== Number.POSITIVE_INFINITY; waitMs = rig.checkpointer.step()) {
        ns += waitMs * 1e6;
      }
    }
    return events(rig).filter((event) => event === "checkpoint").length;
  };
  assert.equal(checkpointsAt(3600), 0);
  assert.equal(checkpointsAt(0.01), finished);
});

/** Every look at the clock takes five milliseconds: a piece is no more than some hundred records. */
function rigSharingProcessors(cpuShare: number, options: Partial<CheckpointerOptions> = {}): Rig {
  let ns = 0;
  const clock: Clock = { nowNs: () => (ns += 5e6) };
  const cpuMs = (): number => (ns / 1e6) * cpuShare;
  return rigOn(journal.disk.copy(), { clock, cpuMs, recordsMax: undefined, ...options });
}

test("while others want the processors a segment is replayed in pieces far apart", () => {
  const crowded = rigSharingProcessors(0.5);
  const alone = rigSharingProcessors(1);
  for (const { block } of [crowded, alone]) block.currentSegment = 2;
  assert.ok(crowded.checkpointer.step() > 100);
  assert.ok(alone.checkpointer.step() <= 10);
});

test("segments that wait for a less crowded moment are soon more than a recovery has time for", () => {
  const rig = rigSharingProcessors(0.5);
  rig.block.currentSegment = 3;
  assert.ok(rig.checkpointer.step() <= 10, "two segments of an unknown size");

  const quick = rigSharingProcessors(0.5, { recoverySecondsMax: 0.01 });
  quick.block.currentSegment = 2;
  while (quick.checkpointer.step() !== Number.POSITIVE_INFINITY);
  quick.block.currentSegment = 3;
  assert.ok(quick.checkpointer.step() <= 10, "one of a known size");
});

test("while the disk is short nothing is replayed and nothing is written", () => {
  const rig = rigOn(journal.disk.copy());
  rig.block.shortage = SHORTAGE.SHORT;
  const writes = rig.disk.count("write");
  runTo(rig, 1);
  rig.block.currentSegment = 2;
  for (let turn = 0; turn < 20; turn++) {
    assert.equal(rig.checkpointer.step(), 1000);
    rig.clock.advanceMs(1000);
  }
  assert.equal(rig.disk.count("write"), writes);
  rig.block.shortage = SHORTAGE.NONE;
  runTo(rig, 2);
  assert.equal(rig.block.checkpointSegment, 1);
});

test("a disk without room costs a minute and leaves nothing behind", () => {
  const rig = rigOn(journal.disk.copy());
  const { disk, clock } = rig;
  runTo(rig, 2);
  const names = disk.list(LANE_DIRECTORY);
  disk.before = ({ operation, path }) => {
    if (operation !== "write" || !path.includes("checkpoint")) return;
    throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
  };
  runTo(rig, 3);
  assert.deepEqual(events(rig), ["checkpoint", "checkpoint-failed"]);
  assert.equal(lastFields(rig).willRetry, true);
  assert.deepEqual(disk.list(LANE_DIRECTORY), names);
  assert.equal(rig.checkpointer.isWorking, true);
  disk.before = () => {};
  clock.advanceMs(59_000);
  runTo(rig, 3);
  assert.deepEqual(events(rig), ["checkpoint", "checkpoint-failed", "checkpoint"]);
  assert.equal(journal.checkRecovery(disk.copy()), 2);
});

test("answers that find no room on the disk are checkpointed when there is room, and the line says so", () => {
  // So little memory is full before the checkpoint is begun.
  for (const [outboxBytesMax, reason] of [
    [2 ** 22, /^ENOSPC: the store/],
    [2 ** 16, /^OUTBOX_FULL/],
  ] as const) {
    const rig = rigOn(journal.disk.copy(), { outboxBytesMax });
    rig.disk.before = ({ operation, path }) => {
      if (operation !== "write" || path !== STORE) return;
      throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    };
    runTo(rig, 2);
    assert.deepEqual(events(rig), ["checkpoint-failed"]);
    assert.match(String(lastFields(rig).reason), reason);
    assert.equal(lastFields(rig).willRetry, true);
    rig.disk.before = () => {};
    rig.clock.advanceMs(60_000);
    runTo(rig, 2);
    assert.deepEqual(events(rig), ["checkpoint-failed", "checkpoint"]);
  }
});

test("a broken disk, a damaged journal and other answers end the checkpoints and are told", () => {
  const broken = rigOn(journal.disk.copy());
  broken.disk.fail("sync", "EIO");
  runTo(broken, 2);
  assert.deepEqual(events(broken), ["checkpoint-failed"]);
  assert.equal(lastFields(broken).willRetry, false);
  assert.equal(broken.checkpointer.isWorking, false);
  assert.equal(broken.checkpointer.step(), Number.POSITIVE_INFINITY);
  assert.equal(broken.disk.openDescriptors, 0);

  const damaged = rigOn(journal.disk.copy());
  damaged.disk.damage(segmentPath(LANE_DIRECTORY, 1), 9000, Buffer.from("x"));
  runTo(damaged, 2);
  assert.deepEqual(events(damaged), ["checkpoint-failed"]);
  assert.match(String(lastFields(damaged).reason), /JOURNAL_DAMAGED/);
  assert.equal(damaged.checkpointer.isWorking, false);

  const withoutBook: MakeVenue = (config, orders, sink) =>
    makeVenue({ ...config, venue: { ...config.venue, kind: "ack" } }, orders, sink);
  const other = rigOn(journal.disk.copy(), { makeVenue: withoutBook });
  runTo(other, 2);
  assert.deepEqual(events(other), ["checkpoint-failed"]);
  assert.match(String(lastFields(other).reason), /JOURNAL_DIFFERS|it breaks|invariant/);
  assert.deepEqual(listCheckpoints(other.disk, LANE_DIRECTORY), []);
});

test(`a crash at any call of a checkpoint leaves one that can be used (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  const first = rigOn(journal.disk.copy());
  runTo(first, 2);
  first.checkpointer.close();
  const seen = new Set<number>();
  let crashAt = 0;
  for (let hasCrashed = true; hasCrashed; crashAt++) {
    const disk = first.disk.copy();
    let calls = 0;
    hasCrashed = false;
    disk.before = ({ operation }) => {
      // Where only reads lie between, one death is as good as another.
      if (operation !== "read" && operation !== "size") calls++;
      if (calls <= crashAt) return;
      hasCrashed = true;
      throw CRASH;
    };
    const rig = rigOn(disk);
    runTo(rig, 3);
    disk.before = () => {};
    const keeps = [{ kind: "synced" }, { kind: "some", random }, { kind: "everything" }] as const;
    disk.crash(random.pick(keeps));
    seen.add(journal.checkRecovery(disk, { step: 17 }));
  }
  assert.ok(crashAt > 20, String(crashAt));
  assert.deepEqual([...seen].sort(), [1, 2]);
});

test("a segment that a checkpoint stands for must be there all the same", () => {
  const rig = rigOn(journal.disk.copy());
  runTo(rig, 3);
  const disk = rig.disk.copy();
  const gone = segmentPath(LANE_DIRECTORY, 1);
  disk.remove(gone);
  assert.throws(
    () => journal.checkRecovery(disk),
    ({ fault }: FaultError) => fault.code === "JOURNAL_DAMAGED" && fault.file === gone,
  );
});
