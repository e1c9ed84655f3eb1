// A connection without sockets, as gate, kernel and client see it: what the kernel takes of both writers, in the order
// in which they write, is what the client reads.

import assert from "node:assert/strict";
import { packet } from "./soup-packets.ts";

export const LOGIN_ANSWER = packet("A");
export const HEARTBEAT = packet("H");

/** The packet of that number: it says whose it is, and its length follows from both. */
export const packetOf = (account: number, sequence: number): Buffer =>
  packet("S", `${account}/${sequence}`.padEnd(30 + ((sequence * 7 + account) % 90), "."));

export class WireClient {
  readonly index: number;
  readonly epoch: number;
  readonly account: number;
  readonly descriptor: number;
  /** The first packet that it asked for. */
  readonly sequence: number;
  /** Bytes that the kernel will take. */
  room = Number.POSITIVE_INFINITY;
  isLive = false;
  isClosed = false;
  /** Sequenced bytes that the lane has released, that it has written, and that the gate has counted as taken. */
  releasedBytes = 0;
  laneBytes = 0;
  countedBytes = 0;
  /** What is on its way from the gate: first what the kernel has begun to take. */
  private sending: Buffer = Buffer.alloc(0);
  private sendingCounts = 0;
  private filling: Buffer[] = [];
  private fillingCounts = 0;
  private readonly received: Buffer[] = [];

  constructor(index: number, epoch: number, account: number, descriptor: number, sequence: number) {
    this.index = index;
    this.epoch = epoch;
    this.account = account;
    this.descriptor = descriptor;
    this.sequence = sequence;
  }

  get hasOutput(): boolean {
    return this.sending.length > 0 || this.filling.length > 0;
  }

  /** The gate has this for it, of which so many bytes count towards the window. */
  append(bytes: Buffer, counts: number): void {
    this.filling.push(Buffer.from(bytes));
    this.fillingCounts += counts;
  }

  /** The gate writes. Returns the bytes to be counted, when a write is over; else undefined. */
  gateWrites(): number | undefined {
    if (this.sending.length === 0) {
      this.sending = Buffer.concat(this.filling);
      this.sendingCounts = this.fillingCounts;
      this.filling = [];
      this.fillingCounts = 0;
    }
    if (this.sending.length === 0) return undefined;
    this.sending = this.sending.subarray(this.take(this.sending));
    if (this.sending.length > 0) return undefined;
    this.countedBytes += this.sendingCounts;
    return this.sendingCounts;
  }

  /** The lane writes. */
  laneWrites(bytes: Uint8Array): number {
    assert(!this.isClosed, "the lane writes to a descriptor that is closed");
    assert(!this.hasOutput, "the lane writes before what the gate has to send");
    const taken = this.take(bytes);
    this.laneBytes += taken;
    return taken;
  }

  /** What the client has read, less heartbeats. */
  get stream(): Buffer {
    const bytes = Buffer.concat(this.received);
    const kept: Buffer[] = [];
    for (let start = 0; start < bytes.length; ) {
      const length = bytes.length - start < 2 ? 2 : 2 + bytes.readUInt16BE(start);
      const next = bytes.subarray(start, start + length);
      // The last one may be cut.
      if (!next.equals(HEARTBEAT.subarray(0, next.length))) kept.push(next);
      start += length;
    }
    return Buffer.concat(kept);
  }

  /** The answer to its login and then its packets, of which the last may be cut: `end` is the one after the last. */
  assertStream(end: number, isWhole: boolean): void {
    const packets = [LOGIN_ANSWER];
    for (let sequence = this.sequence; sequence < end; sequence++) {
      packets.push(packetOf(this.account, sequence));
    }
    const expected = Buffer.concat(packets);
    const { stream } = this;
    const name = `connection ${this.epoch} of account ${this.account}`;
    assert(stream.equals(expected.subarray(0, stream.length)), `the stream of ${name}`);
    if (isWhole) assert.equal(stream.length, expected.length, name);
  }

  private take(bytes: Uint8Array): number {
    const length = Math.min(this.room, bytes.length);
    this.room -= length;
    if (length > 0) this.received.push(Buffer.from(bytes.subarray(0, length)));
    return length;
  }
}
