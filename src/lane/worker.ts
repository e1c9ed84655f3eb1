// Entry of a lane worker: starts the lane on this thread and keeps it going. What ends a lane ends the process (E19).

import { getHeapStatistics } from "node:v8";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { type Clock, joinClock, systemWallClock } from "../base/clock.ts";
import { collectStart } from "../base/collector.ts";
import { exitWorkerOn, faultOf } from "../base/fault.ts";
import { LaneSignal } from "../memory/lane-signal.ts";
import type {
  LaneAsk,
  LaneDescribed,
  LaneStop,
  LaneWorkerData,
} from "../memory/lane-worker-data.ts";
import { readTid, ThreadBlock } from "../memory/thread-block.ts";
import { CpuWait } from "../telemetry/cpu-wait.ts";
import { THREAD } from "../telemetry/event-record.ts";
import { watchCollections } from "../telemetry/gc-watch.ts";
import { LaneTelemetry } from "../telemetry/lane-telemetry.ts";
import type { LaneTelemetryMemory } from "../telemetry/telemetry-memory.ts";
import { HomeWatch } from "./home-watch.ts";
import { LaneLoop } from "./lane-loop.ts";
import { type LaneHost, noteCrash, rehearse, type StartedLane, startLane } from "./start-lane.ts";

if (!isMainThread) run(workerData as LaneWorkerData);

function run(data: LaneWorkerData): void {
  let started: StartedLane | undefined;
  const fail = (thrown: unknown): never => {
    if (started !== undefined) {
      noteCrash(started, data, thrown, systemWallClock.epochMs(), process.pid);
    }
    return exitWorkerOn(faultOf(thrown, `lane ${data.lane}`));
  };
  process.on("uncaughtException", fail);

  const clock = joinClock(data.baseNs);
  const signal = new LaneSignal(data.signal);
  // One for all attempts: a second writer of its rings would not see what the first has put there.
  const memory = data.telemetry as LaneTelemetryMemory | undefined;
  const telemetry = memory && new LaneTelemetry(memory, data.lane);
  if (telemetry !== undefined) watchCollections(telemetry.events, clock);
  const tell: LaneHost["tell"] = (message) => parentPort?.postMessage(message);
  const host: LaneHost = { clock, signal, telemetry, tell };
  started = startLane(data, host);
  const kept = { rehearsed: rehearse(started, data, host) };
  const home = telemetry && new HomeWatch(telemetry, cpuWaitOf(telemetry, clock));
  const { spinNs, parkMsMax } = data;
  const { lane, writer } = started;
  const thread = data.thread && new ThreadBlock(data.thread);
  if (thread !== undefined) thread.tid = readTid();
  const loop = new LaneLoop({
    lane,
    signal,
    clock,
    spinNs,
    parkMsMax,
    thread,
    onConfigured: () => {
      kept.rehearsed = undefined; // what it was made of is used by now, so V8 keeps what it has compiled for that
      collectStart();
    },
    atHome: () => {
      if (thread !== undefined) noteHeap(thread);
    },
    home,
    onFailure: fail,
  });
  loop.start();
  parentPort?.on("message", (message: LaneAsk | LaneStop) => {
    if (message.command === "describe") {
      const described: LaneDescribed = { event: "described", lane: lane.describe() };
      parentPort?.postMessage(described);
      return;
    }
    loop.stop();
    writer?.close();
    lane.close();
    home?.close();
    process.exit(0); // of this thread alone
  });
}

function noteHeap(thread: ThreadBlock): void {
  thread.heapBytes = getHeapStatistics().used_heap_size;
}

function cpuWaitOf({ events, lane }: LaneTelemetry, clock: Clock): CpuWait {
  return new CpuWait(events, THREAD.LANE + lane, readTid(), clock.nowNs());
}
