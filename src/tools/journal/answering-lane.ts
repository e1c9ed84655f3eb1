// A lane of nothing but the code that decides: fed with a journal, it answers again what was answered then, and is
// listened to as it does. What it answered is not kept, so a day of any length fits.

import type { Files } from "../../journal/files.ts";
import type { JournalReader } from "../../journal/journal-reader.ts";
import { LaneCore } from "../../lane/lane-core.ts";
import { makeVenue } from "../../lane/make-venue.ts";
import { Outbox } from "../../lane/outbox.ts";
import { Replay } from "../../lane/replay.ts";
import type { Streams } from "../../lane/streams.ts";
import { Unsequenced } from "../../lane/unsequenced.ts";
import { CounterWriter, createCounters, LANE_COUNTERS } from "../../memory/counters.ts";
import type { SlotMemory } from "../../memory/slot-memory.ts";
import { describeOutbound, type Fields } from "../../protocol/ouch/describe.ts";
import {
  PACKET_HEADER_BYTES,
  packetBytesAt,
  wireBytes,
} from "../../protocol/soupbintcp/packet-header.ts";

/** A page for each account, and some more. */
const OUTBOX_BYTES = 128 * 2 ** 20;
/** An error that a record makes is told as a difference, with the record and its account. */
const NO_BUILD = "";

/** One sequenced message, as its client got it. */
export class Answer {
  readonly account: string;
  readonly sequence: number;
  /** The OUCH message, without the packet around it. */
  readonly message: Buffer;

  constructor(account: string, sequence: number, message: Buffer) {
    this.account = account;
    this.sequence = sequence;
    this.message = message;
  }

  /** Made when they are asked for: most answers are only counted on the way to the one that is wanted. */
  get fields(): Fields {
    const { buffer, byteOffset, length } = this.message;
    return describeOutbound(new DataView(buffer, byteOffset, length), 0, length);
  }
}

export class AnsweringLane {
  readonly core: LaneCore;
  private readonly outbox: Outbox;
  private readonly replay: Replay;
  private readonly listener: Listener;

  /** Hears `account` alone; "" = everybody, undefined = nobody. */
  constructor(lane: number, reader: JournalReader, account: string | undefined) {
    const path = "nowhere";
    this.outbox = new Outbox({ lane, bytesMax: OUTBOX_BYTES, spill: { files: nowhere, path } });
    this.listener = new Listener(this.outbox, account);
    const unsequenced = new Unsequenced();
    const counters = new CounterWriter(createCounters(LANE_COUNTERS));
    this.core = new LaneCore(this.outbox, unsequenced, this.listener, counters, makeVenue);
    this.listener.core = this.core;
    this.replay = new Replay(lane, NO_BUILD, this.core, unsequenced, reader);
  }

  /** The record that next() handled, at offset 0. */
  get slots(): SlotMemory {
    return this.replay.slots;
  }

  /** Answers one record; false at the reader's end. Throws JOURNAL_DIFFERS when it is not what was answered then. */
  next(): boolean {
    return this.replay.step(1) > 0;
  }

  /** What was heard since the last call. */
  takeAnswers(): readonly Answer[] {
    const { heard } = this.listener;
    if (heard.length === 0) return NONE;
    this.listener.heard = [];
    return heard;
  }

  /** The number of each account's next message, in the order of their first logins. */
  nextSequences(): Map<string, number> {
    const { accounts } = this.core.state ?? {};
    const count = accounts?.count ?? 0;
    return new Map(
      Array.from({ length: count }, (_, number) => [
        accounts?.at(number).name ?? "",
        this.outbox.nextSequence(number),
      ]),
    );
  }
}

const NONE: readonly Answer[] = [];

class Listener implements Streams {
  heard: Answer[] = [];
  core: LaneCore | undefined = undefined;
  private readonly outbox: Outbox;
  private readonly account: string | undefined;

  constructor(outbox: Outbox, account: string | undefined) {
    this.outbox = outbox;
    this.account = account;
  }

  onAttached(): void {}
  onDetached(): void {}
  onClosing(): void {}
  onHeld(): void {}

  onWritten(number: number): void {
    const account = this.core?.state?.accounts.at(number).name ?? "";
    if (this.account === undefined || (this.account !== "" && this.account !== account)) return;
    const { memory, packetOffset } = this.outbox;
    const start = packetOffset + PACKET_HEADER_BYTES;
    const end = packetOffset + wireBytes(packetBytesAt(memory.bytes, packetOffset));
    const sequence = this.outbox.nextSequence(number) - 1;
    const message = Buffer.from(memory.bytes.subarray(start, end));
    this.heard.push(new Answer(account, sequence, message));
  }
}

const refuse = (): never => {
  throw new Error("invariant: what was answered is asked for again");
};

/** Pages that no longer fit in memory are gone: nobody reads them a second time. */
const nowhere: Files = {
  open: () => 0,
  openToRead: refuse,
  close: () => {},
  write: (_descriptor, _bytes, _offset, length) => length,
  read: refuse,
  sync: () => {},
  size: () => 0,
  truncate: () => {},
  exists: () => false,
  list: () => [],
  makeDirectory: () => {},
  syncDirectory: () => {},
  rename: refuse,
  remove: () => {},
  space: () => ({ bytesFree: Number.POSITIVE_INFINITY, usedShare: 0 }),
};
