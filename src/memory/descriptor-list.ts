// Descriptors that a thread has open for itself: when it dies, whoever started it closes them. Words of one shared block,
// each 0 or a descriptor and one; written by the thread, and by the other side when the thread is gone.
//
// A word is cleared before its descriptor is closed or given away: a death in between leaks it. The other order would one
// day close a number that belongs to somebody else by then.

const DESCRIPTORS_MAX = 64;
const FREE = 0;

export const createDescriptorList = (): SharedArrayBuffer =>
  new SharedArrayBuffer(DESCRIPTORS_MAX * Int32Array.BYTES_PER_ELEMENT);

export class DescriptorList {
  private readonly words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
  }

  /** One too many is not noted: it would leak with the thread, and nothing else. */
  add(descriptor: number): void {
    const place = this.words.indexOf(FREE);
    if (place >= 0) Atomics.store(this.words, place, descriptor + 1);
  }
  /** About to be closed, or another's from now on. */
  remove(descriptor: number): void {
    const place = this.words.indexOf(descriptor + 1);
    if (place >= 0) Atomics.store(this.words, place, FREE);
  }
  /** Of a thread that is gone. */
  takeAll(): number[] {
    const left: number[] = [];
    for (let place = 0; place < DESCRIPTORS_MAX; place++) {
      const word = Atomics.exchange(this.words, place, FREE);
      if (word !== FREE) left.push(word - 1);
    }
    return left;
  }
}
