// Tells of every collection of the calling thread: start, duration and kind, on the common clock. Node reports them in
// the thread's event loop, so a thread that stays away from it reports late, never wrongly (E18).

import { PerformanceObserver } from "node:perf_hooks";
import type { ThreadClock } from "../base/clock.ts";
import type { EventLog } from "./event-log.ts";
import { EVENT_KIND } from "./event-record.ts";

/** An entry of type "gc", as Node documents it. */
interface Collection {
  readonly startTime: number;
  readonly duration: number;
  readonly detail: { readonly kind: number };
}

/** Call what is returned to stop. */
export function watchCollections(events: EventLog, clock: ThreadClock): () => void {
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as readonly unknown[] as readonly Collection[]) {
      const { startTime, duration, detail } = entry;
      events.add(EVENT_KIND.GC, clock.ofPerformanceMs(startTime), duration * 1e6, 0, detail.kind);
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  return () => observer.disconnect();
}
