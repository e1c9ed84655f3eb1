// The gateway's main thread, and the file to read first: configuration → memory → workers → listener → shutdown.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { onAskedToEnd } from "./base/asked-to-end.ts";
import { startClock, systemWallClock } from "./base/clock.ts";
import { collectStart } from "./base/collector.ts";
import { errnoOf } from "./base/errno-of.ts";
import { exitOn, type Fault, FaultError, faultOf } from "./base/fault.ts";
import { armLastResort } from "./base/last-resort.ts";
import { makeDirectories } from "./base/make-directories.ts";
import { expandAccounts } from "./config/accounts.ts";
import { readCommandLine } from "./config/command-line.ts";
import { controlSocketPath, hasResidentLane } from "./config/cross-checks.ts";
import { describeCheck, describeHelp } from "./config/describe-config.ts";
import type { GatewayConfig } from "./config/gateway-config.ts";
import { DEFAULTS_FILE, type LoadedConfig, readConfig } from "./config/read-config.ts";
import { CaptureSwitch } from "./gate/capture-tap.ts";
import { CompilerThreads } from "./gate/compiler-threads.ts";
import { controlCommands } from "./gate/control-commands.ts";
import { ControlServer } from "./gate/control-server.ts";
import { Credentials } from "./gate/credentials.ts";
import type { Log } from "./gate/gate-config.ts";
import { Listener } from "./gate/listener.ts";
import { LostSessions } from "./gate/lost-sessions.ts";
import { checkDescriptors, checkFlags, tellKernelSettings } from "./gate/preflight.ts";
import { Sampling, samplingCommand } from "./gate/sampling.ts";
import { ScribeWorker } from "./gate/scribe-worker.ts";
import { StderrLog } from "./gate/stderr-log.ts";
import { warmUpGate } from "./gate/warm-up.ts";
import { buildId } from "./journal/build-id.ts";
import { readCrashes, suspectAccounts } from "./journal/crash-files.ts";
import { placeFault } from "./journal/file-faults.ts";
import { realFiles } from "./journal/files.ts";
import { CaptureControl } from "./main/capture-control.ts";
import { noteRun } from "./main/last-run.ts";
import { makeTelemetry } from "./main/make-telemetry.ts";
import { Operator } from "./main/operator.ts";
import { openPlaces } from "./main/places.ts";
import { Reload, RestartKeys } from "./main/reload.ts";
import { feedScribe, scribeProcess } from "./main/scribe-feed.ts";
import { TradingDays } from "./main/trading-days.ts";
import { writeOut } from "./main/write-out.ts";
import { CounterReader, createCounters, GATE_COUNTERS, LANE_COUNTERS } from "./memory/counters.ts";
import { createGateState, GATE_STATE, GateState } from "./memory/gate-state.ts";
import { createLaneSignal } from "./memory/lane-signal.ts";
import { createThreadBlock, readTid, ThreadBlock } from "./memory/thread-block.ts";
import { watchCollections } from "./telemetry/gc-watch.ts";

/** A second is what their watch counts in. */
const COMPILERS_LOOK_MS = 1000;
const SIGNAL_STATUS = { SIGTERM: 143, SIGINT: 130 } as const;

if (import.meta.main) {
  process.on("uncaughtException", (error) => exitOn(faultOf(error, "gate")));
  process.stdout.on("error", () => undefined); // whoever waited for the ready line has gone
  process.on("SIGHUP", () => undefined); // before the ready line there is nothing to reload
  const started = readConfigOrExit();
  if (started !== undefined) {
    await run(started.loaded, started.captureFile).catch((error: unknown) =>
      exitOn(faultOf(error, "main")),
    );
  }
}

interface Started {
  readonly loaded: LoadedConfig;
  readonly captureFile: string | undefined;
}

/** Undefined: the command line asked for words, and has them. */
function readConfigOrExit(): Started | undefined {
  try {
    const commandLine = readCommandLine(process.argv.slice(2));
    if (commandLine.isHelp) {
      process.stdout.write(`${describeHelp(JSON.parse(readFileSync(DEFAULTS_FILE, "utf8")))}\n`);
      return undefined;
    }
    const loaded = readConfig(commandLine);
    const { isCheckOnly, captureFile } = commandLine;
    if (!isCheckOnly) return { loaded, captureFile };
    process.stdout.write(`${describeCheck(loaded)}\n`);
    return undefined;
  } catch (error) {
    return exitOn(faultOf(error, "main"));
  }
}

function readAgain(): GatewayConfig {
  return readConfig(readCommandLine(process.argv.slice(2))).config;
}

