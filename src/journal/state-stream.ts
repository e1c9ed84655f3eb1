// How a part of a lane is written into a checkpoint and read back: numbers and arrays, in an order that the part alone
// decides. `mark` names what follows, so that a reader that has lost its way says where.

import { assert } from "../base/assert.ts";

/** What state is kept in; a Buffer counts as bytes. */
export type Elements = Uint8Array | Int32Array | Uint32Array | Float64Array;

export interface StateWriter {
  mark(name: string): void;
  /** Any double, exactly. */
  number(value: number): void;
  text(value: string): void;
  /** `count` elements from `start` on. */
  array(values: Elements, start: number, count: number): void;
}

/** Mirrors StateWriter, call by call. Throws when the bytes do not fit the calls. */
export interface StateReader {
  mark(name: string): void;
  number(): number;
  text(): string;
  /** Into `values`, from `start` on. */
  array(values: Elements, start: number, count: number): void;
}

/** A part of a lane that a checkpoint keeps. restore() is called on a fresh one, made from the same configuration. */
export interface Saved {
  save(out: StateWriter): void;
  restore(from: StateReader): void;
}

/** The bytes of `count` elements from `start` on, where they lie. */
export function bytesOf(values: Elements, start: number, count: number): Uint8Array {
  assert(start >= 0 && start + count <= values.length, "state lies outside of its array");
  const element = values.BYTES_PER_ELEMENT;
  return new Uint8Array(values.buffer, values.byteOffset + start * element, count * element);
}
