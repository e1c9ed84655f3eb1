// Entry of a lane worker: rebuilds the lane from its journal, wires it to its memory and keeps it going. What ends a
// lane ends the process (E19).

import { getHeapStatistics } from "node:v8";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { type Clock, joinClock, systemWallClock } from "../base/clock.ts";
import { collectStart } from "../base/collector.ts";
import { exitWorkerOn, FaultError, faultOf } from "../base/fault.ts";
import { writeCrash } from "../journal/crash-files.ts";
import { crashOf } from "../journal/crash-of-record.ts";
import { realFiles } from "../journal/files.ts";
import { SPILL_NAME, STORE_NAME } from "../journal/journal-names.ts";
import { JournalWriter } from "../journal/journal-writer.ts";
import { withScratch } from "../journal/scratch.ts";
import { CounterWriter } from "../memory/counters.ts";
import { type DoorbellTransfer, joinDoorbell } from "../memory/doorbell.ts";
import { JournalBlock } from "../memory/journal-block.ts";
import { LANE_BEHAVIOUR_VERSION } from "../memory/lane-config.ts";
import { LaneSignal } from "../memory/lane-signal.ts";
import type {
  LaneAsk,
  LaneDescribed,
  LaneJournalData,
  LaneRecovered,
  LaneStop,
  LaneUnrehearsed,
  LaneWorkerData,
} from "../memory/lane-worker-data.ts";
import { Progress } from "../memory/progress.ts";
import { readTid, ThreadBlock } from "../memory/thread-block.ts";
import { Wires, writeToSocket } from "../memory/wires.ts";
import { CpuWait } from "../telemetry/cpu-wait.ts";
import { THREAD } from "../telemetry/event-record.ts";
import { watchCollections } from "../telemetry/gc-watch.ts";
import { LaneTelemetry } from "../telemetry/lane-telemetry.ts";
import type { LaneTelemetryMemory } from "../telemetry/telemetry-memory.ts";
import { HomeWatch } from "./home-watch.ts";
import { NoInputLog } from "./input-log.ts";
import { JournalWatch } from "./journal-watch.ts";
import { Lane } from "./lane.ts";
import { LaneLoop } from "./lane-loop.ts";
import { makeVenue } from "./make-venue.ts";
import { accountOfRecord } from "./record-account.ts";
import { recover, UnusableCheckpoint } from "./recovery.ts";
import { type Rehearsed, type WarmUpOptions, warmUpLane } from "./warm-up.ts";

const REST_MS = 20;
const NOBODY = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

if (!isMainThread) run(workerData as LaneWorkerData);

