import assert from "node:assert/strict";
import { test } from "node:test";
import {
  APPENDAGE_MALFORMED,
  APPENDAGE_OK,
  APPENDAGE_REFUSED,
  AppendageReader,
} from "../../../src/protocol/ouch/appendage-reader.ts";
import { CANCEL_ORDER_REQUEST_TAGS } from "../../../src/protocol/ouch/cancel-order-request.ts";
import { ENTER_ORDER_TAGS } from "../../../src/protocol/ouch/enter-order.ts";
import { TAG, tagMask } from "../../../src/protocol/ouch/tag.ts";
import { bytesOf, viewOf } from "../../support/hex.ts";
import { NAIVE_VALUE_BYTES, readAppendageNaively } from "../../support/naive-appendage.ts";
import { oneIn, pickOne, randomBytes } from "../../support/random-cases.ts";
import { fuzzSeed, SeededRandom } from "../../support/seeded-random.ts";

const FIXED_BYTES = 3;
const EVERY_TAG = 0x7fffffff;

const reader = new AppendageReader();

/** Reads an appendage, given as hex with its length, behind a fixed part of three bytes. */
function read(appendage: string, allowed = EVERY_TAG, optional = false): number {
  const message = bytesOf(`00ffff ffffff${appendage}`);
  return reader.read(viewOf(message), 3, message.length - 3, FIXED_BYTES, optional, allowed);
}

test("an empty appendage is read wherever the field may be", () => {
  assert.equal(read("0000"), APPENDAGE_OK);
  assert.equal(read("0000", EVERY_TAG, true), APPENDAGE_OK);
  assert.equal(reader.present, 0);
});

test("only an optional appendage may be left out", () => {
  assert.equal(read("", EVERY_TAG, true), APPENDAGE_OK);
  assert.equal(read("", EVERY_TAG, false), APPENDAGE_MALFORMED);
  assert.equal(read("00", EVERY_TAG, true), APPENDAGE_MALFORMED, "half of the length");
});

test("every tag is read into its field", () => {
  const tags =
    "0901 8000000000000002" +
    "0502 4c494d45 0503 00000064 0204 52 0505 ffffffff 0206 6d 0507 ffffff9c" +
    "0909 000000007fffffff 020a 4d 050b 80000000 020c 50 050d 0000000d 050e 44415254" +
    "050f 0001517f 0210 59 0211 49 0212 30 0516 00000016 0917 0000000000000017" +
    "0318 ffff 0219 59 051a 42524b52 021b 45 021c ff 021d 2a 031e 2a2a";
  const bytes = bytesOf(tags).length.toString(16).padStart(4, "0");
  assert.equal(read(bytes + tags), APPENDAGE_OK);
  assert.equal(reader.present, tagMask(...Object.values(TAG)));
  const { present, ...fields } = reader;
  assert.deepEqual(fields, {
    secondaryReferenceHigh: 0x80000000,
    secondaryReferenceLow: 2,
    firm: 0x4c494d45,
    minQty: 100,
    customerType: 0x52,
    maxFloor: 0xffffffff,
    priceType: 0x6d,
    pegOffset: -100,
    discretionPrice: 0x7fffffff,
    discretionPriceType: 0x4d,
    discretionPegOffset: -(2 ** 31),
    postOnly: 0x50,
    randomReserves: 13,
    route: 0x44415254,
    expireTime: 86_399,
    tradeNow: 0x59,
    handleInst: 0x49,
    bboWeight: 0x30,
    displayQuantity: 22,
    displayPrice: 23,
    groupId: 0xffff,
    sharesLocated: 0x59,
    locateBroker: 0x42524b52,
    side: 0x45,
    userRefIdx: 255,
    aiqStrategy: 0x2a,
    aiqGroup: 0x2a2a,
  });

  assert.equal(read("0000"), APPENDAGE_OK);
  assert.deepEqual(
    { ...reader },
    { ...new AppendageReader() },
    "nothing stays for the next message",
  );
});

test("the order of tags does not matter", () => {
  assert.equal(read("000a 021b42 03180007 021c05"), APPENDAGE_OK);
  assert.equal(read("000a 021c05 03180007 021b42"), APPENDAGE_OK);
  assert.equal(reader.groupId, 7);
  assert.equal(reader.userRefIdx, 5);
});

test("the largest legal Enter has every tag of revision 1.04 once", () => {
  let appendageBytes = 0;
  for (let tag = 1; tag <= 30; tag++) {
    if ((ENTER_ORDER_TAGS & (1 << tag)) !== 0) appendageBytes += 2 + (NAIVE_VALUE_BYTES[tag] ?? 0);
  }
  assert.equal(47 + appendageBytes, 133);
});

test("a tag that is unknown, not for here, repeated or of another size is refused", () => {
  const cancel = CANCEL_ORDER_REQUEST_TAGS;
  assert.equal(read("0003 020841"), APPENDAGE_REFUSED, "unassigned tag");
  assert.equal(read("0002 0114"), APPENDAGE_REFUSED, "unassigned tag without a value");
  assert.equal(read("0003 020041"), APPENDAGE_REFUSED, "tag 0");
  assert.equal(read("0003 021f41"), APPENDAGE_REFUSED, "first tag beyond the table");
  assert.equal(read("0003 02ff41"), APPENDAGE_REFUSED, "last tag there can be");
  assert.equal(read("0003 022241", tagMask(TAG.FIRM)), APPENDAGE_REFUSED, "2 + 32 is not 2");
  assert.equal(read("0006 05024c494d45", cancel), APPENDAGE_REFUSED, "Firm on a Cancel");
  assert.equal(read("0006 021c05 021c05", cancel), APPENDAGE_REFUSED, "twice");
  assert.equal(read("0004 031c0005", cancel), APPENDAGE_REFUSED, "two bytes for one");
  assert.equal(read("0002 011c", cancel), APPENDAGE_REFUSED, "no value");
});

