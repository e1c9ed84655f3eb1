// What a replay can be asked for.

import { LOAD_PLAN_DEFAULTS } from "./driver/load-plan.ts";
import { type AccountRange, type Address, parseAccounts, parseAddress } from "./load-target.ts";
import { numberOption, wholeOption } from "./number-option.ts";
import { mustBeOnce, parseOnce } from "./parse-once.ts";
import { givenPassword, PASSWORD_VARIABLE } from "./password-option.ts";
import { countText } from "./terminal-text.ts";

const PASSWORD = "REPLAY";
const UNDERWAY = 1000;
const RATE_MAX = 1_000_000;
const ROUNDS_MAX = 100_000;

export const REPLAY_HELP = `npm run replay -- CAPTURE [options]

CAPTURE is a file of the gateway (--capture), or a pcap or pcapng with whole packets.

who is asked
  --target HOST:PORT    a gateway that is running (one of this checkout, started for the replay and ended behind it)
  --target-is-a-test    HOST is another machine, and may be sent orders
  --set a.b=value       a setting of the gateway that is started; may be repeated
  --account OLD=NEW     who an account of the capture is at the target, NEW or NEW:PASSWORD; may be repeated. A connection
                        that the capture caught without its login is called #NUMBER
  --accounts PREFIX:N   who all others are, in the order of their appearance (the names that they have)
  --password TEXT       of these accounts (${PASSWORD} at a gateway that is started; needed with --target),
                        or, where nobody else reads it, ${PASSWORD_VARIABLE} in the environment
  --port N              of a pcap or pcapng: the gateway's port there

how fast
  --speed X             captured seconds per second, 0.1 to 100 (1)
  --rate N              instead: so many messages a second on average, gaps scaled alike
  --as-fast-as-possible instead: as the target answers, in the captured order, with at most
  --underway N          requests that wait for an answer (${countText(UNDERWAY)})
  --loop N              so many times, with new connections each time (1)
  --warmup S            the first seconds, sent and not measured (0)

when it counts
  --late-ms N           a message sent so much after its time is late (${LOAD_PLAN_DEFAULTS.lateNsMax / 1e6}) …
  --late-share X        … and a larger share of such makes the replay INVALID (${LOAD_PLAN_DEFAULTS.lateShareMax})

what comes out
  --out DIR             replay.hlog and replay.hgrm for HdrHistogram's tools, and replay.json
  --json                the result as the last line of stdout; everything else goes to stderr

Ends with status 0, or 1 when the replay is INVALID or an answer was wrong or missing, or 2 when it was asked for
something impossible, the capture has nothing to send or nobody answers at the target, or 3 when what it says cannot be
written. Answers that mean something else than the captured ones are counted and shown; they do not make it INVALID.
More: ops/replay.md`;

export interface AccountChoice {
  readonly name: string;
  readonly user: string;
  readonly password: string | undefined;
}

export interface ReplayOptions {
  readonly file: string;
  readonly capturePort: number | undefined;
  /** undefined = a gateway of our own. */
  readonly address: Address | undefined;
  readonly isTest: boolean;
  readonly settings: readonly string[];
  readonly choices: readonly AccountChoice[];
  readonly range: AccountRange | undefined;
  readonly password: string;
  /** Captured seconds per second; Infinity = as fast as possible. */
  readonly speed: number;
  /** Messages a second instead, or undefined. */
  readonly rate: number | undefined;
  readonly underwayMax: number;
  readonly rounds: number;
  readonly warmupSeconds: number;
  readonly lateNsMax: number;
  readonly lateShareMax: number;
  readonly out: string | undefined;
  readonly isJson: boolean;
}

/** undefined = help was asked for. Throws for what cannot be. */
export function parseReplayOptions(args: string[]): ReplayOptions | undefined {
  const { values, positionals } = parseOnce({
    args,
    allowPositionals: true,
    options: {
      target: { type: "string" },
      "target-is-a-test": { type: "boolean", default: false },
      set: { type: "string", multiple: true, default: [] },
      account: { type: "string", multiple: true, default: [] },
      accounts: { type: "string" },
      password: { type: "string" },
      port: { type: "string" },
      speed: { type: "string" },
      rate: { type: "string" },
      "as-fast-as-possible": { type: "boolean", default: false },
      underway: { type: "string" },
      loop: { type: "string", default: "1" },
      warmup: { type: "string", default: "0" },
      "late-ms": { type: "string", default: String(LOAD_PLAN_DEFAULTS.lateNsMax / 1e6) },
      "late-share": { type: "string", default: String(LOAD_PLAN_DEFAULTS.lateShareMax) },
      out: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const [file, ...others] = positionals;
  if (file === undefined) throw new Error("which capture? npm run replay -- CAPTURE");
  if (others.length > 0) throw new Error(`one capture at a time, not also ${others.join(" ")}`);
  const isUnpaced = values["as-fast-as-possible"];
  const paces = [values.speed, values.rate].filter((pace) => pace !== undefined).length;
  if (paces + (isUnpaced ? 1 : 0) > 1) {
    throw new Error("--speed, --rate and --as-fast-as-possible exclude each other");
  }
  if (values.underway !== undefined && !isUnpaced) {
    throw new Error(
      "--underway is for --as-fast-as-possible: other replays do not wait for answers",
    );
  }
  const { target, rate } = values;
  if (target !== undefined && values.set.length > 0) {
    throw new Error("--set is for a gateway that is started: it cannot change the one at --target");
  }
  const given = givenPassword(values.password);
  if (target !== undefined && given === undefined) {
    throw new Error("--target needs the --password of the accounts there");
  }
  const password = given ?? PASSWORD;
  const range = values.accounts;
  const choices = values.account.map(parseChoice);
  mustBeOnce(
    choices.map(({ name }) => name),
    "--account ",
  );
  return {
    file,
    capturePort:
      values.port === undefined ? undefined : wholeOption("port", values.port, 1, 65_535),
    address: target === undefined ? undefined : parseAddress("target", target),
    isTest: values["target-is-a-test"],
    settings: values.set,
    choices,
    range: range === undefined ? undefined : parseAccounts(range, password, ""),
    password,
    speed: isUnpaced
      ? Number.POSITIVE_INFINITY
      : numberOption("speed", values.speed ?? "1", 0.1, 100),
    rate: rate === undefined ? undefined : numberOption("rate", rate, 0.1, RATE_MAX),
    underwayMax: wholeOption("underway", values.underway ?? String(UNDERWAY), 1, 1_000_000),
    rounds: wholeOption("loop", values.loop, 1, ROUNDS_MAX),
    warmupSeconds: numberOption("warmup", values.warmup, 0, 86_400),
    lateNsMax: numberOption("late-ms", values["late-ms"], 0, 60_000) * 1e6,
    lateShareMax: numberOption("late-share", values["late-share"], 0, 1),
    out: values.out,
    isJson: values.json,
  };
}

function parseChoice(text: string): AccountChoice {
  const [, name, user, password] = /^([^=]+)=([^:=]{1,6})(?::(.{1,10}))?$/.exec(text) ?? [];
  if (name === undefined || user === undefined) {
    throw new Error(`--account is OLD=NEW or OLD=NEW:PASSWORD, not "${text}"`);
  }
  return { name: name.toUpperCase(), user: user.toUpperCase(), password };
}
