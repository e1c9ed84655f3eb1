import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { createWires, NO_WIRE, Wires } from "../../src/memory/wires.ts";
import { fuzzSeed } from "../support/seeded-random.ts";
import { begunBytesAt, type WireWorkerData, writeBoth } from "../support/wire-worker.ts";

const CONNECTION = 1;
const DESCRIPTOR = 77;
const EPOCH = 5;

const made = (): Wires => new Wires(createWires(3));
function lent(): Wires {
  const wires = made();
  wires.lend(CONNECTION, DESCRIPTOR, EPOCH);
  return wires;
}
function taken(): Wires {
  const wires = lent();
  assert.equal(wires.take(CONNECTION, EPOCH), DESCRIPTOR);
  return wires;
}
function left(begunBytes: number): Wires {
  const wires = taken();
  wires.leave(CONNECTION, begunBytes);
  return wires;
}

test("a wire is the gate's until it is lent, and is lent to one connection alone", () => {
  const wires = made();
  assert.equal(wires.take(CONNECTION, EPOCH), NO_WIRE);
  assert.ok(wires.takeBack(CONNECTION));
  assert.ok(wires.reclaim(CONNECTION));
  wires.lend(CONNECTION, DESCRIPTOR, EPOCH);
  assert.equal(wires.take(CONNECTION - 1, EPOCH), NO_WIRE);
  assert.equal(wires.take(CONNECTION + 1, EPOCH), NO_WIRE);
  assert.equal(wires.take(CONNECTION, EPOCH), DESCRIPTOR);
});

test("what is lent can be taken again and again, and back once nobody has it", () => {
  const wires = lent();
  for (let round = 0; round < 3; round++) {
    assert.equal(wires.take(CONNECTION, EPOCH), DESCRIPTOR);
    assert.equal(wires.take(CONNECTION, EPOCH), NO_WIRE, "it is taken already");
    assert.ok(!wires.takeBack(CONNECTION), "the lane is writing");
    wires.giveBack(CONNECTION);
  }
  assert.ok(wires.takeBack(CONNECTION));
  assert.equal(wires.take(CONNECTION, EPOCH), NO_WIRE);
  assert.ok(wires.takeBack(CONNECTION), "it is the gate's already");
});

test("a free wire is reclaimed without waiting, and lent anew with another descriptor", () => {
  const wires = lent();
  assert.ok(wires.reclaim(CONNECTION));
  assert.equal(wires.take(CONNECTION, EPOCH), NO_WIRE);
  wires.lend(CONNECTION, DESCRIPTOR + 1, EPOCH + 1);
  assert.equal(wires.take(CONNECTION, EPOCH + 1), DESCRIPTOR + 1);
});

test("a wire of another epoch is not taken, and stays lent to whom it is for", () => {
  const wires = lent();
  for (const epoch of [EPOCH - 1, EPOCH + 1]) assert.equal(wires.take(CONNECTION, epoch), NO_WIRE);
  assert.equal(wires.take(CONNECTION, EPOCH), DESCRIPTOR);
  wires.giveBack(CONNECTION);
  assert.equal(wires.take(CONNECTION, EPOCH + 1), NO_WIRE);
  assert.ok(wires.takeBack(CONNECTION));
});

test("a wire that is left between two packets is the gate's", () => {
  const wires = left(0);
  assert.equal(wires.take(CONNECTION, EPOCH), NO_WIRE);
  assert.ok(wires.takeBack(CONNECTION));
  assert.ok(wires.reclaim(CONNECTION));
});

test("a wire that is left within a packet is nobody's until the gate has the rest in hand", () => {
  const wires = left(41);
  assert.equal(wires.take(CONNECTION, EPOCH), NO_WIRE);
  assert.ok(!wires.takeBack(CONNECTION));
  assert.ok(!wires.reclaim(CONNECTION), "there is nothing to wait for");
  assert.equal(wires.mend(CONNECTION), 41);
  assert.ok(wires.takeBack(CONNECTION));
  assert.equal(wires.take(CONNECTION, EPOCH), NO_WIRE, "mended is not lent");
  wires.lend(CONNECTION, DESCRIPTOR, EPOCH);
  assert.equal(wires.take(CONNECTION, EPOCH), DESCRIPTOR);
});

test("a new connection starts with the gate, whatever the one before it has left", () => {
  for (const make of [lent, () => left(0), () => left(9)]) {
    const wires = make();
    wires.start(CONNECTION);
    assert.ok(wires.takeBack(CONNECTION));
    assert.equal(wires.take(CONNECTION, EPOCH), NO_WIRE);
  }
});

test("a lane that does not end its write is a broken invariant", () => {
  const memory = createWires(1);
  const wires = new Wires(memory, 20);
  wires.lend(0, DESCRIPTOR, EPOCH);
  wires.take(0, EPOCH);
  assert.throws(() => wires.reclaim(0), /invariant: a lane does not end its write/);
  wires.giveBack(0);
  assert.ok(wires.reclaim(0));
});

test("a process that stood still has not waited for its lane, which stood still with it", (t) => {
  const wires = taken();
  let nowMs = 0;
  let waits = 0;
  t.mock.method(performance, "now", () => nowMs);
  t.mock.method(Atomics, "wait", () => {
    nowMs += 60_000;
    if (++waits === 2) wires.giveBack(CONNECTION);
    return "timed-out";
  });
  assert.ok(wires.reclaim(CONNECTION));
  assert.equal(waits, 2);
});

const seed = fuzzSeed();
test(`gate and lane never have a wire at the same time, and no byte begun is forgotten, seed ${seed}`, async () => {
  const rounds = 20_000;
  const enough = 100;
  const resting = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const memory = createWires(3);
  const shared = new SharedArrayBuffer(4 * Int32Array.BYTES_PER_ELEMENT);
  const words = new Int32Array(shared);
  const workerData: WireWorkerData = {
    ...{ wires: memory, words: shared, connection: CONNECTION, epoch: EPOCH, seed },
  };
  const worker = new Worker(new URL("../support/wire-worker.ts", import.meta.url), { workerData });
  const ended = once(worker, "exit");
  await once(worker, "online");
  const wires = new Wires(memory);
  let waits = 0;
  let mended = 0;
  try {
    // On crowded cores the two seldom run at the same time: it goes on until they have met often enough.
    for (let round = 0; round < rounds || waits <= enough || mended < enough; round++) {
      wires.lend(CONNECTION, DESCRIPTOR, EPOCH);
      // Whoever looks a little later finds the lane at work, or gives it the core meanwhile.
      for (let turn = round % 200; turn > 0; turn--) Atomics.load(words, 0);
      if (round >= rounds) Atomics.wait(resting, 0, 0, 0.05);
      if (wires.takeBack(CONNECTION)) {
        writeBoth(words, 1 + (round % 20));
        continue;
      }
      waits++;
      if (wires.reclaim(CONNECTION)) writeBoth(words, 1);
      else {
        mended++;
        assert.equal(wires.mend(CONNECTION), begunBytesAt(words[1]!));
      }
    }
  } finally {
    Atomics.store(words, 0, 1);
  }
  assert.deepEqual(await ended, [0]);
  assert.equal(words[1], words[2]);
});
