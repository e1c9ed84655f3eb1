// The scribe's thread as the main thread sees it: started, watched, started again. Its end costs telemetry and
// nothing else (rule 5); a new one starts only after the old one's `exit` (E22). Main thread.

import { Worker } from "node:worker_threads";
import type { Clock } from "../base/clock.ts";
import { exitAs } from "../base/fault.ts";
import { WatchedSilence } from "../base/watched-silence.ts";
import type {
  ScribeCaptureBegun,
  ScribeCaptureEnded,
  ScribeCaptureStart,
  ScribeCaptureStop,
  ScribeListening,
  ScribeMessage,
  ScribeSample,
  ScribeSession,
  ScribeStop,
  ScribeWorkerData,
} from "../memory/scribe-worker-data.ts";
import { ThreadBlock } from "../memory/thread-block.ts";
import type { Log } from "./gate-config.ts";
import { SpareTime } from "./spare-time.ts";

const SCRIBE_ENTRY = new URL("../scribe/worker.ts", import.meta.url);
const SCRIBE_HEAP_MB_MAX = 256;
/** Small, whatever the flags say for main and the lanes: nobody waits for its collections. */
const SCRIBE_YOUNG_MB_MAX = 2;
const SILENT_MS_MAX = 5000;
/**
 * One that starts has half a second of work before its first sign of life. Beside programs that leave it little of a core
 * that takes long, and ended for it, it would begin again from nothing, and never come to be.
 */
const START_MS_MAX = 120_000;
const WATCH_INTERVAL_MS = 1000;
/** At a shutdown; a full log ring is written in a tenth of it. */
const CLOSE_MS_MAX = 2000;
/** So that a scribe that cannot live does not keep the machine busy with starting. */
const RESTART_DELAY_MS = 1000;

export class ScribeWorker {
  private readonly log: Log;
  private readonly clock: Clock;
  private readonly thread: ThreadBlock;
  private data: ScribeWorkerData;
  private worker: Worker | undefined;
  private session: ScribeSession | undefined;
  /** Of a capture that has not ended. */
  private capture: ScribeCaptureStart | undefined;
  private captureStop: ScribeCaptureStop | undefined;
  /** Hears of every capture, also of one that was given up. */
  onCapture: (message: ScribeCaptureBegun | ScribeCaptureEnded) => void = () => undefined;
  private readonly spareTime = new SpareTime();
  private isUp = false;
  private isGone = false;
  private isStopping = false;
  /** Of one that is being ended for it, which a call that hangs holds up; 0 = it is not silent. */
  private overdueMs = 0;
  private restarts = 0;
  private silentMsMax = START_MS_MAX;
  private silence: WatchedSilence;

  constructor(data: ScribeWorkerData, clock: Clock, log: Log) {
    this.data = data;
    this.clock = clock;
    this.log = log;
    this.thread = new ThreadBlock(data.thread);
    this.silence = new WatchedSilence(START_MS_MAX, this.nowMs());
  }

  /** Resolves with the admin port's address; a port that cannot be had ends the process, as the scribe has said. */
  async start(): Promise<ScribeListening> {
    const { promise, resolve } = Promise.withResolvers<ScribeListening>();
    this.spawn(resolve);
    const listening = await promise;
    this.isUp = true;
    this.data = { ...this.data, port: listening.port };
    setInterval(() => this.watch(), WATCH_INTERVAL_MS).unref();
    return listening;
  }

  stop(): void {
    this.isStopping = true;
    this.terminate();
  }

