// What work costs the heap, by two witnesses: collections as the event loop reports them, with their kinds, and the
// growth of the young generation between two looks with no collection in between. The old spaces are not looked at: the
// compiler takes whole pages of them from its own thread whenever it likes. Counts do not depend on what else the
// machine does; that is why benches of the hot path rest on them.

import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CollectionCounter, per100k } from "./collections.ts";
import { medianOf } from "./measure.ts";

export interface HeapCost {
  readonly nsPerOrder: number;
  /** Mean over the samples, as what only some orders cost counts too; growth that a collection hid is left out. */
  readonly bytesPerOrder: number;
  readonly minorCollections: number;
  /** Mark-sweeps, incremental steps included. */
  readonly majorCollections: number;
  readonly orders: number;
}

export interface HeapSize {
  /** Before anything counts: for the compiler, and for what grows to its size once. */
  readonly warmupOrders: number;
  readonly sampleOrders: number;
  readonly samples: number;
}

/** `run` does so many orders; it is the same work each time. */
export async function measureHeap(
  run: (orders: number) => void,
  size: HeapSize,
): Promise<HeapCost> {
  const { warmupOrders, sampleOrders, samples } = size;
  for (let done = 0; done < warmupOrders; done += sampleOrders) run(sampleOrders);
  collectNow();
  const growth = new Float64Array(samples);
  const counter = new CollectionCounter();
  await counter.start();
  const lookBytes = costOfLook();
  const startMs = performance.now();
  for (let sample = 0; sample < samples; sample++) {
    const beforeBytes = youngBytes();
    run(sampleOrders);
    growth[sample] = youngBytes() - beforeBytes - lookBytes;
  }
  const elapsedMs = performance.now() - startMs;
  await counter.stop();
  const orders = samples * sampleOrders;
  // A heap that became smaller was collected; a sample cannot cost less than nothing.
  const whole = Array.from(growth).filter((bytes) => bytes > -lookBytes);
  const grown = whole.reduce((sum, bytes) => sum + bytes, 0);
  return {
    nsPerOrder: (elapsedMs * 1e6) / orders,
    bytesPerOrder: Math.max(0, grown) / (whole.length * sampleOrders),
    minorCollections: counter.minor,
    majorCollections: counter.major,
    orders,
  };
}

/** What the warm-up and the bench's own memory began shall not end while we count. */
function collectNow(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  setFlagsFromString("--no-expose-gc");
}

const YOUNG_SPACES: readonly string[] = ["new_space", "new_large_object_space"];

function youngBytes(): number {
  let bytes = 0;
  for (const { space_name, space_used_size } of getHeapSpaceStatistics()) {
    if (YOUNG_SPACES.includes(space_name)) bytes += space_used_size;
  }
  return bytes;
}

/** The heap that a look at the heap takes. */
function costOfLook(): number {
  const costs = Array.from({ length: 9 }, () => {
    const beforeBytes = youngBytes();
    return youngBytes() - beforeBytes;
  });
  return medianOf(costs);
}

export interface NamedHeapCost extends HeapCost {
  readonly name: string;
  readonly checksum: number;
}

export function printHeapCosts(results: readonly NamedHeapCost[]): void {
  for (const { name, checksum, ...cost } of results) {
    const { nsPerOrder, bytesPerOrder, minorCollections, majorCollections, orders } = cost;
    const minor = per100k(minorCollections, orders).toFixed(1);
    const major = per100k(majorCollections, orders).toFixed(1);
    const words = [
      name.padEnd(34),
      `${nsPerOrder.toFixed(0).padStart(6)} ns/order`,
      `${bytesPerOrder.toFixed(1).padStart(7)} bytes/order`,
      `  collections per 100,000 orders: ${minor} minor, ${major} major`,
      `  checksum ${checksum >>> 0}`,
    ];
    console.log(words.join(""));
  }
}
