// A lane on the gate's thread that stands still takes with it whoever would have ended the process for it (E19): the
// scribe does. Scribe thread.

import type { Fault } from "../base/fault.ts";
import { WatchedSilence } from "../base/watched-silence.ts";
import { GATE_STATE, GateState } from "../memory/gate-state.ts";
import { LANE_STATE, LaneSignal } from "../memory/lane-signal.ts";

/** Of what may be waited, from when on the one who watches has nothing better to do. */
const SUSPICIOUS_SHARE = 4;

export interface StallWatchOptions {
  /** GateState. */
  readonly gate: SharedArrayBuffer;
  /** LaneSignal of the lane on the gate's thread. */
  readonly laneSignal: SharedArrayBuffer;
  readonly stallMsMax: number;
}

/** Looks while orders are taken: before and behind that, the thread may be busy for longer. */
export class StallWatch {
  private readonly gate: GateState;
  private readonly lane: LaneSignal;
  private readonly stallMsMax: number;
  private readonly silence: WatchedSilence;
  private silentMs = 0;

  /** `nowMs` is of the common clock. */
  constructor({ gate, laneSignal, stallMsMax }: StallWatchOptions, nowMs: number) {
    this.gate = new GateState(gate);
    this.lane = new LaneSignal(laneSignal);
    this.stallMsMax = stallMsMax;
    this.silence = new WatchedSilence(stallMsMax, nowMs);
  }

  /** With each tick. Undefined: there is nothing to end the process for. */
  look(nowMs: number): Fault | undefined {
    this.silentMs = this.silence.look(this.lane.silentMs(nowMs), nowMs);
    if (this.gate.state !== GATE_STATE.OPEN || this.lane.state !== LANE_STATE.READY) {
      this.silence.forget();
      this.silentMs = 0;
      return;
    }
    const { silentMs } = this;
    if (silentMs <= this.stallMsMax) return;
    return { code: "LANE_STALLED", lane: 0, silentMs };
  }

  /**
   * It has been silent for so long that the next looks matter more than all else: the scribe gets what others leave of the
   * cores (decision 0013), and a gate that hangs may leave nothing, and gives it no share.
   */
  get isSuspicious(): boolean {
    return this.silentMs > this.stallMsMax / SUSPICIOUS_SHARE;
  }
}
