// ops/capture.md says what stands where: held against what the code writes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  BLOCK_HEADER_BYTES,
  BLOCK_PAYLOAD_BYTES_MAX,
  FILE_HEADER_BYTES,
  fileHead,
  readBlockHeader,
  TRAILER_BYTES,
  trailerOf,
  writeBlockHeader,
} from "../../src/capture/capture-file-layout.ts";
import { CAPTURE_HEADER_BYTES, CAPTURE_KIND } from "../../src/capture/capture-record.ts";
import { writeRecordHeader } from "../../src/capture/capture-record-layout.ts";
import { ROOT } from "../support/source-files.ts";

const page = readFileSync(join(ROOT, "ops/capture.md"), "utf8");

interface Field {
  readonly offset: number;
  readonly type: string;
  readonly name: string;
}
/** The table under a heading. */
function fieldsUnder(heading: string): Field[] {
  const section = page.split(`\n### ${heading}\n`)[1]?.split("\n### ")[0] ?? "";
  return [...section.matchAll(/^\| (\d+) \| ([^|]*) \| `?(\w+)`? \|/gm)].map(
    ([, offset, type = "", name = ""]) => ({ offset: Number(offset), type: type.trim(), name }),
  );
}
const BYTES: Readonly<Record<string, number>> = { "8 letters": 8, f64: 8, u32: 4, u16: 2, "": 0 };

test("fields follow each other without holes, up to the sizes of the headers", () => {
  const sizes = [
    ["File header", FILE_HEADER_BYTES],
    ["Blocks", BLOCK_HEADER_BYTES],
    ["Records", CAPTURE_HEADER_BYTES],
    ["Index and trailer", TRAILER_BYTES],
  ] as const;
  for (const [heading, bytes] of sizes) {
    let end = 0;
    for (const { offset, type, name } of fieldsUnder(heading)) {
      assert.equal(offset, end, `${heading}: ${name}`);
      end += BYTES[type] ?? assert.fail(`${heading}: ${name} is ${type}`);
    }
    assert.equal(end, bytes, heading);
  }
});

/** What the page says a header has, read as the page says. */
function valuesOf(heading: string, bytes: Buffer): Record<string, number | string> {
  const fields = fieldsUnder(heading).filter(({ type }) => type !== "");
  return Object.fromEntries(
    fields.map(({ offset, type, name }) => {
      if (type === "f64") return [name, bytes.readDoubleLE(offset)];
      if (type === "u32") return [name, bytes.readUInt32LE(offset)];
      if (type === "u16") return [name, bytes.readUInt16LE(offset)];
      return [name, bytes.toString("latin1", offset, offset + 8)];
    }),
  );
}

test("what is written stands where the page says", () => {
  const head = valuesOf("File header", fileHead(1, Buffer.from("{}      ")));
  assert.deepEqual(
    { ...head, CRC: 0 },
    {
      MAGIC: "TAILGCAP",
      VERSION: 1,
      INFO_BYTES: 8,
      CRC: 0,
      SPARE: 0,
    },
  );
  const block = Buffer.alloc(BLOCK_HEADER_BYTES + 16);
  const sizes = { kind: 1, sequence: 2, payloadBytes: 16, recordCount: 4, source: 5 };
  const header = { ...sizes, firstAtNs: 6, lastAtNs: 7 };
  writeBlockHeader(block, header);
  assert.deepEqual(readBlockHeader(block), header);
  assert.deepEqual(
    { ...valuesOf("Blocks", block), PAYLOAD_CRC: 0, CRC: 0 },
    {
      MAGIC: 0x4b424754,
      KIND: 1,
      SEQUENCE: 2,
      PAYLOAD_BYTES: 16,
      RECORD_COUNT: 4,
      SOURCE: 5,
      FIRST_AT_NS: 6,
      LAST_AT_NS: 7,
      PAYLOAD_CRC: 0,
      CRC: 0,
    },
  );
  const record = Buffer.alloc(CAPTURE_HEADER_BYTES);
  writeRecordHeader(new DataView(record.buffer, record.byteOffset), 0, 10, 2, 3, 4, 5, 6);
  assert.deepEqual(valuesOf("Records", record), {
    RECORD_BYTES: CAPTURE_HEADER_BYTES + 10,
    KIND: 2,
    FLAGS: 3,
    CONNECTION: 4,
    DETAIL: 5,
    AT_NS: 6,
  });
  const trailer = valuesOf("Index and trailer", trailerOf(8));
  assert.deepEqual(
    { ...trailer, CRC: 0 },
    { MAGIC: "TGCAPEND", INDEX_OFFSET: 8, CRC: 0, SPARE: 0 },
  );
});

test("the page has each kind of record, and the longest block", () => {
  const kinds = [...page.matchAll(/^\| (\d+) \| `(\w+)` \|/gm)].map(([, kind, name]) => [
    name,
    Number(kind),
  ]);
  assert.deepEqual(Object.fromEntries(kinds), CAPTURE_KIND);
  assert.ok(page.includes(BLOCK_PAYLOAD_BYTES_MAX.toLocaleString("en-US")));
});
