// What is wrong with a journal, in one line, with the file and the place where they are known.

import { FaultError } from "../../base/fault.ts";
import type { JournalEnd } from "../../journal/journal-end.ts";
import type { LaneRecords } from "./lane-records.ts";

export interface Problem {
  readonly code: string;
  readonly file: string;
  readonly offset: number | undefined;
  readonly reason: string;
}

/** Of whatever reading a lane has thrown; what is no fault of the journal is thrown again. */
export function problemOf(error: unknown, { reader }: LaneRecords): Problem {
  if (!(error instanceof FaultError)) throw error;
  const { fault } = error;
  const { segmentFile: file, batchOffset: offset } = reader;
  switch (fault.code) {
    case "JOURNAL_DAMAGED":
      return fault;
    case "JOURNAL_DIFFERS": {
      const { record, account, message } = fault;
      const who = account === "" ? "" : ` of ${account}`;
      const reason = `this build answers record ${record}${who} differently: ${message}`;
      return { code: fault.code, file: fault.file, offset, reason };
    }
    case "JOURNAL_VERSION": {
      const reason = `it has version ${fault.found}, and this build knows ${fault.known}`;
      return { code: fault.code, file: fault.file, offset: undefined, reason };
    }
    case "JOURNAL_MISMATCH":
      return { code: fault.code, file, offset: undefined, reason: fault.reason };
    case "JOURNAL_IO": {
      const reason = `${fault.operation} failed: ${fault.errno}`;
      return { code: fault.code, file: fault.path, offset: undefined, reason };
    }
    default:
      throw error;
  }
}

export const problemText = ({ code, file, offset, reason }: Problem): string =>
  `${code}: ${file}${offset === undefined ? "" : ` at ${offset}`}: ${reason}`;

/** What every process leaves that dies while it writes. */
export function tornProblem({ file, offset, tornBytes }: JournalEnd): Problem {
  const reason = `${tornBytes} bytes of a last batch that is not whole; a start cuts them off`;
  return { code: "TORN", file, offset, reason };
}

/** In an open session that end is in order; one that was put away had come to its own. */
export const isHarmless = ({ code }: Problem, { place }: LaneRecords): boolean =>
  code === "TORN" && !place.isArchived;
