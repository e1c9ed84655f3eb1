// npm run logs: what the gateway logged, decoded and filtered. --help says more.

import { reasonOf } from "../base/fault.ts";
import { TextOutput } from "./journal/text-output.ts";
import { type LogEntry, logEntries, logFiles } from "./logs/log-files.ts";
import { LOGS_HELP, type LogsOptions, parseLogsOptions } from "./logs/log-options.ts";
import { entryText, isWanted } from "./logs/log-text.ts";
import { OwnOutput, UNWRITABLE_STATUS } from "./own-output.ts";
import { WriteError } from "./write-error.ts";

const STATUS = { OK: 0, NOTHING: 1, USAGE: 2 } as const;

process.exitCode = await new OwnOutput().status(run());

function run(): number {
  let options: LogsOptions | undefined;
  try {
    options = parseLogsOptions(process.argv.slice(2), Date.now());
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n\n${LOGS_HELP}\n`);
    return STATUS.USAGE;
  }
  if (options === undefined) {
    process.stdout.write(`${LOGS_HELP}\n`);
    return STATUS.OK;
  }
  try {
    return show(options);
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    return error instanceof WriteError ? UNWRITABLE_STATUS : STATUS.NOTHING;
  }
}

function show({ paths, isBinary, isJson, last, filter }: LogsOptions): number {
  const files = logFiles(paths, isBinary);
  if (files.length === 0) throw new Error(`no log files in ${paths.join(", ")}`);
  const output = new TextOutput();
  const tell = (entry: LogEntry): void =>
    output.line(isJson ? JSON.stringify(entry) : entryText(entry));
  const torn = new Set<string>();
  const latest: LogEntry[] = [];
  for (const file of files) {
    for (const entry of logEntries(file, (path) => torn.add(path))) {
      if (output.isClosed) return STATUS.OK;
      if (!isWanted(entry, filter)) continue;
      if (last === Number.POSITIVE_INFINITY) tell(entry);
      else keep(latest, entry, last);
    }
  }
  for (const entry of latest.slice(-last)) tell(entry);
  output.flush();
  for (const file of torn)
    process.stderr.write(`${file} has a line that is cut short or no record\n`);
  return STATUS.OK;
}

/** Drops what is too old now and then, not one at a time. */
function keep(latest: LogEntry[], entry: LogEntry, last: number): void {
  latest.push(entry);
  if (latest.length >= last * 2) latest.splice(0, latest.length - last);
}
