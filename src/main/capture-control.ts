// Starts and stops captures: makes the ring, tells the scribe, and lets the gate's tap in when the file is there. One at a
// time. Main thread, on demand.

import { existsSync, statSync } from "node:fs";
import { cpus, hostname } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Clock, WallClock } from "../base/clock.ts";
import { CAPTURE_VERSION, type CaptureInfo } from "../capture/capture-record.ts";
import {
  CAPTURE_COUNT,
  CaptureRingProducer,
  captureCount,
  createCaptureRing,
  emptyCaptureRing,
} from "../capture/capture-ring.ts";
import { configHash } from "../config/config-hash.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { type CaptureSwitch, CaptureTap } from "../gate/capture-tap.ts";
import {
  type ControlAnswer,
  type ControlCommand,
  controlError,
  taking,
} from "../gate/control-server.ts";
import type { Log } from "../gate/gate-config.ts";
import type { ScribeWorker } from "../gate/scribe-worker.ts";
import type { ScribeCaptureBegun, ScribeCaptureEnded } from "../memory/scribe-worker-data.ts";

/** At 100,000 orders a second the gate puts some 25 MB a second into it, and the scribe looks every 100 ms. */
const RING_BYTES = 16 * 1024 * 1024;
const SETTLE_EVERY_MS = 50;
/** Longer than a scribe that died needs to be there again. */
const SCRIBE_MS_MAX = 10_000;
const LAST_WORDS_MS_MAX = 1000;

export interface CaptureParts {
  readonly config: GatewayConfig;
  readonly version: string;
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly log: Log;
  readonly scribe: Pick<ScribeWorker, "tell" | "onCapture">;
  readonly capture: CaptureSwitch;
  readonly session: () => string;
  readonly isRolling: () => boolean;
  /** Those that are connected now. */
  readonly showConnections: (tap: CaptureTap) => void;
}

export interface CaptureStatus {
  readonly file: string;
  readonly startedAt: string;
  readonly chunks: number;
  readonly bytes: number;
  readonly lostChunks: number;
  readonly lostBytes: number;
}

interface Running {
  readonly file: string;
  readonly startedAt: string;
  readonly ring: SharedArrayBuffer;
  readonly tap: CaptureTap;
  readonly settling: NodeJS.Timeout;
  isStopping: boolean;
}

export class CaptureControl {
  readonly commands: Readonly<Record<"capture-start" | "capture-stop", ControlCommand>>;
  private readonly parts: CaptureParts;
  private running: Running | undefined;
  private isStarting = false;
  /** Of the capture that was started last. */
  private number = 0;
  /** Of a capture that is over. A new one each time would stay until two threads happen to collect it. */
  private spareRing: SharedArrayBuffer | undefined;
  private onBegun: (message: ScribeCaptureBegun | ScribeCaptureEnded) => void = () => undefined;
  private onEnded: (message: ScribeCaptureEnded) => void = () => undefined;

  constructor(parts: CaptureParts) {
    this.parts = parts;
    parts.scribe.onCapture = (message) => this.hear(message);
    this.commands = {
      "capture-start": taking(["file"], ({ file }) => this.startAt(file)),
      "capture-stop": taking([], () => this.stop()),
    };
  }

  /** From the start of the process on: a file of an earlier run is left alone, a capture that cannot be had is told. */
  async startWithProcess(file: string): Promise<void> {
    const answer = await this.startAt(freePath(file));
    if (!answer.ok) this.parts.log.error("capture-failed", { file, reason: answer.error.message });
  }

  get status(): CaptureStatus | null {
    const { running } = this;
    if (running === undefined) return null;
    const { file, startedAt, ring } = running;
    return {
      file,
      startedAt,
      chunks: captureCount(ring, CAPTURE_COUNT.CHUNKS),
      bytes: captureCount(ring, CAPTURE_COUNT.BYTES),
      lostChunks: captureCount(ring, CAPTURE_COUNT.LOST_CHUNKS),
      lostBytes: captureCount(ring, CAPTURE_COUNT.LOST_BYTES),
    };
  }

  /** The process ends, and everybody has gone: the scribe's last work is to end the file. */
  end(): void {
    const { running } = this;
    if (running === undefined) return;
    this.disconnect(running);
    running.isStopping = true;
    running.tap.finish(this.parts.clock.nowNs());
    this.parts.scribe.tell({ command: "capture-stop" });
  }

  /** {"command":"capture-start","file":"day.cap"} */
  private async startAt(file: unknown): Promise<ControlAnswer> {
    if (typeof file !== "string" || file === "") {
      return controlError("BAD_FILE", "where to? as in capture-start file=day.cap");
    }
    if (this.running !== undefined || this.isStarting) {
      const where = this.running === undefined ? "" : `, to ${this.running.file}`;
      return controlError(
        "CAPTURE_RUNNING",
        `a capture runs already${where}: capture-stop ends it`,
      );
    }
    if (this.parts.isRolling()) {
      return controlError(
        "ROLL_IN_PROGRESS",
        "the session is ending: try again when the next is open",
      );
    }
    this.isStarting = true;
    try {
      return await this.start(path.resolve(file));
    } finally {
      this.isStarting = false;
    }
  }

