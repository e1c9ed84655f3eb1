// What npm run capture makes of its files: a part of one, all of several, packets. On whatever thread it is called.

import type { CaptureOptions, Moment } from "../capture-options.ts";
import { byteText, countText } from "../terminal-text.ts";
import { type CaptureOverview, overviewOf } from "./capture-overview.ts";
import { type CutSelection, cutRecords } from "./cut-capture.ts";
import { mergedInfo, mergeRecords } from "./merge-captures.ts";
import type { NewFileNames } from "./new-file.ts";
import { type CaptureSource, openCapture, UnusableCapture } from "./open-capture.ts";
import { writePackets } from "./to-pcap.ts";
import { writeRecords } from "./write-records.ts";

export interface Made {
  /** The file was made; undefined: nothing was. */
  readonly result: object | undefined;
  /** The same for people. */
  readonly text: string;
  /** What was decided about the files, or left out of them. */
  readonly notes: readonly string[];
  /** What is wrong with them; where nothing was made, why. */
  readonly problems: readonly string[];
}

/** The gateway's own, as long as its configuration says nothing else. */
const SERVER_PORT = 7140;

export function makeCapture(options: CaptureOptions, names: NewFileNames): Made {
  const sources: CaptureSource[] = [];
  try {
    const { command, paths, port } = options;
    // What to-pcap is told is which port to write, and of its input there is nothing to choose.
    const readPort = command === "to-pcap" ? undefined : port;
    for (const path of paths) sources.push(openCapture(path, { port: readPort }));
    const written =
      command === "to-pcap" ? packets(options, names, sources) : records(options, names, sources);
    return {
      ...written,
      notes: sources.flatMap((source) => source.notes),
      problems: sources.flatMap((source) => source.problems),
    };
  } catch (error) {
    if (!(error instanceof UnusableCapture)) throw error;
    // A file without a whole block has nothing to write because it is cut off.
    const problems = sources.flatMap((source) => source.problems);
    return { result: undefined, text: "", notes: [], problems: [...problems, error.message] };
  } finally {
    for (const source of sources) source.close();
  }
}

type Written = Pick<Made, "result" | "text">;

function packets(
  { out, port }: CaptureOptions,
  names: NewFileNames,
  [source]: readonly CaptureSource[],
): Written {
  if (source === undefined) throw new UnusableCapture("there is nothing to write");
  const written = writePackets(names, source, port ?? SERVER_PORT);
  const { packets, bytes, pressureRecords, unseenLostBytes } = written;
  const words = [`${out}: ${countText(packets)} packets, ${byteText(bytes)}`];
  if (pressureRecords > 0)
    words.push(`${countText(pressureRecords)} records of pressure are left out`);
  if (unseenLostBytes > 0) {
    words.push(
      `${countText(unseenLostBytes)} bytes that were lost behind the last packet of a connection cannot be seen in it`,
    );
  }
  return { result: { out, ...written }, text: words.join("; ") };
}

function records(
  options: CaptureOptions,
  names: NewFileNames,
  sources: readonly CaptureSource[],
): Written {
  const [source] = sources;
  if (source === undefined) throw new UnusableCapture("there is nothing to write");
  const { command, out } = options;
  const isMerge = command === "merge";
  const all = isMerge ? mergeRecords(sources) : partOf(options, source);
  const made = isMerge ? mergedInfo(sources) : source.info;
  const written = writeRecords(names, { ...made, origin: originOf(options, made.origin) }, all);
  const text = `${out}: ${countText(written.records)} records, ${byteText(written.bytes)}`;
  return { result: { out, ...written }, text };
}

const originOf = ({ command }: CaptureOptions, origin: string): string =>
  command === "cut" && !origin.endsWith(", cut") ? `${origin}, cut` : origin;

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
