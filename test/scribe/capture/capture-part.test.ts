import assert from "node:assert/strict";
import { writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CaptureFileReader } from "../../../src/capture/capture-file-reader.ts";
import { CAPTURE_KIND } from "../../../src/capture/capture-record.ts";
import { CaptureRingProducer, createCaptureRing } from "../../../src/capture/capture-ring.ts";
import type {
  ScribeCaptureBegun,
  ScribeCaptureEnded,
  ScribeCaptureStart,
} from "../../../src/memory/scribe-worker-data.ts";
import { CapturePart } from "../../../src/scribe/capture/capture-part.ts";
import { EVENT_KIND, GC_KIND, THREAD } from "../../../src/telemetry/event-record.ts";
import { CAPTURE_INFO } from "../../support/capture-records.ts";
import { testDirectory } from "../../support/gateway.ts";

const HEAD_WORD = 32;
const { IN, PRESSURE } = CAPTURE_KIND;

class PartRig {
  readonly memory = createCaptureRing(64 * 1024);
  readonly words = new Int32Array(this.memory);
  readonly path = join(testDirectory(), "test.cap");
  readonly told: (ScribeCaptureBegun | ScribeCaptureEnded)[] = [];
  private readonly producer = new CaptureRingProducer(this.memory);
  private next = 0;
  private room = Number.POSITIVE_INFINITY;

  part(): CapturePart {
    return new CapturePart(
      (message) => this.told.push(message),
      (descriptor, bytes, offset, length) => {
        if (this.room === 0) throw new Error("ENOSPC: no space left on device, write");
        const written = writeSync(descriptor, bytes, offset, Math.min(length, this.room));
        this.room -= written;
        return written;
      },
    );
  }
  begin(bytesMax = 2 ** 30): CapturePart {
    const part = this.part();
    part.onCapture(this.start(bytesMax));
    return part;
  }
  start(bytesMax = 2 ** 30, isResumed = false): ScribeCaptureStart {
    const { path, memory: ring } = this;
    const command = "capture-start" as const;
    return { command, number: 7, path, info: CAPTURE_INFO, ring, bytesMax, isResumed };
  }
  diskTakes(bytes: number): void {
    this.room = bytes;
  }

  /** Chunks "0", "1" …, across calls. */
  put(count: number): void {
    for (let each = 0; each < count; each++) {
      const payload = Buffer.from(String(this.next++));
      const offset = this.producer.claim(payload.length, IN, 0, 1, 0, 2000 + this.next);
      assert.ok(offset >= 0);
      payload.copy(this.producer.bytes, offset);
      this.producer.publish();
      this.producer.countTaken(payload.length);
    }
  }

