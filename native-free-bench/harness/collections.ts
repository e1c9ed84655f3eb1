// Collections of the thread that watches, by kind, as Node's event loop reports them.

import { constants, PerformanceObserver } from "node:perf_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";

export type CollectionKind = "minor" | "major" | "weak";

export interface Collection {
  readonly kind: CollectionKind;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly durationMs: number;
}

/** Node's own types know the detail of marks and measures only. */
interface GcEntry {
  readonly detail: { readonly kind: number };
}

/** Calls back for each collection, in a later turn of the event loop. The observer starts with observe(). */
export const collectionObserver = (
  onCollection: (collection: Collection) => void,
): PerformanceObserver =>
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as unknown as GcEntry).detail;
      onCollection({
        kind: kindOf(kind),
        atMs: performance.timeOrigin + entry.startTime,
        durationMs: entry.duration,
      });
    }
  });

/** Steps of an incremental mark-sweep are major ones: a steady state has none of them. */
function kindOf(kind: number): CollectionKind {
  if (kind === constants.NODE_PERFORMANCE_GC_MINOR) return "minor";
  return kind === constants.NODE_PERFORMANCE_GC_WEAKCB ? "weak" : "major";
}

export class CollectionCounter {
  minor = 0;
  major = 0;
  private readonly observer = collectionObserver(({ kind }) => {
    if (kind === "minor") this.minor++;
    if (kind === "major") this.major++;
  });

  async start(): Promise<void> {
    this.observer.observe({ entryTypes: ["gc"] });
    await handedOver(); // what happened before is forgotten
    this.minor = 0;
    this.major = 0;
  }

  async stop(): Promise<void> {
    await handedOver();
    this.observer.disconnect();
  }
}

/** A collection comes to the event loop in one turn, and from there to its observers in a later one. */
async function handedOver(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await nextTurn();
}

export const per100k = (collections: number, orders: number): number =>
  (collections * 100_000) / orders;
