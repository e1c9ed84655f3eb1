// A load tool that asks the fake target how slow it is, and prints a result as if it had measured that.
//
//   node fake-load-tool.ts HOST PORT SEED [histogram]

import { once } from "node:events";
import { connect } from "node:net";
import type { JsHistogram } from "hdr-histogram-js";
import { SeededRandom } from "./seeded-random.ts";

const COUNT = 12_000;
/** Of a run, as a share, to either side. */
const SCATTER = 0.005;
const [host = "", port = "", seed = "", withHistogram = ""] = process.argv.slice(2);

async function ask(): Promise<{ latency: number; mode: string } | undefined> {
  const socket = connect({ host, port: Number(port) });
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  try {
    await once(socket, "close");
    return JSON.parse(text) as { latency: number; mode: string };
  } catch {
    return undefined;
  }
}

/** A tail like that of many servers: the nearer to one, the longer. */
const timeAt = (share: number, scale: number): number =>
  Math.round((200_000 * scale) / Math.sqrt(1 - share));

async function resultOf(latency: number): Promise<object> {
  // What differs between runs of the same flow is the process's.
  const random = new SeededRandom(Number(seed) * 7919 + process.pid);
  const scale = latency * Math.exp(SCATTER * (random.u32() / 2 ** 31 - 1));
  const at = (share: number): number => timeAt(share, scale);
  const response = {
    ...{ count: COUNT, p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), p9999: null },
    max: at(1 - 1 / COUNT),
  };
  const { p50, p99, max } = response;
  const point = { sent: COUNT / 2, p50, p99, p999: null, max };
  return {
    ...{ isValid: true, invalid: [], faults: [], latency: { response } },
    series: [
      { second: 1, ...point },
      { second: 2, ...point },
    ],
    histogram: withHistogram === "" ? undefined : await histogramOf(scale),
    environment: { loadBefore: 0.5 },
  };
}

async function histogramOf(scale: number): Promise<string> {
  const { build, encodeIntoCompressedBase64 } = await import("hdr-histogram-js");
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 60_000_000_000,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
  }) as JsHistogram;
  for (let k = 0; k < COUNT; k++) histogram.recordValue(timeAt(k / COUNT, scale));
  return encodeIntoCompressedBase64(histogram);
}

const target = await ask();
if (target === undefined) {
  process.stderr.write(`nobody answers at ${host}:${port}\n`);
  process.exitCode = 2;
} else if (target.mode === "late") {
  console.log(JSON.stringify({ isValid: false, invalid: ["sent too late"], faults: [] }));
  process.exitCode = 1;
} else if (target.mode === "loses") {
  const faults = ["7 requests were never answered"];
  console.log(JSON.stringify({ ...(await resultOf(1)), isValid: false, invalid: faults, faults }));
  process.exitCode = 1;
} else if (target.mode === "few") {
  const response = { count: 900, p50: 1, p90: 2, p99: 3, p999: null, p9999: null, max: 4 };
  console.log(JSON.stringify({ isValid: true, faults: [], latency: { response } }));
} else {
  console.log(JSON.stringify(await resultOf(target.latency)));
}
