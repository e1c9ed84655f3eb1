// A lane that lives on the gate's thread: an order needs no thread to be woken for it, and two shared cores have one thread
// less to run (decision 0021). To the gate it is a lane like any other, with its rings and its words. Main thread.
//
// A lane elsewhere is woken when the sockets of a turn of the loop have been read; this one works when the loop has been
// at its sockets once more, before the first of them is read. A socket that was read stays on epoll's list until the
// next look. A client that is answered before that, and writes again at once, would be read before others that have
// written before it: who was first would be another in the book. One that was paused comes onto the list with the next
// look, and the other way round: answered before that, it would be read behind others that have written after it.

import { type Clock, systemWallClock } from "../base/clock.ts";
import { collectStart } from "../base/collector.ts";
import { exitOn, faultOf } from "../base/fault.ts";
import type { Log } from "../gate/gate-config.ts";
import { type StartedLane as LaneOfGate, tellUnrehearsed } from "../gate/lane-workers.ts";
import {
  type LaneHost,
  noteCrash,
  rehearse,
  type StartedLane,
  startLane,
} from "../lane/start-lane.ts";
import type { Rehearsed } from "../lane/warm-up.ts";
import { LANE_STATE, LaneSignal } from "../memory/lane-signal.ts";
import type {
  LaneDescription,
  LaneRecovered,
  LaneUnrehearsed,
  LaneWorkerData,
} from "../memory/lane-worker-data.ts";
import type { RingProducer } from "../memory/ring-producer.ts";
import { LaneTelemetry } from "../telemetry/lane-telemetry.ts";
import type { LaneTelemetryMemory } from "../telemetry/telemetry-memory.ts";

/** Records and answers in one stay, but for what its last batch goes beyond: the sockets want to be looked at, too. */
const WORK_MAX = 1024;
/** Nor longer than this with unfinished work: its records take longer than others, and may have no answer. */
const STAY_NS_MAX = 1e6;

let hasRehearsed = false;

/** What it does while the process starts may take seconds, in which nothing else happens on this thread. */
export interface ResidentLaneHooks {
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
  /** Recovery has come further. */
  onProgress(): void;
}

export class ResidentLane implements LaneOfGate {
  readonly lane: number;
  readonly inbound: RingProducer;
  readonly signal: LaneSignal;
  readonly recovered: Promise<LaneRecovered>;
  readonly worker = undefined;
  private readonly data: LaneWorkerData;
  private readonly hooks: ResidentLaneHooks;
  /** The lane's own hand on the words that `signal` is the gate's on. */
  private readonly ownSignal: LaneSignal;
  private readonly tellRecovered: (recovered: LaneRecovered) => void;
  /** Undefined: not yet there, or stopped. */
  private started: StartedLane | undefined = undefined;
  private readonly kept: { rehearsed: Rehearsed | undefined } = { rehearsed: undefined };
  private isDue = false;
  /** On its way while the loop goes to its sockets: what it brings from there is not ours yet. */
  private look: NodeJS.Immediate | undefined = undefined;
  private readonly armLook = (): void => {
    this.look = setImmediate(this.onLooked);
  };
  /** Before the first read, or there was nothing to read. */
  private readonly onLooked = (): void => {
    if (this.look === undefined) return;
    clearImmediate(this.look);
    this.look = undefined;
    this.isDue = false;
    this.stay();
  };

  constructor(
    data: LaneWorkerData,
    { inbound, signal }: Pick<LaneOfGate, "inbound" | "signal">,
    hooks: ResidentLaneHooks,
  ) {
    this.lane = data.lane;
    this.inbound = inbound;
    this.signal = signal;
    this.data = data;
    this.hooks = hooks;
    this.ownSignal = new LaneSignal(data.signal);
    const { promise, resolve } = Promise.withResolvers<LaneRecovered>();
    this.recovered = promise;
    this.tellRecovered = resolve;
    signal.guest = {
      onWake: (isTurnOver) => this.onWake(isTurnOver),
      onRead: this.onLooked,
      onResume: () => this.onResume(),
    };
    setImmediate(() => this.begin());
  }