  private async start(file: string): Promise<ControlAnswer> {
    const { scribe, capture, config, clock, log } = this.parts;
    const info = this.info();
    const ring = this.takeRing();
    const { promise: begun, resolve } = Promise.withResolvers<
      ScribeCaptureBegun | ScribeCaptureEnded
    >();
    this.onBegun = resolve;
    const { bytesMax } = config.capture;
    const command = "capture-start" as const;
    const number = ++this.number;
    scribe.tell({ command, number, path: file, info, ring, bytesMax, isResumed: false });
    const answer = await inTime(begun);
    if (answer?.event !== "capture-begun") {
      if (answer === undefined) scribe.tell({ command: "capture-stop" });
      else this.spareRing = ring;
      return controlError("CAPTURE_FAILED", answer?.trouble ?? "the scribe does not answer");
    }
    const producer = new CaptureRingProducer(ring);
    const tap = new CaptureTap(producer, config.session.inboundPacketBytesMax);
    const settle = (): void => tap.settle(clock.nowNs());
    const settling = setInterval(settle, SETTLE_EVERY_MS).unref();
    const startedAt = new Date(info.anchorEpochMs).toISOString();
    this.running = { file, startedAt, ring, tap, settling, isStopping: false };
    capture.tap = tap;
    this.parts.showConnections(tap);
    log.info("capture-started", { file });
    return { ok: true, result: { file, startedAt } };
  }

  /** One that nobody uses: a scribe that did not answer keeps its own. */
  private takeRing(): SharedArrayBuffer {
    const { spareRing } = this;
    this.spareRing = undefined;
    return spareRing === undefined ? createCaptureRing(RING_BYTES) : emptyCaptureRing(spareRing);
  }

  private async stop(): Promise<ControlAnswer> {
    const { running } = this;
    if (running === undefined || running.isStopping) {
      return controlError("NO_CAPTURE", "no capture runs");
    }
    running.isStopping = true;
    const { promise: ended, resolve } = Promise.withResolvers<ScribeCaptureEnded>();
    this.onEnded = resolve;
    this.disconnect(running);
    await this.sayLastWords(running.tap);
    const { status } = this;
    this.parts.scribe.tell({ command: "capture-stop" });
    const answer = await inTime(ended);
    this.running = undefined;
    if (answer === undefined) return controlError("CAPTURE_FAILED", "the scribe does not answer");
    this.spareRing = running.ring;
    if (answer.trouble !== undefined) return controlError("CAPTURE_FAILED", answer.trouble);
    const result = { ...status, records: answer.records, fileBytes: answer.bytes };
    this.parts.log.info("capture-stopped", result);
    return { ok: true, result };
  }

  /** What was lost is told in the file, if the scribe makes room for that. */
  private async sayLastWords(tap: CaptureTap): Promise<void> {
    const { clock } = this.parts;
    for (let waitedMs = 0; waitedMs < LAST_WORDS_MS_MAX; waitedMs += SETTLE_EVERY_MS) {
      if (tap.finish(clock.nowNs())) return;
      await wait(SETTLE_EVERY_MS);
    }
  }

  private disconnect({ tap, settling }: Running): void {
    const { capture } = this.parts;
    if (capture.tap === tap) capture.tap = undefined;
    clearInterval(settling);
  }

  private hear(message: ScribeCaptureBegun | ScribeCaptureEnded): void {
    // Late, of one that was given up: the next has its own file and its own ring.
    if (message.number !== this.number) return;
    const { running } = this;
    if (running === undefined) {
      this.onBegun(message);
      return;
    }
    // A scribe that was started anew has begun as well.
    if (message.event === "capture-begun") return;
    if (running.isStopping) {
      this.onEnded(message);
      return;
    }
    const { status } = this;
    this.disconnect(running);
    this.running = undefined;
    this.spareRing = running.ring;
    const { bytes, records, trouble = "" } = message;
    this.parts.log.error("capture-ended", {
      ...status,
      reason: trouble,
      records,
      fileBytes: bytes,
    });
  }

  private info(): CaptureInfo {
    const { config, version, clock, wallClock, session } = this.parts;
    return {
      version: CAPTURE_VERSION,
      protocol: "SoupBinTCP 3.00 / OUCH 5.0",
      origin: `tailgate ${version} gate`,
      host: hostname(),
      node: process.version,
      cpu: cpus()[0]?.model ?? "",
      configHash: configHash(config),
      session: session(),
      anchorNs: clock.nowNs(),
      anchorEpochMs: wallClock.epochMs(),
    };
  }
}

/** day.cap, or when that is there day-2.cap, day-3.cap …; a directory or a device has no next one, and is refused later. */
export function freePath(file: string): string {
  const { dir, name, ext } = path.parse(file);
  if (!isFile(file)) return file;
  let found = file;
  for (let number = 2; existsSync(found); number++) {
    found = path.join(dir, `${name}-${number}${ext}`);
  }
  return found;
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return false; // a name too long, a place that we may not look at: who opens it is told what it is
  }
}

async function inTime<T>(promise: Promise<T>): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, SCRIBE_MS_MAX, undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
