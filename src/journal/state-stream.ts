// How a part of a lane is written into a checkpoint and read back: numbers and arrays, in an order that the part alone
// decides. `mark` names what follows, so that a reader that has lost its way says where.

export interface StateWriter {
  mark(name: string): void;
  /** Any double, exactly. */
  number(value: number): void;
  text(value: string): void;
  /** `count` elements of a typed array from `start` on; a Buffer counts as bytes. */
  array(
    values: Uint8Array | Int32Array | Uint32Array | Float64Array,
    start: number,
    count: number,
  ): void;
}

/** Mirrors StateWriter, call by call. Throws when the bytes do not fit the calls. */
export interface StateReader {
  mark(name: string): void;
  number(): number;
  text(): string;
  /** Into `values`, from `start` on. */
  array(
    values: Uint8Array | Int32Array | Uint32Array | Float64Array,
    start: number,
    count: number,
  ): void;
}

/** A part of a lane that a checkpoint keeps. restore() is called on a fresh one, made from the same configuration. */
export interface Saved {
  save(out: StateWriter): void;
  restore(from: StateReader): void;
}
