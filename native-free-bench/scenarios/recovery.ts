// How long a start takes: a journal is written by a real lane from the load driver's flow of requests, and recovered
// several times, each time by a fresh process, from the beginning and from a checkpoint. From what was measured follows
// what a day of 281 million records takes.
// Run: node native-free-bench/scenarios/recovery.ts [--records N] [--rounds N] [--accounts N] [--resting N] …

import { fork } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import { startClock } from "../../src/base/clock.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { realFiles } from "../../src/journal/files.ts";
import { checkpointPath } from "../../src/journal/journal-names.ts";
import { JOURNAL_START } from "../../src/journal/journal-position.ts";
import { writeCheckpoint } from "../../src/keeper/shadow-checkpoints.ts";
import { ShadowLane } from "../../src/keeper/shadow-lane.ts";
import { JOURNAL_COUNT } from "../../src/memory/journal-block.ts";
import { SeededRandom } from "../../src/tools/driver/seeded-random.ts";
import { PROJECT_ROOT, startCommand } from "../../src/tools/gateway-process.ts";
import { countText } from "../../src/tools/terminal-text.ts";
import { BENCH_BUILD, BenchJournal } from "../harness/bench-journal.ts";
import { BENCH_SESSION } from "../harness/bench-lane.ts";
import { FlowTrader } from "../harness/flow-trader.ts";
import { medianOf } from "../harness/measure.ts";
import { numberOptions } from "../harness/options.ts";
import { machineLine } from "../harness/print.ts";
import { exitOnSignals, Scratch } from "../harness/scratch.ts";
import type { RecoveryOrder, RecoveryRun } from "./recovery-process.ts";

export const RECOVERY_DEFAULTS = {
  records: 1_000_000,
  rounds: 3,
  accounts: 16,
  /** Resting orders per account at most: what a checkpoint has to hold. */
  resting: 500,
  /** Requests in a batch, at most; they are from one to so many. */
  batch: 16,
  "segment-bytes": 64 * 2 ** 20,
  "outbox-bytes": 512 * 2 ** 20,
};
export type RecoveryPlan = typeof RECOVERY_DEFAULTS;

/** 12,000 a second for 6.5 hours. */
const DAY_RECORDS = 281_000_000;
const REQUESTS_PER_SECOND = 12_000;
/** The keeper writes a checkpoint when replaying what came since would take this share of recoverySecondsMax, */
const CHECKPOINT_SHARE = 4;
/** at the end of a segment; and one more is being written. */
const SEGMENTS_BEHIND = 2;
const PIECE_NS = 1e9;

export interface WrittenJournal {
  readonly records: number;
  readonly batches: number;
  readonly bytes: number;
  readonly segments: number;
  readonly messages: number;
  readonly matches: number;
  readonly ordersLive: number;
  readonly elapsedMs: number;
}

export interface CheckpointMade {
  readonly segment: number;
  readonly stateBytes: number;
  readonly elapsedMs: number;
}

export interface RecoveryResult {
  readonly written: WrittenJournal;
  readonly fromStart: readonly RecoveryRun[];
  /** Undefined: one segment holds it all, or it was stopped before. */
  readonly checkpoint: CheckpointMade | undefined;
  readonly fromCheckpoint: readonly RecoveryRun[];
}

/** Stopped, it ends behind the recovery that is under way. */
export async function measureRecovery(
  plan: RecoveryPlan,
  isStopped: () => boolean = () => false,
): Promise<RecoveryResult> {
  using scratch = new Scratch("recovery");
  const laneDirectory = join(scratch.path, "lane-0");
  const written = writeJournal(plan, scratch.path, laneDirectory);
  const order: RecoveryOrder = {
    laneDirectory,
    session: BENCH_SESSION,
    build: BENCH_BUILD,
    segmentBytes: plan["segment-bytes"],
    outboxBytesMax: plan["outbox-bytes"],
  };
  const fromStart = await recoverSeveralTimes(plan, order, written, isStopped);
  const { segments } = written;
  const hasCheckpoint = segments > 1 && !isStopped();
  const checkpoint = hasCheckpoint ? makeCheckpoint(order, segments - 1) : undefined;
  const fromCheckpoint =
    checkpoint === undefined ? [] : await recoverSeveralTimes(plan, order, written, isStopped);
  return { written, fromStart, checkpoint, fromCheckpoint };
}

