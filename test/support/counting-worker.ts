// A thread that counts as fast as it can, for those who look on.

import { workerData } from "node:worker_threads";
import { PRECISE } from "../../src/telemetry/hdr-index.ts";
import { CountsReader, CountsWriter } from "../../src/telemetry/shared-counts.ts";
import { SeededRandom } from "./seeded-random.ts";

const { memory, values } = workerData as { memory: SharedArrayBuffer; values: number };
const writer = new CountsWriter(memory, PRECISE);
const { seriesCount } = new CountsReader(memory, PRECISE);
const random = new SeededRandom(1);
for (let index = 0; index < values; index++) {
  if (index % 1000 === 0) writer.moveTo(performance.now() * 1e6);
  writer.record(index % seriesCount, random.u32());
}
