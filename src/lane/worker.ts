// Entry of a lane worker: wires a lane to its memory and keeps it going. What ends a lane ends the process (E19).

import { isMainThread, workerData } from "node:worker_threads";
import { joinClock } from "../base/clock.ts";
import { exitWorkerOn, faultOf } from "../base/fault.ts";
import { CounterWriter } from "../memory/counters.ts";
import { type DoorbellTransfer, joinDoorbell } from "../memory/doorbell.ts";
import { LaneSignal } from "../memory/lane-signal.ts";
import type { LaneWorkerData } from "../memory/lane-worker-data.ts";
import { Progress } from "../memory/progress.ts";
import { NoInputLog } from "./input-log.ts";
import { Lane } from "./lane.ts";
import { LaneLoop } from "./lane-loop.ts";
import { makeVenue } from "./make-venue.ts";

if (!isMainThread) run(workerData as LaneWorkerData);

function run(data: LaneWorkerData): void {
  const fail = (thrown: unknown): never => exitWorkerOn(faultOf(thrown, `lane ${data.lane}`));
  process.on("uncaughtException", fail);

  const clock = joinClock(data.baseNs);
  const signal = new LaneSignal(data.signal);
  const lane = new Lane({
    laneIndex: data.lane,
    inbound: data.inbound,
    outbound: data.outbound,
    signal,
    progress: new Progress(data.progress),
    doorbell: joinDoorbell(data.doorbell as DoorbellTransfer),
    counters: new CounterWriter(data.counters),
    clock,
    windowBytes: data.windowBytes,
    batchMax: data.batchMax,
    outboxBytesMax: data.outboxBytesMax,
    inputLog: new NoInputLog(),
    makeVenue,
    writesContinues: true,
  });
  const { spinNs, parkMsMax } = data;
  new LaneLoop({ lane, signal, clock, spinNs, parkMsMax, onFailure: fail }).start();
}
