// The command line of npm run journal.

import { INBOUND_KIND } from "../../memory/inbound-record.ts";
import { INBOUND_MESSAGES } from "../../protocol/ouch/inbound-messages.ts";
import { OUTBOUND_MESSAGES } from "../../protocol/ouch/outbound-messages.ts";
import { parseOnce } from "../parse-once.ts";
import type { Selection } from "./selection.ts";

export const JOURNAL_HELP = `npm run journal -- PATH [options]
npm run journal -- repair PATH [--cut-at N] [--lane L] [--yes]

  PATH            journal.dir (what is in it), a session's folder, a lane's folder, or one segment file;
                  with any option, journal.dir stands for the session that is open

which records
  --account X     of this account
  --user-ref-num N  requests with that number, and replaces that name it
  --type T        O, U, X, M, C, D, E, Q, or a record's kind: ATTACH, CONFIG, ROLL …; may be repeated
  --from, --to HH:MM[:SS[.fff]]  by event time: from this moment on, and before that one
  --record N[..M] by number
  --lane L        of one lane

what about them
  --answers       what each was answered, by the lane's own code: to whom, under which sequence number
  --answers --account X  exactly the stream of that client; --type and --user-ref-num then choose among its messages
  --sequence N[..M]  of that stream, from message N on
  --raw           its messages as hexadecimal bytes
  --json          one line of JSON each, the totals last
  --totals        the totals alone
  --follow        go on with what is being written, until Ctrl-C
  --verify        every checksum, the chain, and every answer: OK, or the first bad file and offset

repair            cuts record N and all that follow out of the journal, and writes down who loses which messages.
                  Without --yes it only says so; without --cut-at it says where the journal can be read no further.

Ends with 0, or 1 when the journal is damaged, torn or answered differently, or may not be read, or, for repair, a
gateway is running on it, or 2 for wrong arguments, or 3 when what it says cannot be written (a full disk).`;

export interface ListOptions {
  readonly command: "list";
  readonly path: string;
  readonly selection: Selection;
  readonly lane: number | undefined;
  readonly isAnswering: boolean;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly isRaw: boolean;
  readonly isJson: boolean;
  readonly isTotalsOnly: boolean;
  readonly isFollowing: boolean;
  readonly isVerifying: boolean;
  /** Nothing but the path was given, or how to print it: of a journal.dir, tell what is in it. */
  readonly isPlain: boolean;
}

export interface RepairOptions {
  readonly command: "repair";
  readonly path: string;
  /** Undefined: say where it is broken. */
  readonly cutAt: number | undefined;
  readonly lane: number | undefined;
  readonly isCertain: boolean;
}

type Parsed = ReturnType<typeof parseWords>["values"];

