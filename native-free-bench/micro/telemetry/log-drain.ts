// What the scribe pays per log record: as the core in the binary file, as a JSON line, and as both; rings are filled
// beforehand, and a tick takes what a tick takes. Files are real and go when it is over.
// Run: node native-free-bench/micro/telemetry/log-drain.ts [rings full]

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLogDrain } from "../../../src/scribe/log/log-drain.ts";
import { EventLog } from "../../../src/telemetry/event-log.ts";
import { THREAD } from "../../../src/telemetry/event-record.ts";
import { LaneLog } from "../../../src/telemetry/lane-log.ts";
import { LOG_RING_RECORDS } from "../../../src/telemetry/log-record.ts";
import { createTelemetryMemory } from "../../../src/telemetry/telemetry-memory.ts";
import { machineLine } from "../../harness/print.ts";

const TICK_NS = 10e6;
const FILE_BYTES = 2 ** 26;
const FILES = 2;
/** One less than what closes the ring. */
const RECORDS = LOG_RING_RECORDS - LOG_RING_RECORDS / 64;

export interface DrainCost {
  readonly name: string;
  readonly records: number;
  readonly perSecond: number;
  /** Of the scribe's time, the longest that one tick had. */
  readonly tickMsMax: number;
}

export async function measureDrain(fills: number): Promise<DrainCost[]> {
  const costs: DrainCost[] = [];
  for (const [name, json, binary] of [
    ["binary file", false, true],
    ["JSON lines", true, false],
    ["both", true, true],
  ] as const) {
    costs.push(await drainOnce(name, json, binary, fills));
  }
  return costs;
}

async function drainOnce(
  name: string,
  json: boolean,
  binary: boolean,
  fills: number,
): Promise<DrainCost> {
  const directory = mkdtempSync(join(tmpdir(), "tailgate-log-drain-"));
  try {
    const memory = createTelemetryMemory(1, 16);
    const [lane] = memory.lanes;
    if (lane === undefined) throw new Error("there is no lane");
    const log = new LaneLog(lane.log, 0);
    const drain = await openLogDrain({
      memory,
      directory,
      bytesMax: FILE_BYTES,
      filesMax: FILES,
      json,
      binary,
      timeOf: (ns) => [Math.floor(ns / 1e9), ns % 1e9],
      events: new EventLog(memory.scribeEvents, THREAD.SCRIBE),
      onTrouble: (line) => {
        throw new Error(line);
      },
    });
    let elapsedMs = 0;
    let tickMsMax = 0;
    let tick = 0;
    for (let fill = 0; fill < fills; fill++) {
      for (let record = 0; record < RECORDS; record++) log.lateFill(1, record, record * 1e4, 6e6);
      while (drain.stats().written < (fill + 1) * RECORDS) {
        const startMs = performance.now();
        drain.tick(++tick * TICK_NS);
        const lastedMs = performance.now() - startMs;
        elapsedMs += lastedMs;
        tickMsMax = Math.max(tickMsMax, lastedMs);
      }
    }
    drain.close();
    const { written } = drain.stats();
    return { name, records: written, perSecond: (written / elapsedMs) * 1000, tickMsMax };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const [fills = "20"] = process.argv.slice(2);
  console.log(`${machineLine()}; ${fills} rings of ${RECORDS} records`);
  for (const { name, perSecond, tickMsMax } of await measureDrain(Number(fills))) {
    const rate = `${Math.round(perSecond).toLocaleString("en-US").padStart(12)} records/s`;
    console.log(`  ${name.padEnd(16)}${rate}  longest tick ${tickMsMax.toFixed(1)} ms`);
  }
}
