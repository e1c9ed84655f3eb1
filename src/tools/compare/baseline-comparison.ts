// B now against a stored A. The machine's mood of then and now is not the same, and nothing can be interleaved: the
// interval is wider by what A differed from itself when it was stored, and no number of blocks makes that less.

import { type Baseline, BaselineError, SAVED_PROCESSES_MIN } from "./baseline.ts";
import { BLOCKS_MIN, estimateApart, lookDeviate } from "./block-ratio.ts";
import { BlockError, type BlockPlan, runBlock } from "./block-runner.ts";
import type { CompareOptions } from "./compare-plan.ts";
import type { ComparisonWatcher } from "./comparison.ts";
import {
  type BlockAdmin,
  type ComparisonRecord,
  type EnvironmentFacts,
  type Limit,
  REPORT_VERSION,
} from "./comparison-record.ts";
import { blocksOf, type Decision, decide, type Evidence } from "./decision.ts";
import { accountsFor, MeasuringTool, profileText } from "./measuring-tool.ts";
import { judgeEstimate, type PercentileVerdict } from "./percentile-verdict.ts";
import { pooledHistogram } from "./pooled-histogram.ts";
import { rejectShares } from "./reject-share.ts";
import { isValid, type RunSample, withoutHistogram } from "./run-sample.ts";
import { environmentBefore, loadNow, targetFacts } from "./target-facts.ts";

export class BaselineComparison {
  readonly isWithoutA = false;
  private readonly options: CompareOptions;
  private readonly baseline: Baseline;
  private readonly watcher: ComparisonWatcher;
  private readonly tool: MeasuringTool;
  private readonly runs: RunSample[] = [];
  private readonly admin: BlockAdmin[] = [];
  private readonly interruption = new AbortController();

  /** Throws BaselineError when the stored result is of another load, or says nothing of a limited percentile. */
  constructor(options: CompareOptions, baseline: Baseline, watcher: ComparisonWatcher) {
    const profile = profileText(options.profile);
    const now = JSON.stringify([profile, options.length]);
    if (now !== JSON.stringify([baseline.profile, baseline.length])) {
      const { seconds, warmupSeconds } = baseline.length;
      throw new BaselineError(
        `--baseline ${baseline.file} is of another load: "${baseline.profile}", ${seconds} s after ${warmupSeconds} s of warm-up`,
      );
    }
    for (const { name } of options.limits) {
      const { length } = baseline.processes[name];
      if (length >= SAVED_PROCESSES_MIN) continue;
      throw new BaselineError(
        `--baseline ${baseline.file} has a ${name} of ${length} processes, at least ${SAVED_PROCESSES_MIN} are needed`,
      );
    }
    this.options = options;
    this.baseline = baseline;
    this.watcher = watcher;
    this.tool = new MeasuringTool(options.profile, options.b.kind === "checkout");
  }

  interrupt(): void {
    this.interruption.abort();
    this.tool.interrupt();
  }

  get isInterrupted(): boolean {
    return this.interruption.signal.aborted;
  }

  /** Never throws for what the target or the tool does: that is in the record, which then cannot tell. */
  async run(): Promise<ComparisonRecord> {
    const before = environmentBefore();
    const startedAt = new Date().toISOString();
    const decision = await this.decided(before);
    const { b, limits, profile, blocksMax } = this.options;
    const { target, file, savedAt } = this.baseline;
    return {
      version: REPORT_VERSION,
      kind: "against a baseline",
      ...{ outcome: decision.outcome, reasons: decision.reasons, verdicts: decision.verdicts },
      ...{ limits, blocksMax, profile: profileText(profile) },
      ...{ a: { ...target, kind: "stored" }, b: targetFacts(b) },
      ...{ startedAt, finishedAt: new Date().toISOString() },
      histograms: {
        a: this.baseline.histogram,
        b: pooledHistogram(this.runs.filter(isValid)),
      },
      ...{ runs: this.runs.map(withoutHistogram), admin: this.admin },
      rejectShares: { ...rejectShares(this.runs), a: this.baseline.rejectShare ?? null },
      environment: { ...before, loadAfter: loadNow() },
      baseline: { file, savedAt },
    };
  }

  private async decided(here: Omit<EnvironmentFacts, "loadAfter">): Promise<Decision> {
    const { limits, blocksMax } = this.options;
    const known = {
      ...{ limits, blocksMax, runs: this.runs, sides: ["B"] as const },
      storedRejectShare: this.baseline.rejectShare,
    };
    const judge = (limit: Limit, evidence: Evidence) => this.judge(limit, evidence);
    let regressedAfter: number | undefined;
    let decision = decide({ ...known, blocksDone: 0 }, judge);
    const told = (reason: string): Decision => ({
      ...decision,
      outcome: "cannot tell",
      reasons: [reason],
    });
    const { environment } = this.baseline;
    if (environment.cpu !== here.cpu || environment.cores !== here.cores) {
      return told(`the baseline is of another machine: ${environment.cores} × ${environment.cpu}`);
    }
    try {
      for (let block = 0; block < blocksMax && !this.isInterrupted; block++) {
        await this.block(block);
        if (this.isInterrupted) break;
        const blocksDone = block + 1;
        decision = decide({ ...known, blocksDone, regressedAfter }, judge);
        regressedAfter =
          decision.outcome === "regressed" ? (regressedAfter ?? blocksDone) : undefined;
        this.watcher.onBlock(blocksDone, decision);
        if (decision.isOver) return decision;
      }
    } catch (error) {
      if (!(error instanceof BlockError)) throw error;
      return told(error.message);
    }
    return decision.outcome === "cannot tell" ? told("it was interrupted") : decision;
  }

  private async block(block: number): Promise<void> {
    const { a, b, profile, length, warmSeconds } = this.options;
    const accounts = accountsFor(profile);
    const order = ["B", "B"] as const;
    const plan: BlockPlan = {
      phase: "blocks",
      ...{ block, order, a, b, accounts, length, warmSeconds },
    };
    const { admin } = await runBlock(plan, this.tool, {
      onRun: (run) => {
        this.runs.push(run);
        this.watcher.onRun(run);
      },
      interruption: this.interruption.signal,
    });
    this.admin.push({ block, A: null, B: admin.B });
  }

  private judge({ name, limit }: Limit, { runs, blocksMax }: Evidence): PercentileVerdict {
    const now = blocksOf(runs, name, "blocks")
      .map(({ b }) => b)
      .filter((each) => each.length > 0);
    const stored = this.baseline.processes[name];
    const spread = this.baseline.noise[name];
    const deviate = lookDeviate(Math.max(now.length, BLOCKS_MIN), blocksMax);
    return judgeEstimate({
      ...{ name, limit, usable: now.length, noiseSpread: spread },
      estimate: estimateApart(stored, now, deviate, spread ?? 0) ?? null,
    });
  }
}
