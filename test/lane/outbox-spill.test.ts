import assert from "node:assert/strict";
import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { test } from "node:test";
import { FaultError } from "../../src/base/fault.ts";
import { MemoryStateWriter } from "../../src/journal/state-memory.ts";
import { Outbox } from "../../src/lane/outbox.ts";
import { OUTBOX_PAGE_BYTES } from "../../src/lane/outbox-page-layout.ts";
import { CountingFiles } from "../support/counting-files.ts";
import { OutboxTwin, readPacket } from "../support/outbox-twin.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";

const KIB = 1024;

/** A lane's: what a checkpoint refers to is only read. */
const laneOutbox = (disk: CountingFiles, bytesMax: number): Outbox =>
  new Outbox({
    lane: 0,
    bytesMax,
    spill: { files: disk.files, path: disk.path("spill"), storePath: disk.path("store") },
  });
/** The keeper's: it writes what its checkpoints refer to. */
const keeperOutbox = (disk: CountingFiles, bytesMax: number): Outbox =>
  new Outbox({
    lane: 0,
    bytesMax,
    spill: { files: disk.files, path: disk.path("store"), storePath: disk.path("store") },
  });

function saved(outbox: Outbox): MemoryStateWriter {
  const out = new MemoryStateWriter();
  outbox.save(out);
  return out;
}

const isFault = (code: string) => (error: unknown) =>
  error instanceof FaultError && error.fault.code === code;

const seed = fuzzSeed();

test(`what memory has no room for is read back from the file, seed ${seed}`, () => {
  const random = new SeededRandom(seed);
  for (const [accounts, kib] of [
    [1, 4],
    [3, 8],
    [40, 64],
    [150, 256],
  ] as const) {
    using disk = new CountingFiles();
    const outbox = laneOutbox(disk, kib * KIB);
    const twin = new OutboxTwin(outbox, random).addAccounts(accounts);
    for (let packet = 0; packet < 20_000; packet++) {
      twin.write(random.below(3) === 0 ? 0 : random.below(accounts));
      if (packet % 4000 === 0) twin.check(71);
    }
    assert.ok(outbox.usedBytes <= kib * KIB, "memory is bounded");
    assert.equal(statSync(disk.path("spill")).size, outbox.spilledBytes);
    assert.ok(outbox.spilledBytes > 1e6 && outbox.runs > 0);
    twin.check(7);
    outbox.close();
  }
});

test("a hot account's runs are 64 pages long", () => {
  using disk = new CountingFiles();
  const outbox = laneOutbox(disk, 256 * KIB);
  const twin = new OutboxTwin(outbox, new SeededRandom(1)).addAccounts(2);
  for (let packet = 0; packet < 20_000; packet++) twin.write(packet % 50 === 0 ? 1 : 0);
  const pages = outbox.spilledBytes / OUTBOX_PAGE_BYTES;
  assert.ok(pages > 2000);
  assert.ok(outbox.runs < (pages / 64) * 1.5, `${outbox.runs} runs of ${pages} pages`);
  assert.ok(disk.writes <= pages / 64 + 1, "64 KiB in one write");
  outbox.close();
});

/** Before the first page is full there is no file. */
const bytesOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

test(`an outbox is saved and restored at any moment, over and over, seed ${seed}`, () => {
  const random = new SeededRandom(seed);
  using disk = new CountingFiles();
  const accounts = 30;
  let keeper = keeperOutbox(disk, 64 * KIB);
  const twin = new OutboxTwin(keeper, random).addAccounts(accounts);
  for (let round = 0; round < 12; round++) {
    for (let left = random.below(2000); left > 0; left--) {
      twin.write(random.below(2) === 0 ? 5 : random.below(accounts));
    }
    assert.ok(keeper.flush());
    keeper.sync();
    const state = saved(keeper);
    const bytes = state.bytes();
    const bytesSaved = bytesOf(disk.path("store"));

    // A lane that starts from the checkpoint, while the keeper goes on and appends to the store.
    const lane = laneOutbox(disk, 64 * KIB);
    lane.restore(state.toReader());
    const laneTwin = new OutboxTwin(lane, random);
    laneTwin.packets.push(...twin.packets.map((packets) => [...packets]));
    twin.write(random.below(accounts));
    assert.ok(keeper.flush());
    for (let left = 3000; left > 0; left--) laneTwin.write(random.below(accounts));
    laneTwin.check(9);
    lane.close();

    // A keeper that starts from it: what was written behind it is cut off.
    keeper.close();
    if (bytesOf(disk.path("store")) > 0) truncateSync(disk.path("store"), bytesSaved + 700);
    keeper = keeperOutbox(disk, 64 * KIB);
    const again = new MemoryStateWriter();
    again.array(bytes, 0, bytes.length);
    keeper.restore(again.toReader());
    assert.equal(bytesOf(disk.path("store")), bytesSaved);
    assert.deepEqual(saved(keeper).bytes(), bytes, "saved, restored and saved");
    twin.outbox = keeper;
    for (const [account, packets] of twin.packets.entries()) {
      packets.length = keeper.nextSequence(account) - 1;
    }
    twin.check(9);
  }
  keeper.close();
  assert.equal(disk.opened, 0, "whoever is closed holds no file");
});

