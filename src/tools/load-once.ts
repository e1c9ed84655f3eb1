// One load run against its target, from the start of a gateway of our own to its end: what npm run load does once and
// its search for the highest rate again and again.

import { messageOf } from "../base/message-of.ts";
import type { LatencyInterval } from "./driver/latency-book.ts";
import { LoadChild } from "./driver/load-child.ts";
import type { LoadPlan } from "./driver/load-plan.ts";
import { type LoadProgress, type LoadResult, withFaults } from "./driver/load-result.ts";
import { LoadTarget, type TargetOptions } from "./load-target.ts";

/** Nothing was measured: there is nobody at the target, or it lets nobody in, or it does not come up. */
export class LoadNotBegunError extends Error {
  override readonly name = "LoadNotBegunError";
}

export interface LoadOutcome {
  /** With what was wrong about a gateway of our own among its faults. */
  readonly result: LoadResult;
  readonly intervals: readonly LatencyInterval[];
}

export interface LoadListener {
  onTarget(target: LoadTarget): void;
  onProgress(progress: LoadProgress): void;
}

export class LoadOnce {
  private readonly plan: Omit<LoadPlan, "host" | "port">;
  private readonly options: TargetOptions;
  private readonly listener: LoadListener;
  private load: LoadChild | undefined = undefined;
  private target: LoadTarget | undefined = undefined;
  private isStopped = false;

  constructor(
    plan: Omit<LoadPlan, "host" | "port">,
    options: TargetOptions,
    listener: LoadListener,
  ) {
    this.plan = plan;
    this.options = options;
    this.listener = listener;
  }

  /** Rejects with LoadNotBegunError. */
  async run(): Promise<LoadOutcome> {
    try {
      this.target = await LoadTarget.open(this.options);
    } catch (error) {
      throw new LoadNotBegunError(messageOf(error));
    }
    const { target } = this;
    let faults: readonly string[] = [];
    try {
      if (this.isStopped) throw new Error("interrupted before anything was sent");
      this.listener.onTarget(target);
      target.onEnded(() => this.load?.stop());
      this.load = new LoadChild({ ...this.plan, ...target.address }, (progress) => {
        this.listener.onProgress(progress);
      });
      const result = await this.load.result;
      faults = await target.close();
      const { intervals } = this.load;
      return { result: withFaults(result, [...faults, ...this.ownFaults(result)]), intervals };
    } catch (error) {
      faults = await target.close();
      throw new LoadNotBegunError([withHint(messageOf(error)), ...faults].join("\n"));
    }
  }

  /** Ends the sending; what was measured is still told. */
  stop(): void {
    this.isStopped = true;
    this.load?.stop();
  }

  /** Everything at once. False: there is nothing yet that could be ended. */
  kill(): boolean {
    this.load?.kill();
    this.target?.kill();
    return this.target !== undefined;
  }

  /** Nobody else trades at a gateway of our own. */
  private ownFaults({ counts }: LoadResult): string[] {
    const isBalanced = counts.sharesBought === counts.sharesSold;
    if (this.options.address !== undefined || isBalanced) return [];
    return ["shares bought do not equal shares sold"];
  }
}

/** What to do about it. */
function withHint(text: string): string {
  if (text.includes("login refused")) {
    return `${text}: --accounts and --password say who logs in`;
  }
  return text.includes("ECONNREFUSED") ? `${text}: is a gateway running there?` : text;
}
