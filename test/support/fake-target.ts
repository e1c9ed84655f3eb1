// A gateway that is none: it prints the ready line and ends by SIGTERM, for tests of what is around it. What a run
// against it measures stands in a file that is named after its port, so that `cat` is a load tool for it.
//
//   node fake-target.ts results=DIR latency=1.5   runs against it measure one and a half times as long
//                       mode=broken               does not come up
//                       mode=alone                does not come up beside another of its kind
//                       mode=dies                 ends when somebody connects
//                       mode=moody                twice as fast, twice as slow, twice as fast …, start by start
//                       mode=late, loses, few     runs are invalid, have faults, have few answers

import { existsSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";

const COUNT = 12_000;
/** Of a process, as a share, to either side. */
const SCATTER = 0.005;

const settings = new Map(
  process.argv
    .filter((word) => word.includes("="))
    .map((word) => {
      const at = word.indexOf("=");
      return [word.slice(0, at), word.slice(at + 1)] as const;
    }),
);
const mode = settings.get("mode") ?? "";
const results = settings.get("results") ?? "";
const latency = mode === "moody" ? mood() : Number(settings.get("latency") ?? "1");
const histogram = settings.get("histogram");

if (mode === "broken") {
  process.stderr.write("the fake target is broken\n");
  process.exit(3);
}

if (mode === "alone") {
  const file = path.join(results, "alone");
  if (existsSync(file)) {
    process.stderr.write("there is one already\n");
    process.exit(4);
  }
  writeFileSync(file, "");
  process.on("exit", () => rmSync(file));
}

/** A file remembers the one before. */
function mood(): number {
  const file = path.join(results, "moody");
  const wasFast = existsSync(file);
  if (wasFast) rmSync(file);
  else writeFileSync(file, "");
  return wasFast ? 2 : 0.5;
}

function result(): object {
  const scatter = 1 + SCATTER * Math.sin(process.pid);
  // A tail like that of many servers: the nearer to one, the longer.
  const at = (share: number): number =>
    Math.round((200_000 * latency * scatter) / Math.sqrt(1 - share));
  const response = {
    ...{ count: COUNT, p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), p9999: null },
    max: at(1 - 1 / COUNT),
  };
  const { p50, p99, max } = response;
  const point = { sent: COUNT / 2, p50, p99, p999: null, max };
  const good = {
    ...{ isValid: true, invalid: [], faults: [], latency: { response } },
    series: [
      { second: 1, ...point },
      { second: 2, ...point },
    ],
    ...{ histogram, environment: { loadBefore: 0.5 } },
  };
  const faults = ["7 requests were never answered"];
  const few = { response: { ...response, count: 900, p999: null } };
  if (mode === "late") return { isValid: false, invalid: ["sent too late"], faults: [] };
  if (mode === "loses") return { ...good, isValid: false, invalid: faults, faults };
  return mode === "few" ? { ...good, latency: few } : good;
}

const server = createServer((socket) => {
  socket.destroy();
  if (mode === "dies") process.exit(9);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const file = path.join(results, `${port}.json`);
  writeFileSync(file, `${JSON.stringify(result())}\n`);
  process.on("exit", () => rmSync(file));
  process.on("SIGTERM", () => process.exit());
  const order = { host: "127.0.0.1", port };
  process.stdout.write(`noise\n${JSON.stringify({ event: "ready", order })}\n`);
});