function run(data: LaneWorkerData): void {
  let started: StartedLane | undefined;
  const fail = (thrown: unknown): never => {
    try {
      if (started !== undefined) noteCrash(started, data, thrown);
    } catch {
      // A disk that takes no crash file must not hide what the lane broke on: the line below has that.
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
  started = start(data, clock, signal, telemetry);
  // A long recovery has gone through the same code.
  const isCold = started.recordsReplayed < (data.warmUp?.requests ?? 0);
  const kept = { rehearsed: isCold ? warmUp(data, clock) : undefined };
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

/** A lane that could not rehearse, for want of a temporary directory, say, is slow for a second, and nothing else. */
function warmUp(
  { warmUp, journal, telemetry, batchMax, windowBytes }: LaneWorkerData,
  clock: Clock,
): Rehearsed | undefined {
  if (warmUp === undefined) return undefined;
  const durability: WarmUpOptions["durability"] = journal?.durability ?? "none";
  const hasTelemetry = telemetry !== undefined;
  const options = { ...warmUp, durability, hasTelemetry, batchMax, windowBytes, clock, rest };
  try {
    return withScratch("warm-up", (scratch) => warmUpLane({ ...options, ...scratch }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    parentPort?.postMessage({ event: "unrehearsed", reason } satisfies LaneUnrehearsed);
    return undefined;
  }
}

function rest(): void {
  Atomics.wait(NOBODY, 0, 0, REST_MS);
}

function noteHeap(thread: ThreadBlock): void {
  thread.heapBytes = getHeapStatistics().used_heap_size;
}

function cpuWaitOf({ events, lane }: LaneTelemetry, clock: Clock): CpuWait {
  return new CpuWait(events, THREAD.LANE + lane, readTid(), clock.nowNs());
}

interface StartedLane {
  readonly lane: Lane;
  /** Undefined: durability "none". */
  readonly writer: JournalWriter | undefined;
  readonly recordsReplayed: number;
}

/** What the lane broke on is written down: an account that does it again is suspended at the next start (§3.8). */
function noteCrash({ lane, writer }: StartedLane, data: LaneWorkerData, thrown: unknown): void {
  const { journal } = data;
  const record = lane.recordInHand;
  if (journal === undefined || writer === undefined || thrown instanceof FaultError) return;
  if (record?.slots === undefined) return;
  const { session, crashDirectory } = journal;
  const account = accountOfRecord(lane.core, record, record.slots);
  const where = { session, lane: data.lane, record: writer.nextNumber, account };
  const crash = crashOf(record, record.slots, where, thrown);
  writeCrash(realFiles, crashDirectory, crash, systemWallClock.epochMs(), process.pid);
}

function laneOf(
  data: LaneWorkerData,
  clock: Clock,
  signal: LaneSignal,
  telemetry: LaneTelemetry | undefined,
): Lane {
  const { journal } = data;
  return new Lane({
    laneIndex: data.lane,
    inbound: data.inbound,
    outbound: data.outbound,
    signal,
    progress: new Progress(data.progress),
    wires: data.wires && { words: new Wires(data.wires), write: writeToSocket },
    doorbell: joinDoorbell(data.doorbell as DoorbellTransfer),
    counters: new CounterWriter(data.counters),
    clock,
    windowBytes: data.windowBytes,
    batchMax: data.batchMax,
    outboxBytesMax: data.outboxBytesMax,
    spill: journal && {
      files: realFiles,
      path: `${journal.directory}/${SPILL_NAME}`,
      storePath: `${journal.directory}/${STORE_NAME}`,
    },
    telemetry,
    inputLog: new NoInputLog(),
    makeVenue,
    writesContinues: true,
  });
}

/** A lane that stands where its journal ends. */
function start(
  data: LaneWorkerData,
  clock: Clock,
  signal: LaneSignal,
  telemetry: LaneTelemetry | undefined,
): StartedLane {
  const { journal } = data;
  const makeLane = (): Lane => laneOf(data, clock, signal, telemetry);
  if (journal === undefined) return { lane: makeLane(), writer: undefined, recordsReplayed: 0 };
  const times = telemetry && new JournalWatch(telemetry);
  const refusals: string[] = [];
  let checkpointsBefore = Number.POSITIVE_INFINITY;
  for (;;) {
    const lane = makeLane();
    try {
      return rebuild(lane, data.lane, journal, clock, signal, times, checkpointsBefore, refusals);
    } catch (error) {
      if (!(error instanceof UnusableCheckpoint)) throw error;
      checkpointsBefore = error.segment;
      refusals.push(`checkpoint of segment ${error.segment}: ${error.message}`);
    }
  }
}

function rebuild(
  lane: Lane,
  index: number,
  journal: LaneJournalData,
  clock: Clock,
  signal: LaneSignal,
  times: JournalWatch | undefined,
  checkpointsBefore: number,
  refusals: readonly string[],
): StartedLane {
  const { directory, session, build, durability } = journal;
  const files = realFiles;
  const block = new JournalBlock(journal.block);
  const startNs = clock.nowNs();
  let recordsReplayed = 0;
  const writer = lane.rebuild((parts) => {
    const recovery = recover({
      ...parts,
      files,
      laneDirectory: directory,
      lane: index,
      session,
      build,
      checkpointsBefore,
      onProgress: (records, bytes, bytesOfAll) => block.noteRecovery(records, bytes, bytesOfAll),
    });
    const { core } = parts;
    const { records, position, incarnation } = recovery;
    recordsReplayed = recovery.recordsReplayed;
    const recovered: LaneRecovered = {
      event: "recovered",
      lane: index,
      config: core.state?.config,
      accountsByFirms: core.state?.accounts.byFirms() ?? new Map(),
      phase: core.dayPhase,
      eventNs: core.eventNs,
      records,
      recordsReplayed,
      checkpointSegment: recovery.checkpointSegment,
      checkpointRefusal: [...refusals, recovery.checkpointRefusal].filter(Boolean).join("; "),
      segment: position.segment,
      tornBytes: recovery.tornBytes,
      tornFile: recovery.tornFile,
      elapsedMs: (clock.nowNs() - startNs) / 1e6,
    };
    block.checkpointSegment = recovery.checkpointSegment; // the keeper's, from when it looks for itself
    parentPort?.postMessage(recovered);
    return new JournalWriter({
      files,
      laneDirectory: directory,
      lane: index,
      session,
      build,
      behaviourVersion: LANE_BEHAVIOUR_VERSION,
      incarnation,
      durability,
      block,
      position,
      clock,
      times,
      onWaiting: () => signal.beat(clock.nowNs() / 1e6),
    });
  });
  return { lane, writer, recordsReplayed };
}
