import assert from "node:assert/strict";
import { existsSync, fstatSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  BLOCK_HEADER_BYTES,
  FILE_HEADER_BYTES,
  infoBytesOf,
  readBlockHeader,
  writeBlockHeader,
} from "../../src/capture/capture-file-layout.ts";
import { CaptureFileError, CaptureFileReader } from "../../src/capture/capture-file-reader.ts";
import { findTail } from "../../src/capture/capture-file-tail.ts";
import { CaptureFileWriter } from "../../src/capture/capture-file-writer.ts";
import { CAPTURE_KIND, type CaptureRecord } from "../../src/capture/capture-record.ts";
import { paddedBytes, writeRecordHeader } from "../../src/capture/capture-record-layout.ts";
import { CAPTURE_INFO, plainRecord, randomRecords } from "../support/capture-records.ts";
import { testDirectory } from "../support/gateway.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const seed = fuzzSeed();
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

function addAll(
  writer: CaptureFileWriter,
  records: readonly CaptureRecord[],
  flushEvery = 0,
): void {
  for (const [index, record] of records.entries()) {
    const { kind, flags, connection, detail, atNs, payload } = record;
    writer.add(kind, flags, connection, detail, atNs, payload);
    if (flushEvery > 0 && index % flushEvery === flushEvery - 1) writer.flush();
  }
}
function writeFile(records: readonly CaptureRecord[], flushEvery = 0): string {
  const path = join(testDirectory(), "test.cap");
  const writer = new CaptureFileWriter(path, CAPTURE_INFO);
  addAll(writer, records, flushEvery);
  writer.close();
  return path;
}
function readAll(path: string) {
  const reader = CaptureFileReader.open(path);
  try {
    const records = Array.from(reader.records(), plainRecord);
    return { records, problems: [...reader.problems], info: reader.info, index: reader.index };
  } finally {
    reader.close();
  }
}

test(`what was written is read again, in whatever blocks, seed ${seed}`, () => {
  const random = new SeededRandom(seed);
  for (const [count, flushEvery, bytesMax] of [
    [0, 0, 1],
    [1, 0, 1],
    [3000, 0, 400],
    [200, 7, 400],
    [3, 0, 600_000],
  ] as const) {
    const records = randomRecords(random, count, bytesMax);
    const { info, index, ...read } = readAll(writeFile(records, flushEvery));
    assert.deepEqual(read, { records: records.map(plainRecord), problems: [] });
    assert.deepEqual(info, CAPTURE_INFO);
    assert.equal(index?.records, count);
  }
});

test("the index says what each connection had, and where the blocks are", () => {
  const path = join(testDirectory(), "test.cap");
  const writer = new CaptureFileWriter(path, CAPTURE_INFO);
  const { CONNECT, IN, OUT, LOST, CLOSE } = CAPTURE_KIND;
  const remote = { remoteAddress: "1.2.3.4", remotePort: 5 };
  writer.add(CONNECT, 0, 7, 0, 1, json(remote));
  const login = Buffer.alloc(49, " ");
  login.write("\0\x2fLbob", "latin1");
  writer.add(IN, 0, 7, 0, 2, login.subarray(0, 20));
  writer.add(IN, 0, 7, 0, 3, login.subarray(20));
  writer.add(OUT, 0, 7, 0, 4, Buffer.alloc(30));
  writer.add(LOST, 0, 7, 0, 5, json({ direction: "in", chunks: 2, bytes: 9 }));
  writer.add(CONNECT, 1, 8, 0, 6, json({ ...remote, account: "EVE" }));
  writer.add(CLOSE, 0, 7, 1, 7, Buffer.alloc(0));
  writer.close();
  const { index } = readAll(path);
  const none = { chunks: 0, bytes: 0, lostChunks: 0, lostBytes: 0 };
  assert.deepEqual(index?.connections, [
    {
      connection: 7,
      firstAtNs: 1,
      lastAtNs: 7,
      account: "BOB",
      remote: "1.2.3.4:5",
      in: { chunks: 2, bytes: 49, lostChunks: 2, lostBytes: 9 },
      out: { ...none, chunks: 1, bytes: 30 },
    },
    {
      connection: 8,
      firstAtNs: 6,
      lastAtNs: 6,
      account: "EVE",
      remote: "1.2.3.4:5",
      in: none,
      out: none,
    },
  ]);
  assert.equal(index?.hasAllConnections, true);
  assert.deepEqual(
    index?.blocks.map(({ firstAtNs, lastAtNs, records }) => ({ firstAtNs, lastAtNs, records })),
    [{ firstAtNs: 1, lastAtNs: 7, records: 7 }],
  );
});

