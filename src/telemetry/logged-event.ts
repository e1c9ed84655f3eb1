// A log record in words: what stands in the log's lines, and what the tool that reads the logs filters by.

import { printable } from "../base/printable.ts";
import { DETACH_REASON } from "../memory/inbound-record.ts";
import { LOGIN_REFUSAL } from "../memory/outbound-record.ts";
import { rejectCode, rejectReasonText } from "../protocol/ouch/code-meanings.ts";
import {
  ORDER_REJECTED_BYTES,
  ORDER_REJECTED_TYPE,
  OrderRejected,
} from "../protocol/ouch/order-rejected.ts";
import { SEQUENCED_HEADER_BYTES } from "../protocol/soupbintcp/sequenced.ts";
import type { AccountNames } from "./account-names.ts";
import { answerSymbol } from "./answer-symbol.ts";
import { threadName } from "./event-record.ts";
import { LOG_ANSWER, LOG_KIND, LOG_STATUS, LOG_WHY, type LogRecord } from "./log-record.ts";

const wordsOf = (table: Readonly<Record<string, number>>): ReadonlyMap<number, string> =>
  new Map(
    Object.entries(table).map(([name, value]) => [value, name.toLowerCase().replaceAll("_", "-")]),
  );

/** "answer", "late-fill", … */
export const LOG_KIND_NAMES = wordsOf(LOG_KIND);
/** "ok", "error", "time-out", … */
export const LOG_STATUS_NAMES = wordsOf(LOG_STATUS);
/** By the kind of a record: what its detail says. */
const PEER_REASONS: ReadonlyMap<number, ReadonlyMap<number, string>> = new Map([
  [LOG_KIND.DISCONNECT, wordsOf(DETACH_REASON)],
  [LOG_KIND.LOGIN_REFUSED, wordsOf(LOGIN_REFUSAL)],
]);
const WHY_NAMES = wordsOf(LOG_WHY);
/** By the bits, since they are few: no text is made anew for each line. */
const WHY_TEXTS: readonly string[] = Array.from({ length: 16 }, (_, bits) =>
  [...WHY_NAMES]
    .filter(([bit]) => (bits & bit) !== 0)
    .map(([, name]) => name)
    .join(" "),
);

export interface LoggedEvent {
  readonly event: string;
  readonly thread: string;
  readonly status: string;
  /** Empty: nobody, or nobody known. */
  readonly account: string;
  /** OUCH letter of the request. */
  readonly type?: string;
  readonly userRefNum?: number;
  /** OUCH letter of the answer. */
  readonly answer?: string;
  readonly symbol?: string;
  /** How long it took. */
  readonly totalUs?: number;
  readonly why?: string;
  readonly market?: true;
  readonly delayed?: true;
  readonly peerLimited?: true;
  /** Why a request was rejected, a login was refused, or a connection ended. */
  readonly reason?: string;
  readonly address?: string;
  readonly connection?: number;
}

/** For readers off the path. */
export function readLoggedEvent(record: LogRecord, names: AccountNames): LoggedEvent {
  const { kind } = record;
  const event = LOG_KIND_NAMES.get(kind) ?? `kind ${kind}`;
  const thread = threadName(record.thread);
  const status = LOG_STATUS_NAMES.get(record.status) ?? String(record.status);
  if (record.account < 0) return { event, thread, status, ...peerOf(record) };
  const account = names.get(record.lane, record.account);
  const { userRefNum, deltaUs } = record;
  if (kind !== LOG_KIND.ANSWER) {
    return { event, thread, status, account, userRefNum, totalUs: deltaUs };
  }
  const { detail } = record;
  const bits = detail >> 8;
  const frame = record.frame();
  const symbol = answerSymbol(frame);
  const reason = rejectOf(frame);
  return {
    event,
    thread,
    status,
    account,
    type: String.fromCharCode(record.type),
    userRefNum,
    answer: String.fromCharCode(detail & 0xff),
    ...(reason === "" ? undefined : { reason }),
    ...(symbol === "" ? undefined : { symbol }),
    totalUs: deltaUs,
    why: WHY_TEXTS[record.why & 0xf]!,
    ...(bits === 0 ? undefined : flagsOf(bits)),
    connection: record.connection,
  };
}

/** "0017 invalid symbol"; empty: the answer is no reject. A whole one is as long as what is kept. */
function rejectOf(frame: Uint8Array): string {
  if (frame.length < SEQUENCED_HEADER_BYTES + ORDER_REJECTED_BYTES) return "";
  const view = new DataView(frame.buffer);
  if (view.getUint8(SEQUENCED_HEADER_BYTES) !== ORDER_REJECTED_TYPE) return "";
  const { reason } = new OrderRejected().wrap(view, SEQUENCED_HEADER_BYTES);
  return `${rejectCode(reason)} ${rejectReasonText(reason)}`;
}

const flagsOf = (bits: number): Pick<LoggedEvent, "market" | "delayed" | "peerLimited"> => ({
  ...((bits & LOG_ANSWER.MARKET) === 0 ? undefined : { market: true }),
  ...((bits & LOG_ANSWER.DELAYED) === 0 ? undefined : { delayed: true }),
  ...((bits & LOG_ANSWER.PEER_LIMITED) === 0 ? undefined : { peerLimited: true }),
});

function peerOf(
  record: LogRecord,
): Pick<LoggedEvent, "account" | "address" | "connection" | "reason"> {
  const { peerName, peerAddress, connection, kind, detail } = record;
  const reasons = PEER_REASONS.get(kind);
  return {
    account: printable(peerName),
    address: peerAddress,
    ...(connection < 0 ? undefined : { connection }),
    ...(reasons === undefined ? undefined : { reason: reasons.get(detail) ?? String(detail) }),
  };
}
