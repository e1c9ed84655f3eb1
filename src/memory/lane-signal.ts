// The words by which gate and lane wake each other, one block per lane.
//
//   word          written by     read by   meaning
//   PARKED        lane, gate     both      lane sets 1 before it sleeps; whoever wakes it exchanges it to 0
//   WAKE          gate           lane      what the lane sleeps on: counts up at each wake-up
//   CREDIT        gate           lane      counts up when a starved connection has half a window free again
//   RING_STARVED  lane, gate     both      lane sets 1 when the outbound ring had no room; gate clears it
//                                          when half the ring is free, and wakes the lane
//   DOORBELL      lane, gate     both      1 = a wake-up of the gate is on its way; gate clears it before it
//                                          loads the outbound tail
//   HEARTBEAT_MS  lane           gate      monotonic milliseconds of the lane's last pass through its loop;
//                                          wraps at 2^32, so silentMs() is the only way to read it
//   STATE         lane           gate      LANE_STATE
//   GATE_WAITS    gate           lane      1 = sockets wait for room in the inbound ring: each batch makes some
//
// The lane parks in one place only, for records, credit and ring room alike: it sets PARKED, looks at all
// three again, and sleeps. The gate changes the thing first and then looks at PARKED.

import { WORDS_APART } from "./ring-layout.ts";

const PARKED = 0;
const WAKE = PARKED + WORDS_APART;
const CREDIT = WAKE + WORDS_APART;
const RING_STARVED = CREDIT + WORDS_APART;
const DOORBELL = RING_STARVED + WORDS_APART;
const HEARTBEAT_MS = DOORBELL + WORDS_APART;
const STATE = HEARTBEAT_MS + WORDS_APART;
const GATE_WAITS = STATE + WORDS_APART;
const SIGNAL_WORDS = GATE_WAITS + WORDS_APART;

export const LANE_STATE = { STARTING: 0, READY: 1, STOPPED: 2 } as const;

export const createLaneSignal = (): SharedArrayBuffer =>
  new SharedArrayBuffer(SIGNAL_WORDS * Int32Array.BYTES_PER_ELEMENT);

/** A lane that lives on the gate's thread. */
export interface LaneGuest {
  /** In place of waking a thread. `isTurnOver`: all sockets of this turn of the loop have been read. */
  onWake(isTurnOver: boolean): void;
  /** Before a read. */
  onRead(): void;
  /** Before a socket that was paused is read again: epoll hears of it with the next look. */
  onResume(): void;
}

/** Either side's hand on the block; each method says whose it is. */
export class LaneSignal {
  /** Gate: undefined when the lane has a thread of its own. */
  guest: LaneGuest | undefined = undefined;
  private readonly words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
  }

  /**
   * Gate: after records, credit or ring room were published. Costs a load when the lane is awake. `isTurnOver`: all
   * sockets of this turn of the loop have been read.
   */
  wakeLaneIfParked(isTurnOver = false): void {
    if (Atomics.load(this.words, PARKED) === 0) return;
    if (Atomics.exchange(this.words, PARKED, 0) === 0) return;
    if (this.guest !== undefined) {
      this.guest.onWake(isTurnOver);
      return;
    }
    Atomics.add(this.words, WAKE, 1);
    Atomics.notify(this.words, WAKE, 1);
  }

  /** Lane: says that it is about to sleep; look at everything once more before park(). Returns what park() needs. */
  announcePark(): number {
    const wake = Atomics.load(this.words, WAKE);
    Atomics.store(this.words, PARKED, 1);
    return wake;
  }

  /** Lane: found work after announcePark(). */
  cancelPark(): void {
    Atomics.store(this.words, PARKED, 0);
  }

  /** Lane: sleeps until woken or until the time is over. */
  park(wake: number, timeoutMs: number): void {
    Atomics.wait(this.words, WAKE, wake, timeoutMs);
    Atomics.store(this.words, PARKED, 0);
  }

  /** Gate: a starved connection has room again. Follow with wakeLaneIfParked(). */
  addCredit(): void {
    Atomics.add(this.words, CREDIT, 1);
  }
  /** Lane. */
  credit(): number {
    return Atomics.load(this.words, CREDIT);
  }

  /** Lane: the outbound ring had no room. Look once more after this call. */
  setRingStarved(): void {
    Atomics.store(this.words, RING_STARVED, 1);
  }
  /** Gate: true if the lane was waiting for ring room; the flag is cleared. */
  clearRingStarved(): boolean {
    return (
      Atomics.load(this.words, RING_STARVED) === 1 &&
      Atomics.exchange(this.words, RING_STARVED, 0) === 1
    );
  }

  /** Lane, after it published: true if nobody has rung yet, so that the caller must. */
  shouldRing(): boolean {
    return Atomics.exchange(this.words, DOORBELL, 1) === 0;
  }
  /** Gate, before it loads the outbound tail. */
  clearDoorbell(): void {
    Atomics.store(this.words, DOORBELL, 0);
  }

  /** Gate: look at the ring once more after this call. */
  set isGateWaiting(value: boolean) {
    Atomics.store(this.words, GATE_WAITS, value ? 1 : 0);
  }
  /** Lane, when it has released inbound slots. */
  get isGateWaiting(): boolean {
    return Atomics.load(this.words, GATE_WAITS) === 1;
  }

  /** Lane, each pass through its loop: it is alive at this moment of the common clock. */
  beat(nowMs: number): void {
    Atomics.store(this.words, HEARTBEAT_MS, nowMs);
  }
  /** How long the lane has been silent; right through the wrap of the word. */
  silentMs(nowMs: number): number {
    return (nowMs - Atomics.load(this.words, HEARTBEAT_MS)) | 0;
  }
  set state(value: number) {
    Atomics.store(this.words, STATE, value);
  }
  get state(): number {
    return Atomics.load(this.words, STATE);
  }

  /**
   * Main, before it starts a lane: what the one before it has left here is over with its session. Its last ring above
   * all: the gate that it was for never hears it, and the next one would wait for a ring that is never repeated.
   */
  begin(): void {
    for (const word of [PARKED, RING_STARVED, DOORBELL, GATE_WAITS])
      Atomics.store(this.words, word, 0);
    this.state = LANE_STATE.STARTING;
  }
}