function writeJournal(
  plan: RecoveryPlan,
  directory: string,
  laneDirectory: string,
): WrittenJournal {
  const { records, accounts, resting, batch } = plan;
  const startMs = performance.now();
  const journal = new BenchJournal({
    laneDirectory,
    segmentBytes: plan["segment-bytes"],
    durability: "process-crash",
  });
  const { counts } = journal.writer;
  const trader = new FlowTrader({
    accounts,
    requestsMax: records,
    restingMax: resting,
    ordersMax: 2 * accounts * (resting + batch),
    outboxBytesMax: plan["outbox-bytes"],
    spill: { files: realFiles, path: join(directory, "written.outbox") },
    inputLog: journal.writer,
  });
  const random = new SeededRandom(1);
  while (counts[JOURNAL_COUNT.RECORDS]! < records) {
    const requests = 1 + random.below(batch);
    trader.trade(requests, (requests * 1e9) / REQUESTS_PER_SECOND);
  }
  journal.writer.close();
  const { outputs, matches, ordersLive } = trader.lane;
  return {
    records: counts[JOURNAL_COUNT.RECORDS]!,
    batches: counts[JOURNAL_COUNT.BATCHES]!,
    bytes: counts[JOURNAL_COUNT.BYTES]!,
    segments: counts[JOURNAL_COUNT.SEGMENTS]!,
    messages: outputs,
    matches,
    ordersLive,
    elapsedMs: performance.now() - startMs,
  };
}

/** As the keeper does it, without its pauses. */
function makeCheckpoint(order: RecoveryOrder, segment: number): CheckpointMade {
  const { laneDirectory } = order;
  const startMs = performance.now();
  const options = { ...order, files: realFiles, clock: startClock().clock, lane: 0 };
  const shadow = new ShadowLane(options);
  shadow.begin(JOURNAL_START, 0);
  while (!shadow.replayPiece(segment, PIECE_NS)) while (shadow.evictPiece());
  shadow.outbox.flush();
  shadow.outbox.sync();
  writeCheckpoint(options, realFiles, shadow);
  shadow.close();
  return {
    segment,
    stateBytes: statSync(checkpointPath(laneDirectory, segment)).size,
    elapsedMs: performance.now() - startMs,
  };
}

async function recoverSeveralTimes(
  { rounds }: RecoveryPlan,
  order: RecoveryOrder,
  { records }: WrittenJournal,
  isStopped: () => boolean,
): Promise<RecoveryRun[]> {
  const runs: RecoveryRun[] = [];
  // Once at the least: the journal was worth it.
  while (runs.length === 0 || (runs.length < rounds && !isStopped())) {
    const run = await recoverOnce(order);
    if (run.recovered.records !== records) {
      throw new Error(`${records} records were written, ${run.recovered.records} recovered`);
    }
    if (run.recovered.checkpointRefusal !== "") throw new Error(run.recovered.checkpointRefusal);
    runs.push(run);
  }
  return runs;
}

async function recoverOnce(order: RecoveryOrder): Promise<RecoveryRun> {
  const child = fork(join(import.meta.dirname, "recovery-process.ts"), {
    cwd: PROJECT_ROOT,
    execArgv: startCommand().slice(0, -1), // V8's flags, without main.ts
  });
  child.send(order);
  const [outcome] = (await Promise.race([once(child, "message"), once(child, "exit")])) as [
    RecoveryRun | number | null,
  ];
  if (outcome === null || typeof outcome === "number") {
    throw new Error(`the recovery ended with status ${outcome}`);
  }
  if (child.connected) await once(child, "exit");
  return outcome;
}

