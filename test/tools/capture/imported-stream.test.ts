import assert from "node:assert/strict";
import { test } from "node:test";
import { CAPTURE_KIND } from "../../../src/capture/capture-record.ts";
import { ImportedStream } from "../../../src/tools/capture/imported-stream.ts";
import { ENTER, LOGIN } from "../../support/recorded-chunks.ts";

/** Of no packet, wherever one begins to read. */
const noise = (bytes: number): Buffer => Buffer.alloc(bytes, 0xff);

/** Each time other bytes: a password is blanked where it stands. */
const packets = (count: number): Buffer => Buffer.concat(Array(count).fill(ENTER));

interface Imported {
  readonly stream: ImportedStream;
  /** "IN bytes", or what a record of a loss says. */
  readonly told: string[];
}

function imported(): Imported {
  const told: string[] = [];
  const add = (kind: number, _flags: number, _detail: number, payload: Buffer): void => {
    told.push(kind === CAPTURE_KIND.LOST ? payload.toString() : `IN ${payload.length}`);
  };
  return { stream: new ImportedStream("in", add, () => told.push("END")), told };
}

const lost = (chunks: number, bytes: number): string =>
  JSON.stringify({ direction: "in", chunks, bytes });

test("a loss takes what came since the last one and could not be framed, and each says its own chunks", () => {
  const { stream, told } = imported();
  stream.onBytes(Buffer.from(LOGIN));
  stream.onLost(10);
  stream.onBytes(noise(5));
  stream.onBytes(noise(6));
  stream.onLost(20);
  stream.onBytes(noise(7));
  stream.onLost(30);
  stream.onBytes(noise(1));
  stream.onFin(false);
  assert.deepEqual(told, [
    `IN ${LOGIN.length}`,
    lost(0, 10),
    lost(2, 20 + 11),
    lost(1, 30 + 7),
    lost(1, 1),
    "END",
  ]);
  assert.deepEqual([stream.bytes, stream.lostBytes], [LOGIN.length, 79]);
});

test("what stands before the next whole packet is lost, and nothing of it is counted twice", () => {
  const { stream, told } = imported();
  stream.onLost(10);
  stream.onBytes(noise(5));
  stream.onBytes(Buffer.concat([noise(6), packets(2)]));
  stream.onBytes(packets(1));
  stream.onLost(20);
  stream.end();
  assert.deepEqual(told, [
    lost(0, 10),
    lost(0, 11),
    `IN ${2 * ENTER.length}`,
    `IN ${ENTER.length}`,
    lost(0, 20),
  ]);
  assert.equal(stream.leadingBytes, 0);
});

test("bytes that a stream under way begins with are no loss", () => {
  const { stream, told } = imported();
  stream.startInTheMiddle();
  stream.onBytes(Buffer.concat([noise(6), packets(2)]));
  stream.onLost(1);
  stream.onBytes(Buffer.concat([noise(1), packets(2)]));
  stream.end();
  assert.deepEqual(told, [
    ...[`IN ${2 * ENTER.length}`, lost(0, 1), lost(0, 1), `IN ${2 * ENTER.length}`],
  ]);
  assert.deepEqual([stream.leadingBytes, stream.lostBytes], [6, 2]);
});

test("bytes without a packet are given up but for the last of them, and all are counted", () => {
  const { stream, told } = imported();
  stream.onLost(1);
  for (let chunk = 0; chunk < 10; chunk++) stream.onBytes(noise(30_000));
  stream.onBytes(Buffer.concat([noise(4), packets(2)]));
  assert.deepEqual(told, [lost(0, 1), lost(0, 300_004), `IN ${2 * ENTER.length}`]);
  stream.onLost(1);
  for (let chunk = 0; chunk < 3; chunk++) stream.onBytes(noise(30_000));
  stream.end();
  assert.equal(told.at(-1), lost(3, 90_000));
});
