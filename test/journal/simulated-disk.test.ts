// The disk that the other tests stand on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";

const seed = fuzzSeed();
const put = (disk: SimulatedDisk, descriptor: number, text: string, position = 0): void => {
  disk.write(descriptor, Buffer.from(text), 0, text.length, position);
};

test("a write lasts with its sync, a name with its directory's", () => {
  const disk = new SimulatedDisk("/a");
  const descriptor = disk.open("/a/file", true);
  put(disk, descriptor, "one");
  disk.sync(descriptor);
  const unnamed = disk.copy();
  assert.equal(unnamed.bytesOf("/a/file").toString(), "one");
  disk.syncDirectory("/a");
  put(disk, descriptor, "two");
  disk.crash({ kind: "synced" });
  assert.equal(disk.bytesOf("/a/file").toString(), "one");
  assert.throws(() => put(disk, descriptor, "three"), { code: "EBADF" });
  const other = disk.open("/a/other", true);
  put(disk, other, "content");
  disk.sync(other);
  disk.crash({ kind: "synced" });
  assert.equal(disk.exists("/a/other"), false, "nobody synced the directory");
});

test("a rename lasts with the directory that it leads to", () => {
  for (const [synced, from, to] of [
    ["/b", false, true],
    ["/a", false, false],
    ["", true, false],
  ] as const) {
    const disk = new SimulatedDisk("/a", "/b");
    disk.put("/a/file", Buffer.from("content"));
    disk.rename("/a/file", "/b/file");
    if (synced !== "") disk.syncDirectory(synced);
    disk.crash({ kind: "synced" });
    assert.deepEqual([disk.exists("/a/file"), disk.exists("/b/file")], [from, to], synced);
  }
});

test("what a failed sync held is never on the disk, though a later one succeeds", () => {
  const disk = new SimulatedDisk("/a");
  disk.put("/a/file", Buffer.from("old"));
  const descriptor = disk.open("/a/file", false);
  put(disk, descriptor, "new");
  disk.fail("sync", "EIO");
  assert.throws(() => disk.sync(descriptor), { code: "EIO" });
  disk.sync(descriptor);
  assert.equal(disk.bytesOf("/a/file").toString(), "new");
  disk.crash({ kind: "synced" });
  assert.equal(disk.bytesOf("/a/file").toString(), "old");
});

test("a process that dies alone leaves what it wrote, and as unsafe as it was", () => {
  const disk = new SimulatedDisk("/a");
  disk.put("/a/file", Buffer.from("old"));
  put(disk, disk.open("/a/file", false), "new");
  disk.crash({ kind: "everything" });
  assert.equal(disk.bytesOf("/a/file").toString(), "new");
  disk.crash({ kind: "synced" });
  assert.equal(disk.bytesOf("/a/file").toString(), "old");
});

test("a full disk takes what fits, then nothing", () => {
  const disk = new SimulatedDisk("/a");
  disk.capacityBytes = 10;
  const descriptor = disk.open("/a/file", true);
  assert.equal(disk.write(descriptor, Buffer.alloc(8), 0, 8, 0), 8);
  assert.equal(disk.write(descriptor, Buffer.alloc(8), 0, 8, 8), 2);
  assert.throws(() => disk.write(descriptor, Buffer.alloc(8), 0, 8, 10), { code: "ENOSPC" });
  assert.equal(disk.write(descriptor, Buffer.alloc(8), 0, 8, 0), 8, "what is there has its room");
  assert.deepEqual(disk.space("/a"), { bytesFree: 0, usedShare: 1 });
});

test(`power loss tears writes at sectors, and each sector has one of its states (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  const kinds = new Set<string>();
  for (let round = 0; round < 200; round++) {
    const disk = new SimulatedDisk("/a");
    disk.put("/a/file", Buffer.alloc(2048, "0"));
    const descriptor = disk.open("/a/file", false);
    put(disk, descriptor, "1".repeat(1500));
    put(disk, descriptor, "2".repeat(1500), 500);
    disk.crash({ kind: "some", random });
    const bytes = disk.bytesOf("/a/file");
    const states = ["0".repeat(2048), `${"1".repeat(1500)}${"0".repeat(548)}`];
    states.push(`${"1".repeat(500)}${"2".repeat(1500)}${"0".repeat(48)}`);
    const which = [0, 512, 1024, 1536].map((sector) =>
      states.findIndex(
        (state) =>
          state.slice(sector, sector + 512) === bytes.toString("latin1", sector, sector + 512),
      ),
    );
    assert.ok(!which.includes(-1), `round ${round}`);
    kinds.add(which.join(""));
  }
  assert.ok(kinds.size > 8 && kinds.has("0000"), [...kinds].join(" "));
});
