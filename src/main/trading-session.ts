// One trading session while it is open: its lanes, the keeper of their journals, and its gate. The next session has all
// of them anew; what lasts (sockets of newcomers, credentials, counters, the scribe) belongs to main.ts. Main thread.

import type { Worker } from "node:worker_threads";
import type { Clock, WallClock } from "../base/clock.ts";
import { threadCpuMs } from "../base/thread-cpu.ts";
import { hasResidentLane } from "../config/cross-checks.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { CaptureSwitch } from "../gate/capture-tap.ts";
import type { Credentials } from "../gate/credentials.ts";
import { Gate } from "../gate/gate.ts";
import type { Log } from "../gate/gate-config.ts";
import { driveGate, loopIdleMs, nextTurn } from "../gate/gate-loop.ts";
import { KeeperWorker } from "../gate/keeper-worker.ts";
import { KernelQueues } from "../gate/kernel-queues.ts";
import { laneConfigOf } from "../gate/lane-config-of.ts";
import {
  configureLane,
  resumeLane,
  type StartedLane,
  startLane,
  watchLanes,
} from "../gate/lane-workers.ts";
import type { LostSessions } from "../gate/lost-sessions.ts";
import { CounterWriter } from "../memory/counters.ts";
import { type Doorbell, openDoorbell, openTurnDoorbell } from "../memory/doorbell.ts";
import type { GateState } from "../memory/gate-state.ts";
import { DAY_PHASE } from "../memory/inbound-record.ts";
import { createJournalBlock, JournalBlock } from "../memory/journal-block.ts";
import type { KeeperStatus } from "../memory/keeper-worker-data.ts";
import { LaneSignal } from "../memory/lane-signal.ts";
import type { LaneDescription, LaneRecovered } from "../memory/lane-worker-data.ts";
import { createProgress, Progress } from "../memory/progress.ts";
import { RingConsumer } from "../memory/ring-consumer.ts";
import { createRing } from "../memory/ring-layout.ts";
import { RingProducer } from "../memory/ring-producer.ts";
import type { ScribeSession } from "../memory/scribe-worker-data.ts";
import { createWires, Wires } from "../memory/wires.ts";
import type { CpuWait } from "../telemetry/cpu-wait.ts";
import type { GateTelemetry } from "../telemetry/gate-telemetry.ts";
import type { TelemetryMemory } from "../telemetry/telemetry-memory.ts";
import { tellAccountChanges } from "./account-changes.ts";
import { RecoveryProgress } from "./recovery-progress.ts";
import type { SessionPlace } from "./session-place.ts";

/** A lane sleeps no longer than until it has to go home (E18). */
const PARK_MS_MAX = 10;

/** What outlives a session. */
export interface SessionParts {
  readonly config: GatewayConfig;
  readonly clock: Clock;
  readonly baseNs: bigint;
  readonly wallClock: WallClock;
  readonly log: Log;
  readonly build: string;
  readonly credentials: Credentials;
  readonly lostSessions: LostSessions;
  readonly gateState: GateState;
  readonly gateCounters: SharedArrayBuffer;
  /** By lane; the scribe looks at them too. */
  readonly laneSignals: readonly SharedArrayBuffer[];
  readonly laneCounters: readonly SharedArrayBuffer[];
  /** ThreadBlock of each lane. */
  readonly laneThreads?: readonly SharedArrayBuffer[];
  /** Undefined: nothing is ever captured. */
  readonly capture?: CaptureSwitch;
  /** Undefined: nothing is recorded. */
  readonly telemetry?:
    | {
        readonly memory: TelemetryMemory;
        readonly gate: GateTelemetry;
        readonly cpuWait: CpuWait;
      }
    | undefined;
}

export interface DescribedLane {
  readonly lane: number;
  readonly silentMs: number;
  /** Undefined: it does not come home. */
  readonly description: LaneDescription | undefined;
}

export class TradingSession {
  readonly id: string;
  readonly gate: Gate;
  /** What recovery found; empty for a session without a journal. */
  readonly recovered: readonly LaneRecovered[];
  /** JournalBlock of each lane; empty without a journal. */
  readonly blocks: readonly JournalBlock[];
  /** What the scribe looks at. */
  readonly memory: ScribeSession;
  private readonly clock: Clock;
  private readonly lanes: readonly StartedLane[];
  private readonly doorbells: readonly Doorbell[];
  private readonly keeper: KeeperWorker | undefined;
  private readonly stopDriving: () => void;
  private readonly stopWatching: () => void;

