// The keeper's thread as the main thread sees it: started, started again when it died, stopped with its session. Its
// end holds nobody up before the lanes run out of staged segments, and by then there is another. Main thread.

import { once } from "node:events";
import { closeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { exitAs } from "../base/fault.ts";
import { createDescriptorList, DescriptorList } from "../memory/descriptor-list.ts";
import { JournalBlock } from "../memory/journal-block.ts";
import type {
  KeeperMessage,
  KeeperStatus,
  KeeperStop,
  KeeperWorkerData,
} from "../memory/keeper-worker-data.ts";
import type { Log } from "./gate-config.ts";

const KEEPER_ENTRY = new URL("../keeper/worker.ts", import.meta.url);
/** So that a keeper that cannot live does not keep the machine busy with starting. */
const RESTART_DELAY_MS = 1000;
const STOP_MS_MAX = 2000;
/** Of the journal's faults, which stand in base/fault.ts: the disk failed, and nobody goes on with it. */
const JOURNAL_STATUS_MIN = 30;
const JOURNAL_STATUS_MAX = 39;

export class KeeperWorker {
  private readonly data: KeeperWorkerData;
  private readonly log: Log;
  private readonly exit: (status: number) => void;
  private readonly descriptors = createDescriptorList();
  private worker: Worker | undefined;
  private isStopping = false;
  private restarts = 0;
  private latest: KeeperStatus | undefined;

  constructor(data: KeeperWorkerData, log: Log, exit: (status: number) => void = exitAs) {
    this.data = data;
    this.log = log;
    this.exit = exit;
  }

  start(): void {
    const worker = new Worker(KEEPER_ENTRY, {
      name: "keeper",
      workerData: { ...this.data, descriptors: this.descriptors } satisfies KeeperWorkerData,
      // The segments that it opened are the lanes'; they stay open when it dies. All else is closed in onExit().
      trackUnmanagedFds: false,
      resourceLimits: { maxYoungGenerationSizeMb: 2 },
    });
    worker.on("message", (message: KeeperMessage) => this.onMessage(message));
    worker.on("error", (error) => this.log.error("keeper-error", { message: error.message }));
    worker.on("exit", (status) => this.onExit(status));
    worker.unref();
    this.worker = worker;
  }

  /** When the lanes have stopped. `isSessionOver`: segments that were staged in vain are removed. */
  async stop(isSessionOver = false): Promise<void> {
    this.isStopping = true;
    if (this.worker !== undefined) await this.end(this.worker, isSessionOver);
    this.closeStaged();
  }

  private async end(worker: Worker, isSessionOver: boolean): Promise<void> {
    const ended = once(worker, "exit");
    const stop: KeeperStop = { command: "stop", isSessionOver };
    worker.postMessage(stop);
    const timer = setTimeout(() => this.terminate(), STOP_MS_MAX);
    worker.ref();
    await ended;
    clearTimeout(timer);
  }

  /** Ends this one; another follows. */
  terminate(): void {
    void this.worker?.terminate();
  }

  /** Undefined: it has ended, and the next one is on its way. */
  get thread(): Worker | undefined {
    return this.worker;
  }
  get restartCount(): number {
    return this.restarts;
  }
  /** Undefined until it has told the first time. */
  get status(): KeeperStatus | undefined {
    return this.latest;
  }

  private onMessage(message: KeeperMessage): void {
    if (message.kind === "status") this.latest = message.status;
    else this.log[message.level](message.event, message.fields);
  }

  private closeLeftOpen(): void {
    for (const descriptor of new DescriptorList(this.descriptors).takeAll()) this.close(descriptor);
  }

  /** A keeper that ends in peace has closed them itself. */
  private closeStaged(): void {
    for (const { block: memory } of this.data.lanes) {
      const block = new JournalBlock(memory);
      while (block.stagedWaiting > 0) this.close(block.takeBack());
    }
  }

  private close(descriptor: number): void {
    try {
      closeSync(descriptor);
    } catch {
      // Nothing that the journal needs: a keeper that is started anew begins with the files again.
    }
  }

  private onExit(status: number): void {
    this.worker = undefined;
    this.closeLeftOpen();
    // Also on its way home: it has said what is wrong with the disk.
    if (status >= JOURNAL_STATUS_MIN && status <= JOURNAL_STATUS_MAX) this.exit(status);
    if (this.isStopping) return;
    this.restarts++;
    this.log.error("keeper-ended", { status, restarts: this.restarts });
    setTimeout(() => {
      if (this.isStopping) return;
      this.start();
      this.log.info("keeper-restarted", {});
    }, RESTART_DELAY_MS).unref();
  }
}
