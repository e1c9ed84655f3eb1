import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import {
  type Doorbell,
  joinDoorbell,
  makeFifo,
  openDoorbell,
  openTurnDoorbell,
} from "../../src/memory/doorbell.ts";

const noFifo = (): never => {
  throw new Error("no mkfifo here");
};

const heard = (doorbell: Doorbell): Promise<void> =>
  new Promise((onRing) => doorbell.listen(onRing));

for (const make of [makeFifo, noFifo]) {
  test(`a ring before and a ring after listening are heard: ${make.name}`, async () => {
    const doorbell = openDoorbell(make);
    const button = joinDoorbell(doorbell.transfer);
    button.ring();
    await heard(doorbell);
    doorbell.close();
  });
}

test("where no FIFO can be made, messages serve and the reason is kept", () => {
  const doorbell = openDoorbell(noFifo);
  assert.equal(doorbell.kind, "message");
  assert.equal(doorbell.reason, "no mkfifo here");
  assert.equal(doorbell.transferList.length, 1);
  doorbell.close();
});

test("a pipe that nobody empties is a wake-up on its way, not an error", () => {
  const doorbell = openDoorbell();
  assert.equal(doorbell.kind, "fifo");
  const button = joinDoorbell(doorbell.transfer);
  for (let ring = 0; ring < 70_000; ring++) button.ring(); // a pipe holds 64 KiB
  doorbell.close();
});

test("the FIFO has no name left in the file system, and its failure no directory", () => {
  let made = "";
  const before = new Set(readdirSync(tmpdir()));
  const doorbell = openDoorbell((path) => {
    made = path;
    makeFifo(path);
  });
  doorbell.close();
  openDoorbell((path) => {
    made += path;
    return noFifo();
  }).close();
  const left = readdirSync(tmpdir()).filter((name) => !before.has(name) && made.includes(name));
  assert.deepEqual(left, []);
});

const turn = (): Promise<void> => new Promise((next) => setImmediate(next));

test("on one thread a ring is heard in the next turn, also by who listens later, and not behind the end", async () => {
  const doorbell = openTurnDoorbell();
  const button = joinDoorbell(doorbell.transfer);
  let heard = 0;
  button.ring();
  await turn();
  doorbell.listen(() => heard++);
  assert.equal(heard, 0);
  await turn();
  assert.equal(heard, 1);
  button.ring();
  assert.equal(heard, 1, "heard by whoever rang, in the middle of his work");
  await turn();
  assert.equal(heard, 2);
  button.ring();
  doorbell.close();
  await turn();
  assert.equal(heard, 2);
});
