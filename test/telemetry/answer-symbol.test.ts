import assert from "node:assert/strict";
import { test } from "node:test";
import { MassCancelResponse } from "../../src/protocol/ouch/mass-cancel-response.ts";
import { OrderAccepted } from "../../src/protocol/ouch/order-accepted.ts";
import { OrderCanceled } from "../../src/protocol/ouch/order-canceled.ts";
import { OrderReplaced } from "../../src/protocol/ouch/order-replaced.ts";
import { SEQUENCED_HEADER_BYTES } from "../../src/protocol/soupbintcp/sequenced.ts";
import { answerSymbol } from "../../src/telemetry/answer-symbol.ts";
import { FRAME_BYTES_KEPT } from "../../src/telemetry/order-record.ts";

const PACKET_BYTES_MAX = 256;

interface HasSymbol {
  symbolHigh: number;
  symbolLow: number;
}

/** What is kept of a packet with this message. */
function keptOf(write: (view: DataView, base: number) => HasSymbol, symbol: string): Uint8Array {
  const packet = new Uint8Array(PACKET_BYTES_MAX);
  const text = new DataView(new ArrayBuffer(8));
  Buffer.from(text.buffer).write(symbol.padEnd(8), "latin1");
  const message = write(new DataView(packet.buffer), SEQUENCED_HEADER_BYTES);
  message.symbolHigh = text.getUint32(0);
  message.symbolLow = text.getUint32(4);
  return packet.slice(0, FRAME_BYTES_KEPT);
}

const accepted = (view: DataView, base: number): HasSymbol =>
  new OrderAccepted().wrap(view, base).start();
const replaced = (view: DataView, base: number): HasSymbol =>
  new OrderReplaced().wrap(view, base).start();
const massCanceled = (view: DataView, base: number): HasSymbol =>
  new MassCancelResponse().wrap(view, base).start();

test("the symbol of an accepted order and of a mass cancel is whole", () => {
  assert.equal(answerSymbol(keptOf(accepted, "A")), "A");
  assert.equal(answerSymbol(keptOf(accepted, "LONGEST8")), "LONGEST8");
  assert.equal(answerSymbol(keptOf(massCanceled, "LONGEST8")), "LONGEST8");
});

test("what a terminal would obey in the symbol of a mass cancel is shown as its byte", () => {
  assert.equal(answerSymbol(keptOf(massCanceled, "\x1b[31mR\x9b")), "\\x1b[31mR\\x9b");
});

test("the symbol of a replaced order is kept but for its eighth letter", () => {
  assert.equal(answerSymbol(keptOf(replaced, "SEVEN77")), "SEVEN77");
  assert.equal(answerSymbol(keptOf(replaced, "LONGEST8")), "LONGEST");
});

test("an answer without a symbol has none, whatever the one before had", () => {
  assert.equal(answerSymbol(keptOf(accepted, "BEFORE")), "BEFORE");
  const packet = new Uint8Array(FRAME_BYTES_KEPT + PACKET_BYTES_MAX);
  new OrderCanceled().wrap(new DataView(packet.buffer), SEQUENCED_HEADER_BYTES).start();
  assert.equal(answerSymbol(packet.slice(0, FRAME_BYTES_KEPT)), "");
  assert.equal(answerSymbol(new Uint8Array(0)), "");
});
