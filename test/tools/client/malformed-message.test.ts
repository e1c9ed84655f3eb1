import assert from "node:assert/strict";
import { test } from "node:test";
import { OUTBOUND_MESSAGES } from "../../../src/protocol/ouch/outbound-messages.ts";
import { malformed } from "../../../src/tools/client/malformed-message.ts";

const ACCEPTED_BYTES = 62;

function told(type: number, fixedBytes: number, ...appendage: readonly number[]): string {
  const message = Buffer.alloc(1 + fixedBytes + appendage.length, 0xff);
  message[1] = type;
  message.set(appendage, 1 + fixedBytes);
  return malformed(new DataView(message.buffer, message.byteOffset), 1, message.length - 1);
}
const accepted = (...appendage: readonly number[]): string =>
  told(0x41, ACCEPTED_BYTES, ...appendage);

test("each message may have tags or none, but a System Event, which ends with its fields", () => {
  for (const { type, fixedBytes, appendage } of OUTBOUND_MESSAGES) {
    assert.equal(told(type, fixedBytes), "");
    assert.equal(told(type, fixedBytes, 0, 0) === "", appendage !== undefined);
    assert.match(told(type, fixedBytes - 1), new RegExp(`${fixedBytes} at least are needed`));
  }
});

test("tags that do not end where the message does are malformed", () => {
  for (const appendage of [
    [0, 3, 2, 28, 5],
    [0, 9, 2, 28, 5, 5, 2, 65, 65, 65, 65],
    [0, 1 + 1, 1, 99], // a tag without a value, unknown as it is, has an end
  ]) {
    assert.equal(accepted(...appendage), "");
  }
  for (const appendage of [
    [0],
    [0, 1],
    [0, 3],
    [0, 0, 2, 28, 5],
    [0, 2, 2, 28, 5],
    [0, 3, 3, 28, 5],
    [0, 3, 1, 28, 5],
    [0, 2, 0, 0],
    [0, 4, 2, 28, 5, 0],
    [120, 120, 120, 120],
  ]) {
    const bytes = ACCEPTED_BYTES + appendage.length;
    const text = `a message of type 0x41 has ${bytes} bytes, and behind the 62 of its fields no tags that end with it`;
    assert.equal(accepted(...appendage), text);
  }
});

test("a message of an unknown type, or of nothing, is malformed", () => {
  assert.equal(told(0x7e, 16), "a message of unknown type 0x7e");
  assert.equal(malformed(new DataView(new ArrayBuffer(4)), 1, 0), "a message of no bytes");
});
