// The gateway's main thread, and the file to read first: configuration → memory → workers → listener → shutdown.

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { startClock, systemWallClock } from "./base/clock.ts";
import { exitOn, FaultError, faultOf } from "./base/fault.ts";
import { armLastResort } from "./base/last-resort.ts";
import { midnightUtcMs, tradingDate } from "./base/trading-day.ts";
import { expandAccounts } from "./config/accounts.ts";
import { readCommandLine } from "./config/command-line.ts";
import { controlSocketPath } from "./config/cross-checks.ts";
import { describeCheck, describeHelp } from "./config/describe-config.ts";
import { DEFAULTS_FILE, type LoadedConfig, readConfig } from "./config/read-config.ts";
import { controlCommands } from "./gate/control-commands.ts";
import { ControlServer } from "./gate/control-server.ts";
import { Credentials } from "./gate/credentials.ts";
import { Gate } from "./gate/gate.ts";
import { driveGate, loopIdleMs, nextTurn } from "./gate/gate-loop.ts";
import { laneConfigOf } from "./gate/lane-config-of.ts";
import { configureLane, type LaneParts, startLane, watchLanes } from "./gate/lane-workers.ts";
import { Listener } from "./gate/listener.ts";
import { checkDescriptors, checkFlags, tellKernelSettings } from "./gate/preflight.ts";
import { ScribeWorker } from "./gate/scribe-worker.ts";
import { StderrLog } from "./gate/stderr-log.ts";
import {
  CounterReader,
  CounterWriter,
  createCounters,
  GATE_COUNTERS,
  LANE_COUNTERS,
} from "./memory/counters.ts";
import { openDoorbell } from "./memory/doorbell.ts";
import { createGateState, GATE_STATE, GateState } from "./memory/gate-state.ts";
import { createLaneSignal, LaneSignal } from "./memory/lane-signal.ts";
import { createProgress, Progress } from "./memory/progress.ts";
import { RingConsumer } from "./memory/ring-consumer.ts";
import { createRing } from "./memory/ring-layout.ts";
import { RingProducer } from "./memory/ring-producer.ts";
import { createThreadBlock } from "./memory/thread-block.ts";

/** A lane sleeps no longer than until it has to go home (E18). */
const PARK_MS_MAX = 10;
const SIGNAL_STATUS = { SIGTERM: 143, SIGINT: 130 } as const;

if (import.meta.main) {
  process.on("uncaughtException", (error) => exitOn(faultOf(error, "gate")));
  const loaded = readConfigOrExit();
  if (loaded !== undefined) await run(loaded);
}

/** Undefined: the command line asked for words, and has them. */
function readConfigOrExit(): LoadedConfig | undefined {
  try {
    const commandLine = readCommandLine(process.argv.slice(2));
    if (commandLine.isHelp) {
      process.stdout.write(`${describeHelp(JSON.parse(readFileSync(DEFAULTS_FILE, "utf8")))}\n`);
      return undefined;
    }
    const config = readConfig(commandLine);
    if (!commandLine.isCheckOnly) return config;
    process.stdout.write(`${describeCheck(config)}\n`);
    return undefined;
  } catch (error) {
    return exitOn(faultOf(error, "main"));
  }
}

