// A worker that yields, and says how nice its own thread is then.

import { readFileSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { yieldToOrders } from "../../src/base/lower-priority.ts";

yieldToOrders();
parentPort?.postMessage(readFileSync("/proc/thread-self/stat", "utf8"));
