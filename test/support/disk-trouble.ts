// Loaded into each thread of a gateway before its own code (see troubledBy): calls to the file system fail, stop short,
// take long or end the thread, as the rules in a file say at that moment. The threads, the calls and the gateway are real.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { threadName } from "node:worker_threads";

const RULES_VARIABLE = "TAILGATE_TEST_DISK_TROUBLE";

export interface DiskRule {
  readonly call: "open" | "write" | "sync" | "space";
  /** Part of the path. */
  readonly path: string;
  /** "lane-0", "keeper"; without it every thread. */
  readonly thread?: string;
  readonly errno?: string;
  /** The call takes so long, and then does what it should. */
  readonly takesMs?: number;
  /** A write takes no more than so many bytes. */
  readonly bytesMax?: number;
  /** The call never comes back: in the kernel, where nothing but the end of the process helps. See isHanging(). */
  readonly hangs?: boolean;
  /** The thread ends there. */
  readonly ends?: boolean;
}

/** The environment of a gateway that goes by the rules in such a file, which may come, change and go. */
export const troubledBy = (rulesFile: string): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--import ${import.meta.url}`,
  [RULES_VARIABLE]: rulesFile,
});

/** Takes effect with the next call of whatever thread. */
export function setRules(rulesFile: string, rules: readonly DiskRule[]): void {
  fs.writeFileSync(`${rulesFile}.new`, JSON.stringify(rules));
  fs.renameSync(`${rulesFile}.new`, rulesFile);
}

const PAUSE = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

function ruleOf(rulesFile: string, call: DiskRule["call"], path: string): DiskRule | undefined {
  if (path.startsWith(rulesFile) || !fs.existsSync(rulesFile)) return undefined;
  const rules = JSON.parse(readFileSync(rulesFile, "utf8")) as DiskRule[];
  return rules.find(
    (rule) =>
      rule.call === call &&
      path.includes(rule.path) &&
      (rule.thread === undefined || rule.thread === threadName),
  );
}

const fifoBeside = (file: string | undefined): string => `${file}.hangs`;

/** A thread has come to a call that hangs. */
export const isHanging = (rulesFile: string): boolean => fs.existsSync(fifoBeside(rulesFile));

/** A FIFO that somebody might write to is read until somebody does. */
function hang(rulesFile: string | undefined): void {
  const fifo = fifoBeside(rulesFile);
  execFileSync("mkfifo", [fifo]);
  readSync(openSync(fifo, "r+"), Buffer.alloc(1));
}

/** Returns how many bytes the call may have. */
function obey(rule: DiskRule | undefined, path: string): number {
  if (rule === undefined) return Number.POSITIVE_INFINITY;
  if (rule.ends === true) process.exit(1);
  if (rule.hangs === true) hang(rulesFile);
  if (rule.takesMs !== undefined) Atomics.wait(PAUSE, 0, 0, rule.takesMs);
  if (rule.errno !== undefined) {
    const { errno: code, call: syscall } = rule;
    throw Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, syscall, path });
  }
  return rule.bytesMax ?? Number.POSITIVE_INFINITY;
}

// Ours must not go through what is put in their place.
const { readFileSync, openSync, readSync, writeSync, fdatasyncSync, statfsSync } = fs;

function spoil(rulesFile: string): void {
  const pathOf = (descriptor: number): string => fs.readlinkSync(`/proc/self/fd/${descriptor}`);
  fs.openSync = (path, flags, mode) => {
    obey(ruleOf(rulesFile, "open", String(path)), String(path));
    return openSync(path, flags, mode);
  };
  fs.fdatasyncSync = (descriptor) => {
    const path = pathOf(descriptor);
    obey(ruleOf(rulesFile, "sync", path), path);
    fdatasyncSync(descriptor);
  };
  fs.statfsSync = ((path: string) => {
    obey(ruleOf(rulesFile, "space", path), path);
    return statfsSync(path);
  }) as typeof fs.statfsSync;
  const write = (
    descriptor: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number => {
    const path = pathOf(descriptor);
    const bytesMax = obey(ruleOf(rulesFile, "write", path), path);
    return writeSync(descriptor, bytes, offset, Math.min(length, bytesMax), position);
  };
  fs.writeSync = ((descriptor: number, bytes: unknown, ...rest: number[]) => {
    if (!(bytes instanceof Uint8Array) || rest.length < 3) {
      return writeSync(descriptor, bytes as Uint8Array, ...rest);
    }
    const [offset = 0, length = 0, position = 0] = rest;
    return write(descriptor, bytes, offset, length, position);
  }) as typeof fs.writeSync;
  syncBuiltinESMExports();
}

const rulesFile = process.env[RULES_VARIABLE];
if (rulesFile !== undefined) spoil(rulesFile);
