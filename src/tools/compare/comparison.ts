// A comparison from its first block to its verdict: A against A, then A against B until that is decided.

import { BlockError, type BlockResult, interleaved, runBlock, type Side } from "./block-runner.ts";
import type { CompareOptions } from "./compare-plan.ts";
import { type BlockAdmin, type ComparisonRecord, REPORT_VERSION } from "./comparison-record.ts";
import { type Decision, decide } from "./decision.ts";
import { accountsFor, MeasuringTool, profileText } from "./measuring-tool.ts";
import { pooledHistogram } from "./pooled-histogram.ts";
import { rejectShares } from "./reject-share.ts";
import { isValid, type RunSample, withoutHistogram } from "./run-sample.ts";
import { environmentBefore, loadNow, targetFacts } from "./target-facts.ts";

/** What is told while it goes on. */
export interface ComparisonWatcher {
  onRun(run: RunSample): void;
  onBlock(blocksDone: number, decision: Decision): void;
}

export class Comparison {
  /** A did not come up, or cannot be measured: that says nothing of B. */
  isWithoutA = false;
  private readonly options: CompareOptions;
  private readonly watcher: ComparisonWatcher;
  private readonly tool: MeasuringTool;
  private readonly runs: RunSample[] = [];
  private readonly admin: BlockAdmin[] = [];
  private readonly interruption = new AbortController();

  constructor(options: CompareOptions, watcher: ComparisonWatcher) {
    this.options = options;
    this.watcher = watcher;
    const isOurs = options.a.kind === "checkout" && options.b.kind === "checkout";
    this.tool = new MeasuringTool(options.profile, isOurs);
  }

  /** Ends the start or run that goes on; run() then resolves with what there is. */
  interrupt(): void {
    this.interruption.abort();
    this.tool.interrupt();
  }

  get isInterrupted(): boolean {
    return this.interruption.signal.aborted;
  }

  /** Never throws for what a target or the tool does: that is in the record, which then cannot tell. */
  async run(): Promise<ComparisonRecord> {
    const before = environmentBefore();
    const startedAt = new Date().toISOString();
    const decision = await this.decided();
    const { a, b, limits, profile, blocksMax } = this.options;
    return {
      version: REPORT_VERSION,
      kind: "side by side",
      ...{ outcome: decision.outcome, reasons: decision.reasons, verdicts: decision.verdicts },
      ...{ limits, blocksMax, profile: profileText(profile) },
      ...{ a: targetFacts(a), b: targetFacts(b) },
      ...{ startedAt, finishedAt: new Date().toISOString() },
      histograms: { a: this.pooled("A"), b: this.pooled("B") },
      ...{ runs: this.runs.map(withoutHistogram), admin: this.admin },
      rejectShares: rejectShares(this.runs),
      environment: { ...before, loadAfter: loadNow() },
      baseline: null,
    };
  }

  private pooled(side: Side): string | null {
    const valid = this.runs.filter(isValid);
    const own = valid.filter((run) => run.phase === "blocks" && run.side === side);
    // Where A was measured against itself alone, all runs are of A.
    return pooledHistogram(own.length === 0 && side === "A" ? valid : own);
  }

  private async decided(): Promise<Decision> {
    const { limits, blocksMax, noiseBlocks } = this.options;
    let regressedAfter: number | undefined;
    const known = { limits, blocksMax, runs: this.runs, sides: ["A", "B"] as const };
    let decision = decide({ ...known, blocksDone: 0 });
    const told = (reason: string): Decision => ({
      ...decision,
      outcome: "cannot tell",
      reasons: [reason],
    });
    try {
      for (let block = 0; block < noiseBlocks && !this.isInterrupted; block++) {
        await this.block("noise", block);
        decision = decide({ ...known, blocksDone: 0 });
        if (!decision.isOver) continue;
        this.isWithoutA = true;
        return decision;
      }
      for (let block = 0; block < blocksMax && !this.isInterrupted; block++) {
        const { admin } = await this.block("blocks", block);
        if (this.isInterrupted) break;
        this.admin.push({ block, A: admin.A, B: admin.B });
        const blocksDone = block + 1;
        decision = decide({ ...known, blocksDone, regressedAfter });
        regressedAfter =
          decision.outcome === "regressed" ? (regressedAfter ?? blocksDone) : undefined;
        this.watcher.onBlock(blocksDone, decision);
        if (decision.isOver) return decision;
      }
    } catch (error) {
      if (!(error instanceof BlockError)) throw error;
      this.isWithoutA = error.side === "A";
      return told(error.message);
    }
    if (!this.isInterrupted) return told("A was measured against itself alone");
    // What was decided before the interruption stands.
    return decision.outcome === "cannot tell" ? told("it was interrupted") : decision;
  }

  private async block(phase: RunSample["phase"], block: number): Promise<BlockResult> {
    const { a, b, profile, length, warmSeconds } = this.options;
    const accounts = accountsFor(profile);
    const order = interleaved(block);
    const sides = { a, b: phase === "noise" ? a : b };
    const plan = { phase, block, order, ...sides, accounts, length, warmSeconds };
    return runBlock(plan, this.tool, {
      onRun: (run) => {
        this.runs.push(run);
        this.watcher.onRun(run);
      },
      interruption: this.interruption.signal,
    });
  }
}
