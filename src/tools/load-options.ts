// What a load run can be asked for.

import { SHARE_MIN } from "./driver/flow.ts";
import { LOAD_PLAN_DEFAULTS, type LoadMix, type LoadPlan } from "./driver/load-plan.ts";
import { PERCENTILE_SAMPLES_MIN, type PercentileName } from "./driver/percentiles.ts";
import { ARRIVALS } from "./driver/schedule.ts";
import { parseAccounts, parseAddress, type TargetOptions, usersOf } from "./load-target.ts";
import { numberOption, wholeOption } from "./number-option.ts";
import { mustBeOnce, parseOnce } from "./parse-once.ts";
import { givenPassword, PASSWORD_VARIABLE } from "./password-option.ts";
import { countText } from "./terminal-text.ts";

const DEFAULTS = { ...LOAD_PLAN_DEFAULTS, cooldownSeconds: 1 };
const MIX_TEXT = Object.entries(DEFAULTS.mix).map(([kind, share]) => `${kind}=${share}`);
const PREFIX = "LOAD";
const RATE_MAX = 1_000_000;
const CONFIRMATIONS = 2;

export const LOAD_HELP = `npm run load -- [options]

who is measured
  --target HOST:PORT    a gateway that is running (one of this checkout, started for the run and ended behind it)
  --accounts PREFIX:N   who logs in, one connection each: PREFIX and digits up to six characters (${PREFIX}:16)
  --password TEXT       of these accounts (LOAD), or, where nobody else reads it, ${PASSWORD_VARIABLE} in the environment;
                        at a --target, orders left over are canceled in the end
  --set a.b=value       a setting of the gateway that is started; may be repeated

what is sent
  --rate N              messages a second over all accounts, on schedule whatever the answers do (${countText(DEFAULTS.rate)})
  --arrivals KIND       ${ARRIVALS.join(", ")} (${DEFAULTS.arrivals})
  --burst N             messages of a burst; bursts come as often as the rate says (${DEFAULTS.burstSize})
  --mix KIND=SHARE,…    ${MIX_TEXT.join(",")}; what is left out is not sent
  --symbols A,B,…       what is traded (${DEFAULTS.symbols.join(",")})
  --resting N           an account with so many resting orders cancels instead of entering (${DEFAULTS.restingMax})
  --seed N              another flow (${DEFAULTS.seed})

for how long, in seconds
  --ramp S              the rate rises in a straight line, not measured (${DEFAULTS.rampSeconds})
  --warmup S            at the full rate, not measured (${DEFAULTS.warmupSeconds})
  --seconds S           measured (${DEFAULTS.seconds})
  --count N             measured: so many messages instead
  --cooldown S          sent on behind that, not measured (${DEFAULTS.cooldownSeconds})
  --drain S             the last answers may take so long (${DEFAULTS.drainMsMax / 1e3})

when it counts
  --late-ms N           a message sent so much after its time is late (${DEFAULTS.lateNsMax / 1e6}) …
  --late-share X        … and a larger share of such makes the run INVALID (${DEFAULTS.lateShareMax})

what comes out
  --out DIR             load.hlog and load.hgrm for HdrHistogram's tools, and load.json
  --json                the result as the last line of stdout; everything else goes to stderr
  --find-max P=TIME     searches the highest rate at which a percentile of the response time holds, e.g. p999=8ms
                        (${Object.keys(PERCENTILE_SAMPLES_MIN).join(", ")}), from --rate on; each step is a run
  --rate-max N          no higher than that (${countText(RATE_MAX)})
  --confirm N           runs more that must hold at the rate that was found (${CONFIRMATIONS})

Ends with status 0, or 1 when the run is INVALID, an answer was wrong or missing, or no rate holds, or 2 when it was
asked for something impossible or nobody answers at the target, or 3 when what it says cannot be written. Ctrl-C ends
the sending and reports what was measured.
More: ops/load.md`;

