// A lane's way to spend its time (E18): turns for at most 10 ms, parked inside when there is nothing to do, then once
// through its event loop, where collections are reported, promises run and the heartbeat is written. Lane thread.

import type { Clock } from "../base/clock.ts";
import { LANE_STATE, type LaneSignal } from "../memory/lane-signal.ts";
import type { ThreadBlock } from "../memory/thread-block.ts";
import type { HomeWatch } from "./home-watch.ts";
import type { Lane } from "./lane.ts";

const HOME_EVERY_NS = 10e6;
const NS_PER_MS = 1e6;
/** Passes between two calls of atHome(): about a second. */
const HOME_PASSES = 100;

export interface LaneLoopOptions {
  readonly lane: Lane;
  readonly signal: LaneSignal;
  readonly clock: Clock;
  readonly spinNs: number;
  readonly parkMsMax: number;
  readonly home?: HomeWatch | undefined;
  /** Where the lane notes its passes and its sleep. */
  readonly thread?: ThreadBlock | undefined;
  /** Once, outside of any turn: it has its configuration, and nobody has been told that it is ready. */
  readonly onConfigured?: (() => void) | undefined;
  /** About once a second, outside of any turn. */
  readonly atHome?: (() => void) | undefined;
  /** Told of whatever a turn threw: the lane is at an end. */
  readonly onFailure: (thrown: unknown) => void;
}

export class LaneLoop {
  private readonly options: LaneLoopOptions;
  private isStopped = false;
  private isReady = false;
  private passesLeft = 1;
  /** Created once: a closure per pass would be garbage. */
  private readonly pass = (): void => {
    try {
      this.run();
    } catch (thrown) {
      this.options.onFailure(thrown);
      return;
    }
    if (!this.isReady && this.options.lane.core.state !== undefined) this.beReady();
    if (--this.passesLeft === 0) {
      this.passesLeft = HOME_PASSES;
      this.options.atHome?.();
    }
    if (!this.isStopped) setImmediate(this.pass);
  };

  constructor(options: LaneLoopOptions) {
    this.options = options;
  }

  start(): void {
    setImmediate(this.pass);
  }
  stop(): void {
    this.isStopped = true;
  }

  /** One stay away from home. */
  run(): void {
    const { lane, signal, clock, spinNs, thread } = this.options;
    const startNs = clock.nowNs();
    thread?.addLoop();
    signal.beat(startNs / NS_PER_MS);
    this.options.home?.onReturn(startNs);
    const homeNs = startNs + HOME_EVERY_NS;
    let idleSinceNs = 0;
    for (;;) {
      const isBusy = lane.turn() > 0;
      const nowNs = clock.nowNs();
      if (nowNs >= homeNs) {
        this.options.home?.onLeave(nowNs);
        return;
      }
      if (isBusy) {
        idleSinceNs = 0;
        continue;
      }
      if (idleSinceNs === 0) idleSinceNs = nowNs;
      if (nowNs - idleSinceNs < spinNs) continue;
      this.park(nowNs, homeNs - nowNs);
      idleSinceNs = 0;
    }
  }

  private beReady(): void {
    this.isReady = true;
    this.options.onConfigured?.();
    this.options.signal.state = LANE_STATE.READY;
  }

  private park(nowNs: number, leftNs: number): void {
    const { lane, signal, clock, parkMsMax, thread } = this.options;
    const wake = signal.announcePark();
    // Records, credit and ring room alike: a whole turn is the surest look.
    if (lane.turn() > 0) {
      signal.cancelPark();
      return;
    }
    signal.park(wake, Math.min(parkMsMax, leftNs / NS_PER_MS));
    thread?.addParkedNs(clock.nowNs() - nowNs);
  }
}
