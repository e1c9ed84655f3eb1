// What the environment did to us, or we to ourselves, that ends the process: one line on stderr, an exit
// status of its own and a runbook entry. Used on every thread; the last resort against an exit that hangs (E19)
// stands in last-resort.ts.

import { writeSync } from "node:fs";
import { armLastResort } from "./last-resort.ts";
import { messageOf } from "./message-of.ts";
import { pause } from "./pause.ts";

export interface ConfigProblem {
  /** Key path, as in `listen.port`. */
  readonly path: string;
  readonly reason: string;
}

export type Fault =
  | { readonly code: "CONFIG_INVALID"; readonly problems: readonly ConfigProblem[] }
  | { readonly code: "CONFIG_UNREADABLE"; readonly file: string; readonly errno: string }
  | ListenFault<"LISTEN_FAILED">
  | ListenFault<"ADMIN_LISTEN_FAILED">
  | { readonly code: "CONTROL_SOCKET_FAILED"; readonly path: string; readonly errno: string }
  | { readonly code: "DESCRIPTORS_TOO_FEW"; readonly needed: number; readonly limit: number }
  | { readonly code: "CLOCK_UNSET"; readonly now: string }
  | { readonly code: "MEMORY_SHORT"; readonly thread: string; readonly message: string }
  | { readonly code: "OUTBOX_FULL"; readonly lane: number; readonly bytes: number }
  | { readonly code: "LANE_DIED"; readonly lane: number; readonly reason: string }
  | { readonly code: "LANE_STALLED"; readonly lane: number; readonly silentMs: number }
  | JournalFault
  | {
      readonly code: "INVARIANT";
      readonly thread: string;
      readonly message: string;
      readonly stack: string;
    }
  | { readonly code: "NODE_UNSUPPORTED"; readonly version: string };

/** Of the files in journal.dir. */
type JournalFault =
  | { readonly code: "JOURNAL_LOCKED"; readonly directory: string }
  | {
      readonly code: "JOURNAL_UNWRITABLE";
      readonly path: string;
      readonly errno: string;
      /** What is to be done about what stands there, where the system's word does not say it. */
      readonly reason?: string;
    }
  | {
      readonly code: "JOURNAL_IO";
      readonly path: string;
      /** What failed: write, sync, read, open … */
      readonly operation: string;
      readonly errno: string;
    }
  | {
      readonly code: "JOURNAL_FULL";
      readonly directory: string;
      /** The room that was kept for its cancels is used up; or errno says which call found none. */
      readonly lane?: number;
      readonly errno?: string;
    }
  | {
      readonly code: "JOURNAL_DAMAGED";
      readonly file: string;
      readonly offset: number;
      readonly reason: string;
    }
  | {
      readonly code: "JOURNAL_DIFFERS";
      readonly lane: number;
      readonly record: number;
      readonly account: string;
      readonly message: string;
      readonly file: string;
    }
  | {
      readonly code: "JOURNAL_VERSION";
      readonly file: string;
      readonly found: number;
      readonly known: number;
    }
  | { readonly code: "JOURNAL_MISMATCH"; readonly reason: string }
  | { readonly code: "OUTBOX_DAMAGED"; readonly file: string; readonly offset: number };

interface ListenFault<Code extends string> {
  readonly code: Code;
  readonly host: string;
  readonly port: number;
  readonly errno: string;
}

/**
 * The supervisor and the runbook know these: never renumbered, only added to. A fault without a status or
 * advice does not compile. 30 to 39 are the journal's.
 */