  describe(): Promise<LaneDescription | undefined> {
    return Promise.resolve(this.started?.lane.describe());
  }

  async stop(): Promise<void> {
    const { started } = this;
    // A session that is over is held for a while; its tables need not be.
    this.started = undefined;
    try {
      // Its last sync is a promise: a drain that fails is none.
      started?.writer?.close();
      started?.lane.close();
    } catch (thrown) {
      exitOn(faultOf(thrown, `lane ${this.lane}`));
    }
  }

  /** With each beat of the thread that it lives on. */
  beat(nowMs: number): void {
    this.ownSignal.beat(nowMs);
  }

  private onWake(isTurnOver: boolean): void {
    // Until it is at work, whoever else has something to say comes here, too.
    this.ownSignal.announcePark();
    if (isTurnOver && !this.isDue) {
      this.isDue = true;
      this.armLook();
    } else this.beDue();
  }

  /** The socket is on epoll's list from the next look on, as one that was read is off it: the one on its way will not do. */
  private onResume(): void {
    if (this.look === undefined) return;
    clearImmediate(this.look);
    this.look = undefined;
    setImmediate(this.armLook);
  }

  /** In the middle of a turn: the rest of its sockets comes first. */
  private beDue(): void {
    if (this.isDue) return;
    this.isDue = true;
    setImmediate(this.armLook);
  }

  private begin(): void {
    const { data, hooks } = this;
    const memory = data.telemetry as LaneTelemetryMemory | undefined;
    const host: LaneHost = {
      clock: hooks.clock,
      signal: this.ownSignal,
      telemetry: memory && new LaneTelemetry(memory, data.lane),
      tell: (message) => this.tell(message),
      onProgress: hooks.onProgress,
    };
    try {
      this.started = startLane(data, host);
      // The lane of the session before has gone through the same code, on the same thread.
      if (!hasRehearsed) this.kept.rehearsed = rehearse(this.started, data, host);
      hasRehearsed = true;
    } catch (thrown) {
      exitOn(faultOf(thrown, `lane ${data.lane}`));
    }
    this.stay();
  }

  private tell(message: LaneRecovered | LaneUnrehearsed): void {
    if (message.event === "recovered") this.tellRecovered(message);
    else tellUnrehearsed(this.lane, message, this.hooks.log);
  }

  /** Ends parked, or with another stay on its way. */
  private stay(): void {
    const { started, ownSignal } = this;
    if (started === undefined) return;
    ownSignal.cancelPark();
    try {
      if (!this.work(started)) this.beDue();
    } catch (thrown) {
      this.fail(started, thrown);
    } finally {
      if (ownSignal.state !== LANE_STATE.READY && started.lane.core.state !== undefined) {
        this.beReady();
      }
    }
  }

  /** False: there is more to do. */
  private work({ lane }: StartedLane): boolean {
    const { ownSignal } = this;
    const { clock } = this.hooks;
    const endNs = clock.nowNs() + STAY_NS_MAX;
    for (let work = 0; work < WORK_MAX; ) {
      const done = lane.turn();
      work += done;
      if (done > 0) {
        if (lane.core.hasWork() && clock.nowNs() >= endNs) return false;
        continue;
      }
      ownSignal.announcePark();
      // As a lane elsewhere does: what has come meanwhile has woken nobody.
      const more = lane.turn();
      if (more === 0) return true;
      work += more;
      ownSignal.cancelPark();
    }
    return false;
  }

  private beReady(): void {
    this.kept.rehearsed = undefined; // see the lane's worker
    collectStart();
    this.beat(this.hooks.clock.nowNs() / 1e6);
    this.ownSignal.state = LANE_STATE.READY;
  }

  /** A lane's end is the process's (E19). */
  private fail(started: StartedLane, thrown: unknown): never {
    noteCrash(started, this.data, thrown, systemWallClock.epochMs(), process.pid);
    return exitOn(faultOf(thrown, `lane ${this.lane}`));
  }
}
