// A thread that stands still for a while, its event loop with it. Any thread that nobody waits for meanwhile.

const NOBODY = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

export function pause(ms: number): void {
  Atomics.wait(NOBODY, 0, 0, ms); // nobody wakes it
}
