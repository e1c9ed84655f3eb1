import assert from "node:assert/strict";
import {
  appendFileSync,
  fstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Fault, FaultError } from "../../src/base/fault.ts";
import { type Files, realFiles } from "../../src/journal/files.ts";
import { SegmentStager } from "../../src/keeper/segment-stager.ts";
import { createJournalBlock, JOURNAL_COUNT, JournalBlock } from "../../src/memory/journal-block.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { systemError } from "../support/system-error.ts";

const KIB = 1024;
const SEGMENT_BYTES = 640 * KIB; // two pieces and a half

interface Rig {
  readonly directory: string;
  readonly clock: ManualClock;
  readonly block: JournalBlock;
  /** Calls that were made, as in "write 262144". */
  readonly calls: string[];
  readonly stager: SegmentStager;
  restart(changes?: Partial<Files>, segmentBytes?: number, firstSegment?: number): SegmentStager;
}

function rigOf(t: TestContext, changes: Partial<Files> = {}): Rig {
  const directory = mkdtempSync(join(tmpdir(), "stager-"));
  const clock = new ManualClock();
  const block = new JournalBlock(createJournalBlock());
  const calls: string[] = [];
  const make = (over: Partial<Files>, segmentBytes = SEGMENT_BYTES, firstSegment = 1) => {
    const files = listening({ ...realFiles, ...over }, calls);
    const laneDirectory = directory;
    return new SegmentStager({ files, clock, laneDirectory, block, segmentBytes, firstSegment });
  };
  const stager = make(changes);
  // One that is started anew has died before.
  let living = stager;
  t.after(() => {
    living.close(false);
    rmSync(directory, { recursive: true });
  });
  const restart: Rig["restart"] = (over = {}, segmentBytes, firstSegment) => {
    living = make(over, segmentBytes, firstSegment);
    return living;
  };
  return { directory, clock, block, calls, stager, restart };
}

function listening(files: Files, calls: string[]): Files {
  return {
    ...files,
    write: (descriptor, bytes, offset, length, position) => {
      const written = files.write(descriptor, bytes, offset, length, position);
      calls.push(`write ${written}`);
      return written;
    },
    sync: (descriptor) => {
      calls.push("sync");
      files.sync(descriptor);
    },
    syncDirectory: (directory) => {
      calls.push("sync directory");
      files.syncDirectory(directory);
    },
    rename: (from, to) => {
      calls.push("rename");
      files.rename(from, to);
    },
  };
}

/** Until there is nothing to do, or nothing soon. Returns the pauses that were asked for. */
function run(stager: SegmentStager, clock: ManualClock, waitMsMax = 10): number[] {
  const pauses: number[] = [];
  for (;;) {
    const waitMs = stager.step();
    if (waitMs > waitMsMax) return pauses;
    pauses.push(waitMs);
    clock.advanceMs(waitMs);
  }
}

const errno = (name: string): Error => systemError(name, "write");

function faultOf(run: () => unknown): Fault {
  try {
    run();
  } catch (thrown) {
    assert.ok(thrown instanceof FaultError, String(thrown));
    return thrown.fault;
  }
  return assert.fail("nothing was thrown");
}

test("two segments of zeros are ahead of the lane, and each it takes is followed by another", (t) => {
  const { directory, clock, block, stager } = rigOf(t);
  run(stager, clock);
  assert.deepEqual(readdirSync(directory), ["segment-000001.journal", "segment-000002.journal"]);
  for (const name of readdirSync(directory)) {
    assert.ok(readFileSync(join(directory, name)).equals(Buffer.alloc(SEGMENT_BYTES)), name);
  }
  assert.equal(stager.step(), Number.POSITIVE_INFINITY);

  assert.equal(block.stagedSegment, 1);
  const descriptor = block.stagedDescriptor;
  assert.equal(fstatSync(descriptor).size, SEGMENT_BYTES);
  const wanted = block.wanted;
  block.taken();
  assert.notEqual(block.wanted, wanted, "the keeper is woken");
  realFiles.close(descriptor);
  run(stager, clock);
  assert.equal(readdirSync(directory).length, 3);
  assert.equal(block.stagedSegment, 2);
  assert.equal(block.handedOverSegment, 3);
});

test("the first segment is made in one go and synced once; the others in pieces, each synced, with pauses", (t) => {
  const { clock, calls, stager } = rigOf(t);
  const pauses = run(stager, clock);
  const first = [`write ${256 * KIB}`, `write ${256 * KIB}`, `write ${128 * KIB}`, "sync"];
  const done = ["rename", "sync directory"];
  const next = first.slice(0, 3).flatMap((write) => [write, "sync"]);
  assert.deepEqual(calls, [...first, ...done, ...next, ...done]);
  assert.deepEqual(pauses, [0, 0, 10, 10, 10, 10]);
});