test("a checkpoint does not refer to a lane's own file, which the next start throws away", () => {
  using disk = new CountingFiles();
  const outbox = laneOutbox(disk, 4 * KIB);
  const twin = new OutboxTwin(outbox, new SeededRandom(3)).addAccounts(1);
  while (outbox.spilledBytes === 0) {
    const again = laneOutbox(disk, 64 * KIB);
    again.restore(saved(outbox).toReader());
    assert.deepEqual(saved(again).bytes(), saved(outbox).bytes());
    again.close();
    twin.write(0);
  }
  assert.throws(() => saved(outbox), /a checkpoint refers to a file of the lane's own/);
  outbox.close();
});

test("without files everything is saved from memory", () => {
  const random = new SeededRandom(2);
  const outbox = new Outbox({ lane: 0, bytesMax: 2 ** 20 });
  const twin = new OutboxTwin(outbox, random).addAccounts(5);
  for (let packet = 0; packet < 3000; packet++) twin.write(random.below(4));
  const state = saved(outbox);
  const bytes = state.bytes();
  twin.outbox = new Outbox({ lane: 0, bytesMax: 2 ** 20 });
  twin.outbox.restore(state.toReader());
  assert.deepEqual(saved(twin.outbox).bytes(), bytes);
  for (let packet = 0; packet < 3000; packet++) twin.write(random.below(5));
  twin.check();
});

test("a write that stops short is continued, and a read too", () => {
  using disk = new CountingFiles();
  disk.writeBytesMax = 5000;
  disk.readBytesLimit = 777;
  const outbox = laneOutbox(disk, 16 * KIB);
  const twin = new OutboxTwin(outbox, new SeededRandom(3)).addAccounts(3);
  for (let packet = 0; packet < 3000; packet++) twin.write(packet % 3);
  twin.check(5);
  outbox.close();
});

for (const errno of ["ENOSPC", "EDQUOT", "EFBIG", "EMFILE"]) {
  test(`while the disk says ${errno} memory takes what it can, and no page is lost`, () => {
    using disk = new CountingFiles();
    const outbox = laneOutbox(disk, 512 * KIB);
    const twin = new OutboxTwin(outbox, new SeededRandom(4)).addAccounts(3);
    disk.writeError = errno;
    while (outbox.usedBytes < 510 * KIB) twin.write(0);
    // 384 pages are kept; 64 later it is tried again.
    assert.equal(outbox.spillFailures, 2);
    assert.equal(outbox.spilledBytes, 0);
    twin.check(7);
    disk.writeError = "";
    for (let packet = 0; packet < 5000; packet++) twin.write(packet % 3);
    assert.ok(outbox.usedBytes < 400 * KIB && outbox.spilledBytes > 0);
    twin.check(7);
    disk.writeError = errno;
    assert.throws(() => {
      for (;;) twin.write(1);
    }, isFault("OUTBOX_FULL"));
    assert.equal(outbox.usedBytes, 512 * KIB);
    outbox.close();
  });
}

test("a disk that fails a write or a read ends the lane", () => {
  using disk = new CountingFiles();
  const outbox = laneOutbox(disk, 16 * KIB);
  const twin = new OutboxTwin(outbox, new SeededRandom(5)).addAccounts(1);
  for (let packet = 0; packet < 1000; packet++) twin.write(0);
  disk.readError = "EIO";
  assert.throws(() => readPacket(outbox, 0, 1), isFault("JOURNAL_IO"));
  disk.writeError = "EIO";
  assert.throws(() => {
    for (;;) twin.write(0);
  }, isFault("JOURNAL_IO"));
  outbox.close();
});

test("a byte that changed in the file is noticed when its page is read", () => {
  using disk = new CountingFiles();
  const outbox = laneOutbox(disk, 16 * KIB);
  const twin = new OutboxTwin(outbox, new SeededRandom(6)).addAccounts(1);
  for (let packet = 0; packet < 1000; packet++) twin.write(0);
  const descriptor = openSync(disk.path("spill"), "r+");
  const isDamageAt = (offset: number) => (error: unknown) => {
    assert.ok(error instanceof FaultError && error.fault.code === "OUTBOX_DAMAGED", `${error}`);
    assert.equal(error.fault.file, disk.path("spill"));
    assert.equal(error.fault.offset, offset);
    return true;
  };
  const byte = Buffer.alloc(1);
  for (const offset of [0, 5, 9, 17, 21, 30, 500, 1023]) {
    const position = 3 * OUTBOX_PAGE_BYTES + offset;
    readSync(descriptor, byte, 0, 1, position);
    writeSync(descriptor, Buffer.of(byte.readUInt8() ^ 4), 0, 1, position);
    assert.throws(() => readPacket(outbox, 0, 1), isDamageAt(3 * OUTBOX_PAGE_BYTES));
    writeSync(descriptor, byte, 0, 1, position);
    readPacket(outbox, 0, 1);
  }
  ftruncateSync(descriptor, 5 * OUTBOX_PAGE_BYTES + 1);
  assert.throws(() => readPacket(outbox, 0, 1), isDamageAt(5 * OUTBOX_PAGE_BYTES));
  // The next start must not trust it again.
  assert.equal(existsSync(disk.path("spill")), false);
  closeSync(descriptor);
  outbox.close();
});

test("a store that is missing or too short is damage, and not restored", () => {
  using disk = new CountingFiles();
  const keeper = keeperOutbox(disk, 64 * KIB);
  const twin = new OutboxTwin(keeper, new SeededRandom(7)).addAccounts(2);
  for (let packet = 0; packet < 1000; packet++) twin.write(packet % 2);
  keeper.flush();
  keeper.close();
  truncateSync(disk.path("store"), statSync(disk.path("store")).size - 1);
  assert.throws(
    () => laneOutbox(disk, 64 * KIB).restore(saved(keeper).toReader()),
    isFault("OUTBOX_DAMAGED"),
  );
  assert.throws(
    () =>
      new Outbox({
        lane: 0,
        bytesMax: 64 * KIB,
        spill: { files: disk.files, path: disk.path("own"), storePath: disk.path("other") },
      }).restore(saved(keeper).toReader()),
    isFault("OUTBOX_DAMAGED"),
  );
});

test("what an earlier lane spilled is deleted at start", () => {
  using disk = new CountingFiles();
  writeFileSync(disk.path("spill"), "rubbish");
  const outbox = laneOutbox(disk, 16 * KIB);
  assert.equal(existsSync(disk.path("spill")), false);
  outbox.close();
});

test("a flush without room says so, and goes on when there is some", () => {
  using disk = new CountingFiles();
  const keeper = keeperOutbox(disk, 256 * KIB);
  const twin = new OutboxTwin(keeper, new SeededRandom(8)).addAccounts(100);
  for (let packet = 0; packet < 1500; packet++) twin.write(packet % 100);
  disk.writeError = "ENOSPC";
  assert.equal(keeper.flush(), false);
  disk.writeError = "";
  assert.equal(keeper.flush(), true);
  assert.equal(keeper.usedBytes, 100 * KIB, "the last page of each");
  twin.check();
  keeper.close();
});

test(`a store outlasts a loss of power as far as it was synced, seed ${seed}`, () => {
  const random = new SeededRandom(seed);
  for (let round = 0; round < 20; round++) {
    const disk = new SimulatedDisk("/lane");
    const spill = { files: disk, path: "/lane/store", storePath: "/lane/store" };
    const keeper = new Outbox({ lane: 0, bytesMax: 64 * KIB, spill });
    const twin = new OutboxTwin(keeper, random).addAccounts(20);
    for (let left = 500 + random.below(3000); left > 0; left--) twin.write(random.below(20));
    assert.ok(keeper.flush());
    keeper.sync();
    disk.syncDirectory("/lane"); // as the checkpoint does that follows
    const state = saved(keeper);
    const packets = twin.packets.map((written) => [...written]);
    for (let left = random.below(3000); left > 0; left--) twin.write(random.below(20));
    disk.crash(round % 2 === 0 ? { kind: "synced" } : { kind: "some", random });

    const lane = new Outbox({
      lane: 0,
      bytesMax: 64 * KIB,
      spill: { ...spill, path: "/lane/own" },
    });
    lane.restore(state.toReader());
    const laneTwin = new OutboxTwin(lane, random);
    laneTwin.packets.push(...packets);
    laneTwin.check();
  }
});
