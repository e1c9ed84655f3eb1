import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type Clock, startClock } from "../../src/base/clock.ts";
import { createCaptureRing } from "../../src/capture/capture-ring.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { ScribeWorker } from "../../src/gate/scribe-worker.ts";
import { createGateState, GATE_STATE, GateState } from "../../src/memory/gate-state.ts";
import { createLaneSignal } from "../../src/memory/lane-signal.ts";
import { createThreadBlock } from "../../src/memory/thread-block.ts";
import { LaneLog } from "../../src/telemetry/lane-log.ts";
import { createTelemetryMemory } from "../../src/telemetry/telemetry-memory.ts";
import { logEntries, logFiles } from "../../src/tools/logs/log-files.ts";
import { AwaitedLines } from "../support/awaited-lines.ts";
import { CAPTURE_INFO } from "../support/capture-records.ts";
import { testDirectory } from "../support/gateway.ts";
import { metricSources, scribeSample, scribeSession } from "../support/metric-sources.ts";

const STOOD_STILL_NS = 7e9;

/** Pages are a second old at most. */
async function untilShown(port: number, pattern: RegExp): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { signal });
    if (pattern.test(await answer.text())) return;
    await wait(50, undefined, { signal });
  }
}

async function statusOf(port: number, path: string): Promise<number | undefined> {
  const request = http.get({ host: "127.0.0.1", port, path, agent: false });
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  response.resume();
  return response.statusCode;
}

/** A scribe that runs, while the test says how its time and its timers go on. */
async function onDrivenTime(t: TestContext) {
  const { clock, baseNs } = startClock();
  const log = new AwaitedLines();
  const ahead = { ns: 0 };
  const driven: Clock = { nowNs: () => clock.nowNs() + ahead.ns };
  const { data } = metricSources();
  t.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  const scribe = new ScribeWorker({ ...data, baseNs, host: "127.0.0.1" }, driven, log);
  t.after(() => scribe.stop());
  await scribe.start();
  return { scribe, log, ahead };
}

test("a scribe that dies is started anew on the port that it had, and the loss is told", async (t) => {
  const { clock, baseNs } = startClock();
  const log = new AwaitedLines();
  const gate = createGateState();
  new GateState(gate).state = GATE_STATE.OPEN;
  const scribe = new ScribeWorker(
    {
      baseNs,
      host: "127.0.0.1",
      port: 0,
      thread: createThreadBlock(),
      gate,
      laneSignals: [createLaneSignal()],
      isLaneOnGate: false,
      stallMsMax: 5000,
    },
    clock,
    log,
  );
  t.after(() => scribe.stop());
  const { port } = await scribe.start();
  assert.equal(await statusOf(port, "/healthz"), 200);
  assert.equal(await statusOf(port, "/readyz"), 503, "the lane has not started");

  const ended = log.when("scribe-ended");
  const restarted = log.when("scribe-restarted");
  scribe.terminate();
  await ended;
  assert.equal(log.fields.get("scribe-ended")?.restarts, 1);
  await restarted;
  assert.equal(await statusOf(port, "/healthz"), 200);
  assert.equal(scribe.restartCount, 1);
});

test("a scribe that is started anew hears which session there is, and says so", async (t) => {
  const { clock, baseNs } = startClock();
  const log = new AwaitedLines();
  const { data, process } = metricSources();
  const { config } = readConfig({ configFile: undefined, settings: [] });
  const journal = { ...config.journal, dir: testDirectory() };
  const scribe = new ScribeWorker(
    {
      ...data,
      baseNs,
      host: "127.0.0.1",
      telemetry: createTelemetryMemory(1, 16),
      process: { ...process, config: { ...config, journal, accounts: [], admin: {} } },
    },
    clock,
    log,
  );
  t.after(() => scribe.stop());
  const { port } = await scribe.start();
  scribe.tell(scribeSession("20261121A"));
  const session = /gateway_build_info\{.*session="20261121A"\} 1/;
  await untilShown(port, session);
  const restarted = log.when("scribe-restarted");
  scribe.terminate();
  await restarted;
  scribe.tell(scribeSample({ scribeRestarts: 1 }));
  await untilShown(port, session);
  await untilShown(port, /gateway_scribe_restarts_total\{.*\} 1/);
});

test("a scribe is ended when it is silent, and not when the whole process stood still", async (t) => {
  const { clock, baseNs } = startClock();
  const log = new AwaitedLines();
  let aheadNs = 0;
  let onLook = (): void => {};
  const watched: Clock = {
    nowNs() {
      onLook();
      return clock.nowNs() + aheadNs;
    },
  };
  const { data } = metricSources();
  const scribe = new ScribeWorker({ ...data, baseNs, host: "127.0.0.1" }, watched, log);
  t.after(() => scribe.stop());
  await scribe.start();
  const nextLook = (): Promise<void> =>
    new Promise((resolve) => {
      onLook = resolve;
    });
  // As if everybody had been stopped; the scribe has not come to itself when it is looked at again.
  aheadNs = STOOD_STILL_NS;
  await nextLook();
  await nextLook();
  assert.deepEqual(log.events, []);

  const silent = log.when("scribe-silent");
  const restarted = log.when("scribe-restarted");
  await silent; // the looks behind it are in time, and it is as far behind
  aheadNs = 0;
  await restarted;
  assert.deepEqual(log.events, ["scribe-silent", "scribe-ended", "scribe-restarted"]);
});

