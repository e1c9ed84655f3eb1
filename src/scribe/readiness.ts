// Whether the gateway can take an order now: the verdict behind /readyz, from shared memory alone. Scribe thread.

import { GATE_STATE, GateState } from "../memory/gate-state.ts";
import { LANE_STATE, LaneSignal } from "../memory/lane-signal.ts";

export interface Readiness {
  readonly ready: boolean;
  /** Why not, one entry for each part that is not ready. */
  readonly reasons: readonly NotReady[];
}

export interface NotReady {
  readonly part: string;
  readonly state: string;
  /** Since its last sign of life. */
  readonly silentMs: number;
}

const GATE_STATE_NAMES = namesOf(GATE_STATE);
const LANE_STATE_NAMES = namesOf(LANE_STATE);

/** Looks at the gate and at every lane, whenever it is asked. */
export class ReadinessProbe {
  private readonly gate: GateState;
  private readonly lanes: readonly LaneSignal[];
  private readonly stallMsMax: number;

  constructor(
    gate: SharedArrayBuffer,
    laneSignals: readonly SharedArrayBuffer[],
    stallMsMax: number,
  ) {
    this.gate = new GateState(gate);
    this.lanes = laneSignals.map((memory) => new LaneSignal(memory));
    this.stallMsMax = stallMsMax;
  }

  /** `nowMs` is of the common clock. */
  read(nowMs: number): Readiness {
    const reasons: NotReady[] = [];
    const gateSilentMs = this.gate.silentMs(nowMs);
    if (this.gate.state !== GATE_STATE.OPEN || gateSilentMs > this.stallMsMax) {
      reasons.push(notReady("gate", GATE_STATE_NAMES, this.gate.state, gateSilentMs));
    }
    for (const [index, lane] of this.lanes.entries()) {
      const silentMs = lane.silentMs(nowMs);
      if (lane.state === LANE_STATE.READY && silentMs <= this.stallMsMax) continue;
      reasons.push(notReady(`lane ${index}`, LANE_STATE_NAMES, lane.state, silentMs));
    }
    return { ready: reasons.length === 0, reasons };
  }
}

const notReady = (
  part: string,
  names: ReadonlyMap<number, string>,
  state: number,
  silentMs: number,
): NotReady => ({ part, state: names.get(state) ?? String(state), silentMs });

function namesOf(states: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(states).map(([name, state]) => [state, name.toLowerCase()]));
}