test("records that have the layout already are taken as they are", () => {
  const bytes = Buffer.alloc(80);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  writeRecordHeader(view, 0, 3, CAPTURE_KIND.IN, 0, 1, 0, 10);
  bytes.write("abc", 24);
  writeRecordHeader(view, 32, 16, CAPTURE_KIND.OUT, 0, 1, 0, 11);
  bytes.write("0123456789abcdef", 56);
  const path = join(testDirectory(), "test.cap");
  const writer = new CaptureFileWriter(path, CAPTURE_INFO);
  writer.addRaw(bytes, 0, 72, 4096);
  writer.flush();
  assert.equal(findTail(path).tail.source, 4096 + 72);
  writer.close();
  assert.deepEqual(
    readAll(path).records.map(({ atNs, payload }) => [
      atNs,
      Buffer.from(payload, "hex").toString(),
    ]),
    [
      [10, "abc"],
      [11, "0123456789abcdef"],
    ],
  );
});

test(`a file that is cut off anywhere gives what stands in its whole blocks, seed ${seed}`, () => {
  const random = new SeededRandom(seed);
  const records = randomRecords(random, 40, 60);
  const whole = readFileSync(writeFile(records, 4));
  const path = join(testDirectory(), "cut.cap");
  const lengths = new Set<number>();
  for (let bytes = 0; bytes < whole.length; bytes++) {
    writeFileSync(path, whole.subarray(0, bytes));
    try {
      const read = readAll(path);
      assert.deepEqual(read.records, records.slice(0, read.records.length).map(plainRecord));
      assert.ok(read.records.length % 4 === 0, "a block is whole or not there");
      lengths.add(read.records.length);
    } catch (error) {
      assert.ok(error instanceof CaptureFileError, String(error));
      assert.match(error.message, /empty|no capture|cut off/);
    }
  }
  assert.equal(lengths.size, 11);
});

test(`a flipped bit costs a block, and is told, seed ${seed}`, () => {
  const random = new SeededRandom(seed);
  const records = randomRecords(random, 200, 60);
  const whole = readFileSync(writeFile(records, 10));
  const path = join(testDirectory(), "flipped.cap");
  const all = new Set(records.map((record) => JSON.stringify(plainRecord(record))));
  for (let round = 0; round < 400; round++) {
    const flipped = Buffer.from(whole);
    const at = random.below(flipped.length);
    flipped[at] = flipped[at]! ^ (1 << random.below(8));
    writeFileSync(path, flipped);
    try {
      const read = readAll(path);
      const sound = read.records.filter(({ kind }) => kind !== CAPTURE_KIND.LOST);
      for (const record of sound) assert.ok(all.has(JSON.stringify(record)), `flipped at ${at}`);
      assert.ok(sound.length >= records.length - 10, `flipped at ${at}`);
      if (sound.length < records.length) assert.equal(read.problems.length, 1);
      const lost = read.records.length - sound.length;
      if (sound.length < records.length) assert.equal(lost % 2, 0);
      else assert.equal(lost, 0);
    } catch (error) {
      assert.ok(error instanceof CaptureFileError, String(error));
      assert.match(error.message, /no capture|damaged|version/);
    }
  }
});

test("what is no capture is refused in one line", () => {
  const directory = testDirectory();
  const path = join(directory, "foreign");
  const refused = (): string => {
    try {
      CaptureFileReader.open(path).close();
      return "";
    } catch (error) {
      assert.ok(error instanceof CaptureFileError);
      assert.ok(!error.message.includes("\n"));
      return error.message;
    }
  };
  assert.match(refused(), /no such file/);
  writeFileSync(path, "");
  assert.match(refused(), /empty/);
  writeFileSync(path, "a text that is no capture");
  assert.match(refused(), /no capture of a gateway/);
  assert.throws(() => CaptureFileReader.open(directory), /this is a directory/);
});

/** Sound blocks of records that no writer of ours would take. */
function writeForeign(records: readonly CaptureRecord[]): string {
  const path = writeFile(records.map((record) => ({ ...record, kind: CAPTURE_KIND.IN })));
  const file = readFileSync(path);
  const block = file.subarray(FILE_HEADER_BYTES + infoBytesOf(file));
  const header = readBlockHeader(block);
  assert.ok(header && header.recordCount === records.length);
  let offset = BLOCK_HEADER_BYTES;
  for (const { kind } of records) {
    block.writeUInt16LE(kind, offset + 4);
    offset += paddedBytes(block.readUInt32LE(offset));
  }
  writeBlockHeader(block, header);
  writeFileSync(path, file);
  return path;
}

