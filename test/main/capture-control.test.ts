import assert from "node:assert/strict";
import { existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { startClock } from "../../src/base/clock.ts";
import { CaptureFileReader } from "../../src/capture/capture-file-reader.ts";
import { CAPTURE_KIND } from "../../src/capture/capture-record.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { CaptureSwitch } from "../../src/gate/capture-tap.ts";
import type { ControlAnswer, ControlCommand } from "../../src/gate/control-server.ts";
import type { Log } from "../../src/gate/gate-config.ts";
import { ScribeWorker } from "../../src/gate/scribe-worker.ts";
import { CaptureControl, freePath } from "../../src/main/capture-control.ts";
import { createGateState } from "../../src/memory/gate-state.ts";
import { createLaneSignal } from "../../src/memory/lane-signal.ts";
import { createThreadBlock } from "../../src/memory/thread-block.ts";
import { GateRig } from "../support/gate-rig.ts";
import { type TestHooks, testDirectory } from "../support/gateway.ts";
import { login, packet } from "../support/soup-packets.ts";

/** A gate that the test drives, a scribe that is one, and what main puts between them. */
class ControlRig {
  readonly directory = testDirectory();
  readonly capture = new CaptureSwitch();
  readonly rig = new GateRig({ capture: this.capture });
  readonly scribe: ScribeWorker;
  readonly control: CaptureControl;
  readonly told: string[] = [];
  private readonly waiting = new Map<string, () => void>();

  constructor(t: TestHooks) {
    const { clock, baseNs } = startClock();
    const note = (event: string): void => {
      this.told.push(event);
      this.waiting.get(event)?.();
    };
    const log: Log = { info: note, warn: note, error: note };
    const thread = createThreadBlock();
    const laneSignals = [createLaneSignal()];
    const listen = { host: "127.0.0.1", port: 0 };
    const watched = { gate: createGateState(), laneSignals, isLaneOnGate: false, stallMsMax: 5000 };
    this.scribe = new ScribeWorker({ baseNs, thread, ...watched, ...listen }, clock, log);
    t.after(() => this.scribe.stop());
    this.control = new CaptureControl({
      config: readConfig({ configFile: undefined, settings: [] }).config,
      version: "0",
      clock,
      wallClock: { epochMs: Date.now },
      log,
      scribe: this.scribe,
      capture: this.capture,
      session: () => "S",
      isRolling: () => false,
      showConnections: (tap) => this.rig.gate.showConnections(tap),
    });
  }

  async ask(name: "capture-start" | "capture-stop", file?: string): Promise<ControlAnswer> {
    const command: ControlCommand = this.control.commands[name];
    return command(file === undefined ? {} : { file });
  }
  until(event: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.waiting.set(event, resolve);
    return promise;
  }
}

function clientBytes(path: string): { bytes: Buffer; problems: readonly string[] } {
  const reader = CaptureFileReader.open(path);
  const chunks: Buffer[] = [];
  for (const { kind, payload } of reader.records()) {
    if (kind === CAPTURE_KIND.IN) chunks.push(Buffer.from(payload));
    assert.notEqual(kind, CAPTURE_KIND.LOST);
  }
  reader.close();
  return { bytes: Buffer.concat(chunks), problems: reader.problems };
}

test("a scribe that is killed again and again costs no byte of a capture", async (t) => {
  const rig = new ControlRig(t);
  await rig.scribe.start();
  const file = join(rig.directory, "day.cap");
  const started = await rig.ask("capture-start", file);
  assert.ok(started.ok, JSON.stringify(started));
  const socket = rig.rig.connect();
  const sent: Buffer[] = [];
  const send = (bytes: Buffer, kept = bytes): void => {
    socket.clientSends(bytes);
    sent.push(kept);
  };
  send(login(), login({ password: "" }));
  for (let kill = 0; kill < 2; kill++) {
    for (let beat = 0; beat < 500; beat++) send(packet("R"));
    const restarted = rig.until("scribe-restarted");
    rig.scribe.terminate();
    for (let beat = 0; beat < 500; beat++) send(packet("R"));
    await restarted;
  }
  assert.equal(rig.control.status?.lostChunks, 0);
  const stopped = await rig.ask("capture-stop");
  assert.ok(stopped.ok, JSON.stringify(stopped));
  assert.deepEqual(clientBytes(file), { bytes: Buffer.concat(sent), problems: [] });
  assert.equal(rig.control.status, null);
  assert.equal(rig.capture.tap, undefined);
});

test("a capture that runs when the process ends is whole", async (t) => {
  const rig = new ControlRig(t);
  await rig.scribe.start();
  const file = join(rig.directory, "day.cap");
  await rig.control.startWithProcess(file);
  rig.rig.connect().clientSends(packet("+", "no login"));
  rig.control.end();
  await rig.scribe.close();
  const { bytes, problems } = clientBytes(file);
  assert.equal(bytes.length, packet("+", "no login").length);
  assert.deepEqual(problems, []);
});

test("a capture that cannot be had leaves everything as it was", async (t) => {
  const rig = new ControlRig(t);
  await rig.scribe.start();
  const failed = rig.until("capture-failed");
  await rig.control.startWithProcess(join(rig.directory, "no/such/day.cap"));
  await failed;
  assert.equal(rig.control.status, null);
  assert.equal(rig.capture.tap, undefined);
  const file = join(rig.directory, "day.cap");
  const both = await Promise.all([rig.ask("capture-start", file), rig.ask("capture-start", file)]);
  assert.deepEqual(
    both.map(({ ok }) => ok),
    [true, false],
  );
  const stops = await Promise.all([rig.ask("capture-stop"), rig.ask("capture-stop")]);
  assert.deepEqual(
    stops.map(({ ok }) => ok),
    [true, false],
  );
});

test("one capture after the other uses the same memory, and has its own bytes", async (t) => {
  const rig = new ControlRig(t);
  await rig.scribe.start();
  const rings = new Set<unknown>();
  const tell = rig.scribe.tell.bind(rig.scribe);
  t.mock.method(rig.scribe, "tell", (message: Parameters<typeof tell>[0]) => {
    if (message.command === "capture-start") rings.add(message.ring);
    tell(message);
  });
  const refused = await rig.ask("capture-start", join(rig.directory, "no/such/day.cap"));
  assert.equal(refused.ok, false);
  for (let capture = 1; capture <= 3; capture++) {
    const file = join(rig.directory, `${capture}.cap`);
    assert.ok((await rig.ask("capture-start", file)).ok);
    assert.equal(rig.control.status?.chunks, 0);
    rig.rig.connect().clientSends(packet("+", "x".repeat(100 * capture)));
    assert.equal(rig.control.status?.chunks, 1);
    assert.ok((await rig.ask("capture-stop")).ok);
    const { bytes, problems } = clientBytes(file);
    assert.equal(bytes.length, 100 * capture + 3);
    assert.deepEqual(problems, []);
  }
  assert.equal(rings.size, 1);
});

test("what the scribe says of a capture that was given up is not taken for what it says of the next", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const rig = new ControlRig(t);
  const rings: SharedArrayBuffer[] = [];
  const begun = (number: number): void => rig.scribe.onCapture({ event: "capture-begun", number });
  const ended = (number: number): void =>
    rig.scribe.onCapture({
      event: "capture-ended",
      number,
      trouble: undefined,
      bytes: 1000 + number,
      records: number,
    });
  const numbers: number[] = [];
  t.mock.method(rig.scribe, "tell", (message: Parameters<ScribeWorker["tell"]>[0]) => {
    if (message.command !== "capture-start") return;
    numbers.push(message.number);
    rings.push(message.ring);
  });
  const late = async (answer: Promise<ControlAnswer>): Promise<void> => {
    await setImmediate(); // by then it waits for the scribe
    t.mock.timers.tick(10_000);
    assert.match(JSON.stringify(await answer), /the scribe does not answer/);
  };

  await late(rig.ask("capture-start", "first.cap"));
  const second = rig.ask("capture-start", "second.cap");
  const [of1 = 0, of2 = 0] = numbers;
  begun(of1);
  await setImmediate();
  ended(of1);
  begun(of2);
  assert.ok((await second).ok);
  await late(rig.ask("capture-stop"));
  const third = rig.ask("capture-start", "third.cap");
  ended(of2);
  const of3 = numbers.at(-1) ?? 0;
  begun(of3);
  assert.ok((await third).ok);
  ended(of2);
  assert.match(rig.control.status?.file ?? "", /third\.cap$/);
  const stopped = rig.ask("capture-stop");
  ended(of2);
  ended(of3);
  const answer = await stopped;
  assert.ok(answer.ok);
  assert.equal((answer.result as { fileBytes: number }).fileBytes, 1000 + of3);
  assert.deepEqual(rig.told, ["capture-started", "capture-started", "capture-stopped"]);
  assert.equal(new Set(rings).size, 3, "a scribe that did not answer keeps its own");
});

test("a file of an earlier run is left alone", () => {
  const directory = testDirectory();
  const file = join(directory, "day.cap");
  assert.equal(freePath(file), file);
  writeFileSync(file, "");
  writeFileSync(join(directory, "day-2.cap"), "");
  assert.equal(freePath(file), join(directory, "day-3.cap"));
  assert.ok(existsSync(file));
  assert.equal(freePath(directory), directory, "nobody means the name beside a directory");
  assert.equal(freePath("/dev/null"), "/dev/null");
});

test("a capture from the start on that cannot be had ends nothing, whatever is wrong with its name", async (t) => {
  const { control, directory, scribe, told } = new ControlRig(t);
  await scribe.start();
  await control.startWithProcess(join(directory, "a".repeat(300)));
  const loop = join(directory, "loop");
  symlinkSync(loop, loop);
  await control.startWithProcess(join(loop, "day.cap"));
  assert.deepEqual(told, ["capture-failed", "capture-failed"]);
  assert.equal(control.status, null);
});
