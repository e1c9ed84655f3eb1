import assert from "node:assert/strict";
import fs from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PcapFileWriter } from "../../../src/tools/capture/pcap-file-writer.ts";
import { testDirectory } from "../../support/gateway.ts";
import { withoutSpaces } from "../../support/hex.ts";

const MEBIBYTE = 2 ** 20;
const RECORD_HEADER_BYTES = 16;

interface NewFile {
  readonly file: string;
  readonly descriptor: number;
  readonly writer: PcapFileWriter;
}

function newFile(): NewFile {
  const file = join(testDirectory(), "packets.pcap");
  const descriptor = fs.openSync(file, "wx");
  return { file, descriptor, writer: new PcapFileWriter(descriptor) };
}

test("a file is what the format says, with times in nanoseconds", () => {
  const { file, descriptor, writer } = newFile();
  writer.add(1_790_000_000_999_999_999n, Buffer.from("0102030405", "hex"));
  writer.add(1_790_000_001_000_000_000n, Buffer.from("06", "hex"));
  writer.close();
  const expected = [
    // Magic of nanoseconds, version 2.4, no zone, 256 KiB of a packet at most, Ethernet.
    "4d3cb2a1 0200 0400 00000000 00000000 00000400 01000000",
    "803bb16a ffc99a3b 05000000 05000000 0102030405",
    "813bb16a 00000000 01000000 01000000 06",
  ];
  assert.equal(fs.readFileSync(file).toString("hex"), withoutSpaces(expected.join("")));
  assert.deepEqual([writer.packets, writer.bytes], [2, fs.statSync(file).size]);
  assert.throws(() => fs.fstatSync(descriptor), /EBADF/);
});

test("a file that is abandoned is closed as far as it was written", () => {
  const { file, descriptor, writer } = newFile();
  writer.add(0n, Buffer.alloc(9));
  writer.abandon();
  assert.equal(fs.statSync(file).size, 0);
  assert.throws(() => fs.fstatSync(descriptor), /EBADF/);
});

test("packets are written a mebibyte at a time, and all of them when it is closed", () => {
  const { file, writer } = newFile();
  const frame = Buffer.alloc(65_000, 7);
  let sizes = 0;
  let sizeBefore = 0;
  for (let packet = 0; packet < 40; packet++) {
    writer.add(BigInt(packet), frame);
    const { size } = fs.statSync(file);
    assert.ok(writer.bytes - size < MEBIBYTE);
    assert.ok(size === 0 || size >= MEBIBYTE);
    if (size > sizeBefore) sizes++;
    sizeBefore = size;
  }
  assert.equal(sizes, 2);
  writer.close();
  const bytes = fs.readFileSync(file);
  assert.equal(bytes.length, writer.bytes);
  for (let packet = 40; packet > 0; packet--) {
    const end = bytes.length - (40 - packet) * (frame.length + RECORD_HEADER_BYTES);
    assert.ok(bytes.subarray(end - frame.length, end).equals(frame));
  }
});