const ANSWERS: Record<Fault["code"], { readonly status: number; readonly advice: string }> = {
  CONFIG_INVALID: {
    status: 10,
    advice: "correct the keys listed under problems; --check-config tries a configuration out",
  },
  CONFIG_UNREADABLE: {
    status: 11,
    advice: "check that the file named by --config exists and is readable",
  },
  LISTEN_FAILED: {
    status: 12,
    advice: "stop what holds the port, or set listen.host and listen.port (0 = any free port)",
  },
  ADMIN_LISTEN_FAILED: {
    status: 13,
    advice: "stop what holds the port, or set admin.host and admin.port (0 = any free port)",
  },
  CONTROL_SOCKET_FAILED: {
    status: 14,
    advice: "is another gateway using it? Otherwise set control.socket to a writable, short path",
  },
  DESCRIPTORS_TOO_FEW: {
    status: 15,
    advice: "raise the descriptor limit (ulimit -n, LimitNOFILE) or lower listen.connectionsMax",
  },
  OUTBOX_FULL: {
    status: 17,
    advice: "make room on the disk of journal.dir, or raise lanes.outboxBytesMax; then restart",
  },
  CLOCK_UNSET: {
    status: 18,
    advice: "set the clock of the machine, then restart; start behind its time service, not before",
  },
  MEMORY_SHORT: {
    status: 19,
    advice:
      "give the process more memory (ulimit -v, MemoryMax), or lower lanes.outboxBytesMax or venue.ordersMax; then restart",
  },
  LANE_DIED: {
    status: 20,
    advice:
      "restart; keep the lines above this one, they say where the lane broke, and report them",
  },
  LANE_STALLED: {
    status: 21,
    advice:
      "restart; look for a disk whose syncs take seconds, a machine out of CPU or memory, or raise lanes.stallMsMax",
  },
  INVARIANT: {
    status: 22,
    advice: "this is a bug of the gateway: restart, keep this line and report it",
  },
  NODE_UNSUPPORTED: {
    status: 23,
    advice: "start through npm, which uses the pinned runtime on linux-x64, or install Node 24",
  },
  JOURNAL_LOCKED: {
    status: 30,
    advice: "another gateway is running on this directory: stop it, or give journal.dir another",
  },
  JOURNAL_UNWRITABLE: {
    status: 31,
    advice:
      "do what the reason says, if there is one; otherwise see that nothing else stands at path, and let the gateway's user write journal.dir, or set it to a directory that it may write",
  },
  JOURNAL_IO: {
    status: 32,
    advice: "do not restart before the disk has been looked at (dmesg, SMART): it failed a call",
  },
  JOURNAL_FULL: {
    status: 33,
    advice:
      "make room on the disk of journal.dir (quota, ulimit -f), then restart: no answer is lost",
  },
  JOURNAL_DAMAGED: {
    status: 34,
    advice: "copy the directory away, then see npm run journal -- repair; nothing has been changed",
  },
  JOURNAL_DIFFERS: {
    status: 35,
    advice: "start the build that wrote the journal; this one would answer its clients differently",
  },
  JOURNAL_VERSION: {
    status: 36,
    advice:
      "start the build that wrote the journal; change builds behind npm run control -- roll stop=true",
  },
  JOURNAL_MISMATCH: {
    status: 37,
    advice: "set what the reason names back to what the journal was begun with, or end its session",
  },
  OUTBOX_DAMAGED: {
    status: 38,
    advice: "restart: the file is derived and rebuilt from the journal; look at the disk",
  },
};

/** A Fault on its way to the place that may end the process. */
export class FaultError extends Error {
  override readonly name = "FaultError";
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(faultLine(fault));
    this.fault = fault;
  }
}

export const exitStatus = (fault: Fault): number => ANSWERS[fault.code].status;

/** One line of JSON, without its newline. */
export const faultLine = (fault: Fault): string =>
  JSON.stringify({ event: "fault", ...fault, advice: ANSWERS[fault.code].advice });

/** Whatever was thrown, in a few words within another line: without the advice, which is for faults that end a process. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof FaultError)) return messageOf(thrown);
  const { code, ...fields } = thrown.fault;
  return `${code} ${inWords(fields)}`;
}

/** "one=1 other=text": for lines that are read by people. */
export const inWords = (fields: Readonly<Record<string, unknown>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(" ");

/** V8 has no code for it. */
const NO_MEMORY = "Array buffer allocation failed";

/** The system gave no memory: neither a bug nor the fault of the record in hand. */
export const isOutOfMemory = (thrown: unknown): boolean =>
  thrown instanceof RangeError && thrown.message === NO_MEMORY;

/** What a thread's entry makes of whatever reached it: a Fault stays one, want of memory is one, all else is our bug. */
export function faultOf(thrown: unknown, thread: string): Fault {
  if (thrown instanceof FaultError) return thrown.fault;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (isOutOfMemory(error)) return { code: "MEMORY_SHORT", thread, message: error.message };
  return { code: "INVARIANT", thread, message: error.message, stack: error.stack ?? "" };
}

/** Main thread: says why and ends the process. */
export function exitOn(fault: Fault): never {
  armLastResort();
  writeToStderr(`${faultLine(fault)}\n`);
  process.exit(exitStatus(fault));
}

/** Main thread: ends the process as one of its workers has ended, which has said why. */
export function exitAs(status: number): never {
  armLastResort();
  process.exit(status);
}

/**
 * A worker: says why and ends this worker with the fault's status. In a worker process.exit ends only the
 * worker, so main's handler of its `exit` event must end the process with the same status (E19).
 */
export function exitWorkerOn(fault: Fault): never {
  armLastResort();
  writeToStderr(`${faultLine(fault)}\n`);
  process.exit(exitStatus(fault));
}

/** As exitWorkerOn(), for a thread whose end ends no order: without the last resort, because the process goes on. */
export function exitThreadOn(fault: Fault): never {
  writeToStderr(`${faultLine(fault)}\n`);
  process.exit(exitStatus(fault));
}

/**
 * For a worker that sees main stand still, which then runs no handler: says why and kills the process, whose supervisor
 * is told of the signal (137) in place of the fault's status.
 */
export function killOn(fault: Fault): void {
  writeToStderr(`${faultLine(fault)}\n`);
  process.kill(process.pid, "SIGKILL");
}

const STDERR = 2;
const STDERR_TRIES_MAX = 100;

/** Past process.stderr, which in a worker needs main's event loop. A pipe that nobody reads is given up. */
function writeToStderr(text: string): void {
  const bytes = Buffer.from(text);
  let offset = 0;
  for (let tries = 0; tries < STDERR_TRIES_MAX && offset < bytes.length; tries++) {
    try {
      offset += writeSync(STDERR, bytes, offset);
    } catch (error) {
      // A closed stderr must not change the exit status; a full one gets a moment to be read.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
      pause(1);
    }
  }
}
