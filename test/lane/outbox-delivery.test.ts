// What of an outbox is only in its file reaches the clients that ask for it, and delays nobody else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultError } from "../../src/base/fault.ts";
import type { SpillOptions } from "../../src/lane/outbox-spill.ts";
import { DETACH_REASON } from "../../src/memory/inbound-record.ts";
import { CountingFiles } from "../support/counting-files.ts";
import { DeliveryRig } from "../support/delivery-rig.ts";
import { LaneFlow } from "../support/lane-flow.ts";
import { LaneRig, type RigClient } from "../support/lane-rig.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const MIB = 2 ** 20;
const WINDOW_BYTES = 65_536;

const spillOf = (disk: CountingFiles): SpillOptions => ({
  files: disk.files,
  path: disk.path("spill"),
});

test("with 2 MiB of memory a client that asks for message 1 of 1,000,000 gets them all, in order", () => {
  using disk = new CountingFiles();
  const rig = new DeliveryRig({
    bytesMax: 2 * MIB,
    windowBytes: WINDOW_BYTES,
    slots: 4096,
    spill: spillOf(disk),
  });
  const { outbox, delivery } = rig;
  const messages = 1_000_000;
  outbox.addAccount();
  for (let sequence = 1; sequence <= messages; sequence++) rig.write(0);
  assert.ok(outbox.usedBytes <= 2 * MIB);
  rig.attach(0, 1, 1);
  let received = 0;
  while (received < messages) {
    const reads = disk.reads;
    assert.ok(rig.turn(true) > 0, `nothing comes behind packet ${received}`);
    assert.ok(disk.reads <= reads + 1, "one read per turn");
    received += rig.drain();
  }
  assert.equal(rig.expected[0], messages + 1);
  assert.equal(delivery.reads, disk.reads);
  assert.ok(disk.readBytesMax <= 64 * 1024);
  // Hardly a page is read twice.
  assert.ok(disk.reads < (outbox.spilledBytes / 65_536) * 2.5, `${disk.reads} reads`);
  outbox.close();
});

const seed = fuzzSeed();
test(`readers of every pace, writers and evictions between them: nothing is lost, seed ${seed}`, () => {
  const random = new SeededRandom(seed);
  for (const [kib, windowBytes, slots] of [
    [16, 300, 4],
    [24, 1000, 64],
    [64, 5000, 16],
    [256, 65_536, 1024],
  ] as const) {
    using disk = new CountingFiles();
    const rig = new DeliveryRig({ bytesMax: kib * 1024, windowBytes, slots, spill: spillOf(disk) });
    const accounts = 8;
    const epochs = new Array<number>(accounts).fill(1);
    const inFlight = (account: number) => rig.progress.inFlight(account);
    for (let account = 0; account < accounts; account++) {
      rig.outbox.addAccount();
      rig.write(account);
      rig.attach(account, 1, 1);
    }
    for (let step = 0; step < 6000; step++) {
      const account = random.below(accounts);
      const what = random.below(20);
      if (what < 10) for (let left = random.below(12); left > 0; left--) rig.write(account);
      else if (what < 11) {
        // Whoever comes again asks for any number, the one to come included.
        const next = rig.outbox.nextSequence(account);
        rig.drain(true);
        rig.take(account, inFlight(account));
        epochs[account] = (epochs[account] ?? 0) + 1;
        rig.attach(account, 1 + random.below(next), epochs[account]);
      } else if (what < 13) rig.drain(true);
      else if (what < 16) rig.take(account, random.below(inFlight(account) + 1));
      else rig.turn(random.below(2) === 0);
    }
    for (let left = 1; left > 0; ) {
      rig.clock.advanceMs(1);
      left = rig.turn(false) + rig.drain(true);
      for (let account = 0; account < accounts; account++) {
        const bytes = inFlight(account);
        left += bytes;
        rig.take(account, bytes);
      }
    }
    for (let account = 0; account < accounts; account++) {
      assert.equal(rig.expected[account], rig.outbox.nextSequence(account));
    }
    assert.ok(rig.delivery.isDone && rig.delivery.reads > 10, `${rig.delivery.reads} reads`);
    rig.outbox.close();
  }
});

