// A hashed timer wheel (E25). Timers are numbered from 0; each is scheduled at most once. Nothing is allocated
// after the constructor: a reschedule is a few stores. One thread owns a wheel.
//
// Deadlines are rounded up to whole ticks, so nothing fires early. A slot holds the timers of every tick that
// maps to it; those of a later round of the wheel are passed over. Timers fire in order of their ticks, and
// within a tick in the order in which they were scheduled.

import { assert } from "./assert.ts";

const NONE = -1;

export interface TimerSink {
  /** The timer is no longer scheduled; it may be scheduled again from here. */
  onTimer(timer: number): void;
}

export class TimerWheel {
  private readonly tickMs: number;
  private readonly slotMask: number;
  private readonly heads: Int32Array; // by slot
  private readonly tails: Int32Array; // by slot
  private readonly nexts: Int32Array; // by timer
  private readonly previouses: Int32Array; // by timer
  private readonly ticks: Float64Array; // by timer; NONE = not scheduled
  private tick = 0; // every timer of this tick and before has fired
  private tickWanted = 0; // as of the latest advance(); ahead of `tick` when it stopped at its bound
  private cursor = NONE; // the timer advance() looks at next, while it calls out
  private scheduled = 0;

  constructor(timersMax: number, tickMs: number, slotCount: number) {
    assert(tickMs > 0, "tick is not positive");
    assert(slotCount > 0 && (slotCount & (slotCount - 1)) === 0, "slot count is no power of two");
    this.tickMs = tickMs;
    this.slotMask = slotCount - 1;
    this.heads = new Int32Array(slotCount).fill(NONE);
    this.tails = new Int32Array(slotCount).fill(NONE);
    this.nexts = new Int32Array(timersMax).fill(NONE);
    this.previouses = new Int32Array(timersMax).fill(NONE);
    this.ticks = new Float64Array(timersMax).fill(NONE);
  }

  get scheduledCount(): number {
    return this.scheduled;
  }

  /** True when the latest advance() stopped at its bound and left due timers behind. */
  get isBehind(): boolean {
    return this.tick < this.tickWanted && this.scheduled > 0;
  }

  isScheduled(timer: number): boolean {
    return this.ticks[timer] !== NONE;
  }

  /** Undefined: not scheduled. */
  dueMs(timer: number): number | undefined {
    const tick = this.ticks[timer]!;
    return tick === NONE ? undefined : tick * this.tickMs;
  }

  /** Sets or moves a timer. A deadline that has passed fires on the next tick, never within this advance(). */
  schedule(timer: number, deadlineMs: number): void {
    assert(timer >= 0 && timer < this.ticks.length, "no such timer");
    assert(Number.isFinite(deadlineMs), "deadline is not a time");
    if (this.ticks[timer] !== NONE) this.unlink(timer);
    const tick = Math.max(Math.ceil(deadlineMs / this.tickMs), this.tickWanted + 1);
    this.ticks[timer] = tick;
    this.link(timer, tick & this.slotMask);
  }

  /** A timer that is not scheduled stays so. */
  cancel(timer: number): void {
    if (this.ticks[timer] === NONE) return;
    this.unlink(timer);
    this.ticks[timer] = NONE;
  }

  /** Fires what is due at `nowMs`, at most `actionsMax`; the rest is the next call's. Returns how many fired. */
  advance(nowMs: number, actionsMax: number, sink: TimerSink): number {
    this.tickWanted = Math.max(this.tickWanted, Math.floor(nowMs / this.tickMs));
    this.skipEmptyTicks();
    let fired = 0;
    while (this.tick < this.tickWanted) {
      fired += this.fireTick(this.tick + 1, actionsMax - fired, sink);
      if (fired === actionsMax) return fired;
      this.tick++;
    }
    return fired;
  }

  private fireTick(tick: number, actionsMax: number, sink: TimerSink): number {
    let fired = 0;
    this.cursor = this.heads[tick & this.slotMask]!;
    while (this.cursor !== NONE && fired < actionsMax) {
      const timer = this.cursor;
      this.cursor = this.nexts[timer]!;
      if (this.ticks[timer] !== tick) continue;
      this.cancel(timer);
      fired++;
      sink.onTimer(timer); // may move or cancel any timer; unlink() keeps the cursor off it
    }
    this.cursor = NONE;
    return fired;
  }

  /** After a long silence: a walk over all timers instead of one over all the ticks. */
  private skipEmptyTicks(): void {
    if (this.scheduled === 0) this.tick = this.tickWanted;
    if (this.tickWanted - this.tick <= this.heads.length) return;
    let earliest = this.tickWanted + 1;
    for (let timer = 0; timer < this.ticks.length; timer++) {
      const tick = this.ticks[timer]!;
      if (tick !== NONE && tick < earliest) earliest = tick;
    }
    this.tick = Math.max(this.tick, earliest - 1);
  }

  private link(timer: number, slot: number): void {
    const tail = this.tails[slot]!;
    this.previouses[timer] = tail;
    this.nexts[timer] = NONE;
    if (tail === NONE) this.heads[slot] = timer;
    else this.nexts[tail] = timer;
    this.tails[slot] = timer;
    this.scheduled++;
  }

  private unlink(timer: number): void {
    const slot = this.ticks[timer]! & this.slotMask;
    const previous = this.previouses[timer]!;
    const next = this.nexts[timer]!;
    if (this.cursor === timer) this.cursor = next;
    if (previous === NONE) this.heads[slot] = next;
    else this.nexts[previous] = next;
    if (next === NONE) this.tails[slot] = previous;
    else this.previouses[next] = previous;
    this.scheduled--;
  }
}
