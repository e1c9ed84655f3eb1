import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckpointFacts } from "../../src/journal/checkpoint-header.ts";
import {
  dropOldCheckpoints,
  listCheckpoints,
  openNewestCheckpoint,
} from "../../src/journal/checkpoints.ts";
import { checkpointPath } from "../../src/journal/journal-names.ts";
import { StateFileWriter } from "../../src/journal/state-file.ts";
import type { StateReader, StateWriter } from "../../src/journal/state-stream.ts";
import { BUILD, LANE_DIRECTORY, SESSION } from "../support/journal-rig.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";

const USER = { session: SESSION, lane: 0, build: BUILD, behaviourVersion: 1 };

const factsOf = (segment: number, changed: Partial<CheckpointFacts> = {}): CheckpointFacts => ({
  ...USER,
  incarnation: 4,
  position: { segment, offset: 4096 + 80, nextRecord: 2 ** 40, previousChecksum: 0xfedcba98 },
  digestHigh: 0xffffffff,
  digestLow: 1,
  ...changed,
});

/** A state that says who wrote it. */
function write(disk: SimulatedDisk, facts: CheckpointFacts, text = "state"): void {
  const writer = new StateFileWriter(disk, LANE_DIRECTORY, facts);
  writer.mark("test");
  writer.text(text);
  writer.finish();
}

function readNewest(disk: SimulatedDisk): { segment: number; text: string; refusal: string } {
  const { reader, refusal } = openNewestCheckpoint(disk, LANE_DIRECTORY, USER);
  if (reader === undefined) return { segment: 0, text: "", refusal };
  reader.mark("test");
  const text = reader.text();
  reader.close();
  return { segment: reader.facts.position.segment, text, refusal };
}

const pieces = (random: SeededRandom): ((out: StateWriter, from?: StateReader) => void)[] => {
  const kinds = [
    () => {
      const value = random.pick([0, -0, 1.5, -(2 ** 60), Number.NaN, Number.MIN_VALUE]);
      return (out: StateWriter, from?: StateReader) => {
        if (from === undefined) out.number(value);
        else assert.ok(Object.is(from.number(), value));
      };
    },
    () => {
      const value = "häß€".repeat(random.below(200));
      return (out: StateWriter, from?: StateReader) => {
        if (from === undefined) out.text(value);
        else assert.equal(from.text(), value);
      };
    },
    () => {
      const words = Int32Array.from({ length: random.below(40_000) }, () => random.u32());
      const start = random.below(words.length + 1);
      const count = random.below(words.length - start + 1);
      return (out: StateWriter, from?: StateReader) => {
        if (from === undefined) {
          out.array(words, start, count);
          return;
        }
        const read = new Int32Array(words.length);
        from.array(read, start, count);
        assert.ok(Buffer.from(read.buffer).equals(onlyPart(words, start, count)));
      };
    },
  ];
  return Array.from({ length: 150 }, () => random.pick(kinds)());
};

const onlyPart = (words: Int32Array, start: number, count: number): Buffer => {
  const part = new Int32Array(words.length);
  part.set(words.subarray(start, start + count), start);
  return Buffer.from(part.buffer);
};

const seed = fuzzSeed();
test(`what was written is read back, wherever the chunks end (seed ${seed})`, () => {
  const all = pieces(new SeededRandom(seed));
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  const writer = new StateFileWriter(disk, LANE_DIRECTORY, factsOf(3));
  writer.array(new Uint8Array(2 ** 20 - 20), 0, 2 ** 20 - 20); // a number across the first chunk's end
  for (const piece of all) piece(writer);
  writer.finish();
  const { reader, refusal } = openNewestCheckpoint(disk, LANE_DIRECTORY, USER);
  assert.equal(refusal, "");
  assert.ok(reader !== undefined);
  assert.deepEqual(reader.facts, factsOf(3));
  reader.array(new Uint8Array(2 ** 20 - 20), 0, 2 ** 20 - 20);
  for (const piece of all) {
    assert.equal(reader.isAtEnd, false);
    piece(writer, reader);
  }
  assert.equal(reader.isAtEnd, true);
  assert.throws(() => reader.number(), /ends before/);
  reader.close();
  assert.equal(disk.openDescriptors, 0);
});