async function run(
  { config, warnings, files }: LoadedConfig,
  captureFile: string | undefined,
): Promise<void> {
  const { clock, baseNs } = startClock();
  const log = new StderrLog(systemWallClock, config.telemetry.logLevel);
  for (const { path: key, reason } of warnings) log.warn("config", { key, reason });
  const hasFlags = checkFlags(log);
  tellKernelSettings(log);
  checkDescriptors(config.listen.connectionsMax);

  // The lock first: it tells whether another gateway has this place.
  const startedMs = systemWallClock.epochMs();
  const controlPath = controlSocketPath(config);
  makeDirectory(config.journal.dir, placeFault);
  makeDirectory(path.dirname(controlPath), (place, errno) => {
    return { code: "CONTROL_SOCKET_FAILED", path: place, errno };
  });
  const places = openPlaces(config, log);
  // Without a journal, another gateway may have the directory too.
  const hasPlace = config.journal.durability !== "none";
  const lastRun = hasPlace ? noteRun(config.journal.dir, startedMs) : undefined;
  if (config.journal.durability === "power-loss") writeOut(config.journal.dir, clock, log);

  // What lasts longer than a session.
  const gateState = createGateState();
  const state = new GateState(gateState);
  const gateCounters = createCounters(GATE_COUNTERS);
  const lanes = Array.from({ length: config.lanes.count }, () => ({
    signal: createLaneSignal(),
    counters: createCounters(LANE_COUNTERS),
    thread: createThreadBlock(),
  }));
  const laneSignals = lanes.map(({ signal }) => signal);
  const laneCounters = lanes.map(({ counters }) => counters);
  const laneThreads = lanes.map(({ thread }) => thread);
  const gateThread = createThreadBlock();
  new ThreadBlock(gateThread).tid = readTid();
  const build = buildId(import.meta.dirname);
  const telemetry = makeTelemetry(config, clock);
  if (telemetry !== undefined) watchCollections(telemetry.gate.events, clock);
  const sampling = telemetry && new Sampling(telemetry.gate.control, config.telemetry.log);
  const { stallMsMax } = config.lanes;
  const { host, port } = config.admin;
  const scribe = new ScribeWorker(
    {
      baseNs,
      host,
      port,
      thread: createThreadBlock(),
      gate: gateState,
      laneSignals,
      isLaneOnGate: hasResidentLane(config),
      telemetry: telemetry?.memory,
      process:
        telemetry &&
        scribeProcess(config, {
          build,
          version: readVersion(),
          startedMs,
          accountCount: telemetry.accountCount,
          gateCounters,
          laneCounters,
          gateThread,
          laneThreads,
        }),
      stallMsMax,
    },
    clock,
    log,
  );
  const scribeUp = scribe.start();
  // Half of a lane's are enough for the gate, and they take it longer: each is read from a socket.
  const warmUpRequests = Math.ceil(config.lanes.warmUpRequests / 2);
  const warmedUp = warmUpGate({
    requests: warmUpRequests,
    session: config.session,
    hasTelemetry: telemetry !== undefined,
    clock,
    wallClock: systemWallClock,
  });
  const suspended = suspendedAccounts(config, log);
  const accounts = [...expandAccounts(config.accounts)].filter(
    ({ user }) => !suspended.includes(user),
  );
  const credentials = new Credentials(accounts, randomBytes(32));
  const listener = new Listener(undefined);
  const captureSwitch = new CaptureSwitch();
  const lostSessions = new LostSessions();

  // A lane on this thread would take it away from the rehearsal.
  if (hasResidentLane(config)) await warmedUp;
  // The session that is due, from where its journal ends.
  const days = await TradingDays.begin(
    {
      config,
      clock,
      baseNs,
      wallClock: systemWallClock,
      log,
      build,
      credentials,
      lostSessions,
      gateState: state,
      gateCounters,
      laneSignals,
      laneCounters,
      laneThreads,
      telemetry,
      capture: captureSwitch,
    },
    places,
    ({ gate, memory }) => {
      listener.setGate(gate);
      scribe.tell(memory);
    },
  );
  if (telemetry !== undefined) feedScribe(scribe, clock, () => days.current);
  const drain = (): void => {
    if (state.state === GATE_STATE.DRAINING) return;
    state.state = GATE_STATE.DRAINING;
    listener.close();
    const done = async (): Promise<void> => {
      log.info("drained", {});
      capture.end();
      await scribe.close();
      control.close();
      armLastResort();
      process.exit(0);
    };
    const { gate } = days.current;
    log.info("draining", { connections: gate.status().connections });
    days.end();
    // A session that is ending is ended; the next start opens the one behind it.
    if (days.isRolling) void days.roll().then(done);
    else gate.drain(() => void days.current.stop(false).then(done));
  };

  const capture = new CaptureControl({
    config,
    version: readVersion(),
    clock,
    wallClock: systemWallClock,
    log,
    scribe,
    capture: captureSwitch,
    session: () => days.current.id,
    isRolling: () => days.isRolling,
    showConnections: (tap) => days.current.gate.showConnections(tap),
  });

  const isAccount = (user: string): boolean => credentials.has(user);
  const operator = new Operator({
    config,
    clock,
    wallClock: systemWallClock,
    version: readVersion(),
    build,
    lastRun,
    session: () => days.current,
    lostSessions,
    isAccount,
    scribe: () => scribe.running,
    gateCounters: new CounterReader(gateCounters),
    laneCounters: laneCounters.map((counters) => new CounterReader(counters)),
    telemetry: telemetry?.memory,
    restartKeys: new RestartKeys(config, files, readAgain),
    log,
  }).start();

  // Doors, the control socket first: without a journal, only that tells of another gateway.
  const control = new ControlServer(
    controlPath,
    {
      ...controlCommands({
        get gate() {
          return days.current.gate;
        },
        get session() {
          return days.current.id;
        },
        get journals() {
          return days.current.blocks;
        },
        get rollsAtMs() {
          return days.rollsAtMs;
        },
        config,
        startedMs,
        uptimeSeconds: () => process.uptime(),
        scribe,
        isAccount,
        gateCounters: new CounterReader(gateCounters),
        laneCounters: laneCounters.map((counters) => new CounterReader(counters)),
        report: () => operator.report(),
        capture: () => capture.status,
        drain,
        roll: (isLast) => days.tryRoll(isLast),
      }),
      sampling: samplingCommand(sampling),
      ...operator.commands,
      ...capture.commands,
    },
    log,
  );
  await control.open();
  const admin = await scribeUp;
  tellWarmUp(log, warmUpRequests, await warmedUp);
  if (captureFile !== undefined) await capture.startWithProcess(captureFile);
  collectStart();
  if (hasFlags) {
    const compilers = new CompilerThreads();
    setInterval(() => compilers.look(), COMPILERS_LOOK_MS).unref();
  }
  // By its control socket it may have been ended before it had begun.
  if (state.state === GATE_STATE.DRAINING) return;
  const order = await listener.open(config.listen);
  state.state = GATE_STATE.OPEN;
  onSignals(drain);
  const reload = new Reload(readAgain, config, sampling, log);
  process.on("SIGHUP", () => reload.run());
  sayReady(config, days.current.id, controlPath, order, admin);
}

