// The appendage rules as plainly as they can be said, with objects and slices: what the reader must agree with.

import {
  APPENDAGE_MALFORMED,
  APPENDAGE_OK,
  APPENDAGE_REFUSED,
} from "../../src/protocol/ouch/appendage-reader.ts";

/** From the specification's table of tags, not from the code. */
export const NAIVE_VALUE_BYTES: Readonly<Record<number, number>> = {
  1: 8,
  2: 4,
  3: 4,
  4: 1,
  5: 4,
  6: 1,
  7: 4,
  9: 8,
  10: 1,
  11: 4,
  12: 1,
  13: 4,
  14: 4,
  15: 4,
  16: 1,
  17: 1,
  18: 1,
  22: 4,
  23: 8,
  24: 2,
  25: 1,
  26: 4,
  27: 1,
  28: 1,
  29: 1,
  30: 2,
};

const USER_REF_IDX = 28;

interface NaiveAppendage {
  readonly result: number;
  /** Rising. */
  readonly tags: number[];
  readonly userRefIdx: number;
}

export function readAppendageNaively(
  message: Buffer,
  fixedBytes: number,
  optional: boolean,
  allowed: number,
): NaiveAppendage {
  const nothing = { tags: [], userRefIdx: 0 };
  const end = message.subarray(fixedBytes);
  if (end.length === 0 && optional) return { result: APPENDAGE_OK, ...nothing };
  if (end.length < 2) return { result: APPENDAGE_MALFORMED, ...nothing };
  let rest = end.subarray(2);
  if (end.readUInt16BE(0) !== rest.length) return { result: APPENDAGE_MALFORMED, ...nothing };

  const values = new Map<number, Buffer>();
  let result = APPENDAGE_OK;
  while (rest.length > 0) {
    const elementBytes = rest.readUInt8(0);
    if (elementBytes === 0 || 1 + elementBytes > rest.length) {
      return { result: APPENDAGE_MALFORMED, ...nothing };
    }
    const tag = rest.readUInt8(1);
    const value = rest.subarray(2, 1 + elementBytes);
    const isAllowed = tag < 31 && Math.floor((allowed >>> 0) / 2 ** tag) % 2 === 1;
    if (isAllowed && !values.has(tag) && NAIVE_VALUE_BYTES[tag] === value.length) {
      values.set(tag, value);
    } else {
      result = APPENDAGE_REFUSED;
    }
    rest = rest.subarray(1 + elementBytes);
  }
  const tags = [...values.keys()].sort((left, right) => left - right);
  return { result, tags, userRefIdx: values.get(USER_REF_IDX)?.readUInt8(0) ?? 0 };
}
