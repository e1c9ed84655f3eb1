// What the gate tells the scribe about itself, one block per process.
//
//   word          written by   read by   meaning
//   STATE         gate         scribe    GATE_STATE
//   HEARTBEAT_MS  gate         scribe    monotonic milliseconds of the gate's last tick; wraps at 2^32

const STATE = 0;
const HEARTBEAT_MS = STATE + 1;
const BLOCK_BYTES = 128;

export const GATE_STATE = {
  STARTING: 0,
  /** The port takes connections. */
  OPEN: 1,
  /** Shutting down: no newcomers, answers still leave. */
  DRAINING: 2,
} as const;

export const createGateState = (): SharedArrayBuffer => new SharedArrayBuffer(BLOCK_BYTES);

/** Either side's hand on the block; the setter and beat() are the gate's own. */
export class GateState {
  private readonly words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
  }

  get state(): number {
    return Atomics.load(this.words, STATE);
  }
  set state(value: number) {
    Atomics.store(this.words, STATE, value);
  }

  /** At each tick: the event loop still turns at this moment of the common clock. */
  beat(nowMs: number): void {
    Atomics.store(this.words, HEARTBEAT_MS, nowMs);
  }
  silentMs(nowMs: number): number {
    return (nowMs - Atomics.load(this.words, HEARTBEAT_MS)) | 0;
  }
}
