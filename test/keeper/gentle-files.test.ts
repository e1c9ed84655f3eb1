import assert from "node:assert/strict";
import { test } from "node:test";
import { GENTLE_BYTES, gentleFiles } from "../../src/keeper/gentle-files.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";

const DIRECTORY = "/journal";
const FILE = `${DIRECTORY}/state`;

const seed = fuzzSeed();
test(`what is long goes out in pieces, each on the disk before the next (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  const disk = new SimulatedDisk(DIRECTORY);
  const bytes = random.bytes(4 * GENTLE_BYTES + 1000);
  const synced: number[] = [];
  const files = gentleFiles(disk, () => {
    const copy = disk.copy();
    synced.push(copy.bytesOf(FILE).length);
    assert.equal(disk.count("sync"), synced.length);
  });
  const descriptor = files.open(FILE, true);
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(bytes.length - done, 1 + random.below(2 * GENTLE_BYTES));
    done += files.write(descriptor, bytes, done, length, done);
  }
  assert.deepEqual(
    synced,
    [1, 2, 3, 4].map((pieces) => pieces * GENTLE_BYTES),
  );
  files.sync(descriptor);
  files.close(descriptor);
  assert.ok(disk.bytesOf(FILE).equals(bytes));
  assert.equal(disk.count("sync"), 5);
});

test("every other call goes through", () => {
  const disk = new SimulatedDisk(DIRECTORY);
  const files = gentleFiles(disk, () => assert.fail("nothing long was written"));
  files.makeDirectory(`${DIRECTORY}/lane-0`);
  const descriptor = files.open(FILE, true);
  files.write(descriptor, Buffer.from("abcdef"), 0, 6, 0);
  files.truncate(descriptor, 3);
  assert.equal(files.size(descriptor), 3);
  const read = Buffer.alloc(6);
  assert.equal(files.read(descriptor, read, 0, 6, 0), 3);
  files.close(descriptor);
  files.close(files.openToRead(FILE));
  files.rename(FILE, `${FILE}.old`);
  files.syncDirectory(DIRECTORY);
  assert.deepEqual(files.list(DIRECTORY), ["lane-0", "state.old"]);
  files.remove(`${FILE}.old`);
  assert.equal(files.exists(`${FILE}.old`), false);
  assert.equal(files.space(DIRECTORY).usedShare, 0);
});