test("a reader that has lost its way says where", () => {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  const writer = new StateFileWriter(disk, LANE_DIRECTORY, factsOf(1));
  writer.mark("orders");
  writer.array(new Int32Array(4), 0, 4);
  writer.finish();
  const { reader } = openNewestCheckpoint(disk, LANE_DIRECTORY, USER);
  assert.ok(reader !== undefined);
  assert.throws(() => reader.mark("accounts"), /state of accounts is wanted where orders is/);
  assert.throws(() => reader.array(new Int32Array(4), 0, 3), /12 bytes is wanted where 16/);
  reader.close();
});

test("a checkpoint that could not be taken in is not opened again, nor one behind it", () => {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  for (const segment of [1, 2, 3]) write(disk, factsOf(segment));
  const found = [4, 3, 2, 1].map((before) => {
    const { reader, refusal } = openNewestCheckpoint(disk, LANE_DIRECTORY, USER, before);
    reader?.close();
    assert.equal(refusal, "");
    return reader?.facts.position.segment;
  });
  assert.deepEqual(found, [3, 2, 1, undefined]);
});

test("a checkpoint with any byte changed or missing is not used, the one before is", () => {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  write(disk, factsOf(1), "older");
  write(disk, factsOf(2), "newer");
  const path = checkpointPath(LANE_DIRECTORY, 2);
  const whole = disk.bytesOf(path);
  assert.deepEqual(readNewest(disk), { segment: 2, text: "newer", refusal: "" });
  const header = Array.from({ length: 104 }, (_, place) => place);
  const body = Array.from({ length: whole.length - 4096 }, (_, place) => 4096 + place);
  for (const place of [...header, ...body]) {
    const bytes = Buffer.from(whole);
    bytes[place]! ^= 0x10;
    disk.put(path, bytes);
    const { segment, refusal } = readNewest(disk);
    assert.equal(segment, 1, `byte ${place}`);
    assert.match(refusal, /checkpoint-000002\.state: /);
  }
  for (const length of [0, 50, 103, 4096, whole.length - 1]) {
    disk.put(path, whole.subarray(0, length));
    assert.equal(readNewest(disk).text, "older", `${length} bytes`);
  }
});

test("a checkpoint of another build, session, lane or behaviour is not used, and the refusal says why", () => {
  for (const [changed, why] of [
    [{ build: "fedcba9876543210" }, /written by build fedcba9876543210/],
    [{ session: "20261120B" }, /session 20261120B/],
    [{ lane: 1 }, /lane 1/],
    [{ behaviourVersion: 2 }, /behaviour 2/],
  ] as const) {
    const disk = new SimulatedDisk(LANE_DIRECTORY);
    write(disk, factsOf(1, changed));
    const { segment, refusal } = readNewest(disk);
    assert.equal(segment, 0);
    assert.match(refusal, why);
    assert.equal(disk.openDescriptors, 0);
  }
});

test("the newest two are kept, and what a writer left that died is gone", () => {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  for (const segment of [1, 2, 3, 4]) write(disk, factsOf(segment));
  new StateFileWriter(disk, LANE_DIRECTORY, factsOf(5)).text("begun");
  assert.deepEqual(listCheckpoints(disk, LANE_DIRECTORY), [4, 3, 2, 1]);
  dropOldCheckpoints(disk, LANE_DIRECTORY);
  assert.deepEqual(disk.list(LANE_DIRECTORY), [
    "checkpoint-000003.state",
    "checkpoint-000004.state",
  ]);
});

test("an abandoned checkpoint leaves nothing", () => {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  const writer = new StateFileWriter(disk, LANE_DIRECTORY, factsOf(1));
  writer.text("begun");
  writer.abandon();
  assert.deepEqual(disk.list(LANE_DIRECTORY), []);
  assert.equal(disk.openDescriptors, 0);
});

test(`power lost at any call of a checkpoint leaves a good one (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  for (const kind of ["synced", "some", "everything"] as const) {
    for (let survives = 0; ; survives++) {
      const disk = new SimulatedDisk(LANE_DIRECTORY);
      write(disk, factsOf(1), "older");
      let calls = 0;
      disk.before = () => {
        if (calls++ === survives) throw new Error("power lost");
      };
      let isDone = true;
      try {
        write(disk, factsOf(2), "x".repeat(3000));
      } catch {
        isDone = false;
      }
      disk.before = () => {};
      disk.crash(kind === "some" ? { kind, random } : { kind });
      const { segment, refusal } = readNewest(disk);
      assert.equal(refusal, "", `${kind}, call ${survives}`);
      if (isDone) assert.equal(segment, 2);
      assert.ok(segment === 1 || segment === 2);
      if (isDone) break;
    }
  }
});