test("records that say nothing that can be used are left out, and told, whatever their checksums", () => {
  const connect = { remoteAddress: "127.0.0.1", remotePort: 4711 };
  const lost = { direction: "in", chunks: 1, bytes: 5 };
  const pressure = { event: "gc", thread: "gate", durationNs: 5 };
  const record = (kind: number, payload: Buffer, atNs = 2000): CaptureRecord => {
    const connection = kind === CAPTURE_KIND.PRESSURE ? 0 : 1;
    return { kind, flags: 0, connection, detail: 0, atNs, payload };
  };
  const { CONNECT, IN, LOST, PRESSURE } = CAPTURE_KIND;
  const sound = [
    record(CONNECT, json(connect)),
    record(CONNECT, json({ ...connect, account: "ALICE" })),
    record(IN, Buffer.from("{")),
    record(LOST, json(lost)),
    record(PRESSURE, json(pressure)),
  ];
  const unusable = [
    record(CONNECT, Buffer.from('{"remoteAddress":')),
    record(CONNECT, json(null)),
    record(CONNECT, json({ ...connect, remoteAddress: 1 })),
    record(CONNECT, json({ ...connect, remotePort: -1 })),
    record(CONNECT, json({ ...connect, account: 1 })),
    record(LOST, json([])),
    record(LOST, json({ ...lost, direction: "up" })),
    record(LOST, json({ ...lost, chunks: "1" })),
    record(LOST, json({ ...lost, bytes: 0.5 })),
    record(PRESSURE, json("gc")),
    record(PRESSURE, json({ ...pressure, event: 1 })),
    record(PRESSURE, json({ ...pressure, thread: 1 })),
    record(PRESSURE, json({ ...pressure, durationNs: null })),
    record(IN, Buffer.alloc(1), Number.NaN),
    record(IN, Buffer.alloc(1), 1e300),
  ];
  // What the connection said there is lost, nobody knows how much.
  const hole = (direction: string): CaptureRecord =>
    record(LOST, json({ direction, chunks: 0, bytes: 0 }));
  const holes = unusable.flatMap(({ kind }) =>
    kind === LOST || kind === IN ? [hole("in"), hole("out")] : [],
  );
  const { records, problems } = readAll(writeForeign([...sound, ...unusable, ...sound]));
  assert.deepEqual(records, [...sound, ...holes, ...sound].map(plainRecord));
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? "", /^15 records of the block at offset \d+ say nothing/);
});

test("a description that says nothing that can be used is refused in one line", () => {
  for (const wrong of [{ session: 1 }, { anchorNs: null }, { anchorEpochMs: 1e300 }]) {
    const path = join(testDirectory(), "test.cap");
    new CaptureFileWriter(path, { ...CAPTURE_INFO, ...(wrong as object) }).close();
    assert.throws(() => CaptureFileReader.open(path), {
      name: "CaptureFileError",
      message: `${path}: the capture says nothing of itself that can be used`,
    });
  }
});

test("a file that was not ended is gone on with, behind its last whole block", () => {
  const random = new SeededRandom(seed);
  const records = randomRecords(random, 60, 60);
  const path = join(testDirectory(), "test.cap");
  const first = new CaptureFileWriter(path, CAPTURE_INFO);
  addAll(first, records.slice(0, 20));
  first.flush();
  first.abandon();
  writeFileSync(path, "half a block", { flag: "a" });
  assert.match(readAll(path).problems.join(), /no end: .* last 12 bytes/);

  const found = findTail(path);
  assert.deepEqual(found.info, CAPTURE_INFO);
  const second = new CaptureFileWriter(path, CAPTURE_INFO, writeSync, found.tail);
  addAll(second, records.slice(20));
  second.close();
  const read = readAll(path);
  assert.deepEqual(read.records, records.map(plainRecord));
  assert.deepEqual(read.problems, []);
  assert.equal(read.index?.records, 60);
  assert.equal(read.index?.hasAllConnections, false);
});

test("what stands behind the end is told: captures are merged, not joined", () => {
  const path = writeFile(randomRecords(new SeededRandom(seed), 10, 60));
  const whole = readFileSync(path);
  writeFileSync(path, Buffer.concat([whole, whole]));
  const { records, problems } = readAll(path);
  assert.equal(records.length, 10);
  assert.equal(problems.length, 1);
  assert.ok(problems[0]?.startsWith(`${whole.length} bytes behind its end`), problems[0]);
});

test("a disk that is full from the start keeps neither file nor descriptor", () => {
  const path = join(testDirectory(), "test.cap");
  let opened = -1;
  const full = (descriptor: number): number => {
    opened = descriptor;
    throw Object.assign(new Error("no room"), { code: "ENOSPC" });
  };
  assert.throws(() => new CaptureFileWriter(path, CAPTURE_INFO, full), /no room/);
  assert.equal(existsSync(path), false);
  assert.throws(() => fstatSync(opened), /EBADF/);
  new CaptureFileWriter(path, CAPTURE_INFO).close();
});

test("a disk that takes half of a block leaves the whole ones", () => {
  const random = new SeededRandom(seed);
  const records = randomRecords(random, 20, 60);
  const path = join(testDirectory(), "test.cap");
  let room = 100_000;
  const writer = new CaptureFileWriter(path, CAPTURE_INFO, (descriptor, bytes, offset, length) => {
    if (room === 0) throw Object.assign(new Error("no room"), { code: "ENOSPC" });
    const written = writeSync(descriptor, bytes, offset, Math.min(length, room));
    room -= written;
    return written;
  });
  addAll(writer, records.slice(0, 10));
  writer.flush();
  addAll(writer, records.slice(10));
  room = 30;
  assert.throws(() => writer.flush(), /no room/);
  writer.abandon();
  const read = readAll(path);
  assert.deepEqual(read.records, records.slice(0, 10).map(plainRecord));
  assert.deepEqual(
    [writer.records, writer.bytes],
    [10, statSync(path).size],
    "what it says it has",
  );
  assert.match(read.problems.join(), /^no end/);
});
