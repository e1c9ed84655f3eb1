// ops/journal.md says the same as the code.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  CHECKPOINT,
  CHECKPOINT_FORMAT_VERSION,
  CHECKPOINT_HEADER_BYTES,
  CHECKPOINT_MAGIC,
} from "../../src/journal/checkpoint-layout.ts";
import {
  BATCH,
  BATCH_BYTES_MAX,
  BATCH_HEADER_BYTES,
  BATCH_MAGIC,
  JOURNAL_FORMAT_VERSION,
  RECORD,
  RECORD_HEADER_BYTES,
  SEGMENT,
  SEGMENT_HEADER_BYTES,
  SEGMENT_MAGIC,
} from "../../src/journal/journal-layout.ts";
import { OUTBOX_PAGE_BYTES, PAGE, PAGE_HEADER_BYTES } from "../../src/lane/outbox-page-layout.ts";
import { AttachPayload } from "../../src/memory/attach-payload.ts";
import { DETACH_REASON, INBOUND_KIND } from "../../src/memory/inbound-record.ts";
import { ROOT } from "../support/source-files.ts";

const page = readFileSync(join(ROOT, "ops/journal.md"), "utf8");

/** Cells of the table under a heading, without its two head lines. */
function tableUnder(heading: string): string[][] {
  const [, section = ""] = page.split(`\n### ${heading}\n`);
  const [text = ""] = section.split("\n#");
  const lines = text.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const TYPE_BYTES: Readonly<Record<string, number>> = { u8: 1, u16: 2, u32: 4, i32: 4, f64: 8 };
const bytesOf = (type: string): number => TYPE_BYTES[type] ?? Number.parseInt(type, 10);

for (const { heading, layout, end } of [
  { heading: "Segment header", layout: SEGMENT, end: SEGMENT.CHECKSUM + 4 },
  { heading: "Batch header", layout: BATCH, end: BATCH_HEADER_BYTES },
  { heading: "Record header", layout: RECORD, end: RECORD.OUTPUTS_LOW + 4 },
  { heading: "Checkpoint header", layout: CHECKPOINT, end: CHECKPOINT.CHECKSUM + 4 },
]) {
  test(`the page has the ${heading.toLowerCase()} as the code has it`, () => {
    const rows = tableUnder(heading);
    const told = rows.map(([offset, , field = ""]) => [field.replaceAll("`", ""), Number(offset)]);
    assert.deepEqual(Object.fromEntries(told), layout);
    let next = 0;
    for (const [offset, type = ""] of rows) {
      assert.equal(Number(offset), next, "a field does not follow on the one before");
      next += bytesOf(type);
    }
    assert.equal(next, end);
  });
}

test("the page has those fields of an outbox page that are in a file", () => {
  for (const [offset, , field = ""] of tableUnder("Page header")) {
    assert.equal(PAGE[field.replaceAll("`", "") as keyof typeof PAGE], Number(offset));
  }
  assert.equal(tableUnder("Page header").length, 5);
});

test("the page has every kind of record", () => {
  const told = tableUnder("Kinds of records").map(([code, kind = ""]) => [
    kind.replaceAll("`", ""),
    Number(code),
  ]);
  assert.deepEqual(Object.fromEntries(told), INBOUND_KIND);
});

test("the sizes and marks on the page are those of the code", () => {
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(BATCH_MAGIC, 0);
  const text = page.replaceAll("\n", " ");
  for (const words of [
    `header block of ${SEGMENT_HEADER_BYTES.toLocaleString("en-US")} bytes, then batches`,
    `header block of ${CHECKPOINT_HEADER_BYTES.toLocaleString("en-US")} bytes, then the state`,
    `header of ${BATCH_HEADER_BYTES} bytes, then its records`,
    `header of ${RECORD_HEADER_BYTES} bytes, then its payload`,
    `header has at most ${BATCH_BYTES_MAX.toLocaleString("en-US")} bytes`,
    `pages of ${OUTBOX_PAGE_BYTES.toLocaleString("en-US")} bytes`,
    `a header of ${PAGE_HEADER_BYTES} bytes, then entries`,
    `\`${SEGMENT_MAGIC}\``,
    `\`${CHECKPOINT_MAGIC}\``,
    `0x${BATCH_MAGIC.toString(16)}: the letters \`${magic}\``,
    `of this layout: ${JOURNAL_FORMAT_VERSION}`,
    `\`FORMAT_VERSION\` | ${CHECKPOINT_FORMAT_VERSION}`,
  ]) {
    assert.ok(text.includes(words), words);
  }
});

test("an ATTACH can be read as the page says", () => {
  const bytes = Buffer.alloc(64);
  const used = new AttachPayload()
    .wrap(bytes, 0)
    .write("BOB", ["LIME", "ACME"], false, "20261121A", 1200);
  const { ACCOUNT, FIRMS_COUNT, SPARE, SESSION, REQUESTED, FIRMS, ...others } = Object.fromEntries(
    tableUnder("Payload of an ATTACH").map(([offset, , field = ""]) => [
      field.replaceAll("`", ""),
      Number(offset),
    ]),
  );
  assert.deepEqual(others, {});
  assert.equal(bytes.toString("latin1", ACCOUNT, FIRMS_COUNT), "BOB   ");
  assert.equal(bytes.readUInt8(FIRMS_COUNT), 2);
  assert.equal(bytes.readUInt8(SPARE), 0);
  assert.equal(bytes.toString("latin1", SESSION, REQUESTED), "20261121A ");
  assert.equal(bytes.readDoubleLE(REQUESTED), 1200);
  assert.equal(bytes.toString("latin1", FIRMS, used), "LIMEACME");
});

test("the page has every reason of a DETACH", () => {
  const rows = tableUnder("Kinds of records");
  const [, , meaning = ""] = rows.find(([, kind]) => kind === "`DETACH`") ?? [];
  const told = [...meaning.matchAll(/(\d+) = /g)].map(([, code]) => Number(code));
  assert.deepEqual(told, Object.values(DETACH_REASON));
});
