// Log records for people, one line each, and which of them are wanted.

import { timeText } from "../terminal-text.ts";
import type { LogEntry } from "./log-files.ts";
import type { LogFilter } from "./log-options.ts";

const NS_PER_US = 1000;
const ACCOUNT_LETTERS = 6;
const EVENT_LETTERS = 12;
const TIME_LETTERS = 9;
const MILLISECOND_LETTERS = "2026-11-20T15:00:00.123".length;

export function isWanted(entry: LogEntry, filter: LogFilter): boolean {
  const { account, type, event, status, overUs, since, until } = filter;
  if (account !== undefined && entry.account !== account) return false;
  if (type !== undefined && entry.type !== type) return false;
  if (event !== undefined && entry.event !== event) return false;
  if (status !== undefined && entry.status !== status) return false;
  if (overUs !== undefined && (entry.totalUs ?? 0) <= overUs) return false;
  // Texts of one form: what sorts later is later, to the millisecond that a limit can name.
  const time = entry.time.slice(0, MILLISECOND_LETTERS);
  if (since !== undefined && time < since.slice(0, MILLISECOND_LETTERS)) return false;
  return until === undefined || time <= until.slice(0, MILLISECOND_LETTERS);
}

/** 2026-11-20 15:00:00.123456  answer  ALICE   O 17 → A   AAPL   118 µs  ok  sampled */
export function entryText(entry: LogEntry): string {
  const { event = "", account = "", type, userRefNum, answer, totalUs } = entry;
  const request = [type, userRefNum, answer === undefined ? undefined : `→ ${answer}`];
  return [
    entry.time.replace("T", " ").slice(0, -1),
    event.padEnd(EVENT_LETTERS),
    account.padEnd(ACCOUNT_LETTERS),
    (totalUs === undefined ? "" : timeText(totalUs * NS_PER_US)).padStart(TIME_LETTERS),
    words(request),
    words([
      entry.symbol,
      entry.status,
      entry.reason,
      entry.why === undefined ? undefined : `(${entry.why})`,
      entry.market && "market",
      entry.delayed && "delayed",
      entry.peerLimited && "peer-limited",
      entry.address,
      entry.dropped === undefined ? undefined : `${entry.dropped} records of ${entry.thread} lost`,
    ]),
  ]
    .join("  ")
    .trimEnd();
}

const words = (values: readonly (string | number | boolean | undefined)[]): string =>
  values.filter((value) => value !== undefined && value !== "").join(" ");