  private constructor(parts: SessionParts, place: SessionPlace, started: Started) {
    const { config, clock, wallClock, credentials, log, gateState } = parts;
    const { lanes, doorbells, links, progress, recovered } = started;
    const cpuWait = parts.telemetry?.cpuWait;
    this.id = place.session;
    this.clock = clock;
    this.lanes = lanes;
    this.doorbells = doorbells;
    this.keeper = started.keeper;
    this.recovered = recovered;
    this.blocks = started.blocks;
    this.memory = { command: "session", session: place.session, ...started.memory };
    // Of a lane that lives on this thread, it is this thread that would be silent.
    const isElsewhere = ({ worker }: StartedLane): boolean => worker !== undefined;
    this.stopWatching = watchLanes(lanes.filter(isElsewhere), clock, config.lanes.stallMsMax);
    this.gate = new Gate({
      config,
      clock,
      wallClock,
      midnightUtcMs: place.midnightUtcMs,
      eventNotBeforeNs: started.eventNs,
      lanes: links,
      progress: new Progress(progress),
      wires: new Wires(started.wires),
      credentials,
      counters: new CounterWriter(parts.gateCounters),
      log,
      lostSessions: parts.lostSessions,
      telemetry: parts.telemetry?.gate,
      capture: parts.capture ?? new CaptureSwitch(),
      queues: new KernelQueues(),
      idleMs: loopIdleMs,
      cpuMs: threadCpuMs,
      coreWaitNs: cpuWait && (() => cpuWait.readNs()),
      nextTurn,
    });
    this.stopDriving = driveGate(this.gate, doorbells, () => {
      const nowNs = clock.nowNs();
      gateState.beat(nowNs / 1e6);
      for (const lane of lanes) lane.beat?.(nowNs / 1e6);
      cpuWait?.look(nowNs);
    });
  }

  /** Resolves when every lane stands where its journal ends, and has been told how things are now. */
  static async open(parts: SessionParts, place: SessionPlace): Promise<TradingSession> {
    return new TradingSession(parts, place, await start(parts, place));
  }

  /** Event time that the session has reached. */
  get eventNs(): number {
    return this.gate.eventClock.at(this.clock.nowNs());
  }
  /** The end of the day has begun and was not finished. */
  get isEnding(): boolean {
    return this.recovered.some(({ phase }) => phase !== DAY_PHASE.OPEN);
  }
  /** Every lane has ended: nothing is left but to put the journals away. */
  get isEnded(): boolean {
    const { recovered } = this;
    return recovered.length > 0 && recovered.every(({ phase }) => phase === DAY_PHASE.ENDED);
  }

  /** Undefined without a journal, and until the keeper has told the first time. */
  get keeperStatus(): KeeperStatus | undefined {
    return this.keeper?.status;
  }
  get keeperRestarts(): number {
    return this.keeper?.restartCount ?? 0;
  }

  /** By their names, for who wants to look into one. */
  get workers(): ReadonlyMap<string, Worker> {
    const lanes = this.lanes.flatMap(({ lane, worker }): [string, Worker][] =>
      worker === undefined ? [] : [[`lane ${lane}`, worker]],
    );
    const keeper = this.keeper?.thread;
    return new Map(keeper === undefined ? lanes : [...lanes, ["keeper", keeper]]);
  }

  /** What each lane is at, in its own words; of one that does not answer, since when it is silent. */
  readonly describeLanes = (nowMs: number): Promise<readonly DescribedLane[]> =>
    Promise.all(
      this.lanes.map(async (lane) => {
        const description = await lane.describe();
        // It may have gone round since the question was asked.
        const silentMs = Math.max(0, lane.signal.silentMs(nowMs));
        return { lane: lane.lane, silentMs, description };
      }),
    );

  /** The end of the day (semantics §8), for as long as it has to do with clients. */
  roll(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gate.roll(resolve);
    return promise;
  }

  /** Ends the threads. Everything they were told is in their journals, and on the disk when this resolves. */
  async stop(isSessionOver: boolean): Promise<void> {
    this.stopWatching();
    this.stopDriving();
    await Promise.all(this.lanes.map((lane) => lane.stop()));
    await this.keeper?.stop(isSessionOver);
    for (const doorbell of this.doorbells) doorbell.close();
  }
}

interface Started {
  readonly lanes: readonly StartedLane[];
  readonly links: readonly {
    readonly inbound: RingProducer;
    readonly outbound: RingConsumer;
    readonly signal: LaneSignal;
  }[];
  readonly doorbells: readonly Doorbell[];
  readonly blocks: readonly JournalBlock[];
  readonly progress: SharedArrayBuffer;
  readonly wires: SharedArrayBuffer;
  readonly memory: Pick<ScribeSession, "lanes" | "progress">;
  readonly keeper: KeeperWorker | undefined;
  readonly recovered: readonly LaneRecovered[];
  /** Event time from which the session goes on. */
  readonly eventNs: number;
}

