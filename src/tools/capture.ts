// npm run capture: looks into captures, cuts and merges them, and turns packet captures into them and back. --help
// says more.

import { type CaptureOverview, overviewOf } from "./capture/capture-overview.ts";
import { type CutSelection, cutRecords } from "./capture/cut-capture.ts";
import { mergedInfo, mergeRecords } from "./capture/merge-captures.ts";
import { type CaptureSource, openCapture, UnusableCapture } from "./capture/open-capture.ts";
import { overviewLines } from "./capture/overview-text.ts";
import { writePackets } from "./capture/to-pcap.ts";
import { writeRecords } from "./capture/write-records.ts";
import {
  CAPTURE_HELP,
  type CaptureOptions,
  type Moment,
  parseCaptureOptions,
} from "./capture-options.ts";
import { TextOutput } from "./journal/text-output.ts";
import { byteText, countText } from "./terminal-text.ts";

const STATUS = { OK: 0, INCOMPLETE: 1, UNUSABLE: 2 } as const;
/** The gateway's own, as long as its configuration says nothing else. */
const SERVER_PORT = 7140;

function main(): number {
  let options: CaptureOptions | undefined;
  try {
    options = parseCaptureOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${CAPTURE_HELP}`);
    return STATUS.UNUSABLE;
  }
  if (options === undefined) {
    console.log(CAPTURE_HELP);
    return STATUS.OK;
  }
  const sources: CaptureSource[] = [];
  try {
    const { command, paths, port } = options;
    // What to-pcap is told is which port to write, and of its input there is nothing to choose.
    const readPort = command === "to-pcap" ? undefined : port;
    for (const path of paths) sources.push(openCapture(path, { port: readPort }));
    return run(options, sources);
  } catch (error) {
    if (!(error instanceof UnusableCapture)) throw error;
    console.error(error.message);
    return STATUS.UNUSABLE;
  } finally {
    for (const source of sources) source.close();
  }
}

function run(options: CaptureOptions, sources: readonly CaptureSource[]): number {
  const [source] = sources;
  if (source === undefined) return STATUS.UNUSABLE;
  const { command, out, isJson } = options;
  if (command === "info") return info(options, source);
  if (command === "to-pcap") {
    const written = writePackets(out, source, options.port ?? SERVER_PORT);
    const { packets, bytes, pressureRecords } = written;
    const left =
      pressureRecords === 0
        ? ""
        : `; ${countText(pressureRecords)} records of pressure are left out`;
    tell(
      isJson,
      { out, ...written },
      `${out}: ${countText(packets)} packets, ${byteText(bytes)}${left}`,
    );
    return tellProblems(sources);
  }
  const records = command === "merge" ? mergeRecords(sources) : partOf(options, source);
  const made = command === "merge" ? mergedInfo(sources) : source.info;
  const written = writeRecords(out, { ...made, origin: originOf(options, made.origin) }, records);
  const text = `${out}: ${countText(written.records)} records, ${byteText(written.bytes)}`;
  tell(isJson, { out, ...written }, text);
  return tellProblems(sources);
}

const originOf = ({ command }: CaptureOptions, origin: string): string =>
  command === "cut" && !origin.endsWith(", cut") ? `${origin}, cut` : origin;

function info({ paths, isJson }: CaptureOptions, source: CaptureSource): number {
  const [path = ""] = paths;
  const overview = overviewOf(source);
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

function partOf(options: CaptureOptions, source: CaptureSource): ReturnType<typeof cutRecords> {
  const { from, to, connections, accounts } = options;
  const isChosen = connections.length > 0 || accounts.length > 0;
  // Without choices nothing has to be known in advance.
  const overview = from || to || isChosen ? overviewOf(source) : undefined;
  const selection: CutSelection = {
    fromNs: timeOf(from, source, overview) ?? Number.NEGATIVE_INFINITY,
    toNs: timeOf(to, source, overview) ?? Number.POSITIVE_INFINITY,
    connections: overview && isChosen ? chosen(options, overview) : undefined,
  };
  if (selection.fromNs >= selection.toNs) throw new UnusableCapture("--from is not before --to");
  return cutRecords(source, selection);
}

function timeOf(
  moment: Moment | undefined,
  { info }: CaptureSource,
  overview: CaptureOverview | undefined,
): number | undefined {
  if (moment === undefined || overview === undefined) return undefined;
  if ("afterNs" in moment) return overview.startNs + moment.afterNs;
  return info.anchorNs + (moment.epochMs - info.anchorEpochMs) * 1e6;
}

function chosen({ connections, accounts }: CaptureOptions, overview: CaptureOverview): Set<number> {
  const all = overview.connections;
  for (const account of accounts) {
    if (!all.some((each) => each.account === account)) {
      throw new UnusableCapture(`no connection is of account ${account}: info lists them`);
    }
  }
  for (const number of connections) {
    if (!all.some(({ connection }) => connection === number)) {
      throw new UnusableCapture(`there is no connection ${number}: info lists them`);
    }
  }
  const isChosen = ({ connection, account }: (typeof all)[number]): boolean =>
    connections.includes(connection) || accounts.includes(account);
  return new Set(all.filter(isChosen).map(({ connection }) => connection));
}

function tell(isJson: boolean, result: object, text: string): void {
  console.log(isJson ? JSON.stringify(result) : text);
}

function tellProblems(sources: readonly CaptureSource[]): number {
  for (const source of sources) for (const note of source.notes) console.error(`note: ${note}`);
  const problems = sources.flatMap((source) => source.problems);
  for (const problem of problems) console.error(problem);
  return problems.length === 0 ? STATUS.OK : STATUS.INCOMPLETE;
}

process.exitCode = main();