test("a scribe that starts on a machine that leaves it no core is waited for", async (t) => {
  const { scribe, log, ahead } = await onDrivenTime(t);
  const ended = log.when("scribe-ended");
  const restarted = log.when("scribe-restarted");
  scribe.terminate();
  await ended;
  t.mock.timers.tick(1000);
  // It has not come to its first sign of life while so many looks pass.
  for (let look = 0; look < 30; look++) {
    ahead.ns += 1e9;
    t.mock.timers.tick(1000);
  }
  ahead.ns = 0;
  await restarted;
  assert.deepEqual(log.events, ["scribe-ended", "scribe-restarted"]);
});

test("a scribe in a call that hangs is told of and ended once, and status knows for how long", async (t) => {
  const { scribe, log, ahead } = await onDrivenTime(t);
  assert.equal(scribe.silentMs, 0);
  const ended = log.when("scribe-ended");
  const { running } = scribe;
  // All within one turn, in which its end cannot be heard of: as if it did not come.
  for (let look = 0; look < 20; look++) {
    ahead.ns += 1e9;
    t.mock.timers.tick(1000);
  }
  assert.deepEqual(log.events, ["scribe-silent"]);
  assert.ok(scribe.silentMs > 15_000, `${scribe.silentMs}`);
  assert.equal(running?.listenerCount("exit"), 2, "ours, and that of its end");
  await ended;
});

test("a scribe that is closed has written what was in the rings, also when it died a moment ago", async (t) => {
  const { clock, baseNs } = startClock();
  const log = new AwaitedLines();
  const { data, process } = metricSources();
  const { config } = readConfig({ configFile: undefined, settings: [] });
  const directory = testDirectory();
  const journal = { ...config.journal, dir: directory };
  const memory = createTelemetryMemory(1, 16);
  const scribe = new ScribeWorker(
    {
      ...data,
      baseNs,
      host: "127.0.0.1",
      telemetry: memory,
      process: { ...process, config: { ...config, journal, accounts: [], admin: {} } },
    },
    clock,
    log,
  );
  t.after(() => scribe.stop());
  await scribe.start();
  const ended = log.when("scribe-ended");
  scribe.terminate();
  await ended;
  const records = 1000;
  const lane = new LaneLog(memory.lanes[0]?.log ?? assert.fail("no lane"), 0);
  for (let number = 1; number <= records; number++) lane.lateFill(0, number, 1e9, 6e6);
  t.mock.timers.enable({ apis: ["setTimeout"] }); // however long another takes to start on a busy machine
  await scribe.close();
  assert.equal(scribe.restartCount, 1, "nobody is started after a close");
  const files = logFiles([join(directory, "telemetry")], false);
  const entries = files.flatMap((file) => [...logEntries(file, () => assert.fail("torn"))]);
  assert.equal(entries.length, records);
});

test("a capture is gone on with by the next scribe, though one before it ended late", async (t) => {
  const { clock, baseNs } = startClock();
  const log = new AwaitedLines();
  const scribe = new ScribeWorker(
    {
      baseNs,
      host: "127.0.0.1",
      port: 0,
      thread: createThreadBlock(),
      gate: createGateState(),
      laneSignals: [createLaneSignal()],
      isLaneOnGate: false,
      stallMsMax: 5000,
    },
    clock,
    log,
  );
  t.after(() => scribe.stop());
  const heard: string[] = [];
  let onBegun = (): void => {};
  scribe.onCapture = ({ event, number }) => {
    heard.push(`${event} ${number}`);
    if (event === "capture-begun" && number === 2) onBegun();
  };
  const secondBegun = (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    onBegun = resolve;
    return promise;
  };
  await scribe.start();
  const directory = testDirectory();
  const start = (number: number): void =>
    scribe.tell({
      command: "capture-start",
      number,
      path: join(directory, `${number}.cap`),
      info: CAPTURE_INFO,
      ring: createCaptureRing(64 * 1024),
      bytesMax: 2 ** 20,
      isResumed: false,
    });
  const begun = secondBegun();
  start(1);
  scribe.tell({ command: "capture-stop" });
  start(2);
  await begun;
  assert.deepEqual(heard, ["capture-begun 1", "capture-ended 1", "capture-begun 2"]);
  const begunAgain = secondBegun();
  const restarted = log.when("scribe-restarted");
  scribe.terminate();
  await Promise.all([begunAgain, restarted]);
  assert.deepEqual(heard.slice(3), ["capture-begun 2"]);
});
