// Entry of the keeper: the worker that waits for the disk so that no lane has to (E31). What it is given stands in
// keeper-worker-data.ts. Its end costs checkpoints and, in time, the next segment; main starts another.

import { isMainThread, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import { joinClock } from "../base/clock.ts";
import { exitThreadOn, faultOf } from "../base/fault.ts";
import { yieldToOrders } from "../base/lower-priority.ts";
import { pause } from "../base/pause.ts";
import { threadCpuMs } from "../base/thread-cpu.ts";
import { isOutOfDescriptors } from "../journal/file-faults.ts";
import { realFiles } from "../journal/files.ts";
import { createDescriptorList, DescriptorList } from "../memory/descriptor-list.ts";
import { JournalBlock, WANTED_WORD } from "../memory/journal-block.ts";
import type { KeeperStop, KeeperWorkerData } from "../memory/keeper-worker-data.ts";
import { EventLog } from "../telemetry/event-log.ts";
import { THREAD } from "../telemetry/event-record.ts";
import { watchCollections } from "../telemetry/gc-watch.ts";
import type { Shadows } from "./checkpointer.ts";
import { Keeper } from "./keeper.ts";
import { listedFiles } from "./listed-files.ts";

const LOAD_AGAIN_MS = 5000;

if (!isMainThread) {
  process.on("uncaughtException", (error) => exitThreadOn(faultOf(error, "keeper")));
  try {
    await run(workerData as KeeperWorkerData);
  } catch (error) {
    exitThreadOn(faultOf(error, "keeper"));
  }
}

async function run(data: KeeperWorkerData): Promise<never> {
  const port = parentPort;
  assert(port !== null, "the keeper is no program of its own");
  yieldToOrders();
  const clock = joinClock(data.baseNs);
  const { events } = data;
  if (events !== undefined) watchCollections(new EventLog(events, THREAD.KEEPER), clock);
  const descriptors = new DescriptorList(data.descriptors ?? createDescriptorList());
  const stop = ({ command, isSessionOver }: KeeperStop): never => {
    assert(command === "stop", "a command that the keeper does not know");
    keeper.close(isSessionOver);
    process.exit(0);
  };
  const keeper = new Keeper({
    data,
    files: listedFiles(realFiles, descriptors),
    onHandOver: (descriptor) => descriptors.remove(descriptor),
    clock,
    cpuMs: threadCpuMs,
    tell: (message) => port.postMessage(message),
    shadows: shadowsOnDemand(),
    pause: (ms) => {
      // A checkpoint takes seconds; whoever stops the keeper does not wait for its end.
      const received = receiveMessageOnPort(port);
      if (received !== undefined) stop(received.message);
      pause(ms);
    },
  });
  port.on("message", stop);

  const blocks = data.lanes.map(({ block }) => new JournalBlock(block));
  for (;;) {
    // Read before the step looks at the rest: what is raised during it ends the wait at once.
    const seen = blocks.map(({ wanted }) => wanted);
    const waitMs = keeper.step();
    await (waitMs <= 0 ? turnOfTheLoop() : wanted(blocks, seen, waitMs));
  }
}

/** Loaded when they are first asked for: a lane's code is half of what the keeper takes of memory. */
function shadowsOnDemand(): () => Shadows | undefined {
  let loaded: Shadows | undefined;
  let isLoading = false;
  return () => {
    if (!isLoading) {
      isLoading = true;
      void import("./shadow-checkpoints.ts").then(
        (shadows) => {
          loaded = shadows;
        },
        (error: unknown) => {
          if (!isOutOfDescriptors(error)) throw error;
          setTimeout(() => {
            isLoading = false;
          }, LOAD_AGAIN_MS);
        },
      );
    }
    return loaded;
  };
}

/** Until a lane wants something, or the time is over. Messages from main are taken meanwhile. */
async function wanted(
  blocks: readonly JournalBlock[],
  seen: readonly number[],
  waitMs: number,
): Promise<void> {
  const waits = blocks.map(({ wantedWords }, index) => {
    const wait = Atomics.waitAsync(wantedWords, WANTED_WORD, seen[index] ?? 0, waitMs);
    return wait.value;
  });
  await Promise.race(waits);
}

function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