test("a busy lane reads at most once in a millisecond, an idle one each turn", () => {
  using disk = new CountingFiles();
  const rig = new DeliveryRig({
    bytesMax: 64 * 1024,
    windowBytes: WINDOW_BYTES,
    slots: 4096,
    spill: spillOf(disk),
  });
  rig.outbox.addAccount();
  for (let packet = 0; packet < 20_000; packet++) rig.write(0);
  rig.attach(0, 1, 1);
  const turn = (isIdle: boolean): number => {
    const before = disk.reads;
    rig.turn(isIdle);
    rig.drain();
    return disk.reads - before;
  };
  assert.equal(turn(false), 1);
  assert.equal(turn(false), 0);
  rig.clock.advanceMs(0.9);
  assert.equal(turn(false), 0);
  rig.clock.advanceMs(0.1);
  assert.equal(turn(false), 1);
  assert.equal(turn(true), 1);
  assert.equal(turn(true), 1);
  rig.outbox.close();
});

test("a read of more than a millisecond is counted", () => {
  using disk = new CountingFiles();
  let lastsMs = 1;
  const { files } = disk;
  const slowFiles = {
    ...files,
    read: (...call: Parameters<typeof files.read>) => {
      rig.clock.advanceMs(lastsMs);
      return files.read(...call);
    },
  };
  const rig: DeliveryRig = new DeliveryRig({
    bytesMax: 64 * 1024,
    windowBytes: WINDOW_BYTES,
    slots: 4096,
    spill: { files: slowFiles, path: disk.path("spill") },
  });
  rig.outbox.addAccount();
  for (let packet = 0; packet < 10_000; packet++) rig.write(0);
  rig.attach(0, 1, 1);
  rig.turn(true);
  assert.deepEqual([rig.delivery.reads, rig.delivery.slowReads], [1, 0]);
  rig.drain();
  lastsMs = 7;
  rig.turn(true);
  assert.deepEqual([rig.delivery.reads, rig.delivery.slowReads], [2, 1]);
  assert.equal(rig.delivery.longestReadNs, 7e6);
  rig.outbox.close();
});

test("nothing is read for a full window, a full ring or somebody who has left", () => {
  using disk = new CountingFiles();
  const rig = new DeliveryRig({
    bytesMax: 64 * 1024,
    windowBytes: 2000,
    slots: 16,
    spill: spillOf(disk),
  });
  for (let account = 0; account < 2; account++) {
    rig.outbox.addAccount();
    for (let packet = 0; packet < 2000; packet++) rig.write(account);
  }
  const turns = (count: number) => {
    const before = disk.reads;
    for (let left = count; left > 0; left--) rig.turn(true);
    return disk.reads - before;
  };
  rig.attach(0, 1, 1);
  assert.equal(turns(50), 1, "half of the ring is full, and nobody takes anything");
  while (rig.drain(true) + rig.turn(true) > 0);
  assert.equal(turns(50), 0, "the window is full");
  rig.attach(1, 1, 1);
  rig.delivery.deliverBacklog();
  rig.delivery.onDetached(1);
  assert.equal(rig.delivery.hasCold, true);
  assert.equal(turns(50), 0, "he has left");
  assert.equal(rig.delivery.hasCold, false);
  rig.outbox.close();
});

/** Everything the account was ever told. */
function readAll(rig: LaneRig, name: string): string[] {
  rig.eventNs += 61e9; // no fight of two clients
  const client = rig.login(name);
  rig.run();
  return client.delivered.map(({ fields, account }) => JSON.stringify([account, fields]));
}

for (const round of [1, 2, 3]) {
  test(`a lane with little memory tells everybody what one with plenty does, seed ${seed + round}`, () => {
    using disk = new CountingFiles();
    const small = new LaneRig({
      outboxBytesMax: 32 * 1024,
      spill: spillOf(disk),
      windowBytes: 2500,
    });
    const large = new LaneRig();
    const accounts = 6;
    for (const rig of [small, large]) {
      const random = new SeededRandom(seed + round);
      const flow = new LaneFlow(rig, random, accounts);
      for (let step = 0; step < 6000; step++) {
        flow.step();
        if (random.below(5) === 0) rig.runOnce();
      }
      rig.run();
    }
    assert.equal(small.digest, large.digest);
    assert.ok(small.count("outboxBytes") <= 32 * 1024 && disk.writes > 10);
    let seenCount = 0;
    for (let account = 0; account < accounts; account++) {
      const seen = readAll(small, `U${account}`);
      assert.deepEqual(seen, readAll(large, `U${account}`));
      seenCount += seen.length; // of one account it may be little: closed for its rubbish, it is back only when chance will
    }
    assert.ok(seenCount > 3000);
    assert.ok(disk.reads > 10);
    for (const client of small.clients) assert.ok(!client.all.includes("rejected S"));
  });
}

