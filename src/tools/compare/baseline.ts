// A stored result of A, measured against itself, for comparisons at another time.

import fs from "node:fs";
import { writeText } from "../write-error.ts";
import type { ComparisonRecord, EnvironmentFacts, TargetFacts } from "./comparison-record.ts";
import { blocksOf } from "./decision.ts";
import type { RunLength } from "./measuring-tool.ts";
import { noiseSpread } from "./percentile-verdict.ts";
import { isValid, PERCENTILE_NAMES, type PercentileName } from "./run-sample.ts";
import { withoutPasswords } from "./without-passwords.ts";

const BASELINE_VERSION = 1;
/** Two processes each: fewer say nothing about how much processes differ. */
export const SAVED_BLOCKS_MIN = 2;
/** Below these nothing is said of a percentile. */
export const SAVED_PROCESSES_MIN = 2;

/** As it stands in the file. */
export interface StoredBaseline {
  readonly tailgateBaseline: number;
  /** ISO 8601. */
  readonly savedAt: string;
  readonly profile: string;
  readonly length: RunLength;
  readonly target: TargetFacts;
  readonly environment: EnvironmentFacts;
  /** The valid runs of each process, in nanoseconds. */
  readonly processes: Readonly<Record<PercentileName, readonly (readonly number[])[]>>;
  /** The spread of A against A, in logarithms. */
  readonly noise: Readonly<Record<PercentileName, number | null>>;
  /** Absent in files of older builds, and null where the tool does not count rejections. */
  readonly rejectShare?: number | null | undefined;
  /** All valid runs, HDR V2 in base64. */
  readonly histogram: string | null;
}

export interface Baseline extends StoredBaseline {
  readonly file: string;
}

/** The file is none of ours, or cannot be compared with; the message is for whoever named it. */
export class BaselineError extends Error {}

/** Why it was not written, in words; undefined when it was. Throws WriteError. */
export function saveBaseline(
  file: string,
  record: ComparisonRecord,
  length: RunLength,
): string | undefined {
  const valid = record.runs.filter(isValid);
  const blocks = new Set(valid.map(({ block }) => block)).size;
  if (blocks < SAVED_BLOCKS_MIN) {
    return `${blocks} blocks with valid runs, at least ${SAVED_BLOCKS_MIN} are needed. ${record.reasons[0] ?? ""}`;
  }
  const stored: StoredBaseline = {
    tailgateBaseline: BASELINE_VERSION,
    savedAt: record.finishedAt,
    ...{ profile: record.profile, length },
    ...{ target: record.a, environment: record.environment },
    processes: byPercentile((name) =>
      blocksOf(record.runs, name, "noise").flatMap(({ a, b }) =>
        [a, b].filter((runs) => runs.length > 0),
      ),
    ),
    noise: byPercentile((name) => noiseSpread(blocksOf(record.runs, name, "noise"))),
    rejectShare: record.rejectShares?.a,
    histogram: record.histograms.a,
  };
  writeText(file, `${JSON.stringify(stored)}\n`);
  return undefined;
}

/** Throws BaselineError. */
export function readBaseline(file: string): Baseline {
  const wrong = (why: string): BaselineError => new BaselineError(`--baseline ${file} ${why}`);
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (error) {
    throw wrong(`cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw wrong("is no baseline: it is no JSON. Save one with --save-baseline");
  }
  const { tailgateBaseline } = (parsed ?? {}) as { tailgateBaseline?: unknown };
  if (tailgateBaseline === undefined) {
    throw wrong("is no baseline. Save one with --save-baseline");
  }
  if (tailgateBaseline !== BASELINE_VERSION) {
    throw wrong(`has version ${tailgateBaseline}, this is ${BASELINE_VERSION}: save it anew`);
  }
  const stored = parsed as StoredBaseline;
  const isWhole =
    typeof stored.profile === "string" &&
    typeof stored.savedAt === "string" &&
    typeof stored.length?.seconds === "number" &&
    typeof stored.environment?.cpu === "string" &&
    typeof stored.target?.text === "string" &&
    Array.isArray(stored.target.settings) &&
    stored.target.settings.every(isText) &&
    [stored.target.commit, stored.target.startScript, stored.histogram].every(isTextOrNone) &&
    isNumberOrNone(stored.rejectShare) &&
    PERCENTILE_NAMES.every(
      (name) => isRuns(stored.processes?.[name]) && isNumberOrNone(stored.noise?.[name]),
    );
  if (!isWhole) throw wrong("is damaged: parts of it are missing. Save it anew");
  // Older builds wrote them.
  return { ...stored, profile: withoutPasswords(stored.profile), file };
}

const isText = (value: unknown): boolean => typeof value === "string";
const isTextOrNone = (value: unknown): boolean =>
  value === undefined || value === null || isText(value);
/** Spreads and shares: never below nothing. */
const isNumberOrNone = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === "number" && value >= 0);

const isRuns = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every(
    (runs) =>
      Array.isArray(runs) &&
      runs.length > 0 &&
      runs.every((ns) => typeof ns === "number" && ns > 0),
  );

function byPercentile<Value>(make: (name: PercentileName) => Value): Record<PercentileName, Value> {
  const entries = PERCENTILE_NAMES.map((name) => [name, make(name)]);
  return Object.fromEntries(entries) as Record<PercentileName, Value>;
}
