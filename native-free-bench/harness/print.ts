// A result without commit, Node and machine is worth nothing: they stand above every table.

import { execFileSync } from "node:child_process";
import { availableParallelism, cpus } from "node:os";
import type { BenchResult, BenchSize } from "./measure.ts";

export function machineLine(): string {
  const commit = execFileSync("git", ["describe", "--always", "--dirty"]).toString().trim();
  const cpu = cpus()[0]?.model ?? "unknown CPU";
  return `commit ${commit}, Node ${process.version}, ${availableParallelism()} × ${cpu}`;
}

export function printResults(size: BenchSize, results: readonly BenchResult[]): void {
  console.log(`${machineLine()}; median of ${size.rounds} rounds of ${size.count}`);
  for (const { name, nsPerOperation, nsOverEmpty, checksum } of results) {
    const cost = `${nsPerOperation.toFixed(1).padStart(10)} ns`;
    const over = `${nsOverEmpty.toFixed(1).padStart(10)} ns over empty`;
    console.log(`${name.padEnd(44)}${cost}${over}  checksum ${checksum >>> 0}`);
  }
}
