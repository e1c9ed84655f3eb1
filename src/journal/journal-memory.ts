// Views of a buffer that holds a piece of the journal as it is on disk, its batches on whole eights.

export class JournalMemory {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
  readonly doubles: Float64Array;

  constructor(byteLength: number) {
    const memory = new ArrayBuffer(byteLength);
    this.bytes = Buffer.from(memory);
    this.words = new Uint32Array(memory);
    this.doubles = new Float64Array(memory);
  }
}
