// The command line of npm run capture.

import { parseOnce } from "./parse-once.ts";

export const CAPTURE_HELP = `npm run capture -- info FILE [--json]
npm run capture -- cut FILE --out FILE [--from T] [--to T] [--connection N] [--account X]
npm run capture -- merge FILE FILE … --out FILE
npm run capture -- import FILE --out FILE
npm run capture -- to-pcap FILE --out FILE [--port N]

FILE is a capture of the gateway, or what tcpdump wrote: pcap or pcapng.

  info             what is in it: connections, messages, losses, and the pressure that the gateway was under
  cut              a part of it, as a capture of its own
    --from, --to T   from this moment on, and before that one: since the first record (2.5, 250ms, 3m), or on the
                     wall (2026-11-21T14:30:00Z; without the Z, in this machine's time zone)
    --connection N   this one alone, as info numbers them; may be repeated
    --account X      those of this account; may be repeated
  merge            several, on one line of time by their wall clocks; connections get new numbers
  import           a packet capture as one of the gateway's; passwords are blanked
  to-pcap          as packets, for Wireshark; --port N is the server's then (7140)

  --port N         of a packet capture, only connections to this port, whatever they speak
  --out FILE       what to write; it must not exist, but may be a pipe (/dev/stdout)
  --json           the result as one line of JSON on stdout

Ends with 0, or 1 when something is missing or damaged (what can be had is there), or 2 when nothing can be had, or
for wrong arguments, or 3 when what it says cannot be written.`;

/** Whether it writes a file. */
const COMMANDS = { info: false, cut: true, merge: true, import: true, "to-pcap": true } as const;
export type CaptureCommand = keyof typeof COMMANDS;
const COMMAND_NAMES = Object.keys(COMMANDS) as CaptureCommand[];

/** "Since the first record", or a moment of the wall clock. */
export type Moment = { readonly afterNs: number } | { readonly epochMs: number };

export interface CaptureOptions {
  readonly command: CaptureCommand;
  readonly paths: readonly string[];
  /** "" of info alone. */
  readonly out: string;
  readonly port: number | undefined;
  readonly from: Moment | undefined;
  readonly to: Moment | undefined;
  readonly connections: readonly number[];
  readonly accounts: readonly string[];
  readonly isJson: boolean;
}

const ONLY_CUT = ["from", "to", "connection", "account"] as const;

/** undefined = help was asked for. Throws for what cannot be. */
export function parseCaptureOptions(args: string[]): CaptureOptions | undefined {
  const { values, positionals } = parseOnce({
    args,
    allowPositionals: true,
    options: {
      out: { type: "string" },
      port: { type: "string" },
      from: { type: "string" },
      to: { type: "string" },
      connection: { type: "string", multiple: true },
      account: { type: "string", multiple: true },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help || args.length === 0) return undefined;
  const [name, ...paths] = positionals;
  const command = COMMAND_NAMES.find((each) => each === name);
  if (command === undefined) {
    throw new Error(
      `${name === undefined ? "say" : `"${name}" is not`} one of ${COMMAND_NAMES.join(", ")}`,
    );
  }
  if (command === "merge" ? paths.length < 2 : paths.length !== 1) {
    throw new Error(command === "merge" ? "merge takes two files or more" : "one file, please");
  }
  for (const option of ONLY_CUT) {
    if (command !== "cut" && values[option] !== undefined) {
      throw new Error(`only cut takes --${option}`);
    }
  }
  const isWriting = COMMANDS[command];
  if (!isWriting && values.out !== undefined) throw new Error(`${command} writes no file`);
  if (isWriting && !values.out) throw new Error(`${command} needs --out FILE`);
  return {
    command,
    paths,
    out: values.out ?? "",
    port: values.port === undefined ? undefined : wholeNumber("port", values.port, 1, 65_535),
    from: momentOf("from", values.from),
    to: momentOf("to", values.to),
    connections: (values.connection ?? [])
      .flatMap((text) => text.split(","))
      .map((text) => wholeNumber("connection", text, 1, 2 ** 32 - 1)),
    accounts: (values.account ?? [])
      .flatMap((text) => text.split(","))
      .map((account) => account.trim().toUpperCase()),
    isJson: values.json,
  };
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isInteger(number) && number >= min && number <= max) {
    return number;
  }
  throw new Error(`--${name} is a whole number from ${min} to ${max}, not "${text}"`);
}

const AFTER = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/;
const NS_OF: Readonly<Record<string, number>> = { ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
const WALL = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;

function momentOf(name: string, text: string | undefined): Moment | undefined {
  if (text === undefined) return undefined;
  const [, number, unit = "s"] = AFTER.exec(text) ?? [];
  if (number !== undefined) return { afterNs: Number(number) * (NS_OF[unit] ?? 1e9) };
  const epochMs = WALL.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(epochMs)) {
    throw new Error(`--${name} is like 2.5, 250ms, 3m or 2026-11-21T14:30:00Z, not "${text}"`);
  }
  // A Date has milliseconds; packets have more.
  const [, beyond = "0"] = /\.\d{3}(\d+)/.exec(text) ?? [];
  return { epochMs: epochMs + Number(`0.${beyond}`) };
}
