// What the records of the two-thread tests carry: of a length and with words that follow from their sequence,
// so that a slot read too early, too late or half written shows.

import type { SlotMemory } from "../../src/memory/slot-memory.ts";

export const CONNECTIONS = 7;

const WORD_BYTES = 4;
const PAYLOAD_WORDS_MAX = 16;

export const payloadBytesOf = (sequence: number): number =>
  (1 + (sequence % PAYLOAD_WORDS_MAX)) * WORD_BYTES;

const payloadWord = (sequence: number, index: number): number =>
  Math.imul(sequence + index, 0x9e3779b1);

export function writePayload(
  slots: SlotMemory,
  offset: number,
  payloadBytes: number,
  sequence: number,
): void {
  const base = offset / WORD_BYTES;
  for (let index = 0; index < payloadBytes / WORD_BYTES; index++) {
    slots.words[base + index] = payloadWord(sequence, index);
  }
}

export function checkPayload(
  slots: SlotMemory,
  offset: number,
  payloadBytes: number,
  sequence: number,
): void {
  if (payloadBytes !== payloadBytesOf(sequence)) {
    throw new Error(`record ${sequence} has ${payloadBytes} bytes of payload`);
  }
  const base = offset / WORD_BYTES;
  for (let index = 0; index < payloadBytes / WORD_BYTES; index++) {
    if (slots.words[base + index] !== payloadWord(sequence, index)) {
      throw new Error(`record ${sequence} has a wrong word ${index}`);
    }
  }
}