async function run({ config, warnings }: LoadedConfig): Promise<void> {
  const { clock, baseNs } = startClock();
  const log = new StderrLog(systemWallClock, config.telemetry.logLevel);
  for (const { path: key, reason } of warnings) log.warn("config", { key, reason });
  checkFlags(log);
  tellKernelSettings(log);
  checkDescriptors(config.listen.connectionsMax);

  // The trading day is fixed at the start; event time counts from its midnight.
  const startedMs = systemWallClock.epochMs();
  const { timeZone } = config.clock;
  const midnightMs = midnightUtcMs(startedMs, timeZone);
  const session =
    config.session.id === "auto" ? `${tradingDate(startedMs, timeZone)}A` : config.session.id;

  // Memory.
  const progress = createProgress(config.listen.connectionsMax);
  const gateState = createGateState();
  const state = new GateState(gateState);
  const gateCounters = createCounters(GATE_COUNTERS);
  const laneParts: LaneParts[] = Array.from({ length: config.lanes.count }, (_, lane) => ({
    lane,
    inbound: createRing(config.lanes.inboundSlots),
    outbound: createRing(config.lanes.outboundSlots),
    signal: createLaneSignal(),
    counters: createCounters(LANE_COUNTERS),
    doorbell: openDoorbell(),
  }));
  for (const { doorbell, lane } of laneParts) {
    if (doorbell.kind === "message") log.warn("doorbell", { lane, reason: doorbell.reason });
  }

  // Workers.
  const links = laneParts.map(({ inbound, outbound, signal }) => ({
    inbound: new RingProducer(inbound),
    outbound: new RingConsumer(outbound),
    signal: new LaneSignal(signal),
  }));
  const eventNs = (startedMs - midnightMs) * 1e6;
  const lanes = laneParts.map((parts) => {
    const { lane, inbound, outbound, signal, counters, doorbell } = parts;
    return startLane(
      {
        lane,
        inbound,
        outbound,
        signal,
        counters,
        progress,
        doorbell: doorbell.transfer,
        baseNs,
        windowBytes: config.session.windowBytes,
        batchMax: config.lanes.batchMax,
        outboxBytesMax: config.lanes.outboxBytesMax,
        spinNs: config.lanes.spinNs,
        parkMsMax: PARK_MS_MAX,
        journal: undefined,
      },
      doorbell.transferList,
      links[lane]!,
    );
  });
  const scribe = new ScribeWorker(
    {
      baseNs,
      host: config.admin.host,
      port: config.admin.port,
      thread: createThreadBlock(),
      gate: gateState,
      laneSignals: laneParts.map(({ signal }) => signal),
      stallMsMax: config.lanes.stallMsMax,
    },
    clock,
    log,
  );
  const scribeUp = scribe.start();
  for (const lane of lanes) {
    await configureLane(lane, laneConfigOf(config, session, midnightMs, lane.lane), eventNs);
  }
  watchLanes(lanes, clock, config.lanes.stallMsMax);

  // The gate.
  const credentials = new Credentials(expandAccounts(config.accounts), randomBytes(32));
  const gate = new Gate({
    config,
    clock,
    wallClock: systemWallClock,
    midnightUtcMs: midnightMs,
    eventNotBeforeNs: 0,
    lanes: links,
    progress: new Progress(progress),
    credentials,
    counters: new CounterWriter(gateCounters),
    log,
    idleMs: loopIdleMs,
    nextTurn,
  });
  driveGate(
    gate,
    laneParts.map(({ doorbell }) => doorbell),
    () => state.beat(clock.nowNs() / 1e6),
  );
  const listener = new Listener(gate);
  const drain = (): void => {
    if (gate.isDraining) return;
    log.info("draining", { connections: gate.status().connections });
    state.state = GATE_STATE.DRAINING;
    listener.close();
    gate.drain(() => {
      log.info("drained", {});
      armLastResort();
      process.exit(0);
    });
  };

  // Doors, the control socket first: it also tells whether another gateway has this directory.
  const controlPath = controlSocketPath(config);
  const control = new ControlServer(
    controlPath,
    controlCommands({
      gate,
      config,
      session,
      startedMs,
      nowMs: systemWallClock.epochMs,
      scribe,
      isAccount: (user) => credentials.has(user),
      gateCounters: new CounterReader(gateCounters),
      laneCounters: laneParts.map(({ counters }) => new CounterReader(counters)),
      drain,
    }),
  );
  try {
    makeDirectory(path.dirname(controlPath));
    await control.open();
    const admin = await scribeUp;
    const order = await listener.open(config.listen);
    state.state = GATE_STATE.OPEN;
    onSignals(drain);
    sayReady(session, controlPath, order, admin);
  } catch (error) {
    exitOn(faultOf(error, "main"));
  }
}

/** One at a time: where nothing can be made (/proc), Node's recursive way never comes back. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectory(path.dirname(directory));
  try {
    mkdirSync(directory);
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code ?? String(error);
    // Another process that starts in the same moment may have been first.
    if (errno !== "EEXIST") {
      throw new FaultError({ code: "CONTROL_SOCKET_FAILED", path: directory, errno });
    }
  }
}

/** The first signal drains, the second ends at once. */
function onSignals(drain: () => void): void {
  let signals = 0;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      signals++;
      if (signals === 1) {
        drain();
        return;
      }
      armLastResort();
      process.exit(SIGNAL_STATUS[signal]);
    });
  }
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** The one line on stdout: tests and supervisors wait for it. */
function sayReady(
  session: string,
  control: string,
  order: { readonly address: string; readonly port: number },
  admin: Address,
): void {
  const ready = {
    event: "ready",
    pid: process.pid,
    order: { host: order.address, port: order.port },
    admin: { host: admin.host, port: admin.port },
    control,
    session,
    // There is no journal yet: journal.durability is not in effect, and nobody shall believe it is.
    durability: "none",
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}