test("1,000 clients reconnect at once and ask for everything: in order, within their windows, and one who trades waits for none", () => {
  using disk = new CountingFiles();
  const windowBytes = 3000;
  const rig = new LaneRig({
    connectionsMax: 1024,
    outboxBytesMax: 2 * MIB,
    spill: spillOf(disk),
    isSlow: true,
    windowBytes,
    venue: { ordersMax: 70_000 },
  });
  const accounts = 1000;
  const orders = 60;
  const login = (index: number): RigClient => rig.login(`C${index}`, { connection: index });
  const before = Array.from({ length: accounts }, (_, index) => login(index));
  for (let userRefNum = 1; userRefNum <= orders; userRefNum++) {
    for (const client of before) client.enter({ userRefNum });
    rig.run();
  }
  for (const client of before) client.detach(DETACH_REASON.CLOSED);
  const trader = rig.login("TRADER", { connection: accounts });
  rig.run();
  assert.ok(rig.count("outboxBytes") <= 2 * MIB && disk.writes > 50);

  /** The kernel takes what has arrived since it last did. */
  const takenCounts = new Map<RigClient, number>();
  const takeAll = (client: RigClient) => {
    const start = takenCounts.get(client) ?? 0;
    const fresh = client.delivered.slice(start);
    takenCounts.set(client, client.delivered.length);
    const bytes = fresh.reduce((sum, { packetBytes }) => sum + packetBytes, 0);
    if (bytes > 0) rig.take(client.connection, bytes);
  };
  takeAll(trader);
  // What the dead connections had in flight is gone with them.
  for (const client of before) rig.progress.addTaken(client.connection, inFlight(rig, client));
  const again = before.map((_, index) => login(index));
  let entered = 0;
  let liveAnswers = 0;
  while (again.some(({ delivered }) => delivered.length <= orders)) {
    trader.enter({ userRefNum: ++entered });
    // A turn with his order, and one in which the lane has nothing else to do.
    for (let turn = 0; turn < 2; turn++) {
      const reads = disk.reads;
      rig.lane.turn();
      assert.ok(disk.reads - reads <= 1, "one read per turn");
      rig.drain();
      // Behind the logins, an order's answer leaves in the turn of its batch.
      if (rig.inboundWaiting === 0) {
        assert.equal(trader.delivered.length, entered + 1);
        liveAnswers++;
      }
      for (const client of again) assert.ok(inFlight(rig, client) <= windowBytes);
    }
    takeAll(trader);
    if (entered % 3 === 0) again.forEach(takeAll);
    assert.ok(entered < 10_000, "they are served within bounds");
  }
  assert.ok(disk.reads > accounts && liveAnswers > accounts, `${disk.reads} ${liveAnswers}`);
  for (const client of again) {
    assert.deepEqual(
      client.delivered.map(({ text }) => text),
      ["S S", ...Array.from({ length: orders }, (_, index) => `A ${index + 1} L`)],
    );
  }
});

const inFlight = (rig: LaneRig, { connection }: RigClient): number =>
  rig.progress.inFlight(connection);

test("a page that does not come back as it went ends the lane", () => {
  using disk = new CountingFiles();
  const rig = new LaneRig({ outboxBytesMax: 16 * 1024, spill: spillOf(disk) });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 500; userRefNum++) alice.enter({ userRefNum });
  rig.run();
  disk.readBytesLimit = 0;
  rig.login("ALICE");
  assert.throws(
    () => rig.run(),
    (error) => error instanceof FaultError && error.fault.code === "OUTBOX_DAMAGED",
  );
});
