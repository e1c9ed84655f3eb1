// npm run capture: looks into captures, cuts and merges them, and turns packet captures into them and back. --help
// says more.

import { messageOf } from "../base/message-of.ts";
import { overviewOf } from "./capture/capture-overview.ts";
import { makeOnThread } from "./capture/make-on-thread.ts";
import { isStdout, isStream, namesFor } from "./capture/new-file.ts";
import { openCapture, UnusableCapture } from "./capture/open-capture.ts";
import { overviewLines } from "./capture/overview-text.ts";
import { CAPTURE_HELP, type CaptureOptions, parseCaptureOptions } from "./capture-options.ts";
import { TextOutput } from "./journal/text-output.ts";
import { OwnOutput, UNWRITABLE_STATUS } from "./own-output.ts";
import { WriteError } from "./write-error.ts";

const STATUS = { OK: 0, INCOMPLETE: 1, UNUSABLE: 2 } as const;

async function main(): Promise<number> {
  let options: CaptureOptions | undefined;
  try {
    options = parseCaptureOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${CAPTURE_HELP}`);
    return STATUS.UNUSABLE;
  }
  if (options === undefined) {
    console.log(CAPTURE_HELP);
    return STATUS.OK;
  }
  try {
    return await (options.command === "info" ? info(options) : make(options));
  } catch (error) {
    const isUnwritable = error instanceof WriteError;
    if (!isUnwritable && !(error instanceof UnusableCapture)) throw error;
    console.error(error.message);
    return isUnwritable ? UNWRITABLE_STATUS : STATUS.UNUSABLE;
  }
}

function info({ paths, port, isJson }: CaptureOptions): number {
  const [path = ""] = paths;
  const source = openCapture(path, { port });
  const overview = overviewOf(source);
  source.close();
  const output = new TextOutput();
  if (isJson) output.json({ file: path, ...overview });
  else for (const line of overviewLines(path, overview)) output.line(line);
  output.flush();
  for (const problem of overview.problems) console.error(`${path}: ${problem}`);
  if (overview.records === 0) {
    console.error(`${path}: has no records`);
    return STATUS.UNUSABLE;
  }
  return overview.problems.length === 0 ? STATUS.OK : STATUS.INCOMPLETE;
}

async function make(options: CaptureOptions): Promise<number> {
  const names = namesFor(options.out);
  const { result, text, notes, problems } = await makeOnThread(options, names);
  if (result !== undefined) {
    const told = options.isJson ? JSON.stringify(result) : text;
    // Behind the file's bytes it would be one of them.
    if (isStream(names) && isStdout(names)) console.error(told);
    else console.log(told);
  }
  for (const note of notes) console.error(`note: ${note}`);
  for (const problem of problems) console.error(problem);
  if (result === undefined) return STATUS.UNUSABLE;
  return problems.length === 0 ? STATUS.OK : STATUS.INCOMPLETE;
}

const output = new OwnOutput();
process.exitCode = await output.status(await main());
