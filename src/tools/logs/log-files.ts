// The files that a gateway's log drain has written, record by record, oldest first, in pieces: they may be larger than
// memory, and the newest may be growing.

import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { CORES_SUFFIX, LINES_SUFFIX, LOG_PREFIX } from "../../scribe/log/log-drain.ts";
import { LOG_CORE_BYTES, LOG_NO_LANE, LogRecord } from "../../telemetry/log-record.ts";
import { LOG_STATUS_NAMES, type LoggedEvent } from "../../telemetry/logged-event.ts";
import { isDirectory } from "./log-options.ts";

/** What stands in a line; of a binary record, what its core tells. */
export interface LogEntry extends Partial<LoggedEvent> {
  readonly time: string;
  readonly level?: string;
  /** Of log-overflow. */
  readonly dropped?: number;
}

const PIECE_BYTES = 1 << 20;
const NS_PER_SECOND = 1_000_000_000n;
const WORD_BITS = 32n;

/** Files of directories in the order of their times; files as they were named. */
export function logFiles(paths: readonly string[], isBinary: boolean): string[] {
  const suffix = isBinary ? CORES_SUFFIX : LINES_SUFFIX;
  return paths.flatMap((path) => {
    if (!isDirectory(path)) return [path];
    return readdirSync(path)
      .filter((name) => name.startsWith(LOG_PREFIX) && name.endsWith(suffix))
      .sort()
      .map((name) => join(path, name));
  });
}

/** `onTorn` is told of each line that is none. */
export function* logEntries(file: string, onTorn: (file: string) => void): Iterable<LogEntry> {
  if (file.endsWith(CORES_SUFFIX)) {
    yield* cores(file);
    return;
  }
  for (const line of lines(file)) {
    const entry = parsed(line);
    if (entry === undefined) onTorn(file);
    else yield entry;
  }
}

/** A disk that was full has cut a line short, or it is being written; a file that was named may be any file. */
function parsed(line: string): LogEntry | undefined {
  try {
    const entry = JSON.parse(line) as LogEntry | null;
    return typeof entry?.time === "string" ? entry : undefined;
  } catch {
    return undefined;
  }
}

function* lines(file: string): Iterable<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for (const piece of pieces(file)) {
    const parts = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  if (rest !== "") yield rest;
}

function* cores(file: string): Iterable<LogEntry> {
  const record = new LogRecord();
  let rest = Buffer.alloc(0);
  for (const piece of pieces(file)) {
    const bytes = Buffer.from(Uint8Array.from(Buffer.concat([rest, piece])).buffer);
    let offset = 0;
    for (; offset + LOG_CORE_BYTES <= bytes.length; offset += LOG_CORE_BYTES) {
      yield entryOf(record.wrap(bytes.buffer, offset));
    }
    rest = bytes.subarray(offset);
  }
}

function entryOf(record: LogRecord): LogEntry {
  const { lane, idAccount, idLow, status, deltaUs } = record;
  const entry = {
    time: timeText((BigInt(record.nsHigh) << WORD_BITS) | BigInt(record.nsLow)),
    status: LOG_STATUS_NAMES.get(status) ?? String(status),
    totalUs: deltaUs,
  };
  if (lane === LOG_NO_LANE) return { ...entry, connection: idLow };
  return { ...entry, account: `${lane}/${idAccount}`, userRefNum: idLow };
}

/** 2026-11-20T15:00:00.123456789Z */
function timeText(ns: bigint): string {
  const seconds = new Date(Number(ns / NS_PER_SECOND) * 1000)
    .toISOString()
    .slice(0, -".000Z".length);
  return `${seconds}.${String(ns % NS_PER_SECOND).padStart(9, "0")}Z`;
}

/** Valid until the next one. */
function* pieces(file: string): Iterable<Buffer> {
  const piece = Buffer.alloc(PIECE_BYTES);
  const descriptor = openSync(file, "r");
  try {
    for (;;) {
      const length = readSync(descriptor, piece);
      if (length === 0) return;
      yield piece.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}
