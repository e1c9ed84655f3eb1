import assert from "node:assert/strict";
import { test } from "node:test";
import { TcpHalf } from "../../../src/tools/capture/tcp-half.ts";
import { fuzzSeed, SeededRandom } from "../../support/seeded-random.ts";

const CASES = 300;

class Sink {
  readonly parts: Buffer[] = [];
  lostBytes = 0;
  isFinished = false;
  onBytes(bytes: Buffer): void {
    assert.ok(bytes.length > 0);
    this.parts.push(Buffer.from(bytes));
  }
  /** A gap that can be told from every byte of the stream. */
  onLost(bytes: number): void {
    assert.ok(bytes > 0);
    this.lostBytes += bytes;
    this.parts.push(Buffer.alloc(bytes, LOST));
  }
  onFin(): void {
    assert.ok(!this.isFinished);
    this.isFinished = true;
  }
  get stream(): Buffer {
    return Buffer.concat(this.parts);
  }
}

const LOST = 0xff;

interface Piece {
  readonly from: number;
  readonly to: number;
}

/** Pieces that cover the stream, some again and overlapping, in the order of sending. */
function pieces(random: SeededRandom, streamBytes: number): Piece[] {
  const found: Piece[] = [];
  for (let from = 0; from < streamBytes; ) {
    const to = Math.min(from + 1 + random.below(60), streamBytes);
    found.push({ from, to });
    if (random.chance(4)) {
      const start = random.below(to);
      found.push({ from: start, to: Math.min(start + 1 + random.below(120), streamBytes) });
    }
    from = to;
  }
  return found;
}

function shuffled(random: SeededRandom, all: readonly Piece[], reach: number): Piece[] {
  return all
    .map((piece, index) => ({ piece, place: index + random.below(reach + 1) }))
    .sort((a, b) => a.place - b.place)
    .map(({ piece }) => piece);
}

const seed = fuzzSeed();

test(`any cutting, order and repetition of segments gives the stream (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  for (let round = 0; round < CASES; round++) {
    const stream = random.bytes(1 + random.below(2000)).map((byte) => byte & 0x7f);
    const first = random.pick([0, 5, 0xffff_fff0, 0x7fff_ffff, random.u32()]);
    const sink = new Sink();
    const half = new TcpHalf(sink);
    half.start(first);
    for (const { from, to } of shuffled(random, pieces(random, stream.length), random.below(30))) {
      const bytes = Buffer.from(stream.subarray(from, to));
      half.receive((first + from) >>> 0, bytes, 0, to === stream.length, round);
      half.look(round);
    }
    assert.deepEqual(sink.stream, Buffer.from(stream), `round ${round}`);
    assert.ok(sink.isFinished);
    assert.equal(half.hasHole, false);
  }
});

test(`what never comes is lost, to the byte, and nothing else is (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  for (let round = 0; round < CASES; round++) {
    const stream = Buffer.from(random.bytes(1 + random.below(2000)).map((byte) => byte & 0x7f));
    const first = random.u32();
    const sink = new Sink();
    const half = new TcpHalf(sink);
    half.start(first);
    // The naive twin: a byte is there when any segment brought it.
    const expected = Buffer.alloc(stream.length, LOST);
    for (const { from, to } of shuffled(random, pieces(random, stream.length), 5)) {
      if (random.chance(3)) continue;
      // Some are cut off by the capture; a later one may bring the rest, unless it was given up at once.
      half.receive((first + from) >>> 0, Buffer.from(stream.subarray(from, to)), 0, false, 0);
      stream.copy(expected, from, from, to);
    }
    half.acknowledge((first + stream.length) >>> 0, 1);
    half.look(1);
    half.look(1 + 200e6);
    // One number too many in the end is that of a FIN, and may still come until then.
    const isFin = expected.at(-1) === LOST && expected.at(-2) !== LOST;
    const there = isFin ? expected.subarray(0, -1) : expected;
    assert.deepEqual(sink.stream, there, `round ${round}`);
    assert.equal(half.hasHole, isFin);
    half.end();
    assert.deepEqual(sink.stream, there);
    assert.equal(sink.isFinished, isFin);
  }
});

test("a hole waits as long as its bytes may be sent again", () => {
  const sink = new Sink();
  const half = new TcpHalf(sink);
  half.start(100);
  half.receive(104, Buffer.from("efgh"), 0, false, 0);
  half.look(0);
  half.look(4.9e9);
  assert.equal(sink.lostBytes, 0);
  half.receive(100, Buffer.from("abcd"), 0, false, 0);
  half.look(5e9);
  assert.equal(sink.stream.toString(), "abcdefgh");
  half.receive(110, Buffer.from("k"), 0, false, 6e9);
  half.look(6e9);
  half.look(11e9);
  assert.equal(sink.lostBytes, 2);
});

test("what waits behind a hole is bounded", () => {
  const sink = new Sink();
  const half = new TcpHalf(sink);
  half.start(0);
  const bytes = Buffer.alloc(60_000);
  for (let index = 0; index < 200; index++) half.receive(10 + index * 60_000, bytes, 0, false, 0);
  assert.equal(sink.lostBytes, 10);
  assert.equal(sink.stream.length, 10 + 200 * 60_000);
});

test("what a capture cut off is lost where it stood, and a repetition of what came is not", () => {
  const sink = new Sink();
  const half = new TcpHalf(sink);
  half.start(0);
  half.receive(0, Buffer.from("ab"), 3, false, 0);
  half.receive(0, Buffer.from("abc"), 0, false, 0);
  half.receive(5, Buffer.from("f"), 0, true, 0);
  half.receive(5, Buffer.from("f"), 0, true, 0);
  assert.equal(sink.stream.toString("latin1"), "ab\xff\xff\xfff");
  assert.ok(sink.isFinished);
});

test("numbers that no window reaches are strays", () => {
  const sink = new Sink();
  const half = new TcpHalf(sink);
  half.start(0);
  half.receive(0x6000_0000, Buffer.from("x"), 0, false, 0);
  half.receive(0, Buffer.from("a"), 0, false, 0);
  half.end();
  assert.equal(half.strayCount, 1);
  assert.equal(sink.stream.toString(), "a");
});
