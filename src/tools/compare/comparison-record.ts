// What a comparison comes to: everything that its reports show. It is report.json as it stands.

import type { AdminReading } from "./admin-reading.ts";
import type { Outcome, PercentileVerdict } from "./percentile-verdict.ts";
import type { RejectShares } from "./reject-share.ts";
import type { PercentileName, RunSample } from "./run-sample.ts";

export const REPORT_VERSION = 1;

export interface Limit {
  readonly name: PercentileName;
  /** 1.25: B may be 25 % slower. */
  readonly limit: number;
}

export interface TargetFacts {
  readonly kind: "checkout" | "command" | "address" | "stored";
  readonly text: string;
  readonly settings: readonly string[];
  /** Of git, with "+" behind it when files differ from it; null when it is not known. */
  readonly commit: string | null;
  readonly startScript: string | null;
}

export interface EnvironmentFacts {
  readonly host: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  /** Of one minute. */
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly toolCommit: string | null;
}

export interface BlockAdmin {
  readonly block: number;
  readonly A: AdminReading | null;
  readonly B: AdminReading | null;
}

export interface ComparisonRecord {
  readonly version: number;
  /** Against a stored baseline nothing was interleaved: such a verdict is trusted less. */
  readonly kind: "side by side" | "against a baseline";
  readonly outcome: Outcome;
  /** Why, in words; the most important first. */
  readonly reasons: readonly string[];
  readonly limits: readonly Limit[];
  readonly verdicts: readonly PercentileVerdict[];
  readonly a: TargetFacts;
  readonly b: TargetFacts;
  readonly profile: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly blocksMax: number;
  /** Their histograms are in the pools below. */
  readonly runs: readonly RunSample[];
  /** Absent in reports of older builds. */
  readonly rejectShares?: RejectShares | undefined;
  /** Of all valid runs, HDR V2 in base64; null when the tool gave none. */
  readonly histograms: { readonly a: string | null; readonly b: string | null };
  readonly admin: readonly BlockAdmin[];
  readonly environment: EnvironmentFacts;
  /** Of a comparison against a stored baseline. */
  readonly baseline: { readonly file: string; readonly savedAt: string } | null;
}
