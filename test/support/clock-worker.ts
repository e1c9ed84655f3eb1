// Answers each message with the time on the joined clock.

import { parentPort, workerData } from "node:worker_threads";
import { joinClock } from "../../src/base/clock.ts";

const clock = joinClock(workerData);
parentPort?.on("message", () => parentPort?.postMessage(clock.nowNs()));
