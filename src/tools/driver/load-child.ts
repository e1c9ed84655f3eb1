// The load process as its parent sees it: what the two say to each other, and how it is started and stopped.
// Load runs apart from whoever shows it, so that drawing a line on the terminal does not make a request late.

import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import type { LatencyInterval } from "./latency-book.ts";
import type { LoadPlan } from "./load-plan.ts";
import type { LoadProgress, LoadResult } from "./load-result.ts";

export type ToLoad = { readonly kind: "plan"; readonly plan: LoadPlan } | { readonly kind: "stop" };

export type FromLoad =
  | { readonly kind: "progress"; readonly progress: LoadProgress }
  | {
      readonly kind: "result";
      readonly result: LoadResult;
      readonly intervals: readonly LatencyInterval[];
    }
  | { readonly kind: "failed"; readonly reason: string };

export class LoadChild {
  /** Rejects when the load could not run to its end. */
  readonly result: Promise<LoadResult>;
  /** What the seconds of result.series are made of; there when `result` has resolved. */
  intervals: readonly LatencyInterval[] = [];
  private readonly child: ChildProcess;

  constructor(plan: LoadPlan, onProgress: (progress: LoadProgress) => void) {
    const entry = path.join(import.meta.dirname, "load-process.ts");
    this.child = fork(entry, [], {
      execArgv: [],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      // Typed arrays stay what they are.
      serialization: "advanced",
    });
    this.result = new Promise((resolve, reject) => {
      this.child.on("message", (message: FromLoad) => {
        if (message.kind === "progress") {
          onProgress(message.progress);
          return;
        }
        // It waits for that: were it to hang up itself, a stop that crosses its last word would break the channel.
        this.child.disconnect();
        if (message.kind === "result") {
          this.intervals = message.intervals;
          resolve(message.result);
        } else reject(new Error(message.reason));
      });
      this.child.on("error", reject);
      this.child.on("exit", (status, signal) => {
        reject(new Error(`the load process ended early (${signal ?? `status ${status}`})`));
      });
    });
    this.tell({ kind: "plan", plan });
  }

  /** Ends the sending early; the result still comes. */
  stop(): void {
    if (this.child.connected) this.tell({ kind: "stop" });
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }

  private tell(message: ToLoad): void {
    this.child.send(message);
  }
}
