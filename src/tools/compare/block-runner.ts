// One block: two targets started anew, both warmed, then runs A B B A (or B A A B) against the pair, and both ended.
// The machine's mood of these seconds and the luck of these two processes are in all four runs.

import type { MeasuredRun } from "../measured-command.ts";
import { type AdminReading, readAdmin } from "./admin-reading.ts";
import type { MeasuringTool, RunLength } from "./measuring-tool.ts";
import { type RunSample, sampleOf } from "./run-sample.ts";
import { startTarget, type Target, type TargetAccounts, TargetError } from "./target-process.ts";
import type { TargetSpec } from "./target-spec.ts";

export type Side = "A" | "B";
const SIDES = ["A", "B"] as const;
/** A drift of the machine falls on both sides alike. */
const ORDERS = [
  ["A", "B", "B", "A"],
  ["B", "A", "A", "B"],
] as const;
export const interleaved = (block: number): readonly Side[] =>
  ORDERS[block % ORDERS.length] ?? SIDES;

/** The tool's own status for a target that is not there or arguments that cannot be. */
const UNUSABLE_STATUS = 2;
const WARM_SEEDS = 1_000_000;

export interface BlockPlan {
  readonly phase: RunSample["phase"];
  readonly block: number;
  /** Of its runs; only the sides named here are started. */
  readonly order: readonly Side[];
  readonly a: TargetSpec;
  readonly b: TargetSpec;
  readonly accounts: TargetAccounts;
  readonly length: RunLength;
  readonly warmSeconds: number;
}

export interface BlockResult {
  readonly runs: readonly RunSample[];
  readonly admin: Readonly<Record<Side, AdminReading | null>>;
}

/** A target cannot be started, or the measuring tool refuses: there is nothing to go on with. */
export class BlockError extends Error {
  /** Whose. */
  readonly side: Side;

  constructor(message: string, side: Side) {
    super(message);
    this.side = side;
  }
}

export interface BlockWatcher {
  onRun(run: RunSample): void;
  /** A block that was interrupted ends at once, while a target starts as well. */
  readonly interruption: AbortSignal;
}

/** Throws BlockError. The targets are ended however it goes. */
export async function runBlock(
  plan: BlockPlan,
  tool: MeasuringTool,
  watcher: BlockWatcher,
): Promise<BlockResult> {
  const targets = new Map<Side, Target>();
  const runs: RunSample[] = [];
  try {
    for (const side of new Set(plan.order)) {
      const target = await start(plan, side, watcher.interruption);
      if (target !== undefined) targets.set(side, target);
    }
    for (const [side, target] of targets) {
      if (watcher.interruption.aborted || plan.warmSeconds === 0) break;
      // Its result is nobody's business, but a tool that refuses does so here first.
      const length = { seconds: plan.warmSeconds, warmupSeconds: 0 };
      const run = await tool.run(target.order, length, WARM_SEEDS + plan.block);
      if (run.status !== 0) await target.settled();
      if (!watcher.interruption.aborted) mustBeUsable(run, target, side);
    }
    for (const side of plan.order) {
      const target = targets.get(side);
      if (target === undefined || watcher.interruption.aborted) break;
      const isKnownDead = runs.some(
        (run) => run.side === side && target.death !== undefined && run.faults.length > 0,
      );
      if (isKnownDead) continue;
      const startedMs = Date.now();
      // The first A and the first B get the same flow, and so do the second ones.
      const earlier = runs.filter((run) => run.side === side).length;
      const seed = 1 + plan.order.length * plan.block + earlier;
      const run = await tool.run(target.order, plan.length, seed);
      if (run.status !== 0) await target.settled();
      // Whatever an interrupted run printed, it did not measure what was asked for.
      if (watcher.interruption.aborted) break;
      mustBeUsable(run, target, side);
      const { phase, block } = plan;
      const sample = sampleOf({ phase, block, side, startedMs }, run, target.death);
      runs.push(sample);
      watcher.onRun(sample);
    }
    const [a, b] = await Promise.all(SIDES.map((side) => readAdmin(targets.get(side)?.admin)));
    return { runs, admin: { A: a ?? null, B: b ?? null } };
  } finally {
    await Promise.all([...targets.values()].map((target) => target.stop()));
  }
}

/** undefined when it was interrupted. */
async function start(
  plan: BlockPlan,
  side: Side,
  interruption: AbortSignal,
): Promise<Target | undefined> {
  if (interruption.aborted) return undefined;
  try {
    return await startTarget(side === "A" ? plan.a : plan.b, plan.accounts, interruption);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    if (interruption.aborted) return undefined;
    const isSecondOfA = plan.phase === "noise" && side === "B";
    const who = isSecondOfA ? "a second A beside the first" : side;
    throw new BlockError(`${who} did not come up: ${error.message}`, isSecondOfA ? "A" : side);
  }
}

/** A target that died is its own fault, told by the run; a tool that refuses everybody is not. */
function mustBeUsable(run: MeasuredRun, target: Target, side: Side): void {
  if (run.status !== UNUSABLE_STATUS || target.death !== undefined) return;
  // The last thing it said, but for where its help is.
  const lines = run.stderr.trim().split("\n");
  const words = lines.findLast((line) => line !== "" && !line.startsWith("(")) ?? "";
  throw new BlockError(
    `the measuring tool cannot measure ${side}: ${words || "it does not say why"}`,
    side,
  );
}
