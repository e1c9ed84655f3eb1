// Collects when it is asked to, and answers with when that began and ended on the joined clock.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { joinClock } from "../../src/base/clock.ts";
import { EventLog } from "../../src/telemetry/event-log.ts";
import { watchCollections } from "../../src/telemetry/gc-watch.ts";

const clock = joinClock(workerData.baseNs);
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
watchCollections(new EventLog(workerData.events, workerData.thread), clock);
parentPort?.on("message", () => {
  const startNs = clock.nowNs();
  collect();
  parentPort?.postMessage({ startNs, endNs: clock.nowNs() });
});
