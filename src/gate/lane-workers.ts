// The lanes as the main thread sees them: started, each on a thread of its own, known to be ready, watched. A lane's end
// ends the process, because nothing may be answered by half a gateway (rule 5). Main thread.

import { once } from "node:events";
import { type MessagePort, Worker } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { exitAs, exitOn, type Fault } from "../base/fault.ts";
import { WatchedSilence } from "../base/watched-silence.ts";
import { INBOUND_KIND, InboundRecord } from "../memory/inbound-record.ts";
import { type LaneConfig, laneConfigPieces, publishLaneConfig } from "../memory/lane-config.ts";
import { laneConfigChange } from "../memory/lane-config-change.ts";
import { LANE_STATE, type LaneSignal } from "../memory/lane-signal.ts";
import type {
  LaneAsk,
  LaneDescription,
  LaneMessage,
  LaneRecovered,
  LaneStop,
  LaneUnrehearsed,
  LaneWorkerData,
} from "../memory/lane-worker-data.ts";
import { RING_FULL, type RingProducer } from "../memory/ring-producer.ts";
import type { Log } from "./gate-config.ts";

const LANE_ENTRY = new URL("../lane/worker.ts", import.meta.url);
const STARTING_POLL_MS = 1;
/** Its last sync is a promise, and a slow disk may take seconds for each segment. */
const STOP_MS_MAX = 20_000;
const WATCH_INTERVAL_MS = 250;
/** A lane goes home every 10 ms; one that does not hangs. */
const DESCRIBE_MS_MAX = 1000;

/** On a thread of its own, or not. */
export interface StartedLane {
  readonly lane: number;
  /** Undefined: it lives on this thread. */
  readonly worker: Worker | undefined;
  readonly inbound: RingProducer;
  readonly signal: LaneSignal;
  /** What the lane found in its journal; never settles without one. */
  readonly recovered: Promise<LaneRecovered>;
  /** With each beat of this thread, for a lane that lives on it. */
  beat?(nowMs: number): void;
  /** What the lane is at. Undefined: it does not come home to say so. */
  describe(): Promise<LaneDescription | undefined>;
  /** Ends a lane whose session is over. Whatever it was told is in its journal. */
  stop(): Promise<void>;
}

export function startLane(
  data: LaneWorkerData,
  transferList: readonly MessagePort[],
  { inbound, signal }: Pick<StartedLane, "inbound" | "signal">,
  log: Pick<Log, "warn">,
): StartedLane {
  const { lane } = data;
  const worker = new Worker(LANE_ENTRY, {
    name: `lane-${lane}`,
    workerData: data,
    transferList: [...transferList],
    // It closes segments that the keeper's thread has opened.
    trackUnmanagedFds: false,
  });
  const { promise: recovered, resolve } = Promise.withResolvers<LaneRecovered>();
  let isStopping = false;
  worker.on("message", (message: LaneMessage) => {
    if (message.event === "recovered") resolve(message);
    else if (message.event === "unrehearsed") tellUnrehearsed(lane, message, log);
  });
  worker.on("error", (error) => {
    laneEnded(lane, `${error.message}`, 0);
  });
  worker.on("exit", (status) => {
    // Also on its way home: the last sync of all may be the one that fails.
    const isFault = status > 1;
    if (isFault || !isStopping) laneEnded(lane, `its thread ended with status ${status}`, status);
  });
  const stop = async (): Promise<void> => {
    isStopping = true;
    const ended = once(worker, "exit");
    const message: LaneStop = { command: "stop" };
    worker.postMessage(message);
    const timer = setTimeout(() => void worker.terminate(), STOP_MS_MAX);
    await ended;
    clearTimeout(timer);
  };
  return { lane, worker, inbound, signal, recovered, describe: () => describe(worker), stop };
}

export function tellUnrehearsed(
  lane: number,
  message: LaneUnrehearsed,
  log: Pick<Log, "warn">,
): void {
  const reason = `the lane could not rehearse, its first orders will be slow: ${message.reason}`;
  log.warn("warm-up", { lane, reason });
}

