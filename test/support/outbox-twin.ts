// An outbox beside the simplest thing that it must agree with: an array of packets per account. Packets say whose and
// which they are, and their lengths are chance's.

import assert from "node:assert/strict";
import type { Outbox } from "../../src/lane/outbox.ts";
import { OutboxEntry } from "../../src/lane/outbox-entry.ts";
import { NO_PAGE } from "../../src/lane/outbox-page-layout.ts";
import { OutboxReadBack, SKIP_UNKNOWN } from "../../src/lane/outbox-read-back.ts";
import { OUTBOUND_PAYLOAD_BYTES_MAX } from "../../src/memory/outbound-record.ts";
import type { SeededRandom } from "./seeded-random.ts";

const PACKET_BYTES_MIN = 13;

/** Any packet, from memory or from a file. */
export function readPacket(outbox: Outbox, account: number, sequence: number): Buffer {
  const page = outbox.findPage(account, sequence);
  if (page !== NO_PAGE) {
    const offset = outbox.offsetOf(page) + outbox.findOffset(page, sequence);
    return packetAt(new OutboxEntry().wrap(outbox.memoryOf(page), offset), outbox.memoryOf(page));
  }
  assert.ok(outbox.spill, "a packet is neither in memory nor in a file");
  const readBack = new OutboxReadBack();
  readBack.read(outbox.spill, account, sequence, SKIP_UNKNOWN, 0);
  assert.ok(readBack.holds(account, sequence));
  return packetAt(new OutboxEntry().wrap(readBack.memory, readBack.entryOffset), readBack.memory);
}

const packetAt = ({ packetOffset, packetBytes }: OutboxEntry, { bytes }: { bytes: Buffer }) =>
  Buffer.from(bytes.subarray(packetOffset, packetOffset + packetBytes));

export class OutboxTwin {
  outbox: Outbox;
  readonly packets: Buffer[][] = [];
  private readonly random: SeededRandom;

  constructor(outbox: Outbox, random: SeededRandom) {
    this.outbox = outbox;
    this.random = random;
  }

  addAccounts(count: number): this {
    for (let left = count; left > 0; left--) {
      this.outbox.addAccount();
      this.packets.push([]);
    }
    return this;
  }

  write(account: number): void {
    const { outbox, random } = this;
    const packets = this.packets[account] ?? [];
    const sequence = packets.length + 1;
    assert.equal(outbox.nextSequence(account), sequence);
    const bytes =
      PACKET_BYTES_MIN + random.below(OUTBOUND_PAYLOAD_BYTES_MAX + 1 - PACKET_BYTES_MIN);
    const packet = Buffer.alloc(bytes, random.below(256));
    packet.writeUInt32BE(account, 0);
    packet.writeUInt32BE(sequence, 4);
    outbox.begin(account);
    packet.copy(outbox.memory.bytes, outbox.packetOffset);
    const entry = outbox.end(account, packet.length);
    entry.batch = 7;
    entry.sinceNs = random.below(1e6);
    packets.push(packet);
  }

  /** Looks at every `step`th packet. */
  check(step = 1): void {
    for (const [account, packets] of this.packets.entries()) {
      assert.equal(this.outbox.nextSequence(account), packets.length + 1);
      for (let index = step === 1 ? 0 : this.random.below(step); index < packets.length; ) {
        const found = readPacket(this.outbox, account, index + 1);
        assert.ok(packets[index]?.equals(found), `packet ${index + 1} of account ${account}`);
        index += step;
      }
    }
  }
}
