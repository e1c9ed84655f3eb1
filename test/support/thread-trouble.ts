// Loaded into each thread of a gateway before its own code (see harriedBy): the thread collects or keeps its event loop
// busy when a file says so, and writes down when that was. The threads and the gateway are real.

import fs from "node:fs";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread, threadName } from "node:worker_threads";
import { untilFiles } from "./until-files.ts";

const FILE_VARIABLE = "TAILGATE_TEST_THREAD_TROUBLE";
const LOOK_EVERY_MS = 5;
/** So that a collection takes some milliseconds. */
const OBJECTS = 200_000;

export interface ThreadTrouble {
  /** "gate", "lane-0", "scribe", "keeper". */
  readonly thread: string;
  readonly does: "collect" | "block";
  readonly ms: number;
  /** Of each trouble another one: a thread obeys once. */
  readonly number: number;
}

/** On CLOCK_MONOTONIC, nanoseconds. */
export interface TroubleDone {
  readonly startNs: number;
  readonly endNs: number;
}

/** The environment of a gateway that does what such a file says, which may come and change. */
export const harriedBy = (file: string): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--import ${import.meta.url}`,
  [FILE_VARIABLE]: file,
});

/** Tells a thread what to do, whether or not it ever comes to an end with it. */
export function tell(file: string, trouble: ThreadTrouble): void {
  fs.writeFileSync(`${file}.new`, JSON.stringify(trouble));
  fs.renameSync(`${file}.new`, file);
}

/** Resolves when the thread has done it. */
export async function cause(file: string, trouble: ThreadTrouble): Promise<TroubleDone> {
  tell(file, trouble);
  const answer = `${file}.${trouble.number}`;
  await untilFiles(path.dirname(answer), () => fs.existsSync(answer));
  return JSON.parse(fs.readFileSync(answer, "utf8")) as TroubleDone;
}

const nowNs = (): number => Number(process.hrtime.bigint());

function obeyAll(file: string): void {
  const own = isMainThread ? "gate" : threadName;
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const kept = Array.from({ length: OBJECTS }, (_, number) => ({ number }));
  let done = 0;
  setInterval(() => {
    if (!fs.existsSync(file)) return;
    const { thread, does, ms, number } = JSON.parse(fs.readFileSync(file, "utf8")) as ThreadTrouble;
    if (thread !== own || number <= done) return;
    done = kept[0] === undefined ? 0 : number;
    const startNs = nowNs();
    if (does === "collect") collect();
    else while (nowNs() < startNs + ms * 1e6);
    const answer = `${file}.${number}`;
    fs.writeFileSync(`${answer}.new`, JSON.stringify({ startNs, endNs: nowNs() }));
    fs.renameSync(`${answer}.new`, answer);
  }, LOOK_EVERY_MS).unref();
}

const file = process.env[FILE_VARIABLE];
if (file !== undefined) obeyAll(file);