test("a lane that has begun is not hurried by syncs, but one that stands still is", (t) => {
  const { clock, block, calls, stager } = rigOf(t);
  run(stager, clock);
  for (let taken = 0; taken < 2; taken++) {
    realFiles.close(block.stagedDescriptor);
    block.taken();
  }
  calls.length = 0;
  block.counts[JOURNAL_COUNT.BYTES] = SEGMENT_BYTES / 2 + 1;
  assert.equal(stager.step(), 0, "nothing is staged, and half of what was is gone: no pause");
  assert.deepEqual(calls, [`write ${256 * KIB}`, "sync"]);

  block.waitForStaged(0);
  calls.length = 0;
  assert.equal(stager.step(), 0);
  assert.deepEqual(calls, [`write ${256 * KIB}`], "the lane waits: speed is all that counts");
  run(stager, clock);
  assert.equal(block.stagedWaiting, 2);
});

test("the next segment is staged at leisure while most of the one before is left, as at the start", (t) => {
  const { clock, block, stager } = rigOf(t);
  while (block.stagedWaiting === 0) stager.step();
  realFiles.close(block.stagedDescriptor);
  block.taken();
  block.counts[JOURNAL_COUNT.BYTES] = SEGMENT_BYTES / 2;
  clock.advanceMs(10);
  assert.deepEqual(run(stager, clock), [10, 10, 10, 10, 10, 10]);
  assert.equal(block.stagedWaiting, 2);
});

test("a keeper that is started anew does not know what is left: it hurries", (t) => {
  const { clock, block, stager, restart } = rigOf(t);
  while (block.stagedWaiting === 0) stager.step();
  realFiles.close(block.stagedDescriptor);
  block.taken();
  stager.close(false);
  assert.deepEqual(run(restart(), clock).slice(0, 3), [0, 0, 10]);
});

test("a short write is continued", (t) => {
  const { directory, clock, calls, stager } = rigOf(t, {
    write: (descriptor, bytes, offset, length, position) =>
      realFiles.write(descriptor, bytes, offset, Math.min(length, 200 * KIB), position),
  });
  run(stager, clock);
  assert.deepEqual(calls.slice(0, 3), [
    `write ${200 * KIB}`,
    `write ${56 * KIB}`,
    `write ${200 * KIB}`,
  ]);
  const bytes = readFileSync(join(directory, "segment-000001.journal"));
  assert.ok(bytes.equals(Buffer.alloc(SEGMENT_BYTES)));
});

for (const code of ["ENOSPC", "EDQUOT", "EFBIG"]) {
  for (const call of ["open", "write", "sync"] as const) {
    test(`${code} of a ${call} takes the file back, is tried again and passes`, (t) => {
      let isFull = true;
      const files: Partial<Files> = {
        [call]: (...given: never[]) => {
          if (isFull) throw errno(code);
          return (realFiles[call] as (...all: never[]) => unknown)(...given);
        },
      };
      const { directory, clock, block, stager } = rigOf(t, files);
      run(stager, clock);
      assert.equal(stager.hasNoRoom, true);
      assert.deepEqual(readdirSync(directory), []);
      assert.equal(stager.step(), 5000, "a disk that is full is not filled again and again");

      isFull = false;
      clock.advanceMs(4999);
      assert.equal(stager.step(), 1);
      assert.equal(stager.hasNoRoom, true);
      clock.advanceMs(1);
      run(stager, clock);
      assert.equal(stager.hasNoRoom, false);
      assert.equal(block.stagedWaiting, 2);
    });
  }
}

for (const code of ["EMFILE", "ENFILE"]) {
  for (const call of ["open", "syncDirectory"] as const) {
    test(`${code} of ${call} is tried again and is no shortage while a segment is ahead`, (t) => {
      let isExhausted = false;
      const files: Partial<Files> = {
        [call]: (...given: never[]) => {
          if (isExhausted) throw errno(code);
          return (realFiles[call] as (...all: never[]) => unknown)(...given);
        },
      };
      const { clock, block, stager } = rigOf(t, files);
      run(stager, clock);
      isExhausted = true;
      for (const stagedLeft of [1, 0]) {
        realFiles.close(block.stagedDescriptor);
        block.taken();
        clock.advanceMs(5000);
        run(stager, clock);
        assert.equal(block.stagedWaiting, stagedLeft);
        assert.equal(stager.hasNoRoom, stagedLeft === 0);
      }
      isExhausted = false;
      clock.advanceMs(5000);
      run(stager, clock);
      assert.equal(stager.hasNoRoom, false);
      assert.equal(block.stagedWaiting, 2);
    });
  }
}

test("a segment that does not fit the disk is not begun", (t) => {
  let bytesFree = SEGMENT_BYTES - 1;
  const { directory, clock, calls, stager } = rigOf(t, {
    space: () => ({ bytesFree, usedShare: 0.5 }),
  });
  run(stager, clock);
  assert.equal(stager.hasNoRoom, true);
  assert.deepEqual(calls, []);
  bytesFree++;
  clock.advanceMs(5000);
  run(stager, clock);
  assert.equal(stager.hasNoRoom, false);
  assert.equal(readdirSync(directory).length, 2);
});

