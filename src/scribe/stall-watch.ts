// A lane on the gate's thread that stands still takes with it whoever would have ended the process for it (E19): the
// scribe does. Scribe thread.

import type { Fault } from "../base/fault.ts";
import { GATE_STATE, GateState } from "../memory/gate-state.ts";
import { LANE_STATE, LaneSignal } from "../memory/lane-signal.ts";

export interface StallWatchOptions {
  /** GateState. */
  readonly gate: SharedArrayBuffer;
  /** LaneSignal of the lane on the gate's thread. */
  readonly laneSignal: SharedArrayBuffer;
  readonly stallMsMax: number;
}

/** Of stallMsMax, what one look adds to the silence at most. */
const LOOK_SHARE = 4;

/** Looks while orders are taken: before and behind that, the thread may be busy for longer. */
export class StallWatch {
  private readonly gate: GateState;
  private readonly lane: LaneSignal;
  private readonly stallMsMax: number;
  private previousMs: number;
  /** For how long the lane has been silent while this thread ran itself. */
  private silentMs = 0;

  /** `nowMs` is of the common clock. */
  constructor({ gate, laneSignal, stallMsMax }: StallWatchOptions, nowMs: number) {
    this.gate = new GateState(gate);
    this.lane = new LaneSignal(laneSignal);
    this.stallMsMax = stallMsMax;
    this.previousMs = nowMs;
  }

  /** With each tick. Undefined: there is nothing to end the process for. */
  look(nowMs: number): Fault | undefined {
    const sinceLookMs = nowMs - this.previousMs;
    this.previousMs = nowMs;
    const silentMs = this.lane.silentMs(nowMs);
    const isWatched = this.gate.state === GATE_STATE.OPEN && this.lane.state === LANE_STATE.READY;
    if (!isWatched || silentMs < sinceLookMs) this.silentMs = 0;
    if (!isWatched) return;
    // What held this thread up (SIGSTOP, a frozen machine) held the gate up, too, which may have been in the middle of
    // something: how long that takes counts, not how long nobody ran.
    this.silentMs += Math.min(silentMs, sinceLookMs, this.stallMsMax / LOOK_SHARE);
    if (this.silentMs <= this.stallMsMax) return;
    return { code: "LANE_STALLED", lane: 0, silentMs };
  }
}
