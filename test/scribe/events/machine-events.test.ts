import assert from "node:assert/strict";
import { test } from "node:test";
import { RetransmitWatch } from "../../../src/scribe/events/retransmit-watch.ts";
import { ScrapeWatch } from "../../../src/scribe/events/scrape-watch.ts";
import { createEventRing, EventLog } from "../../../src/telemetry/event-log.ts";
import { EVENT_KIND, THREAD } from "../../../src/telemetry/event-record.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { SeenEvents } from "../../support/seen-events.ts";

const MS = 1e6;
const memory = createEventRing();
const seen = new SeenEvents(memory);
const log = new EventLog(memory, THREAD.SCRIBE);
const common = { thread: THREAD.SCRIBE, detail: 0 };

test("a second in which segments were sent again is an event; what came before the first look is none", () => {
  const counts = [100, 100, 103, undefined, 110, 111];
  const watch = new RetransmitWatch(log, () => counts.shift());
  for (let nowNs = 1e9; counts.length > 0; nowNs += 0.5e9) watch.tick(nowNs);
  const { RETRANSMITS: kind } = EVENT_KIND;
  assert.deepEqual(seen.take(), [
    { ...common, kind, startNs: 2e9, durationNs: 1e9, value: 3 },
    { ...common, kind, startNs: 5e9, durationNs: 1e9, value: 1 },
  ]);
});

test("an answer of the admin port is an event, a health check's is none", () => {
  const watch = new ScrapeWatch(log, new ManualClock(50 * MS));
  watch.onAnswered("/healthz", 1, 20);
  watch.onAnswered("/metrics", 4, 30_000);
  const { SCRAPE: kind } = EVENT_KIND;
  assert.deepEqual(seen.take(), [
    { ...common, kind, startNs: 46 * MS, durationNs: 4 * MS, value: 30_000 },
  ]);
});
