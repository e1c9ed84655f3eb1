import assert from "node:assert/strict";
import { test } from "node:test";
import { PacketCutter } from "../../../src/tools/replay/packet-cutter.ts";
import { cancel, enter, query, replace } from "../../support/replay-script.ts";
import { fuzzSeed, SeededRandom } from "../../support/seeded-random.ts";
import { packet } from "../../support/soup-packets.ts";

const PACKETS = [
  enter(1),
  packet("R"),
  cancel(1),
  replace(1, 2),
  packet("R"),
  packet("R"),
  query(),
  enter(3),
  cancel(3),
];
const STREAM = Buffer.concat(PACKETS);
/** Where packets begin, and where the last one ends. */
const BOUNDS = [0];
for (const { length } of PACKETS) BOUNDS.push(BOUNDS.at(-1)! + length);

function cutOf(chunks: readonly Buffer[], isMid: boolean) {
  const places: [number, number][] = [];
  const types: string[] = [];
  const cutter = new PacketCutter("in", isMid, (type, _view, _offset, _bytes, start, end) => {
    places.push([start, end]);
    types.push(String.fromCharCode(type));
  });
  for (const chunk of chunks) cutter.add(chunk);
  return { cutter, places, types };
}

function inPieces(bytes: Buffer, random: SeededRandom): Buffer[] {
  const pieces: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = Math.min(bytes.length, from + 1 + random.below(40));
    pieces.push(bytes.subarray(from, end));
    from = end;
  }
  return pieces;
}

test("a stream seen from any byte on is cut at its packets, whatever its chunks are", () => {
  const seed = fuzzSeed();
  const random = new SeededRandom(seed);
  // From further on there are too few packets to be sure of one.
  for (let from = 0; from <= BOUNDS.at(-3)!; from++) {
    const first = BOUNDS.findIndex((bound) => bound >= from);
    const expected = BOUNDS.slice(first, -1).map((bound, index) => [
      bound - from,
      BOUNDS[first + index + 1]! - from,
    ]);
    const { cutter, places } = cutOf(inPieces(STREAM.subarray(from), random), true);
    assert.equal(cutter.skippedBytes, BOUNDS[first]! - from, `from byte ${from}, seed ${seed}`);
    assert.deepEqual(places, expected, `from byte ${from}, seed ${seed}`);
    assert.deepEqual([cutter.pendingBytes, cutter.problem], [0, ""]);
  }
});

test("three bytes of a heartbeat in what is left of a message are no beginning", () => {
  const rest = [Buffer.from([7, 0, 1, 0x52]), Buffer.from([9, 9])];
  const { cutter, types } = cutOf([...rest, enter(1), cancel(1)], true);
  assert.deepEqual([types, cutter.skippedBytes], [["U", "U"], 6]);
});

test("a stream in which nothing begins is skipped, in bounded memory", () => {
  const nonsense = Buffer.alloc(50_000, 0xee);
  const { cutter, places } = cutOf([nonsense, nonsense, nonsense], true);
  assert.deepEqual([places.length, cutter.skippedBytes, cutter.problem], [0, 150_000, ""]);
  assert.ok(cutter.pendingBytes < 64 * 1024);
});

test("one that is whole must begin as SoupBinTCP does, and a packet of length 0 ends it", () => {
  assert.match(cutOf([Buffer.from("GET / HTTP/1.1")], false).cutter.problem, /does not begin/);
  const { cutter, types } = cutOf([enter(1), Buffer.from([0, 0, 0])], false);
  assert.deepEqual([types, cutter.problem], [["U"], "a packet of length 0"]);
});

test("a chunk of any size is cut into all of its packets", () => {
  const many = Array.from({ length: 5_000 }, (_, index) => enter(index + 1));
  const { cutter, places } = cutOf([Buffer.concat(many)], false);
  assert.deepEqual([places.length, cutter.pendingBytes, cutter.problem], [5_000, 0, ""]);
});
