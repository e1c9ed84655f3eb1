// What a record did that made a lane throw (semantics §3.8): written by the lane on its way out, read by main at the next
// start. An account whose records do that again and again is suspended, so that the others can trade.

import { join } from "node:path";
import { orIoFault } from "./file-faults.ts";
import type { Files } from "./files.ts";
import { readSmallFile, writeSmallFile } from "./small-file.ts";

const FILE_FORMAT_VERSION = 1;
/** Older ones are removed. */
const KEPT = 100;
/** Two crashes of one account that are no further apart suspend it. */
const SUSPECT_WITHIN_MS = 600_000;

const NAME = /^crash-(\d{8}T\d{9}Z)-\d+\.json$/;

export interface Crash {
  readonly session: string;
  readonly lane: number;
  /** The number that the record would have got in the journal. */
  readonly record: number;
  /** Empty when no account sent it. */
  readonly account: string;
  readonly error: string;
  readonly stack: string;
  /** Name of the record's kind, and what it says. */
  readonly kind: string;
  readonly decoded: Readonly<Record<string, unknown>>;
  /** Its payload as it came. */
  readonly hex: string;
}

/** Returns the file's path. Removes the oldest when there are too many. */
export function writeCrash(
  files: Files,
  directory: string,
  crash: Crash,
  epochMs: number,
  pid: number,
): string {
  const time = new Date(epochMs).toISOString().replace(/[-:.]/g, "");
  const path = join(directory, `crash-${time}-${pid}.json`);
  const content = { formatVersion: FILE_FORMAT_VERSION, epochMs, pid, ...crash };
  writeSmallFile(files, path, `${JSON.stringify(content, undefined, 2)}\n`);
  orIoFault(directory, "sync", () => files.syncDirectory(directory));
  for (const name of crashNames(files, directory).slice(0, -KEPT)) {
    orIoFault(name, "remove", () => files.remove(join(directory, name)));
  }
  return path;
}

export interface CrashFile {
  readonly path: string;
  readonly epochMs: number;
  readonly account: string;
}

/** Of the files that are there, oldest first. One that cannot be understood counts for no account. */
export function readCrashes(files: Files, directory: string): CrashFile[] {
  return crashNames(files, directory).map((name) => {
    const path = join(directory, name);
    return { path, ...factsIn(readSmallFile(files, path)) };
  });
}

export interface SuspectAccount {
  readonly account: string;
  /** Those crashes of it that are too close to one another. */
  readonly files: readonly string[];
}

/** Accounts that crashed a lane twice within ten minutes. To lift it, the files are moved away. */
export function suspectAccounts(crashes: readonly CrashFile[]): SuspectAccount[] {
  const byAccount = Map.groupBy(
    crashes.filter(({ account }) => account !== ""),
    ({ account }) => account,
  );
  return [...byAccount]
    .map(([account, all]) => ({ account, files: tooClose(all).map(({ path }) => path) }))
    .filter(({ files }) => files.length > 0);
}

const tooClose = (crashes: readonly CrashFile[]): CrashFile[] =>
  crashes.filter((crash) =>
    crashes.some(
      (other) => other !== crash && Math.abs(other.epochMs - crash.epochMs) <= SUSPECT_WITHIN_MS,
    ),
  );

const crashNames = (files: Files, directory: string): string[] =>
  orIoFault(directory, "list", () => files.list(directory))
    .filter((name) => NAME.test(name))
    .sort();

function factsIn(text: string): { readonly epochMs: number; readonly account: string } {
  const unknown = { epochMs: 0, account: "" };
  try {
    const { epochMs, account } = JSON.parse(text);
    const isWhole = typeof epochMs === "number" && typeof account === "string";
    return isWhole ? { epochMs, account } : unknown;
  } catch {
    return unknown; // the process that wrote it did not come to its end
  }
}
