// What the kernel says of a thread's time on the cores (E17): how long it ran, and how long it could have run and had
// no core. One pread from a descriptor that stays open.

import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";

const TASKS = "/proc/self/task";
/** Three numbers of at most 20 digits. */
const TEXT_BYTES_MAX = 64;
const ZERO = "0".charCodeAt(0);
const NINE = "9".charCodeAt(0);
const FIELDS = 3;

export class Schedstat {
  /** As of the latest read(), counting up since the thread began. */
  runNs = 0;
  waitNs = 0;
  slices = 0;
  private readonly descriptor: number;
  private readonly text = Buffer.alloc(TEXT_BYTES_MAX);
  private readonly fields = new Float64Array(FIELDS);

  private constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  /** Undefined: there is no such thread, or the kernel keeps no such counts. */
  static open(tid: number): Schedstat | undefined {
    try {
      const schedstat = new Schedstat(openSync(`${TASKS}/${tid}/schedstat`, "r"));
      if (schedstat.read()) return schedstat;
      schedstat.close();
    } catch {
      // The thread has just ended, or this is no Linux: nothing depends on it.
    }
    return undefined;
  }

  /** False: the thread is gone. */
  read(): boolean {
    try {
      const length = readSync(this.descriptor, this.text, 0, TEXT_BYTES_MAX, 0);
      return this.parse(length);
    } catch {
      return false; // ESRCH
    }
  }

  close(): void {
    closeSync(this.descriptor);
  }

  /** By hand: strings a hundred times a second would be garbage. */
  private parse(length: number): boolean {
    const { text, fields } = this;
    let field = 0;
    fields.fill(0);
    for (let index = 0; index < length && field < FIELDS; index++) {
      const byte = text[index]!;
      if (byte < ZERO || byte > NINE) field++;
      else fields[field] = fields[field]! * 10 + (byte - ZERO);
    }
    if (field < FIELDS) return false;
    this.runNs = fields[0]!;
    this.waitNs = fields[1]!;
    this.slices = fields[2]!;
    return true;
  }
}

export interface KernelThread {
  readonly tid: number;
  /** Of at most 15 letters; workers have the name that they were started with. */
  readonly name: string;
}

/** Every thread of this process. Empty where the kernel does not say. */
export function kernelThreads(): KernelThread[] {
  try {
    return readdirSync(TASKS).flatMap((task) => {
      try {
        return [{ tid: Number(task), name: readFileSync(`${TASKS}/${task}/comm`, "utf8").trim() }];
      } catch {
        return []; // it ended between the two looks
      }
    });
  } catch {
    return [];
  }
}