  /**
   * The process ends: what lies in the rings is written and files are closed when this resolves. Nobody waits longer for
   * a scribe that does not answer than for one that does.
   */
  async close(): Promise<void> {
    this.isStopping = true;
    this.spareTime.comeBack();
    // One that died a moment ago is not waited for: another does nothing but what is left to do.
    if (this.isGone) this.spawn(() => undefined);
    const { worker } = this;
    if (worker === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    worker.once("exit", () => resolve());
    const timer = setTimeout(() => {
      this.log.error("scribe-stuck", {
        waitedMs: CLOSE_MS_MAX,
        lost: "telemetry of its last moments",
      });
      resolve();
    }, CLOSE_MS_MAX);
    worker.postMessage({ command: "stop" } satisfies ScribeStop);
    await promise;
    clearTimeout(timer);
  }

  /** Ends this one; another follows. */
  terminate(): void {
    void this.worker?.terminate();
  }

  /** A session and a capture are said again to a scribe that is started anew. */
  tell(message: ScribeSession | ScribeSample | ScribeCaptureStart | ScribeCaptureStop): void {
    if (message.command === "session") this.session = message;
    else if (message.command === "capture-start") {
      this.capture = message;
      this.captureStop = undefined;
    } else if (message.command === "capture-stop") this.captureStop = message;
    this.worker?.postMessage(message);
  }

  /** The one that was started last. */
  get running(): Worker | undefined {
    return this.worker;
  }
  get restartCount(): number {
    return this.restarts;
  }
  /** How long it has given no sign of life, when that is too long; else 0. */
  get silentMs(): number {
    return this.overdueMs;
  }

  private spawn(onListening: (listening: ScribeListening) => void): void {
    this.thread.beat(this.nowMs());
    this.allow(START_MS_MAX);
    const worker = new Worker(SCRIBE_ENTRY, {
      name: "scribe",
      workerData: this.data,
      resourceLimits: {
        maxOldGenerationSizeMb: SCRIBE_HEAP_MB_MAX,
        maxYoungGenerationSizeMb: SCRIBE_YOUNG_MB_MAX,
      },
    });
    worker.on("message", (message: ScribeMessage) => {
      if (message.event === "listening") {
        this.allow(SILENT_MS_MAX);
        this.spareTime.begin(this.thread.tid);
        onListening(message);
      } else if (message.event === "line") this.log[message.level](message.line, message.fields);
      else this.hearOfCapture(message);
    });
    worker.on("error", (error) => this.log.error("scribe-error", { message: error.message }));
    worker.on("exit", (status) => this.onExit(status));
    worker.unref();
    this.worker = worker;
    this.isGone = false;
    this.overdueMs = 0;
    if (this.session !== undefined) worker.postMessage(this.session);
    if (this.capture === undefined) return;
    worker.postMessage({ ...this.capture, isResumed: true } satisfies ScribeCaptureStart);
    if (this.captureStop !== undefined) worker.postMessage(this.captureStop);
  }

  private hearOfCapture(message: ScribeCaptureBegun | ScribeCaptureEnded): void {
    if (message.event === "capture-ended" && message.number === this.capture?.number) {
      this.capture = undefined;
      this.captureStop = undefined;
    }
    this.onCapture(message);
  }

  private onExit(status: number): void {
    this.isGone = true;
    this.spareTime.end();
    if (this.isStopping) return;
    if (!this.isUp) exitAs(status);
    this.restarts++;
    this.log.error("scribe-ended", { status, restarts: this.restarts });
    setTimeout(() => {
      if (!this.isStopping) this.spawn(() => this.log.info("scribe-restarted", {}));
    }, RESTART_DELAY_MS).unref();
  }

  private watch(): void {
    const nowMs = this.nowMs();
    const sinceBeatMs = this.thread.silentMs(nowMs);
    const silentMs = this.silence.look(sinceBeatMs, nowMs);
    if (this.isGone || this.isStopping) return;
    this.spareTime.look(sinceBeatMs);
    if (silentMs <= this.silentMsMax) return;
    const isTold = this.overdueMs > 0;
    this.overdueMs = silentMs;
    // Once: each order to end hangs a listener on it, until its call comes back.
    if (isTold) return;
    this.log.error("scribe-silent", { silentMs: Math.round(silentMs) });
    this.terminate();
  }

  /** It may be silent for so long, from now on. */
  private allow(silentMs: number): void {
    this.silentMsMax = silentMs;
    this.silence = new WatchedSilence(silentMs, this.nowMs());
  }

  private nowMs(): number {
    return this.clock.nowNs() / 1e6;
  }
}
