// Who may write to a connection's socket: the gate, whose it is, or its lane, to which the gate lends it while nothing
// of the gate's is on its way. A lane that has the wire writes answers itself, with no wake-up of the gate in between.
// One set of words per connection, all lanes together.
//
//   word        written by   read by   meaning
//   HOLDER      both         both      WIRE; changes hands by compare-and-exchange alone
//   DESCRIPTOR  gate         lane      the socket's, before HOLDER becomes FREE
//   EPOCH       gate         lane      of the connection, likewise
//   BEGUN       lane         gate      bytes of a packet that the kernel took, before HOLDER becomes BROKEN
//
// The descriptor is closed by the gate alone, and only after it has taken the wire back: its number may be somebody
// else's socket a moment later.

import { writeSync } from "node:fs";
import { assert } from "../base/assert.ts";

export const WIRE = {
  /** The gate's: the lane hands its packets to the ring. */
  GATE: 0,
  /** Lent: nothing is on its way, and the lane may take it. */
  FREE: 1,
  /** The lane is writing. */
  LANE: 2,
  /** The kernel took a part of a packet from the lane: the rest is in the ring, and nothing may go before it. */
  BROKEN: 3,
} as const;

const HOLDER = 0;
const DESCRIPTOR = 1;
const EPOCH = 2;
const BEGUN = 3;
const WORDS_EACH = 4;

export const NO_WIRE = -1;
const RECLAIM_STEP_MS = 0.05;
/**
 * A write to a socket does not block: a lane that has one for so many steps, some seconds, is at an end. Not by the clock:
 * where the process stood still, or its machine, the lane did so, too.
 */
const RECLAIM_STEPS_MAX = 30_000;

/** Of a socket, which does not block. As writeSync of node:fs: it may write less, or throw EAGAIN. */
export type WriteToSocket = (
  descriptor: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
) => number;
export const writeToSocket: WriteToSocket = writeSync;

export const createWires = (connectionsMax: number): SharedArrayBuffer =>
  new SharedArrayBuffer(connectionsMax * WORDS_EACH * Int32Array.BYTES_PER_ELEMENT);

export class Wires {
  private readonly words: Int32Array;
  private readonly reclaimStepsMax: number;

  constructor(memory: SharedArrayBuffer, reclaimStepsMax: number = RECLAIM_STEPS_MAX) {
    this.words = new Int32Array(memory);
    this.reclaimStepsMax = reclaimStepsMax;
  }

  /** Gate: the lane may write from now on. Of a wire that the gate has. */
  lend(connection: number, descriptor: number, epoch: number): void {
    const { words } = this;
    const first = connection * WORDS_EACH;
    words[first + DESCRIPTOR] = descriptor;
    words[first + EPOCH] = epoch;
    Atomics.store(words, first + HOLDER, WIRE.FREE);
  }

  /** Gate: the wire is the gate's again. False: it is not, as the lane is writing, or has left it broken. */
  takeBack(connection: number): boolean {
    const holder = connection * WORDS_EACH + HOLDER;
    if (Atomics.load(this.words, holder) === WIRE.GATE) return true;
    const found = Atomics.compareExchange(this.words, holder, WIRE.FREE, WIRE.GATE);
    return found === WIRE.FREE || found === WIRE.GATE;
  }

  /**
   * As takeBack(), but waits while the lane is writing: it never writes again unless the wire is lent. Throws when its
   * write has no end.
   */
  reclaim(connection: number): boolean {
    const holder = connection * WORDS_EACH + HOLDER;
    for (let steps = 0; !this.takeBack(connection); steps++) {
      if (Atomics.load(this.words, holder) === WIRE.BROKEN) return false;
      assert(steps < this.reclaimStepsMax, "a lane does not end its write");
      Atomics.wait(this.words, holder, WIRE.LANE, RECLAIM_STEP_MS);
    }
    return true;
  }

  /** Gate: of a new connection. */
  start(connection: number): void {
    Atomics.store(this.words, connection * WORDS_EACH + HOLDER, WIRE.GATE);
  }
  /** Gate, with the broken packet in hand: the wire is the gate's. Returns how many of its bytes have gone. */
  mend(connection: number): number {
    this.start(connection);
    return this.words[connection * WORDS_EACH + BEGUN]!;
  }

  /** Lane: the descriptor to write to, until giveBack() or leave(); NO_WIRE: it is the gate's, or another's. */
  take(connection: number, epoch: number): number {
    const { words } = this;
    const first = connection * WORDS_EACH;
    if (Atomics.load(words, first + HOLDER) !== WIRE.FREE) return NO_WIRE;
    const found = Atomics.compareExchange(words, first + HOLDER, WIRE.FREE, WIRE.LANE);
    if (found !== WIRE.FREE) return NO_WIRE;
    if (words[first + EPOCH] === epoch) return words[first + DESCRIPTOR]!;
    this.giveBack(connection);
    return NO_WIRE;
  }

  /** Lane: all was written. */
  giveBack(connection: number): void {
    Atomics.store(this.words, connection * WORDS_EACH + HOLDER, WIRE.FREE);
  }
  /**
   * Lane: the kernel did not take all. What is left comes to the gate, which lends the wire again when it has gone.
   * `begunBytes`: of the first packet of that.
   */
  leave(connection: number, begunBytes: number): void {
    const { words } = this;
    const first = connection * WORDS_EACH;
    words[first + BEGUN] = begunBytes;
    Atomics.store(words, first + HOLDER, begunBytes > 0 ? WIRE.BROKEN : WIRE.GATE);
  }
}
