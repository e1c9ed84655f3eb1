// A round trip between gate and a parked lane: wake the lane, have it ring, be called back. What a lone order
// pays for crossing threads twice. By FIFO and by message; the empty case is one turn of the event loop.
// Run: node native-free-bench/micro/memory/doorbell.ts

import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { type Doorbell, makeFifo, openDoorbell } from "../../../src/memory/doorbell.ts";
import { createLaneSignal, LaneSignal } from "../../../src/memory/lane-signal.ts";
import { type BenchCase, type BenchSize, measure } from "../../harness/measure.ts";
import { printResults } from "../../harness/print.ts";

class DoorbellTrip implements BenchCase {
  readonly name: string;
  private readonly signal: LaneSignal;
  private readonly doorbell: Doorbell;
  private readonly worker: Worker;
  private onRing: () => void = () => undefined;

  constructor(make: (path: string) => void) {
    const memory = createLaneSignal();
    this.signal = new LaneSignal(memory);
    this.doorbell = openDoorbell(make);
    this.name = `to a parked lane and back, ${this.doorbell.kind}`;
    this.doorbell.listen(() => this.onRing());
    this.worker = new Worker(new URL("./ringing-lane.ts", import.meta.url), {
      workerData: { signal: memory, doorbell: this.doorbell.transfer },
      transferList: this.doorbell.transferList,
    });
  }

  async run(count: number): Promise<number> {
    let rings = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.onRing = () => {
      this.signal.clearDoorbell();
      rings++;
      if (rings === count) resolve();
      else this.wakeLane();
    };
    this.wakeLane();
    await promise;
    return rings;
  }

  async close(): Promise<void> {
    await this.worker.terminate();
    this.doorbell.close();
  }

  private wakeLane(): void {
    this.signal.addCredit(); // what the lane looks at, as a record would be
    this.signal.wakeLaneIfParked();
  }
}

const empty: BenchCase = {
  name: "empty",
  async run(count) {
    for (let turn = 0; turn < count; turn++) await nextTurn();
    return count;
  },
};

export async function measureDoorbells(size: BenchSize) {
  const noFifo = (): never => {
    throw new Error("measuring the other one");
  };
  const trips = [new DoorbellTrip(makeFifo), new DoorbellTrip(noFifo)];
  try {
    return await measure([empty, ...trips], size);
  } finally {
    await Promise.all(trips.map((trip) => trip.close()));
  }
}

if (import.meta.main) {
  const size: BenchSize = { count: 10_000, rounds: 5 };
  printResults(size, await measureDoorbells(size));
}
