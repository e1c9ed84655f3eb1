import assert from "node:assert/strict";
import { test } from "node:test";
import { RingConsumer } from "../../src/memory/ring-consumer.ts";
import { createRing, startRingAt } from "../../src/memory/ring-layout.ts";
import { RingProbe } from "../../src/memory/ring-probe.ts";
import { RingProducer } from "../../src/memory/ring-producer.ts";

test("a third thread sees what was handed over and not handed back, across the wrap", () => {
  const memory = createRing(4);
  startRingAt(memory, -2);
  const probe = new RingProbe(memory);
  const producer = new RingProducer(memory);
  const consumer = new RingConsumer(memory);
  assert.equal(probe.slotCount, 4);
  assert.equal(probe.usedSlots(), 0);
  for (let slot = 0; slot < 4; slot++) producer.claim(0);
  producer.publish();
  assert.equal(probe.usedSlots(), 4);
  consumer.take();
  assert.equal(probe.usedSlots(), 4);
  consumer.release();
  assert.equal(probe.usedSlots(), 3);
});
