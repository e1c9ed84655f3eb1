// How far a long run is: a line on stderr each second, once it has taken one. Silent while lines appear on the same
// terminal anyway.

import { byteText, countText } from "../terminal-text.ts";
import type { TextOutput } from "./text-output.ts";

const EVERY_MS = 1000;
const CLEAR_LINE = "\r\x1b[K";

export class RunProgress {
  private readonly output: TextOutput;
  private readonly beganMs = performance.now();
  private lastMs = this.beganMs;
  private linesThen = 0;
  private isShown = false;

  constructor(output: TextOutput) {
    this.output = output;
  }

  note(what: string, records: number, bytes: number): void {
    const nowMs = performance.now();
    if (nowMs - this.lastMs < EVERY_MS) return;
    this.lastMs = nowMs;
    const { lines } = this.output;
    const isInTheWay = process.stdout.isTTY === true && lines > this.linesThen;
    this.linesThen = lines;
    if (isInTheWay) return;
    const seconds = ((nowMs - this.beganMs) / 1000).toFixed(0);
    const text = `${what}: ${countText(records)} records, ${byteText(bytes)} in ${seconds} s`;
    const isTerminal = process.stderr.isTTY === true;
    process.stderr.write(isTerminal ? `${CLEAR_LINE}${text}` : `${text}\n`);
    this.isShown = isTerminal;
  }

  /** Before anything else is said on the terminal. */
  clear(): void {
    if (this.isShown) process.stderr.write(CLEAR_LINE);
    this.isShown = false;
  }
}
