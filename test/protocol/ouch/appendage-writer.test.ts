import assert from "node:assert/strict";
import { test } from "node:test";
import { APPENDAGE_OK, AppendageReader } from "../../../src/protocol/ouch/appendage-reader.ts";
import { AppendageWriter } from "../../../src/protocol/ouch/appendage-writer.ts";
import { TAG } from "../../../src/protocol/ouch/tag.ts";
import { hexOf, withoutSpaces } from "../../support/hex.ts";

const writer = new AppendageWriter();
const blankView = (): DataView => new DataView(new ArrayBuffer(256));

test("an appendage of Nasdaq's own is written byte by byte", () => {
  const view = blankView();
  const end = writer.begin(view, 4).u32(TAG.FIRM, 0x4c494d45).end();
  assert.equal(hexOf(view, 4, end), withoutSpaces("0006 05024c494d45"));
});

test("negative offsets and each size of value are written as the specification has them", () => {
  const view = blankView();
  const end = writer
    .begin(view, 0)
    .i32(TAG.PEG_OFFSET, -100)
    .u8(TAG.USER_REF_IDX, 5)
    .u16(TAG.GROUP_ID, 7)
    .u64(TAG.SECONDARY_ORDER_REFERENCE, 0x80000000, 2)
    .price(TAG.DISPLAY_PRICE, 4_100_000)
    .text(TAG.ROUTE, "DOT")
    .end();
  const tags =
    "0507ffffff9c 021c05 03180007 09018000000000000002 091700000000003e8fa0 050e444f5420";
  assert.equal(hexOf(view, 0, end), withoutSpaces(`0027 ${tags}`));
});

test("an appendage without tags is its length alone", () => {
  const view = blankView();
  view.setUint16(7, 0xffff);
  assert.equal(writer.begin(view, 7).end(), 9);
  assert.equal(view.getUint16(7), 0);
});

test("a message that has an appendage only for UserRefIdx has none at 0", () => {
  const view = blankView();
  assert.equal(writer.userRefIdxOnly(view, 18, 0), 18);
  const end = writer.userRefIdxOnly(view, 18, 255);
  assert.equal(hexOf(view, 18, end), withoutSpaces("0003 021cff"));
});

test("what is written is what is read", () => {
  const view = blankView();
  const end = writer
    .begin(view, 10)
    .u32(TAG.MIN_QTY, 0xffffffff)
    .u8(TAG.POST_ONLY, 0x50)
    .price(TAG.DISCRETION_PRICE, Number.MAX_SAFE_INTEGER)
    .i32(TAG.DISCRETION_PEG_OFFSET, -1)
    .end();
  const reader = new AppendageReader();
  assert.equal(reader.read(view, 0, end, 10, false, 0x7fffffff), APPENDAGE_OK);
  assert.equal(reader.minQty, 0xffffffff);
  assert.equal(reader.postOnly, 0x50);
  assert.equal(reader.discretionPrice, Number.MAX_SAFE_INTEGER);
  assert.equal(reader.discretionPegOffset, -1);
  assert.equal(reader.has(TAG.FIRM), false);
});

test("a tag of another size is our own mistake", () => {
  assert.throws(() => writer.begin(blankView(), 0).u8(TAG.FIRM, 1), /another size/);
  assert.throws(() => writer.begin(blankView(), 0).u8(8, 1), /another size/, "unassigned tag");
});
