// The `le` edges of every Prometheus histogram of latencies (E4). What a value's edge is, is counted when it is
// recorded: an edge lies within a bucket of an HDR histogram, and 8 ms must be exact.

import { assert } from "../base/assert.ts";
import { hdrIndex, LATENCY_NS_MAX } from "./hdr-index.ts";

/** Upper edges in nanoseconds, inclusive as Prometheus has them; +Inf is behind the last. */
export const LATENCY_EDGES_NS: readonly number[] = [
  10e3, 25e3, 50e3, 75e3, 100e3, 150e3, 200e3, 300e3, 500e3, 750e3, 1e6, 1.5e6, 2e6, 3e6, 4e6, 5e6,
  6e6, 8e6, 10e6, 15e6, 20e6, 30e6, 50e6, 100e6, 250e6, 1e9,
];
/** Counts of a value's edge: one for each edge, and one for what is beyond them all. */
export const EDGE_COUNT = LATENCY_EDGES_NS.length + 1;

/** Coarse cells, of which none holds more than one edge: sub-buckets of 1/8. */
const CELL_HALF_BITS = 3;

/** By cell: the edge of its smallest value. */
const FIRST_EDGES = firstEdges();
const EDGES_NS = Float64Array.of(...LATENCY_EDGES_NS, Number.POSITIVE_INFINITY);

/** Index of the first edge that is not below the value. */
export function edgeIndex(valueNs: number): number {
  const edge = FIRST_EDGES[hdrIndex(valueNs, CELL_HALF_BITS)]!;
  return valueNs > EDGES_NS[edge]! ? edge + 1 : edge;
}

function firstEdges(): Uint8Array {
  const cells = hdrIndex(LATENCY_NS_MAX, CELL_HALF_BITS) + 1;
  const edges = new Uint8Array(cells);
  const edgesOfCells = LATENCY_EDGES_NS.map((edgeNs) => hdrIndex(edgeNs, CELL_HALF_BITS));
  assert(new Set(edgesOfCells).size === edgesOfCells.length, "two edges lie in one cell");
  for (let cell = 0; cell < cells; cell++) {
    edges[cell] = edgesOfCells.filter((cellOfEdge) => cellOfEdge < cell).length;
  }
  return edges;
}