test("any other error is a fault that names the file", (t) => {
  const { directory, stager } = rigOf(t, {
    write: () => {
      throw errno("EIO");
    },
  });
  assert.deepEqual(
    faultOf(() => stager.step()),
    {
      code: "JOURNAL_IO",
      path: join(directory, "segment-000001.staging"),
      operation: "write",
      errno: "EIO",
    },
  );
});

test("an error of our own making stays what it is", (t) => {
  const { stager } = rigOf(t, {
    write: () => {
      throw new RangeError("offset");
    },
  });
  assert.throws(() => stager.step(), RangeError);
});

test("a start removes what was being made and uses what was made", (t) => {
  const { directory, clock, calls, block, restart } = rigOf(t);
  writeFileSync(join(directory, "segment-000003.staging"), "half");
  writeFileSync(join(directory, "segment-000001.journal"), "the lane's");
  writeFileSync(join(directory, "segment-000002.journal"), Buffer.alloc(SEGMENT_BYTES));
  const stager = restart({}, SEGMENT_BYTES, 2);
  assert.deepEqual(readdirSync(directory), ["segment-000001.journal", "segment-000002.journal"]);
  run(stager, clock);
  assert.deepEqual(calls.slice(0, 3), ["sync", "sync directory", `write ${256 * KIB}`]);
  assert.equal(block.stagedSegment, 2);
  assert.equal(block.handedOverSegment, 3);
});

test("a staged segment of another size is made anew", (t) => {
  for (const change of [-1, +1]) {
    const { directory, clock, block, stager } = rigOf(t);
    writeFileSync(join(directory, "segment-000001.journal"), Buffer.alloc(SEGMENT_BYTES + change));
    run(stager, clock);
    assert.equal(fstatSync(block.stagedDescriptor).size, SEGMENT_BYTES);
  }
});

test("data where a staged segment should be is damage, at the byte that is not zero", (t) => {
  const { directory, clock, stager } = rigOf(t);
  const file = join(directory, "segment-000001.journal");
  writeFileSync(file, Buffer.alloc(SEGMENT_BYTES - 1));
  appendFileSync(file, "x");
  assert.deepEqual(
    faultOf(() => run(stager, clock)),
    {
      code: "JOURNAL_DAMAGED",
      file,
      offset: SEGMENT_BYTES - 1,
      reason: "a segment behind the last one that was written holds data",
    },
  );
  truncateSync(file);
});

test("a keeper that follows a dead one goes on behind what that has handed over", (t) => {
  const { directory, clock, block, stager, restart } = rigOf(t);
  while (block.stagedWaiting === 0) stager.step();
  clock.advanceMs(10);
  stager.step();
  assert.equal(readdirSync(directory)[1], "segment-000002.staging");
  const next = restart();
  run(next, clock);
  assert.deepEqual(readdirSync(directory), ["segment-000001.journal", "segment-000002.journal"]);
  assert.equal(block.stagedWaiting, 2);
});

test("a stop closes what the lane did not take; the end of the session removes it too", (t) => {
  for (const isSessionOver of [false, true]) {
    const { directory, clock, block, stager } = rigOf(t);
    run(stager, clock);
    realFiles.close(block.stagedDescriptor);
    block.taken();
    stager.step();
    const staged = block.stagedDescriptor;
    stager.close(isSessionOver);
    assert.throws(() => fstatSync(staged), { code: "EBADF" });
    assert.equal(block.stagedWaiting, 0);
    const left = ["segment-000001.journal", "segment-000002.journal"];
    assert.deepEqual(readdirSync(directory), isSessionOver ? left.slice(0, 1) : left);
  }
});

test("what cannot be closed or removed at the end is left to whoever puts the session away", (t) => {
  let isFailing = false;
  const failing =
    (call: "close" | "remove") =>
    (given: never): void => {
      (realFiles[call] as (given: never) => void)(given);
      if (isFailing) throw errno("EIO");
    };
  const files = { close: failing("close"), remove: failing("remove") };
  const { clock, block, stager } = rigOf(t, files);
  run(stager, clock);
  assert.equal(block.stagedWaiting, 2);
  isFailing = true;
  stager.close(true);
  assert.equal(block.stagedWaiting, 0);
});

test("a file without room that cannot be taken back is the disk's failure", (t) => {
  let isFailing = true;
  const files: Partial<Files> = {
    write: () => {
      throw errno("ENOSPC");
    },
    remove: (path) => {
      if (isFailing) throw errno("EIO");
      realFiles.remove(path);
    },
  };
  const { directory, stager } = rigOf(t, files);
  const path = join(directory, "segment-000001.staging");
  assert.throws(
    () => stager.step(),
    (thrown) => {
      assert.ok(thrown instanceof FaultError, String(thrown));
      assert.deepEqual(thrown.fault, {
        code: "JOURNAL_IO",
        path,
        operation: "remove",
        errno: "EIO",
      });
      return true;
    },
  );
  isFailing = false;
});
