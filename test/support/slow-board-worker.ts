// A gate whose seconds take microseconds: each has slow answers that begin with it, and the next one follows.

import { workerData } from "node:worker_threads";
import { ORDER_RECORD_BYTES, ORDER_STAMP } from "../../src/telemetry/order-record.ts";
import { SlowBoardWriter } from "../../src/telemetry/slow-board.ts";

interface SlowBoardWorkerData {
  readonly memory: SharedArrayBuffer;
  readonly overNs: number;
  readonly seconds: number;
}

const ANSWERS = 200;
const NS_PER_SECOND = 1e9;

const { memory, overNs, seconds } = workerData as SlowBoardWorkerData;
const writer = new SlowBoardWriter(memory, overNs);
const doubles = new Float64Array(ORDER_RECORD_BYTES / 8);
const words = new Int32Array(doubles.buffer);
for (let second = 1; second <= seconds; second++) {
  writer.moveTo(second * NS_PER_SECOND);
  for (let index = 0; index < ANSWERS; index++) {
    const totalNs = overNs + ((index * 7919) % ANSWERS);
    doubles[ORDER_STAMP.SINCE_NS] = second * NS_PER_SECOND;
    doubles[ORDER_STAMP.WRITTEN_NS] = second * NS_PER_SECOND + totalNs;
    if (writer.wants(totalNs)) writer.offer(words, 0, totalNs);
  }
}
