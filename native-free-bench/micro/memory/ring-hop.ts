// What a record's way through a ring costs the two threads together, without the threads: claim, fill, publish,
// take, read, release. One record at a time, and in batches as the gate publishes them; beside that a message port, which
// is what Node has for it.
// Run: node native-free-bench/micro/memory/ring-hop.ts

import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { INBOUND_KIND, InboundRecord } from "../../../src/memory/inbound-record.ts";
import { RING_EMPTY, RingConsumer } from "../../../src/memory/ring-consumer.ts";
import { createRing } from "../../../src/memory/ring-layout.ts";
import { RingProducer } from "../../../src/memory/ring-producer.ts";
import { type BenchCase, type BenchSize, measure } from "../../harness/measure.ts";
import { printResults } from "../../harness/print.ts";

const SLOTS = 4096; // as lanes.inboundSlots
const MESSAGE_BYTES = 51; // an Enter Order
const message = Buffer.alloc(MESSAGE_BYTES, 0x4f);

/** Hops in batches; without a ring, only what a record holds is added up. */
class RingHop implements BenchCase {
  readonly name: string;
  private readonly batch: number;
  private readonly producer: RingProducer;
  private readonly consumer: RingConsumer;
  private readonly written = new InboundRecord();
  private readonly read = new InboundRecord();

  constructor(batch: number) {
    this.name = batch === 1 ? "one record at a time" : `records in batches of ${batch}`;
    this.batch = batch;
    const memory = createRing(SLOTS);
    this.producer = new RingProducer(memory);
    this.consumer = new RingConsumer(memory);
  }

  run(count: number): number {
    let checksum = 0;
    for (let done = 0; done < count; done += this.batch) {
      const end = Math.min(count, done + this.batch);
      for (let index = done; index < end; index++) this.produce(index);
      this.producer.publish();
      checksum = (checksum + this.consume()) | 0;
    }
    return checksum;
  }

  private produce(index: number): void {
    const { written, producer } = this;
    written.wrap(producer.slots, producer.claim(0));
    written.start(INBOUND_KIND.MESSAGE, index & 63, 1);
    written.eventNs = index;
    written.payloadBytes = MESSAGE_BYTES;
    message.copy(producer.slots.bytes, written.payloadOffset, 0, MESSAGE_BYTES);
  }

  private consume(): number {
    const { read, consumer } = this;
    let checksum = 0;
    for (let offset = consumer.take(); offset !== RING_EMPTY; offset = consumer.take()) {
      read.wrap(consumer.slots, offset);
      const type = consumer.slots.bytes[read.payloadOffset]!;
      checksum = (checksum + read.connection + read.eventNs + read.payloadBytes + type) | 0;
    }
    consumer.release();
    return checksum;
  }
}

const empty: BenchCase = {
  name: "empty",
  run(count) {
    let checksum = 0;
    for (let index = 0; index < count; index++) {
      checksum = (checksum + (index & 63) + index + MESSAGE_BYTES + message[0]!) | 0;
    }
    return checksum;
  },
};

interface PostedRecord {
  readonly connection: number;
  readonly eventNs: number;
  readonly payload: Uint8Array;
}

/** A record as an object, cloned on its way. */
const messagePort: BenchCase = {
  name: "message port, one record at a time",
  run(count) {
    const { port1, port2 } = new MessageChannel();
    let checksum = 0;
    for (let index = 0; index < count; index++) {
      const posted: PostedRecord = {
        connection: index & 63,
        eventNs: index,
        payload: new Uint8Array(message),
      };
      port1.postMessage(posted);
      const received: PostedRecord = receiveMessageOnPort(port2)?.message;
      const { connection, eventNs, payload } = received;
      checksum = (checksum + connection + eventNs + payload.length + payload[0]!) | 0;
    }
    port1.close();
    return checksum;
  },
};

export const RING_HOP_CASES: readonly BenchCase[] = [
  empty,
  new RingHop(1),
  new RingHop(64),
  messagePort,
];

if (import.meta.main) {
  const size: BenchSize = { count: 200_000, rounds: 9 };
  printResults(size, await measure(RING_HOP_CASES, size));
}
