import assert from "node:assert/strict";
import { test } from "node:test";
import { INBOUND_MESSAGES } from "../../../src/protocol/ouch/inbound-messages.ts";
import type { MessageDescription } from "../../../src/protocol/ouch/message-description.ts";
import { OUTBOUND_MESSAGES } from "../../../src/protocol/ouch/outbound-messages.ts";
import { hasTag, TAG, TAG_VALUE_BYTES, tagMask } from "../../../src/protocol/ouch/tag.ts";
import { NAIVE_VALUE_BYTES } from "../../support/naive-appendage.ts";

test("values have the sizes of the specification", () => {
  for (let tag = 0; tag < TAG_VALUE_BYTES.length; tag++) {
    assert.equal(TAG_VALUE_BYTES[tag], NAIVE_VALUE_BYTES[tag] ?? 0, `tag ${tag}`);
  }
});

test("a set of tags holds its members and nothing else", () => {
  const mask = tagMask(TAG.FIRM, TAG.AIQ_GROUP);
  assert.deepEqual(numbersIn(mask), [2, 30]);
  assert.equal(hasTag(mask, TAG.FIRM), true);
  assert.equal(hasTag(mask, TAG.MIN_QTY), false);
});

test("messages from clients carry the tags of revision 1.04", () => {
  assert.deepEqual(tagsByType(INBOUND_MESSAGES), {
    O: [2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 15, 16, 17, 24, 25, 26, 28],
    U: [3, 5, 6, 7, 9, 10, 11, 12, 13, 15, 16, 17, 25, 26, 27, 28],
    X: [28],
    M: [25, 26, 28],
    C: [24, 27, 28],
    D: [28],
    E: [28],
    Q: [28],
  });
});

test("messages to clients carry the tags of revision 1.04", () => {
  assert.deepEqual(tagsByType(OUTBOUND_MESSAGES), {
    S: [],
    A: [2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 24, 25, 28],
    U: [2, 3, 5, 6, 12, 15, 16, 17, 18, 28],
    C: [28],
    D: [28],
    E: [28],
    B: [28],
    J: [28],
    P: [28],
    I: [28],
    T: [28],
    M: [25, 26, 28],
    R: [1, 22, 23, 28],
    X: [24, 27, 28],
    G: [28],
    K: [28],
    Q: [28],
  });
});

const numbersIn = (mask: number): number[] =>
  Array.from({ length: 31 }, (_, tag) => tag).filter((tag) => hasTag(mask, tag));

const tagsByType = (messages: readonly MessageDescription[]): Record<string, number[]> =>
  Object.fromEntries(
    messages.map(({ type, appendage }) => [
      String.fromCharCode(type),
      numbersIn(appendage?.tags ?? 0),
    ]),
  );