function tellWarmUp(log: Log, requests: number, answers: number): void {
  if (answers >= requests) return;
  const reason =
    "the rehearsal was not finished: too little of a core, or no use of 127.0.0.1; the first orders will be slow";
  log.warn("warm-up", { requests, answers, reason });
}

function readVersion(): string {
  const file = new URL("../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

function makeDirectory(
  directory: string,
  faultOfErrno: (place: string, errno: string) => Fault,
): void {
  try {
    makeDirectories(directory);
  } catch (error) {
    const { path: place = directory } = error as NodeJS.ErrnoException;
    throw new FaultError(faultOfErrno(place, errnoOf(error)));
  }
}

/** Whose records broke a lane again and again: they stay outside until an operator has looked at it (semantics §3.8). */
function suspendedAccounts({ journal }: GatewayConfig, log: Log): readonly string[] {
  if (journal.durability === "none") return [];
  const suspects = suspectAccounts(readCrashes(realFiles, journal.dir));
  for (const { account, files } of suspects) {
    log.error("account-suspended", {
      account,
      files: files.join(", "),
      advice: "its records broke a lane: report these files, and move them away to let it in again",
    });
  }
  return suspects.map(({ account }) => account);
}

/** The first signal drains, a later one ends at once. */
function onSignals(drain: () => void): void {
  onAskedToEnd(["SIGTERM", "SIGINT"], drain, (signal) => {
    armLastResort();
    process.exit(SIGNAL_STATUS[signal]);
  });
  // Node's debugger would open a port for everybody on this machine.
  process.on("SIGUSR1", () => undefined);
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** The one line on stdout: tests and supervisors wait for it. */
function sayReady(
  { journal }: GatewayConfig,
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
    durability: journal.durability,
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}