export function recoveryLines(plan: RecoveryPlan, result: RecoveryResult): string[] {
  const { written, fromStart, checkpoint, fromCheckpoint } = result;
  const { records, batches, bytes, segments, messages, matches, ordersLive } = written;
  const elapsedMs = medianOf(fromStart.map((run) => run.recovered.elapsedMs));
  const rate = (records * 1000) / elapsedMs;
  const size = `${countText(bytes / 1e6)} MB in ${segments} segments`;
  const batch = `${(records / batches).toFixed(1)} records a batch`;
  const answers = `${countText(messages)} messages, ${countText(matches)} trades`;
  const lines = [
    `journal     ${countText(records)} records, ${size}, ${batch}; from ${plan.accounts} accounts`,
    `            ${answers}, ${countText(ordersLive)} orders at the end; written in ${secondsText(written.elapsedMs)}`,
    `from start  ${timesText(fromStart)}: ${countText(rate)} records/s, ${(bytes / 1e3 / elapsedMs).toFixed(0)} MB/s (page cache warm)`,
    `            ${paceText(fromStart)}; resident at most ${countText(residentMb(fromStart))} MB`,
  ];
  const day = `a day of ${countText(DAY_RECORDS)} records`;
  const daySeconds = DAY_RECORDS / rate;
  if (checkpoint === undefined) {
    return [...lines, `${day}: ${daySeconds.toFixed(0)} s from the start`];
  }
  const replayed = fromCheckpoint[0]?.recovered.recordsReplayed ?? 0;
  const behindMs = medianOf(fromCheckpoint.map((run) => run.recovered.elapsedMs));
  const restoredMs = Math.max(0, behindMs - (replayed * 1000) / rate);
  const { recoverySecondsMax } = readConfig({ configFile: undefined, settings: [] }).config.journal;
  const replaySeconds = recoverySecondsMax / CHECKPOINT_SHARE;
  const segmentSeconds = (SEGMENTS_BEHIND * plan["segment-bytes"] * records) / bytes / rate;
  const boundSeconds = restoredMs / 1000 + replaySeconds + segmentSeconds;
  const state = `state of ${(checkpoint.stateBytes / 1e6).toFixed(1)} MB`;
  return [
    ...lines,
    `checkpoint  behind segment ${checkpoint.segment}, ${state}; made in ${secondsText(checkpoint.elapsedMs)}`,
    `from it     ${timesText(fromCheckpoint)}: ${restoredMs.toFixed(0)} ms for the state, the rest for ${countText(replayed)} records behind it`,
    `${day}: ${daySeconds.toFixed(0)} s from the start; from a checkpoint at most ${boundSeconds.toFixed(1)} s:`,
    `            ${restoredMs.toFixed(0)} ms for the state, ${replaySeconds} s (recoverySecondsMax / ${CHECKPOINT_SHARE}) and ${SEGMENTS_BEHIND} segments (${segmentSeconds.toFixed(1)} s) of records behind it`,
  ];
}

const secondsText = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

function timesText(runs: readonly RecoveryRun[]): string {
  const times = runs.map(({ recovered }) => recovered.elapsedMs);
  const range = `${secondsText(Math.min(...times))} … ${secondsText(Math.max(...times))}`;
  const thread = secondsText(medianOf(runs.map(({ elapsedMs }) => elapsedMs)));
  return `${secondsText(medianOf(times))} (${range} of ${runs.length}; ${thread} with the thread's start)`;
}

function paceText(runs: readonly RecoveryRun[]): string {
  const first = medianOf(runs.map(({ firstQuarterRate }) => firstQuarterRate));
  const last = medianOf(runs.map(({ lastQuarterRate }) => lastQuarterRate));
  if (Number.isNaN(first + last)) return "too short to say whether the pace holds";
  return `pace ${countText(first)}/s in the first quarter, ${countText(last)}/s in the last`;
}

const residentMb = (runs: readonly RecoveryRun[]): number =>
  Math.max(...runs.map(({ residentBytesMax }) => residentBytesMax)) / 1e6;

if (import.meta.main) {
  exitOnSignals();
  const plan = numberOptions(process.argv.slice(2), RECOVERY_DEFAULTS);
  console.log(machineLine());
  for (const line of recoveryLines(plan, await measureRecovery(plan))) console.log(line);
}
