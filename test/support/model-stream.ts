// The one true stream of each account: the packets of a lane's outbox, read as they are written.

import type { Lane } from "../../src/lane/lane.ts";
import type { Outbox } from "../../src/lane/outbox.ts";
import { OutboxEntry, outboxEntryBytes } from "../../src/lane/outbox-entry.ts";
import { NO_PAGE } from "../../src/lane/outbox-page-layout.ts";

class Stream {
  readonly packets: Buffer[] = [];
  page = NO_PAGE;
  offset = 0;
}

export class ModelStreams {
  private readonly lane: Lane;
  private readonly streams: Stream[] = [];
  private readonly entry = new OutboxEntry();

  constructor(lane: Lane) {
    this.lane = lane;
  }

  /** All packets of the account so far; none before its first login. */
  packets(name: string): readonly Buffer[] {
    const { state } = this.lane.core;
    const account = state?.accounts.find(name);
    if (state === undefined || account === undefined) return [];
    while (this.streams.length <= account.number) this.streams.push(new Stream());
    const stream = this.streams[account.number];
    if (stream === undefined) return [];
    this.readOn(state.outbox, account.number, stream);
    return stream.packets;
  }

  /** What is in the outbox of another lane that stands where this one stands, though not all need be in memory here. */
  beginWith(other: ModelStreams): void {
    const { accounts } = this.lane.core.state ?? {};
    for (let number = 0; number < (accounts?.count ?? 0); number++) {
      const stream = new Stream();
      stream.packets.push(...other.packets(accounts?.at(number).name ?? ""));
      this.streams.push(stream);
    }
  }

  /** Everything that has been written, before a part of it leaves memory. */
  readAll(): void {
    const { accounts } = this.lane.core.state ?? {};
    for (let number = 0; number < (accounts?.count ?? 0); number++) {
      this.packets(accounts?.at(number).name ?? "");
    }
  }

  private readOn(outbox: Outbox, account: number, stream: Stream): void {
    const count = outbox.nextSequence(account) - 1;
    if (stream.packets.length === count) return;
    if (stream.page === NO_PAGE) {
      const sequence = stream.packets.length + 1;
      stream.page = outbox.findPage(account, sequence);
      stream.offset = outbox.findOffset(stream.page, sequence);
    }
    while (stream.packets.length < count) {
      if (stream.offset >= outbox.pageUsedBytes(stream.page)) {
        stream.page = outbox.nextPage(stream.page);
        stream.offset = outbox.firstOffset;
      }
      const memory = outbox.memoryOf(stream.page);
      const entry = this.entry.wrap(memory, outbox.offsetOf(stream.page) + stream.offset);
      const { packetOffset, packetBytes } = entry;
      stream.packets.push(
        Buffer.from(memory.bytes.subarray(packetOffset, packetOffset + packetBytes)),
      );
      stream.offset += outboxEntryBytes(packetBytes);
    }
  }
}