export interface RateLimit {
  readonly percentile: PercentileName;
  readonly ns: number;
  readonly rateMax: number;
  readonly confirmations: number;
}

export interface LoadOptions {
  readonly plan: Omit<LoadPlan, "host" | "port">;
  readonly target: TargetOptions;
  readonly out: string | undefined;
  readonly findMax: RateLimit | undefined;
  readonly isJson: boolean;
}

/** undefined = help was asked for. Throws for what cannot be. */
export function parseLoadOptions(args: string[]): LoadOptions | undefined {
  const { values } = parseOnce({
    args,
    options: {
      target: { type: "string" },
      accounts: { type: "string", default: `${PREFIX}:16` },
      password: { type: "string" },
      set: { type: "string", multiple: true, default: [] },
      rate: { type: "string", default: String(DEFAULTS.rate) },
      arrivals: { type: "string", default: DEFAULTS.arrivals },
      burst: { type: "string" },
      mix: { type: "string", default: MIX_TEXT.join(",") },
      symbols: { type: "string", default: DEFAULTS.symbols.join(",") },
      resting: { type: "string", default: String(DEFAULTS.restingMax) },
      seed: { type: "string", default: String(DEFAULTS.seed) },
      ramp: { type: "string", default: String(DEFAULTS.rampSeconds) },
      warmup: { type: "string", default: String(DEFAULTS.warmupSeconds) },
      seconds: { type: "string" },
      count: { type: "string" },
      cooldown: { type: "string", default: String(DEFAULTS.cooldownSeconds) },
      drain: { type: "string", default: String(DEFAULTS.drainMsMax / 1e3) },
      "late-ms": { type: "string", default: String(DEFAULTS.lateNsMax / 1e6) },
      "late-share": { type: "string", default: String(DEFAULTS.lateShareMax) },
      out: { type: "string" },
      json: { type: "boolean", default: false },
      "find-max": { type: "string" },
      "rate-max": { type: "string" },
      confirm: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const arrivals = ARRIVALS.find((kind) => kind === values.arrivals);
  if (arrivals === undefined) throw new Error(`--arrivals is one of ${ARRIVALS.join(", ")}`);
  if (values.burst !== undefined && arrivals !== "bursts") {
    throw new Error("--burst is for --arrivals bursts");
  }
  if (values.seconds !== undefined && values.count !== undefined) {
    throw new Error("--seconds and --count exclude each other");
  }
  if (values.target !== undefined && values.set.length > 0) {
    throw new Error("--set is for a gateway that is started: it cannot change the one at --target");
  }
  const password = givenPassword(values.password) ?? "LOAD";
  const accounts = parseAccounts(values.accounts, password, PREFIX);
  const rate = numberOption("rate", values.rate, 1, RATE_MAX);
  const count =
    values.count === undefined ? null : wholeOption("count", values.count, 1, 1_000_000_000);
  const secondsText = values.seconds ?? String(DEFAULTS.seconds);
  const plan = {
    ...DEFAULTS,
    accounts: usersOf(accounts).map((user) => ({ user, password })),
    rate,
    arrivals,
    burstSize: wholeOption("burst", values.burst ?? String(DEFAULTS.burstSize), 1, 100_000),
    mix: parseMix(values.mix),
    symbols: parseSymbols(values.symbols),
    restingMax: wholeOption("resting", values.resting, 1, 1_000_000),
    seed: wholeOption("seed", values.seed, 0, 2 ** 31 - 1),
    rampSeconds: numberOption("ramp", values.ramp, 0, 3_600),
    warmupSeconds: numberOption("warmup", values.warmup, 0, 3_600),
    seconds: count === null ? numberOption("seconds", secondsText, 0.1, 86_400) : count / rate,
    countMax: count,
    cooldownSeconds: numberOption("cooldown", values.cooldown, 0, 3_600),
    // A gateway of our own ends with its orders.
    clearsOrders: values.target !== undefined,
    drainMsMax: numberOption("drain", values.drain, 0.01, 600) * 1e3,
    lateNsMax: numberOption("late-ms", values["late-ms"], 0.001, 60_000) * 1e6,
    lateShareMax: numberOption("late-share", values["late-share"], 0, 1),
  };
  const address = values.target === undefined ? undefined : parseAddress("target", values.target);
  const { "find-max": search, "rate-max": rateMax, confirm } = values;
  if (search === undefined && (rateMax ?? confirm) !== undefined) {
    throw new Error("--rate-max and --confirm are for --find-max");
  }
  const findMax =
    search === undefined
      ? undefined
      : {
          ...parseLimit(search),
          rateMax: numberOption("rate-max", rateMax ?? String(RATE_MAX), rate, RATE_MAX),
          confirmations: wholeOption("confirm", confirm ?? String(CONFIRMATIONS), 0, 20),
        };
  if (findMax) checkSamples(findMax.percentile, plan);
  return {
    plan,
    target: { address, accounts, settings: values.set },
    out: values.out,
    findMax,
    isJson: values.json,
  };
}

function parseMix(text: string): LoadMix {
  const mix = { enter: 0, take: 0, cancel: 0, replace: 0, modify: 0 };
  const kinds = Object.keys(mix) as (keyof LoadMix)[];
  const parts = text.split(",");
  mustBeOnce(
    parts.map((part) => part.split("=")[0]?.trim() ?? ""),
    "--mix ",
  );
  for (const part of parts) {
    const [name = "", share = ""] = part.split("=");
    const kind = kinds.find((known) => known === name.trim());
    if (kind === undefined)
      throw new Error(`--mix has shares of ${kinds.join(", ")}, not "${part}"`);
    mix[kind] = numberOption(`mix ${kind}=`, share, 0, 1_000_000);
  }
  const total = Object.values(mix).reduce((sum, share) => sum + share, 0);
  for (const kind of kinds) {
    if (mix[kind] > 0 && mix[kind] / total < SHARE_MIN) {
      throw new Error(`--mix ${kind}=${mix[kind]} is less than 1/${1 / SHARE_MIN} of all`);
    }
  }
  // Everything else needs an order that somebody entered.
  if (mix.enter + mix.take === 0) throw new Error("--mix needs a share of enter or take");
  return mix;
}

function parseSymbols(text: string): string[] {
  const symbols = text.split(",");
  for (const symbol of symbols) {
    if (!/^[A-Z0-9.+\-=^#$]{1,8}$/.test(symbol)) {
      throw new Error(`--symbols are 1 to 8 capitals, digits or . + - = ^ # $, not "${symbol}"`);
    }
  }
  if (symbols.length > 256) throw new Error("--symbols are at most 256");
  return symbols;
}

const NS_PER_UNIT: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 };

function parseLimit(text: string): { percentile: PercentileName; ns: number } {
  const found = /^(p50|p90|p99|p999|p9999|max)=(\d+(?:\.\d+)?)(ns|us|µs|ms|s)$/.exec(text);
  if (found === null) {
    throw new Error(
      `--find-max is a percentile and a time with its unit, e.g. p999=8ms, not "${text}"`,
    );
  }
  const [, percentile, number, unit = ""] = found;
  const ns = Number(number) * (NS_PER_UNIT[unit] ?? 0);
  if (ns <= 0) throw new Error("--find-max needs a time above 0");
  return { percentile: percentile as PercentileName, ns };
}

/** A run that could never tell the percentile is refused before it is made. */
function checkSamples(
  percentile: PercentileName,
  { rate, seconds }: Pick<LoadPlan, "rate" | "seconds">,
): void {
  const samplesMin = PERCENTILE_SAMPLES_MIN[percentile];
  if (rate * seconds >= 1.2 * samplesMin) return;
  const needed = countText(samplesMin);
  throw new Error(`${percentile} needs ${needed} answers: give a higher --rate or more --seconds`);
}