test("a refused appendage still says its UserRefIdx", () => {
  assert.equal(read("0006 020841 021c05"), APPENDAGE_REFUSED);
  assert.equal(reader.userRefIdx, 5);
  assert.equal(read("0006 021c05 020841"), APPENDAGE_REFUSED);
  assert.equal(reader.userRefIdx, 5);
  assert.equal(read("0006 021c05 021c06"), APPENDAGE_REFUSED);
  assert.equal(reader.userRefIdx, 5, "the first one counts");
});

test("a structure that does not hold is malformed", () => {
  assert.equal(read("0001"), APPENDAGE_MALFORMED, "length beyond the end of the message");
  assert.equal(read("0000 021c05"), APPENDAGE_MALFORMED, "bytes beyond the length");
  assert.equal(read("0004 021c05 00"), APPENDAGE_MALFORMED, "element of length 0");
  assert.equal(read("0001 00"), APPENDAGE_MALFORMED, "nothing but an element of length 0");
  assert.equal(read("0003 031c05"), APPENDAGE_MALFORMED, "element past the end");
  assert.equal(read("0004 021c05 02"), APPENDAGE_MALFORMED, "element cut at its tag");
  assert.equal(read("0006 020841 051c05"), APPENDAGE_MALFORMED, "worse than an unknown tag");
});

test("a message cut at any byte is malformed, or whole without its optional end", () => {
  const whole = bytesOf("aabbcc 000a 021b42 03180007 021c05");
  for (let cut = FIXED_BYTES; cut < whole.length; cut++) {
    const view = viewOf(Buffer.from(whole.subarray(0, cut)));
    const always = reader.read(view, 0, cut, FIXED_BYTES, false, EVERY_TAG);
    assert.equal(always, APPENDAGE_MALFORMED, `cut at ${cut}`);
    const optional = reader.read(view, 0, cut, FIXED_BYTES, true, EVERY_TAG);
    assert.equal(
      optional,
      cut === FIXED_BYTES ? APPENDAGE_OK : APPENDAGE_MALFORMED,
      `cut at ${cut}`,
    );
  }
});

test("tags cut at any byte under a true length are whole elements or malformed", () => {
  const tags = bytesOf("021b42 03180007 021c05");
  for (let cut = 0; cut <= tags.length; cut++) {
    const length = cut.toString(16).padStart(4, "0");
    const result = read(length + tags.subarray(0, cut).toString("hex"));
    const isWhole = [0, 3, 7, 10].includes(cut);
    assert.equal(result, isWhole ? APPENDAGE_OK : APPENDAGE_MALFORMED, `cut at ${cut}`);
  }
});

const seed = fuzzSeed();
test(`reader and naive twin agree on any bytes (FUZZ_SEED=${seed})`, () => {
  const random = new SeededRandom(seed);
  const seen = [0, 0, 0];
  for (let round = 0; round < 30_000; round++) {
    const tags = oneIn(random, 4) ? randomBytes(random, random.below(24)) : likelyTags(random);
    const lie = oneIn(random, 10) ? random.below(5) - 2 : 0;
    const header = Buffer.alloc(FIXED_BYTES + 2);
    header.writeUInt16BE(Math.max(0, tags.length + lie), FIXED_BYTES);
    const whole = Buffer.concat([header, tags]);
    const message = oneIn(random, 10) ? whole.subarray(0, random.below(whole.length + 1)) : whole;
    if (message.length < FIXED_BYTES) continue;
    const optional = oneIn(random, 2);
    const allowed = oneIn(random, 2) ? EVERY_TAG : random.u32() | 0;

    const expected = readAppendageNaively(message, FIXED_BYTES, optional, allowed);
    const { length } = message;
    const result = reader.read(viewOf(message), 0, length, FIXED_BYTES, optional, allowed);
    assert.equal(result, expected.result, `round ${round}: ${message.toString("hex")}`);
    if (result !== APPENDAGE_MALFORMED) {
      assert.deepEqual(tagsOf(reader.present), expected.tags, `round ${round}`);
      assert.equal(reader.userRefIdx, expected.userRefIdx, `round ${round}`);
    }
    seen[result] = (seen[result] ?? 0) + 1;
  }
  for (const count of seen) assert.ok(count > 500, `each answer is tried often: ${seen}`);
});

const tagsOf = (mask: number): number[] =>
  Array.from({ length: 31 }, (_, tag) => tag).filter((tag) => (mask & (1 << tag)) !== 0);

/** Mostly true elements, now and then one with another size. */
function likelyTags(random: SeededRandom): Buffer {
  const parts: Buffer[] = [];
  for (let count = random.below(5); count > 0; count--) {
    const tag = oneIn(random, 20) ? random.below(256) : pickOne(random, Object.values(TAG));
    const valueBytes = oneIn(random, 20) ? random.below(10) : (NAIVE_VALUE_BYTES[tag] ?? 1);
    parts.push(Buffer.from([1 + valueBytes, tag]), randomBytes(random, valueBytes));
  }
  return Buffer.concat(parts);
}
