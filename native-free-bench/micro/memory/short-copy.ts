// What it costs to move one message: an Enter Order from where a socket put it, to its slot; an Order Accepted from its
// page to its slot. By words, and beside it Buffer.copy, which leaves JavaScript for each.
// Run: node native-free-bench/micro/memory/short-copy.ts

import { copyIntoWords, copyWords } from "../../../src/memory/copy-words.ts";
import { SLOT_BYTES, SlotMemory } from "../../../src/memory/slot-memory.ts";
import { ENTER_ORDER_BYTES } from "../../../src/protocol/ouch/enter-order.ts";
import { ORDER_ACCEPTED_BYTES } from "../../../src/protocol/ouch/order-accepted.ts";
import { PACKET_HEADER_BYTES } from "../../../src/protocol/soupbintcp/packet-header.ts";
import { type BenchCase, type BenchSize, measure } from "../../harness/measure.ts";
import { printResults } from "../../harness/print.ts";

const SLOTS = 4096; // of a ring
const PAYLOAD_AT = 80;
const READ_BYTES = 65_536;
const ENTER_BYTES = ENTER_ORDER_BYTES + 2;
const ACCEPTED_BYTES = PACKET_HEADER_BYTES + ORDER_ACCEPTED_BYTES + 2;
/** Packets stand in a read one behind the other: seldom on a whole 4. */
const PACKET_BYTES = PACKET_HEADER_BYTES + ENTER_BYTES;
const PACKETS = Math.floor(READ_BYTES / PACKET_BYTES);

const read = Buffer.from(
  Uint8Array.from({ length: READ_BYTES }, (_, at) => (at * 131) >> 3).buffer,
);
const readView = new DataView(read.buffer, read.byteOffset, read.length);
const pages = new SlotMemory(new SharedArrayBuffer(SLOTS * SLOT_BYTES));
pages.bytes.set(read);
const ring = new SlotMemory(new SharedArrayBuffer(SLOTS * SLOT_BYTES));

type Copy = (index: number, toOffset: number) => void;

const overSlots = (name: string, bytes: number, copy: Copy): BenchCase => ({
  name,
  run(count) {
    ring.bytes.fill(0); // of another case
    let sum = bytes;
    for (let index = 0; index < count; index++) {
      const toOffset = (index % SLOTS) * SLOT_BYTES + PAYLOAD_AT;
      copy(index, toOffset);
      sum = (sum + ring.bytes[toOffset + bytes - 1]!) | 0;
    }
    return sum;
  },
});

const packetAt = (index: number): number => (index % PACKETS) * PACKET_BYTES + PACKET_HEADER_BYTES;
const entryAt = (index: number): number => (index % SLOTS) * SLOT_BYTES;

export const SHORT_COPY_CASES: readonly BenchCase[] = [
  overSlots("empty", 1, () => undefined),
  overSlots(`${ENTER_BYTES} bytes of a read: Buffer.copy`, ENTER_BYTES, (index, toOffset) => {
    const from = packetAt(index);
    read.copy(ring.bytes, toOffset, from, from + ENTER_BYTES);
  }),
  overSlots(`${ENTER_BYTES} bytes of a read: by words`, ENTER_BYTES, (index, toOffset) =>
    copyIntoWords(readView, packetAt(index), ring.words, toOffset, ENTER_BYTES),
  ),
  overSlots(`${ACCEPTED_BYTES} bytes of a page: Buffer.copy`, ACCEPTED_BYTES, (index, toOffset) => {
    const from = entryAt(index);
    pages.bytes.copy(ring.bytes, toOffset, from, from + ACCEPTED_BYTES);
  }),
  overSlots(`${ACCEPTED_BYTES} bytes of a page: by words`, ACCEPTED_BYTES, (index, toOffset) =>
    copyWords(pages.words, entryAt(index), ring.words, toOffset, ACCEPTED_BYTES),
  ),
];

if (import.meta.main) {
  const size: BenchSize = { count: 2_000_000, rounds: 9 };
  printResults(size, await measure(SHORT_COPY_CASES, size));
}
