// What a comparison is asked to do.

import type { Limit } from "./comparison-record.ts";
import type { Profile, RunLength } from "./measuring-tool.ts";
import type { TargetSpec } from "./target-spec.ts";

export interface CompareOptions {
  readonly a: TargetSpec;
  readonly b: TargetSpec;
  readonly profile: Profile;
  readonly limits: readonly Limit[];
  readonly blocksMax: number;
  /** Of A against A, before. */
  readonly noiseBlocks: number;
  readonly length: RunLength;
  /** Each process is warmed for so long before its first run. */
  readonly warmSeconds: number;
}

export interface CompareOutputs {
  readonly outDirectory: string | undefined;
  readonly saveBaseline: string | undefined;
  readonly baseline: string | undefined;
  readonly isBisect: boolean;
  readonly isJson: boolean;
}