function parseWords(args: string[]) {
  return parseOnce({
    args,
    allowPositionals: true,
    options: {
      account: { type: "string" },
      "user-ref-num": { type: "string" },
      type: { type: "string", multiple: true, default: [] },
      from: { type: "string" },
      to: { type: "string" },
      record: { type: "string" },
      lane: { type: "string" },
      answers: { type: "boolean", default: false },
      sequence: { type: "string" },
      raw: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      totals: { type: "boolean", default: false },
      follow: { type: "boolean", default: false },
      verify: { type: "boolean", default: false },
      "cut-at": { type: "string" },
      yes: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
}

/** undefined = help was asked for. Throws for what cannot be. */
export function parseJournalOptions(args: string[]): ListOptions | RepairOptions | undefined {
  const { values, positionals } = parseWords(args);
  if (values.help || args.length === 0) return undefined;
  const isRepair = positionals[0] === "repair";
  const [path, ...others] = isRepair ? positionals.slice(1) : positionals;
  if (path === undefined || others.length > 0) throw new Error("one path, please");
  return isRepair ? repairOptions(path, values) : listOptions(path, values);
}

function repairOptions(path: string, values: Parsed): RepairOptions {
  const mine = ["cut-at", "lane", "yes"];
  const { "cut-at": cutAt, lane, yes: isCertain } = values;
  refuseOthers(values, (name) => mine.includes(name), "repair takes no");
  if (isCertain && cutAt === undefined) throw new Error("--yes needs --cut-at");
  return {
    command: "repair",
    path,
    cutAt: cutAt === undefined ? undefined : wholeNumber("cut-at", cutAt, 1),
    lane: laneOf(lane),
    isCertain,
  };
}

function listOptions(path: string, values: Parsed): ListOptions {
  const { account, sequence, answers: isAnswering, raw: isRaw, verify: isVerifying } = values;
  refuseOthers(values, (name) => !["cut-at", "yes"].includes(name), "only repair takes");
  const isStream = isAnswering && account !== undefined;
  if (!isStream && (isRaw || sequence !== undefined)) {
    throw new Error("--raw and --sequence are for --answers --account X");
  }
  const isAlone = (name: string): boolean => ["verify", "json", "lane"].includes(name);
  if (isVerifying) refuseOthers(values, isAlone, "--verify looks at everything, without");
  if (values.totals && values.follow) throw new Error("--totals come at the end: without --follow");
  const [first, last] = range("sequence", sequence);
  const [firstRecord, lastRecord] = range("record", values.record);
  return {
    command: "list",
    path,
    selection: {
      account: account?.toUpperCase(),
      userRefNum:
        values["user-ref-num"] === undefined
          ? undefined
          : wholeNumber("user-ref-num", values["user-ref-num"], 0),
      ...typesOf(values.type, isStream),
      fromNs: values.from === undefined ? 0 : timeNs("from", values.from),
      toNs: values.to === undefined ? Number.POSITIVE_INFINITY : timeNs("to", values.to),
      firstRecord,
      lastRecord,
    },
    lane: laneOf(values.lane),
    isAnswering,
    firstSequence: first,
    lastSequence: last,
    isRaw,
    isJson: values.json,
    isTotalsOnly: values.totals,
    isFollowing: values.follow,
    isVerifying,
    isPlain: given(values).every((name) => name === "json"),
  };
}

/** Names of the options that say something. */
const given = (values: Parsed): string[] =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== false)
    .filter(([, value]) => !Array.isArray(value) || value.length > 0)
    .map(([name]) => name);

function refuseOthers(values: Parsed, isMine: (name: string) => boolean, why: string): void {
  const others = given(values).filter((name) => !isMine(name));
  if (others.length > 0) throw new Error(`${why} ${others.map((name) => `--${name}`).join(" ")}`);
}

const laneOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : wholeNumber("lane", text, 0);

/** Letters are types of messages; of the client's or, in its stream, of ours. */
function typesOf(
  texts: readonly string[],
  isStream: boolean,
): { readonly types: readonly number[]; readonly kinds: readonly number[] } {
  const types: number[] = [];
  const kinds: number[] = [];
  const messages = isStream ? OUTBOUND_MESSAGES : INBOUND_MESSAGES;
  const letters = messages.map(({ type }) => String.fromCharCode(type));
  for (const text of texts.flatMap((list) => list.split(","))) {
    const name = text.toUpperCase();
    const kind = Object.entries(INBOUND_KIND).find(([key]) => key === name);
    if (letters.includes(name)) types.push(name.charCodeAt(0));
    else if (kind !== undefined && !isStream) kinds.push(kind[1]);
    else throw new Error(`--type is one of ${[...letters, ...kindNames(isStream)].join(", ")}`);
  }
  return { types, kinds };
}

const kindNames = (isStream: boolean): string[] => (isStream ? [] : Object.keys(INBOUND_KIND));

/** "5" = that one alone, "5.." = from there on, "5..9" = both included. */
function range(name: string, text: string | undefined): [number, number] {
  if (text === undefined) return [1, Number.POSITIVE_INFINITY];
  const [first = "", dots, last = ""] = text.split(/(\.\.)/);
  const from = wholeNumber(name, first, 1);
  if (dots === undefined) return [from, name === "sequence" ? Number.POSITIVE_INFINITY : from];
  const to = last === "" ? Number.POSITIVE_INFINITY : wholeNumber(name, last, from);
  return [from, to];
}

/** A time of day in nanoseconds since midnight. A session may outlast its date: 25:10 is in the night behind it. */
function timeNs(name: string, text: string): number {
  const [, hours, minutes, seconds = "0"] =
    /^(\d{1,2}):([0-5]\d)(?::([0-5]\d(?:\.\d{1,9})?))?$/.exec(text) ?? [];
  if (hours === undefined) throw new Error(`--${name} is HH:MM[:SS[.fff]], not "${text}"`);
  const wholeMinutes = Number(hours) * 60 + Number(minutes);
  return wholeMinutes * 60e9 + Math.round(Number(seconds) * 1e9);
}

function wholeNumber(name: string, text: string, min: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && Number.isSafeInteger(number)) return number;
  throw new Error(`--${name} is a whole number from ${min}, not "${text}"`);
}
