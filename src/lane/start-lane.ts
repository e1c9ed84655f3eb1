// How a lane comes to be, on whichever thread it lives: rebuilt from its journal, wired to its memory, rehearsed; and what
// is written down when it breaks. Any thread.

import type { Clock } from "../base/clock.ts";
import { FaultError, isOutOfMemory } from "../base/fault.ts";
import { messageOf } from "../base/message-of.ts";
import { pause } from "../base/pause.ts";
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
import type { LaneSignal } from "../memory/lane-signal.ts";
import type {
  LaneJournalData,
  LaneRecovered,
  LaneUnrehearsed,
  LaneWorkerData,
} from "../memory/lane-worker-data.ts";
import { Progress } from "../memory/progress.ts";
import { Wires, writeToSocket } from "../memory/wires.ts";
import type { LaneTelemetry } from "../telemetry/lane-telemetry.ts";
import { NoInputLog } from "./input-log.ts";
import { JournalWatch } from "./journal-watch.ts";
import { Lane } from "./lane.ts";
import { makeVenue } from "./make-venue.ts";
import { accountOfRecord } from "./record-account.ts";
import { recover, UnusableCheckpoint } from "./recovery.ts";
import { type Rehearsed, type WarmUpOptions, warmUpLane } from "./warm-up.ts";

/** Of a rehearsal. */
const REST_MS = 20;

/** The thread that a lane lives on. */
export interface LaneHost {
  readonly clock: Clock;
  readonly signal: LaneSignal;
  readonly telemetry: LaneTelemetry | undefined;
  tell(message: LaneRecovered | LaneUnrehearsed): void;
  /** A recovery has come further. */
  onProgress?(): void;
}

export interface StartedLane {
  readonly lane: Lane;
  /** Undefined: durability "none". */
  readonly writer: JournalWriter | undefined;
  readonly recordsReplayed: number;
}

/** A lane that stands where its journal ends. */
export function startLane(data: LaneWorkerData, host: LaneHost): StartedLane {
  const { journal } = data;
  if (journal === undefined)
    return { lane: laneOf(data, host), writer: undefined, recordsReplayed: 0 };
  const times = host.telemetry && new JournalWatch(host.telemetry);
  const refusals: string[] = [];
  let checkpointsBefore = Number.POSITIVE_INFINITY;
  for (;;) {
    const lane = laneOf(data, host);
    try {
      return rebuild(lane, data.lane, journal, host, times, checkpointsBefore, refusals);
    } catch (error) {
      if (!(error instanceof UnusableCheckpoint)) throw error;
      checkpointsBefore = error.segment;
      refusals.push(`checkpoint of segment ${error.segment}: ${error.message}`);
    }
  }
}

/** A lane that could not rehearse, for want of a temporary directory, say, is slow for a second, and nothing else. */
export function rehearse(
  { recordsReplayed }: StartedLane,
  { warmUp, journal, telemetry, batchMax, windowBytes }: LaneWorkerData,
  { clock, tell }: LaneHost,
): Rehearsed | undefined {
  // A long recovery has gone through the same code.
  if (warmUp === undefined || recordsReplayed >= warmUp.requests) return undefined;
  const durability: WarmUpOptions["durability"] = journal?.durability ?? "none";
  const hasTelemetry = telemetry !== undefined;
  const rest = (): void => pause(REST_MS);
  const options = { ...warmUp, durability, hasTelemetry, batchMax, windowBytes, clock, rest };
  try {
    return withScratch("warm-up", (scratch) => warmUpLane({ ...options, ...scratch }));
  } catch (error) {
    const reason = messageOf(error);
    tell({ event: "unrehearsed", reason });
    return undefined;
  }
}

/** What the lane broke on is written down: an account that does it again is suspended at the next start (§3.8). */
export function noteCrash(
  { lane, writer }: StartedLane,
  data: LaneWorkerData,
  thrown: unknown,
  epochMs: number,
  pid: number,
): void {
  const { journal } = data;
  const record = lane.recordInHand;
  if (journal === undefined || writer === undefined) return;
  if (thrown instanceof FaultError || isOutOfMemory(thrown)) return;
  if (record?.slots === undefined) return;
  const { session, crashDirectory } = journal;
  try {
    const account = accountOfRecord(lane.core, record, record.slots);
    const where = { session, lane: data.lane, record: writer.nextNumber, account };
    const crash = crashOf(record, record.slots, where, thrown);
    writeCrash(realFiles, crashDirectory, crash, epochMs, pid);
  } catch {
    // A disk that takes no crash file must not hide what the lane broke on: the fault's line has that.
  }
}

function laneOf(data: LaneWorkerData, { clock, signal, telemetry }: LaneHost): Lane {
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

function rebuild(
  lane: Lane,
  index: number,
  journal: LaneJournalData,
  host: LaneHost,
  times: JournalWatch | undefined,
  checkpointsBefore: number,
  refusals: readonly string[],
): StartedLane {
  const { directory, session, build, durability } = journal;
  const { clock, signal } = host;
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
      onProgress: (records, bytes, bytesOfAll) => {
        block.noteRecovery(records, bytes, bytesOfAll);
        host.onProgress?.();
      },
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
    host.tell(recovered);
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