  read(): { chunks: number[]; pressure: unknown[]; problems: readonly string[] } {
    const reader = CaptureFileReader.open(this.path);
    const chunks: number[] = [];
    const pressure: unknown[] = [];
    for (const { kind, payload } of reader.records()) {
      if (kind === IN) chunks.push(Number(payload.toString()));
      if (kind === PRESSURE) pressure.push(JSON.parse(payload.toString()));
    }
    reader.close();
    return { chunks, pressure, problems: reader.problems };
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test("what comes through the ring is in the file, and a stop ends that with all of it", () => {
  const rig = new PartRig();
  const part = rig.begin();
  assert.deepEqual(rig.told, [{ event: "capture-begun", number: 7 }]);
  rig.put(100);
  part.tick();
  assert.deepEqual(rig.read().chunks, upTo(100), "after each tick");
  assert.match(rig.read().problems.join(), /still running/);
  assert.equal(part.stats().isRunning, true);
  rig.put(50);
  part.onCapture({ command: "capture-stop" });
  assert.deepEqual(rig.read(), { chunks: upTo(150), pressure: [], problems: [] });
  const ended = rig.told.at(-1);
  assert.ok(ended?.event === "capture-ended" && ended.trouble === undefined);
  assert.deepEqual([ended.number, ended.records], [7, 150]);
  assert.deepEqual(
    { ...part.stats(), bytes: 0 },
    { isRunning: false, fileBytes: 0, chunks: 150, bytes: 0, lostChunks: 0, lostBytes: 0 },
  );
});

test("the end of the process ends the file", () => {
  const rig = new PartRig();
  const part = rig.begin();
  rig.put(3);
  part.close();
  assert.deepEqual(rig.read(), { chunks: upTo(3), pressure: [], problems: [] });
});

test("pressure stands beside the traffic, from the beginning of the capture on", () => {
  const rig = new PartRig();
  const part = rig.part();
  const event = { durationNs: 3e6, value: 0, thread: THREAD.GATE };
  const gc = { ...event, kind: EVENT_KIND.GC, detail: GC_KIND.MAJOR };
  part.onEvent({ ...gc, startNs: 3000 });
  part.onCapture(rig.start());
  part.onEvent({ ...gc, startNs: 500 });
  part.onEvent({ ...gc, startNs: 3000 });
  const full = { ...event, kind: EVENT_KIND.INBOUND_FULL, detail: 0, thread: THREAD.LANE };
  part.onEvent({ ...full, startNs: 4000, value: 7 });
  part.close();
  assert.deepEqual(rig.read().pressure, [
    { event: "gc", thread: "gate", durationNs: 3e6, value: GC_KIND.MAJOR },
    { event: "inbound-full", thread: "lane 0", durationNs: 3e6, value: 7 },
  ]);
});

test("a disk that takes no more ends the capture in one line, and leaves what it has", () => {
  const rig = new PartRig();
  const part = rig.begin();
  rig.put(10);
  part.tick();
  rig.put(10);
  rig.diskTakes(100);
  part.tick();
  const ended = rig.told.at(-1);
  assert.ok(ended?.event === "capture-ended");
  assert.match(ended.trouble ?? "", /^ENOSPC/);
  assert.deepEqual(rig.read().chunks, upTo(10));
  assert.deepEqual(part.stats(), {
    isRunning: false,
    fileBytes: 0,
    chunks: 10,
    bytes: 10,
    lostChunks: 10,
    lostBytes: 20,
  });
  part.tick();
  part.onCapture({ command: "capture-stop" });
  assert.equal(rig.told.length, 2, "there is nothing more to say");
});

test("a file that is as large as it may be ends whole", () => {
  const rig = new PartRig();
  const part = rig.begin(4096);
  rig.put(1000);
  part.tick();
  const ended = rig.told.at(-1);
  assert.ok(ended?.event === "capture-ended");
  assert.match(ended.trouble ?? "", /capture\.bytesMax, 4096 bytes/);
  const { chunks, problems } = rig.read();
  assert.ok(chunks.length > 50 && chunks.length < 150, String(chunks.length));
  assert.deepEqual([chunks, problems], [upTo(chunks.length), []]);
  assert.ok("records" in ended && ended.records === chunks.length);
  assert.equal(part.stats().chunks, chunks.length);
  assert.equal(part.stats().lostChunks, 1000 - chunks.length);
});

test("a stop makes a file no larger than it may be either", () => {
  const rig = new PartRig();
  const part = rig.begin(4096);
  rig.put(20);
  part.tick();
  assert.equal(rig.told.length, 1);
  rig.put(1000);
  part.onCapture({ command: "capture-stop" });
  const ended = rig.told.at(-1);
  assert.ok(ended?.event === "capture-ended");
  assert.match(ended.trouble ?? "", /capture\.bytesMax, 4096 bytes/);
  assert.ok(rig.read().chunks.length < 150);
});

test("a capture that cannot begin says why", () => {
  const rig = new PartRig();
  writeFileSync(rig.path, "there already");
  const part = rig.begin();
  const [ended] = rig.told;
  assert.ok(ended?.event === "capture-ended");
  assert.match(ended.trouble ?? "", /EEXIST/);
  assert.equal(part.stats().isRunning, false);
});

test("whoever follows a scribe that died goes on where the file ends: nothing is lost, nothing twice", () => {
  const rig = new PartRig();
  const first = rig.begin();
  rig.put(5);
  first.tick();
  rig.put(5);
  // It has written, and dies before it hands back.
  const head = Atomics.load(rig.words, HEAD_WORD);
  first.tick();
  Atomics.store(rig.words, HEAD_WORD, head);
  writeFileSync(rig.path, "torn", { flag: "a" });
  rig.put(5);
  const second = rig.part();
  second.onCapture(rig.start(2 ** 30, true));
  rig.put(5);
  second.tick();
  second.onCapture({ command: "capture-stop" });
  assert.deepEqual(rig.read(), { chunks: upTo(20), pressure: [], problems: [] });
});

test("whoever follows one that died before there was a file begins it", () => {
  const rig = new PartRig();
  rig.put(5);
  const part = rig.part();
  part.onCapture(rig.start(2 ** 30, true));
  part.close();
  assert.deepEqual(rig.read().chunks, upTo(5));
});

test("a file that is another capture by now is left alone", () => {
  const rig = new PartRig();
  rig.begin().close();
  const part = rig.part();
  part.onCapture({ ...rig.start(2 ** 30, true), info: { ...CAPTURE_INFO, anchorNs: 5 } });
  const ended = rig.told.at(-1);
  assert.ok(ended?.event === "capture-ended");
  assert.match(ended.trouble ?? "", /is another capture by now/);
});
