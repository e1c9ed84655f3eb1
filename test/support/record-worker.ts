// A thread that writes numbered records as fast as it can, and waits for nobody.

import { workerData } from "node:worker_threads";
import { RECORD_DROPPED, RecordRingWriter } from "../../src/telemetry/record-ring.ts";

interface RecordWorkerData {
  readonly memory: SharedArrayBuffer;
  readonly recordBytes: number;
  readonly count: number;
}

const { memory, recordBytes, count } = workerData as RecordWorkerData;
const writer = new RecordRingWriter(memory, recordBytes);
for (let number = 1; number <= count; number++) {
  const offset = writer.claim();
  if (offset === RECORD_DROPPED) continue;
  writer.doubles[offset >> 3] = number;
  writer.words[(offset >> 2) + 3] = ~number;
  writer.publish();
}
