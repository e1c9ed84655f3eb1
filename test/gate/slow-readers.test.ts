import assert from "node:assert/strict";
import { test } from "node:test";
import { GateRig } from "../support/gate-rig.ts";

const STALL_MS = 4_000;

/** A connection with a full window, of which the kernel says that it holds so much. */
function stuck() {
  const questions: { descriptor: number; answer: (bytes: number | undefined) => void }[] = [];
  const rig = new GateRig({
    session: { windowBytes: 1_000, sendStallMsMax: STALL_MS, idleTimeoutMs: 600_000 },
    queues: { ask: (descriptor, answer) => questions.push({ descriptor, answer }) },
    lendsWires: true,
  });
  const { socket, attach } = rig.live();
  const fill = (): void => {
    for (let index = 0; index < 10; index++) rig.lane.sequenced(attach, Buffer.alloc(100));
    rig.turn();
  };
  const answer = (bytes: number | undefined): void => {
    assert.equal(questions.length, 1);
    const [question] = questions.splice(0);
    assert.equal(question?.descriptor, socket.descriptor);
    question?.answer(bytes);
  };
  socket.isTaking = false;
  fill();
  return { rig, socket, questions, fill, answer };
}

test("a reader is slow and not deaf as long as the kernel gets rid of something", () => {
  const { rig, socket, questions, answer } = stuck();
  rig.passMs(STALL_MS / 8 - 10);
  assert.equal(questions.length, 0);
  rig.passMs(20);
  answer(3_000_000);
  for (let held = 2_900_000; held > 2_500_000; held -= 100_000) {
    rig.passMs(STALL_MS);
    answer(held);
    assert.ok(!socket.isDestroyed);
  }
  rig.passMs(STALL_MS);
  answer(2_600_000);
  assert.ok(socket.isDestroyed);
  assert.match(String(rig.logged.at(-1)?.fields.why), /does not read/);
});

test("a reader of which nothing is known is deaf at its limit", () => {
  for (const [first, second] of [
    [undefined, undefined],
    [undefined, 1000],
    [1000, undefined],
    [1000, 1000],
  ]) {
    const { rig, socket, answer } = stuck();
    rig.passMs(STALL_MS / 2);
    answer(first);
    rig.passMs(STALL_MS / 2 - 20);
    assert.ok(!socket.isDestroyed);
    rig.passMs(40);
    answer(second);
    assert.ok(socket.isDestroyed);
  }
});

test("what the kernel held in an earlier wait says nothing of this one", () => {
  const { rig, socket, fill, answer } = stuck();
  rig.passMs(STALL_MS / 2);
  answer(3_000_000);
  socket.takeAll();
  socket.isTaking = false;
  fill();
  rig.passMs(STALL_MS / 2);
  answer(undefined);
  rig.passMs(STALL_MS / 2 + 20);
  answer(2_000_000);
  assert.ok(socket.isDestroyed);
});

test("who has read meanwhile, or has gone, is not closed by an answer that comes late", () => {
  const { rig, socket, questions, answer } = stuck();
  rig.passMs(STALL_MS / 2);
  answer(1000);
  rig.passMs(STALL_MS / 2 + 20);
  socket.takeAll();
  answer(1000);
  assert.ok(!socket.isDestroyed);

  const other = stuck();
  other.rig.passMs(STALL_MS / 2);
  other.answer(1000);
  other.rig.passMs(STALL_MS / 2 + 20);
  other.socket.clientEnds();
  other.socket.close();
  other.rig.turn();
  const next = other.rig.live("BOB");
  other.answer(1000);
  assert.ok(!next.socket.isDestroyed);
  assert.equal(questions.length, 0);
});