async function start(parts: SessionParts, place: SessionPlace): Promise<Started> {
  const { config, log } = parts;
  const { durability } = config.journal;
  const progress = createProgress(config.listen.connectionsMax);
  const wires = createWires(config.listen.connectionsMax);
  const blockMemory = place.laneDirectories.map(createJournalBlock);
  const blocks = blockMemory.map((memory) => new JournalBlock(memory));
  // Its code is nothing for a process whose lanes live elsewhere.
  const resident = hasResidentLane(config) ? await import("./resident-lane.ts") : undefined;
  const recoveryProgress = new RecoveryProgress(blocks, parts.clock, log);
  const doorbells: Doorbell[] = [];
  const links: Started["links"][number][] = [];
  const lanes: StartedLane[] = [];
  const laneMemory: ScribeSession["lanes"][number][] = [];
  for (let lane = 0; lane < config.lanes.count; lane++) {
    const inbound = createRing(config.lanes.inboundSlots);
    const outbound = createRing(config.lanes.outboundSlots);
    const signal = parts.laneSignals[lane]!;
    const doorbell = resident ? openTurnDoorbell() : openDoorbell();
    if (doorbell.kind === "message") log.warn("doorbell", { lane, reason: doorbell.reason });
    const link = {
      inbound: new RingProducer(inbound),
      outbound: new RingConsumer(outbound),
      signal: new LaneSignal(signal),
    };
    link.signal.begin();
    const directory = place.laneDirectories[lane];
    const data = {
      lane,
      inbound,
      outbound,
      signal,
      counters: parts.laneCounters[lane]!,
      telemetry: parts.telemetry?.memory.lanes[lane],
      thread: parts.laneThreads?.[lane],
      progress,
      wires,
      doorbell: doorbell.transfer,
      baseNs: parts.baseNs,
      windowBytes: config.session.windowBytes,
      batchMax: config.lanes.batchMax,
      warmUp: {
        requests: config.lanes.warmUpRequests,
        config: laneConfigOf(config, place.session, place.midnightUtcMs, lane),
      },
      outboxBytesMax: config.lanes.outboxBytesMax,
      spinNs: config.lanes.spinNs,
      parkMsMax: PARK_MS_MAX,
      journal:
        directory === undefined || durability === "none"
          ? undefined
          : {
              directory,
              crashDirectory: config.journal.dir,
              session: place.session,
              build: parts.build,
              durability,
              segmentBytes: config.journal.segmentBytes,
              block: blockMemory[lane]!,
            },
    };
    const { clock } = parts;
    const hooks = { clock, log, onProgress: recoveryProgress.look };
    lanes.push(
      resident
        ? new resident.ResidentLane(data, link, hooks)
        : startLane(data, doorbell.transferList, link, log),
    );
    links.push(link);
    laneMemory.push({ inbound, outbound, journal: data.journal && blockMemory[lane] });
    doorbells.push(doorbell);
  }

  const recovered = durability === "none" ? [] : await recoverAll(lanes, recoveryProgress);
  recoveryProgress.stop();
  const keeper = startKeeper(parts, place, blockMemory, recovered);
  // A session that follows another one is not opened before that one's end, whatever the wall clock says now.
  const nowMs = Math.max(parts.wallClock.epochMs(), place.openedAtMs);
  const nowNs = (nowMs - place.midnightUtcMs) * 1e6;
  const eventNs = recovered.reduce((latest, each) => Math.max(latest, each.eventNs), nowNs);
  for (const each of recovered) {
    tellAccountChanges(each, (user) => parts.credentials.find(user), log);
  }
  for (const lane of lanes) {
    const laneConfig = laneConfigOf(config, place.session, place.midnightUtcMs, lane.lane);
    const { config: known, records = 0 } = recovered[lane.lane] ?? {};
    if (known === undefined) await configureLane(lane, laneConfig, eventNs, records > 0);
    else await resumeLane(lane, known, laneConfig, eventNs, log);
  }
  const memory = { lanes: laneMemory, progress };
  return { lanes, links, doorbells, blocks, progress, wires, memory, keeper, recovered, eventNs };
}

async function recoverAll(
  lanes: readonly StartedLane[],
  progress: RecoveryProgress,
): Promise<readonly LaneRecovered[]> {
  const all = await Promise.all(lanes.map(({ recovered }) => recovered));
  for (const each of all) progress.tell(each);
  return all;
}

function startKeeper(
  { config, baseNs, build, log, telemetry }: SessionParts,
  { session, laneDirectories }: SessionPlace,
  blockMemory: readonly SharedArrayBuffer[],
  recovered: readonly LaneRecovered[],
): KeeperWorker | undefined {
  if (recovered.length === 0) return undefined;
  const { segmentBytes, diskUsedPercentMax, recoverySecondsMax } = config.journal;
  const keeper = new KeeperWorker(
    {
      baseNs,
      session,
      build,
      segmentBytes,
      diskUsedPercentMax,
      recoverySecondsMax,
      outboxBytesMax: config.lanes.outboxBytesMax,
      events: telemetry?.memory.keeperEvents,
      lanes: recovered.map(({ lane, segment }) => ({
        lane,
        laneDirectory: laneDirectories[lane]!,
        block: blockMemory[lane]!,
        firstSegmentToStage: segment + 1,
      })),
    },
    log,
  );
  keeper.start();
  return keeper;
}
