// A capture's overview for people.

import { byteText, countText, tableLine, timeText } from "../terminal-text.ts";
import type { CaptureOverview, ConnectionOverview } from "./capture-overview.ts";
import type { DirectionCount } from "./followed-connection.ts";

const CONNECTIONS_SHOWN = 50;

const row = (title: string, text: string): string => `${title.padEnd(12)} ${text}`;

export function overviewLines(path: string, overview: CaptureOverview): string[] {
  const { info, format, connections, records, pressure } = overview;
  const made = [info.origin, info.host, info.node, info.cpu].filter((word) => word !== "");
  const lines = [
    row("file", `${path} (${format})`),
    row("made by", made.join(", ")),
    ...(info.session === "" ? [] : [row("session", `${info.session}, config ${info.configHash}`)]),
    row("time", `${wallText(overview.startEpochMs)}, ${durationText(overview.durationNs)}`),
    row("records", `${countText(records)} of ${countText(connections.length)} connections`),
    row("in", totalText(connections.map((connection) => connection.in))),
    row("out", totalText(connections.map((connection) => connection.out))),
    "",
    ...connectionLines(connections),
  ];
  if (pressure.length > 0) lines.push("", ...pressureLines(overview));
  for (const note of overview.notes) lines.push(row("note", note));
  return lines;
}

function wallText(epochMs: number): string {
  const date = new Date(epochMs);
  // A damaged file may say anything.
  if (Number.isNaN(date.getTime())) return "an impossible time";
  return date.toISOString().replace("T", " ").replace("Z", " UTC");
}

const durationText = (ns: number): string =>
  ns < 1e9 ? timeText(ns) : `${(ns / 1e9).toFixed(3)} s`;

/** "12 chunks, 1.5 KiB; messages O 5, X 1; packets L 1, R 2" */
function totalText(counts: readonly DirectionCount[]): string {
  const chunks = sum(counts.map((count) => count.chunks));
  const bytes = sum(counts.map((count) => count.bytes));
  const words = [`${countText(chunks)} chunks, ${byteText(bytes)}`];
  for (const kind of ["messages", "packets"] as const) {
    const total: Record<string, number> = {};
    for (const count of counts) {
      for (const [letter, number] of Object.entries(count[kind])) {
        total[letter] = (total[letter] ?? 0) + number;
      }
    }
    if (Object.keys(total).length > 0) words.push(`${kind} ${lettersText(total)}`);
  }
  return words.join("; ");
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

const lettersText = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([letter, number]) => `${letter} ${countText(number)}`)
    .join(", ");

const COLUMNS = [
  { title: "connection", width: 10 },
  { title: "account", width: 7 },
  { title: "remote", width: 21 },
  { title: "from", width: 9 },
  { title: "to", width: 9 },
  { title: "in chunks", width: 9 },
  { title: "bytes", width: 9 },
  { title: "messages", width: 9 },
  { title: "out chunks", width: 10 },
  { title: "bytes", width: 9 },
  { title: "messages", width: 9 },
  { title: "lost", width: 9 },
] as const;

function connectionLines(connections: readonly ConnectionOverview[]): string[] {
  const lines = connections.slice(0, CONNECTIONS_SHOWN).map((each) => {
    const losses = each.in.losses + each.out.losses;
    const cells = [
      String(each.connection),
      each.account || "–",
      each.remote,
      durationText(each.firstNs),
      durationText(each.lastNs),
      ...[each.in, each.out].flatMap((count) => [
        countText(count.chunks),
        byteText(count.bytes),
        countText(sum(Object.values(count.messages))),
      ]),
      losses === 0 ? "–" : byteText(each.in.lostBytes + each.out.lostBytes),
    ];
    const start = each.isMid ? "under way at its start, " : "";
    const end = each.closedBy === null ? "open" : `closed by ${each.closedBy}`;
    const words = each.closedBy === "reset" ? "reset" : end;
    return `${tableLine(COLUMNS, cells)}  ${start}${words}`;
  });
  const others = connections.length - CONNECTIONS_SHOWN;
  if (others > 0) lines.push(`and ${others} more: --json has them all`);
  return [tableLine(COLUMNS), ...lines];
}

function pressureLines({ pressure }: CaptureOverview): string[] {
  const columns = [
    { title: "thread", width: 8 },
    { title: "pressure", width: 18 },
    { title: "times", width: 9 },
    { title: "together", width: 9 },
    { title: "longest", width: 9 },
  ];
  const lines = pressure.map(({ thread, event, count, durationNs, durationNsMax }) =>
    tableLine(columns, [
      thread,
      event,
      countText(count),
      durationText(durationNs),
      durationText(durationNsMax),
    ]),
  );
  return [tableLine(columns), ...lines];
}
