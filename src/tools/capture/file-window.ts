// A file from its beginning to its end, through a window: captures are larger than memory.

import fs from "node:fs";
import { unusableFile } from "./unusable-capture.ts";

const WINDOW_BYTES = 2 ** 20;

export class FileWindow {
  readonly path: string;
  private readonly descriptor: number;
  private window = Buffer.alloc(0);
  private windowOffset = 0;
  private offset = 0;
  private isOpen = true;

  /** Throws UnusableCapture for what cannot be opened. */
  constructor(path: string) {
    this.path = path;
    try {
      this.descriptor = fs.openSync(path, "r");
      // A directory opens, and is no file.
      if (fs.fstatSync(this.descriptor).isDirectory())
        fs.readSync(this.descriptor, Buffer.alloc(1));
    } catch (error) {
      throw unusableFile(path, error);
    }
  }

  /** Of the next byte. */
  get position(): number {
    return this.offset;
  }

  /** The next bytes, which stay unread; fewer where the file ends. Valid until the next call. */
  peek(bytes: number): Buffer {
    const start = this.offset - this.windowOffset;
    if (start + bytes > this.window.length) this.read(bytes);
    const from = this.offset - this.windowOffset;
    return this.window.subarray(from, from + bytes);
  }

  /** The next bytes; undefined where the file ends before. Valid until the next call. */
  take(bytes: number): Buffer | undefined {
    const taken = this.peek(bytes);
    if (taken.length < bytes) return undefined;
    this.offset += bytes;
    return taken;
  }

  /** Goes on that much later; beyond the end nothing is left. */
  skip(bytes: number): void {
    this.offset += bytes;
  }

  close(): void {
    if (this.isOpen) fs.closeSync(this.descriptor);
    this.isOpen = false;
  }

  private read(bytes: number): void {
    const window = Buffer.allocUnsafe(Math.max(bytes, WINDOW_BYTES));
    let filled = 0;
    try {
      while (filled < window.length) {
        const position = this.offset + filled;
        const count = fs.readSync(
          this.descriptor,
          window,
          filled,
          window.length - filled,
          position,
        );
        if (count === 0) break;
        filled += count;
      }
    } catch (error) {
      throw unusableFile(this.path, error);
    }
    this.window = window.subarray(0, filled);
    this.windowOffset = this.offset;
  }
}
