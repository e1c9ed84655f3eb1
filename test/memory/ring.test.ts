import assert from "node:assert/strict";
import { test } from "node:test";
import { RING_EMPTY, RingConsumer } from "../../src/memory/ring-consumer.ts";
import {
  createRing,
  reservedSlots,
  ringSlots,
  startRingAt,
  usedSlots,
} from "../../src/memory/ring-layout.ts";
import { RING_FULL, RingProducer } from "../../src/memory/ring-producer.ts";
import { SLOT_BYTES } from "../../src/memory/slot-memory.ts";

const ringOf = (slotCount: number, sequence = 0) => {
  const memory = createRing(slotCount);
  startRingAt(memory, sequence);
  return { memory, producer: new RingProducer(memory), consumer: new RingConsumer(memory) };
};

test("the consumer sees nothing before publish, then everything", () => {
  const { producer, consumer } = ringOf(4);
  const offset = producer.claim(0);
  producer.claim(0);
  assert.equal(consumer.peek(), RING_EMPTY);
  assert.equal(consumer.take(), RING_EMPTY);
  assert.equal(producer.publish(), 2);
  assert.equal(consumer.waitingSlots(), 2);
  assert.equal(consumer.peek(), offset);
  assert.equal(consumer.peek(), offset, "it stays");
  assert.equal(consumer.take(), offset);
  assert.equal(consumer.take(), offset + SLOT_BYTES);
  assert.equal(consumer.take(), RING_EMPTY);
});

test("a ring takes as many slots as it has and not one more", () => {
  const { producer, consumer } = ringOf(2);
  assert.notEqual(producer.claim(0), RING_FULL);
  assert.notEqual(producer.claim(0), RING_FULL);
  assert.equal(producer.claim(0), RING_FULL);
  producer.publish();
  consumer.take();
  assert.equal(producer.claim(0), RING_FULL, "a taken slot is the consumer's until release");
  assert.equal(consumer.release(), 1);
  assert.notEqual(producer.claim(0), RING_FULL);
});

test("reserved slots are left for those who ask for none to be left", () => {
  const { producer } = ringOf(8);
  const reserve = reservedSlots(8);
  assert.equal(reserve, 1);
  for (let slot = 0; slot < 7; slot++) assert.notEqual(producer.claim(reserve), RING_FULL);
  assert.equal(producer.claim(reserve), RING_FULL);
  assert.notEqual(producer.claim(0), RING_FULL);
  assert.deepEqual([2, 16, 512, 4096].map(reservedSlots), [1, 2, 64, 64]);
});

for (const wrap of [2 ** 31, 2 ** 32]) {
  test(`cursors that pass ${wrap} still say how much is used`, () => {
    const { producer, consumer } = ringOf(4, wrap - 2);
    for (let round = 0; round < 10; round++) {
      for (let slot = 0; slot < 4; slot++) assert.notEqual(producer.claim(0), RING_FULL);
      assert.equal(producer.claim(0), RING_FULL);
      assert.equal(producer.publish(), 4);
      assert.equal(producer.usedSlots(), 4);
      for (let slot = 0; slot < 4; slot++) assert.notEqual(consumer.take(), RING_EMPTY);
      assert.equal(consumer.take(), RING_EMPTY);
      assert.equal(consumer.release(), 4);
      assert.equal(usedSlots(producer.tailSequence, producer.headSequence()), 0);
    }
  });
}

test("a consumer that joins later goes on where the last one released", () => {
  const { memory, producer, consumer } = ringOf(4);
  const [first, second] = [producer.claim(0), producer.claim(0)];
  producer.publish();
  assert.equal(consumer.take(), first);
  consumer.release();
  assert.equal(consumer.take(), second); // taken, never released
  const next = new RingConsumer(memory);
  assert.equal(next.take(), second);
});

test("publishing and releasing nothing is nothing", () => {
  const { producer, consumer } = ringOf(2);
  assert.equal(producer.publish(), 0);
  assert.equal(consumer.release(), 0);
});

test("a ring has a power of two of slots, at least two", () => {
  for (const slotCount of [0, 1, 3, 12]) assert.throws(() => createRing(slotCount));
  assert.equal(ringSlots(createRing(2)), 2);
  assert.equal(ringSlots(createRing(4096)), 4096);
});
