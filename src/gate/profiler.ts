// `profile`: what a thread does for some seconds, as a .cpuprofile for any viewer (E42). The thread samples itself; at
// the end it is held up for some milliseconds while the profile is put into words, so it is for operators, not for
// every day. Main thread.

import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import type { WallClock } from "../base/clock.ts";
import { messageOf } from "../base/message-of.ts";
import { asThreadName } from "../telemetry/event-record.ts";
import {
  type ControlAnswer,
  type ControlCommand,
  controlError,
  textOfRequest,
} from "./control-server.ts";
import type { Log } from "./gate-config.ts";

const SECONDS_MAX = 60;
const SECONDS_DEFAULT = 10;
const GATE = "gate";
const SUFFIX = ".cpuprofile";
/** Whatever the thread is called, the time stands last. */
const PROFILE = /^profile-.+-(\d{8}T\d{6}Z)\.cpuprofile$/;

export interface ProfilerOptions {
  /** Threads beside the gate's by their names: "lane 0", "scribe", "keeper". */
  readonly workers: () => ReadonlyMap<string, Worker>;
  readonly directory: string;
  readonly wallClock: WallClock;
  /** So many profiles stay there, the newest. */
  readonly filesMax: number;
  readonly log: Log;
}

export class Profiler {
  private readonly options: ProfilerOptions;
  private running: string | undefined;

  constructor(options: ProfilerOptions) {
    this.options = options;
  }

  /** {"command":"profile","thread":"lane 0","seconds":10} */
  readonly command: ControlCommand = async ({ thread, seconds = SECONDS_DEFAULT }) => {
    const { workers, directory, wallClock } = this.options;
    const name = asThreadName(textOfRequest(thread ?? GATE));
    const worker = workers().get(name);
    if (worker === undefined && name !== GATE) {
      // As they are typed: a shell takes "lane 0" for two words.
      const [asked, ...known] = [name, GATE, ...workers().keys()].map((each) =>
        each.replace(" ", ""),
      );
      const there = known.join(", ");
      return controlError("UNKNOWN_THREAD", `no thread is called ${asked}; there is ${there}`);
    }
    if (typeof seconds !== "number" || !(seconds > 0 && seconds <= SECONDS_MAX)) {
      return controlError("BAD_SECONDS", `seconds is a number up to ${SECONDS_MAX}`);
    }
    if (this.running !== undefined) {
      return controlError("PROFILE_IN_PROGRESS", `${this.running} is being profiled`);
    }
    this.running = name;
    try {
      const ms = seconds * 1000;
      const profile = await (worker === undefined ? profileSelf(ms) : profileWorker(worker, ms));
      await mkdir(directory).catch(unlessThere);
      const time = new Date(wallClock.epochMs()).toISOString().replaceAll(/[-:]|\.\d+/g, "");
      const fileName = `profile-${name.replace(" ", "-")}-${time}${SUFFIX}`;
      const file = path.resolve(directory, fileName);
      await writeWhole(file, profile);
      const removed = await this.removeOldest(fileName);
      this.options.log.info("profile-written", { file, removed: removed.join(", ") });
      return { ok: true, result: { thread: name, seconds, file, removed } };
    } catch (error) {
      return failed(error);
    } finally {
      this.running = undefined;
    }
  };

  /** The one just written stays, wherever the wall clock was set meanwhile. Returns the names. */
  private async removeOldest(written: string): Promise<string[]> {
    const { directory, filesMax } = this.options;
    const others = (await readdir(directory)).filter(
      (name) => PROFILE.test(name) && name !== written,
    );
    const oldestFirst = others.toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1));
    const removed = oldestFirst.slice(0, Math.max(0, others.length - (filesMax - 1)));
    for (const name of removed) await rm(path.join(directory, name), { force: true });
    return removed;
  }
}

const timeOf = (name: string): string => PROFILE.exec(name)?.[1] ?? "";

/** A piece of a profile is of no use to anybody, least of all on a full disk. */
async function writeWhole(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    await rm(file, { force: true }).catch(() => {}); // why it was not written is told
    throw error;
  }
}

async function profileWorker(worker: Worker, ms: number): Promise<string> {
  const handle = await worker.startCpuProfile();
  await pause(ms);
  return handle.stop();
}

/** The inspector is loaded for it, and only then. */
async function profileSelf(ms: number): Promise<string> {
  const { Session } = await import("node:inspector/promises");
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.start");
    await pause(ms);
    const { profile } = await session.post("Profiler.stop");
    return JSON.stringify(profile);
  } finally {
    session.disconnect();
  }
}

/** Not the recursive way, which never comes back where nothing can be made (/proc). */
function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}

const failed = (error: unknown): ControlAnswer => controlError("PROFILE_FAILED", messageOf(error));