async function describe(worker: Worker): Promise<LaneDescription | undefined> {
  const { promise, resolve } = Promise.withResolvers<LaneDescription | undefined>();
  const onMessage = (message: LaneMessage): void => {
    if (message.event === "described") resolve(message.lane);
  };
  const ask: LaneAsk = { command: "describe" };
  worker.on("message", onMessage);
  worker.postMessage(ask);
  const timer = setTimeout(resolve, DESCRIBE_MS_MAX, undefined);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    worker.off("message", onMessage);
  }
}

/** A lane that ended on a Fault has said so itself; its status becomes the process's (E19). */
function laneEnded(lane: number, reason: string, status: number): void {
  if (status > 0 && status !== 1) exitAs(status);
  exitOn({ code: "LANE_DIED", lane, reason });
}

/** Hands the lane all that it decides by, and waits until it has taken it. Nothing else may use the ring meanwhile. */
export async function configureLane(
  lane: StartedLane,
  config: LaneConfig,
  eventNs: number,
  /** The lane has found a beginning in its journal that was no whole configuration. */
  hasRecords = false,
): Promise<void> {
  if (hasRecords) publishRecovered(lane, eventNs);
  await publishConfig(lane, config, eventNs);
  await untilReady(lane);
}

/**
 * Tells a lane that was rebuilt from its journal that the process is another one, and what has changed in its
 * configuration meanwhile. `known` is what it decided by.
 */
export async function resumeLane(
  lane: StartedLane,
  known: LaneConfig,
  wanted: LaneConfig,
  eventNs: number,
  log: Log,
): Promise<void> {
  // Refused before anything is written: with another midnight the event time would be wrong, and never goes back.
  const { applied, nextSession } = laneConfigChange(known, wanted);
  publishRecovered(lane, eventNs);
  await untilReady(lane);

  for (const key of nextSession) {
    log.warn("config-changed", { lane: lane.lane, key, effect: "with the next session" });
  }
  if (applied.length === 0) return;
  for (const key of applied) log.warn("config-changed", { lane: lane.lane, key, effect: "now" });
  await publishConfig(lane, wanted, eventNs);
  while (lane.inbound.usedSlots() > 0) await pause(STARTING_POLL_MS);
}

function publishRecovered({ inbound, signal }: StartedLane, eventNs: number): void {
  const offset = inbound.claim(0);
  assert(offset !== RING_FULL, "the ring of a lane that has just started is full");
  const record = new InboundRecord().wrap(inbound.slots, offset);
  record.start(INBOUND_KIND.RECOVERED, -1, 0);
  record.eventNs = eventNs;
  inbound.publish();
  signal.wakeLaneIfParked();
}

async function publishConfig(
  { inbound, signal }: StartedLane,
  config: LaneConfig,
  eventNs: number,
): Promise<void> {
  const pieces = laneConfigPieces(config);
  let index = 0;
  while (index < pieces.length) {
    index = publishLaneConfig(inbound, pieces, index, eventNs);
    signal.wakeLaneIfParked();
    await pause(STARTING_POLL_MS);
  }
}

async function untilReady({ signal }: StartedLane): Promise<void> {
  while (signal.state !== LANE_STATE.READY) await pause(STARTING_POLL_MS);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Looks at every lane's heartbeat; a silent one is a Fault. Returns what stops the watch. */
export function watchLanes(
  lanes: readonly StartedLane[],
  clock: Clock,
  stallMsMax: number,
): () => void {
  const startMs = clock.nowNs() / 1e6;
  const watched = lanes.map((each) => ({
    ...each,
    silence: new WatchedSilence(stallMsMax, startMs),
  }));
  const timer = setInterval(() => {
    const nowMs = clock.nowNs() / 1e6;
    for (const { lane, signal, silence } of watched) {
      const silentMs = silence.look(signal.silentMs(nowMs), nowMs);
      if (silentMs <= stallMsMax) continue;
      const fault: Fault = { code: "LANE_STALLED", lane, silentMs };
      exitOn(fault);
    }
  }, WATCH_INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
