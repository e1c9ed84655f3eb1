import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultError } from "../../src/base/fault.ts";
import { Outbox } from "../../src/lane/outbox.ts";
import { OutboxEntry } from "../../src/lane/outbox-entry.ts";
import { OUTBOX_PAGE_BYTES } from "../../src/lane/outbox-page-layout.ts";
import { OUTBOUND_PAYLOAD_BYTES_MAX } from "../../src/memory/outbound-record.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

/** Writes a packet whose bytes say whose and which it is. */
function write(outbox: Outbox, account: number, packetBytes: number): void {
  outbox.begin(account);
  const { view } = outbox.memory;
  view.setUint32(outbox.packetOffset, account);
  view.setUint32(outbox.packetOffset + 4, outbox.nextSequence(account));
  outbox.end(account, packetBytes).batch = 7;
}

function read(outbox: Outbox, account: number, sequence: number): [number, number] {
  const page = outbox.findPage(account, sequence);
  const offset = outbox.findOffset(page, sequence);
  const memory = outbox.memoryOf(page);
  const entry = new OutboxEntry().wrap(memory, outbox.offsetOf(page) + offset);
  const { packetOffset } = entry;
  return [memory.view.getUint32(packetOffset), memory.view.getUint32(packetOffset + 4)];
}

const seed = fuzzSeed();
test(`any packet of any account is found again, seed ${seed}`, () => {
  const random = new SeededRandom(seed);
  const outbox = new Outbox({ lane: 0, bytesMax: 8 * 2 ** 20 });
  const accounts = 150;
  for (let account = 0; account < accounts; account++) outbox.addAccount();
  for (let packet = 0; packet < 30_000; packet++) {
    const account = random.below(10) < 5 ? 3 : random.below(accounts);
    write(outbox, account, 13 + random.below(OUTBOUND_PAYLOAD_BYTES_MAX - 12));
  }
  for (let account = 0; account < accounts; account++) {
    const next = outbox.nextSequence(account);
    for (let sequence = 1; sequence < next; sequence += account === 3 ? 97 : 1) {
      assert.deepEqual(read(outbox, account, sequence), [account, sequence]);
    }
    if (next === 1) continue;
    const page = outbox.findPage(account, next);
    assert.equal(outbox.findOffset(page, next), outbox.pageUsedBytes(page), "the one to come");
  }
});

test("the pool has exactly the pages it was given, and one more is a fault with a name", () => {
  const outbox = new Outbox({ lane: 4, bytesMax: 3 * OUTBOX_PAGE_BYTES + 100 });
  for (let account = 0; account < 4; account++) outbox.addAccount();
  for (let account = 0; account < 3; account++) write(outbox, account, 100);
  assert.equal(outbox.usedBytes, 3 * OUTBOX_PAGE_BYTES);
  write(outbox, 0, 100);
  assert.throws(
    () => write(outbox, 3, 100),
    (error) =>
      error instanceof FaultError && error.fault.code === "OUTBOX_FULL" && error.fault.lane === 4,
  );
});
