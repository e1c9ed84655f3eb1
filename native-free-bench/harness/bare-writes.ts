// The disk by itself: pieces of given sizes written one after the other into a file of zeros, each on the disk before
// the next. What a journal's batches cost at the least.

import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { LatencyHistogram } from "../../src/tools/driver/percentiles.ts";

export interface BareWrites {
  /** Of one write with its sync, nanoseconds. */
  readonly latency: LatencyHistogram;
  readonly seconds: number;
  readonly writes: number;
  readonly bytes: number;
}

const ZEROS_BYTES = 64 * 1024;

/** Goes through the sizes, again and again, for so long; and through the file, which is as large as a segment. */
export function writeBare(
  path: string,
  fileBytes: number,
  sizes: readonly number[],
  secondsMax: number,
): BareWrites {
  const largest = Math.max(...sizes);
  const piece = Buffer.alloc(largest, 0x4f);
  const latency = new LatencyHistogram(3);
  const descriptor = openSync(path, "wx");
  try {
    fillWithZeros(descriptor, fileBytes);
    let bytes = 0;
    let position = 0;
    const startMs = performance.now();
    const endMs = startMs + secondsMax * 1000;
    let beganMs = startMs;
    for (let index = 0; beganMs < endMs; index++) {
      const size = sizes[index % sizes.length] ?? largest;
      if (position + size > fileBytes) position = 0;
      position += writeSync(descriptor, piece, 0, size, position);
      bytes += size;
      fdatasyncSync(descriptor);
      const nowMs = performance.now();
      latency.record((nowMs - beganMs) * 1e6);
      beganMs = nowMs;
    }
    const seconds = (beganMs - startMs) / 1000;
    return { latency, seconds, writes: latency.count, bytes };
  } finally {
    closeSync(descriptor);
    rmSync(path);
  }
}

function fillWithZeros(descriptor: number, fileBytes: number): void {
  const zeros = Buffer.alloc(ZEROS_BYTES);
  for (let at = 0; at < fileBytes; at += ZEROS_BYTES) {
    writeSync(descriptor, zeros, 0, ZEROS_BYTES, at);
  }
  fdatasyncSync(descriptor);
}
