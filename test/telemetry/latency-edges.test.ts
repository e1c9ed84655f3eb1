import assert from "node:assert/strict";
import { test } from "node:test";
import { EDGE_COUNT, edgeIndex, LATENCY_EDGES_NS } from "../../src/telemetry/latency-edges.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const naiveEdge = (valueNs: number): number => {
  const edge = LATENCY_EDGES_NS.findIndex((edgeNs) => valueNs <= edgeNs);
  return edge === -1 ? LATENCY_EDGES_NS.length : edge;
};

test("edges go up, and 8 ms is one of them", () => {
  assert.deepEqual(
    LATENCY_EDGES_NS.toSorted((a, b) => a - b),
    LATENCY_EDGES_NS,
  );
  assert.ok(LATENCY_EDGES_NS.includes(8e6));
  assert.equal(EDGE_COUNT, LATENCY_EDGES_NS.length + 1);
});

test("an edge is inclusive, and one nanosecond more is beyond it", () => {
  for (const [index, edgeNs] of LATENCY_EDGES_NS.entries()) {
    assert.equal(edgeIndex(edgeNs - 1), index);
    assert.equal(edgeIndex(edgeNs), index);
    assert.equal(edgeIndex(edgeNs + 1), index + 1);
  }
});

test("what is no value of the range is at its nearest end", () => {
  for (const value of [0, -1, -Infinity]) assert.equal(edgeIndex(value), 0);
  for (const value of [60e9, 61e9, Infinity, NaN]) assert.equal(edgeIndex(value), EDGE_COUNT - 1);
});

const seed = fuzzSeed();
test(`a value's edge is what a scan over all finds, FUZZ_SEED=${seed}`, () => {
  const random = new SeededRandom(seed);
  for (let count = 0; count < 65_536; count++) {
    const value = Math.floor(Math.exp((random.u32() / 2 ** 32) * Math.log(60e9)));
    assert.equal(edgeIndex(value), naiveEdge(value), `${value}`);
  }
});
