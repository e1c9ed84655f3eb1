// How many bytes the kernel still holds for a peer that has not taken them. Node says no more of a socket than that a write
// is over; Linux lists every connection with its queues, by the number of its inode. That list has a line for each
// connection of the machine: it is looked at seldom, in pieces, and for all who ask at once. Main thread.

import { readlinkSync } from "node:fs";
import { open } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

const PROCESS = "/proc/self";
const LISTS = ["net/tcp", "net/tcp6"];
/** From one look to the next. */
const LOOK_MS_MIN = 1000;

/** tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode (Linux, Documentation/networking/proc_net_tcp.rst). */
const LINE = / ([0-9A-F]{8}):[0-9A-F]{8} [0-9A-F]{2}:[0-9A-F]{8} [0-9A-F]{8} +\d+ +\d+ (\d+) /;

interface Question {
  readonly inode: string | undefined;
  readonly answer: (bytes: number | undefined) => void;
}

export class KernelQueues {
  private readonly folder: string;
  private readonly lookMsMin: number;
  private waiting: Question[] = [];
  private isLooking = false;

  constructor(folder = PROCESS, lookMsMin = LOOK_MS_MIN) {
    this.folder = folder;
    this.lookMsMin = lookMsMin;
  }

  /**
   * `answer` is called later, with the bytes that the peer of that descriptor's connection has not acknowledged;
   * undefined: nobody can say.
   */
  ask(descriptor: number, answer: Question["answer"]): void {
    this.waiting.push({ inode: this.inodeOf(descriptor), answer });
    if (!this.isLooking) void this.look();
  }

  private async look(): Promise<void> {
    this.isLooking = true;
    while (this.waiting.length > 0) {
      const questions = this.waiting;
      this.waiting = [];
      const bytes = await this.untaken(new Set(questions.map(({ inode }) => inode)));
      for (const { inode, answer } of questions) answer(bytes.get(inode));
      await pause(this.lookMsMin, undefined, { ref: false });
    }
    this.isLooking = false;
  }

  /** Of these inodes those that are connections. */
  private async untaken(inodes: Set<string | undefined>): Promise<Map<string | undefined, number>> {
    const bytes = new Map<string | undefined, number>();
    for (const list of LISTS) {
      for await (const line of linesOf(`${this.folder}/${list}`)) {
        const [, queue = "", inode] = LINE.exec(line) ?? [];
        if (inode !== undefined && inodes.has(inode)) bytes.set(inode, Number.parseInt(queue, 16));
      }
    }
    return bytes;
  }

  private inodeOf(descriptor: number): string | undefined {
    try {
      const link = readlinkSync(`${this.folder}/fd/${descriptor}`);
      return /^socket:\[(\d+)\]$/.exec(link)?.[1];
    } catch {
      return undefined; // not Linux, or no descriptor that we know
    }
  }
}

/** None where there is no such file: a machine without IPv6 has but one list. */
async function* linesOf(path: string): AsyncGenerator<string> {
  try {
    const file = await open(path);
    yield* file.readLines({ encoding: "latin1" });
  } catch {
    // Nobody can say, then.
  }
}
