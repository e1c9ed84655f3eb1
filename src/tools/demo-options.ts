// What the demo can be asked for, and the gateway that it starts.

import { LOAD_PLAN_DEFAULTS, type LoadPlan } from "./driver/load-plan.ts";
import { ARRIVALS } from "./driver/schedule.ts";
import { numberOption } from "./number-option.ts";
import { parseOnce } from "./parse-once.ts";
import { countText } from "./terminal-text.ts";

export const DEMO_HELP = `npm run demo -- [options]

  --seconds N      how long to measure (${LOAD_PLAN_DEFAULTS.seconds})
  --warmup N       seconds before, at the same rate, not measured (${LOAD_PLAN_DEFAULTS.warmupSeconds})
  --rate N         messages a second over all accounts (${countText(LOAD_PLAN_DEFAULTS.rate)})
  --accounts N     accounts, one connection each, at most 100 (16)
  --arrivals KIND  ${ARRIVALS.join(" or ")} (${LOAD_PLAN_DEFAULTS.arrivals})
  --seed N         another flow (${LOAD_PLAN_DEFAULTS.seed})
  --set a.b=value  a setting of the gateway; may be repeated
  --json           the result as one line of JSON on stdout; everything else goes to stderr

Ends with status 0, or 1 when the gateway did not come up or did something wrong, or 2 when it was asked for something
impossible, or 3 when what it says cannot be written.
A run whose pace was not kept (a busy machine) says INVALID and shows no latencies; that is no fault of the gateway.`;

export interface DemoOptions {
  readonly plan: Omit<LoadPlan, "host" | "port">;
  readonly settings: readonly string[];
  readonly isJson: boolean;
}

const ACCOUNT_PREFIX = "DEMO";
const ACCOUNT_DIGITS = 2;
const PASSWORD = "DEMO";

/** undefined = help was asked for. Throws for what cannot be. */
export function parseDemoOptions(args: string[]): DemoOptions | undefined {
  const { values } = parseOnce({
    args,
    options: {
      seconds: { type: "string", default: String(LOAD_PLAN_DEFAULTS.seconds) },
      warmup: { type: "string", default: String(LOAD_PLAN_DEFAULTS.warmupSeconds) },
      rate: { type: "string", default: String(LOAD_PLAN_DEFAULTS.rate) },
      accounts: { type: "string", default: "16" },
      arrivals: { type: "string", default: LOAD_PLAN_DEFAULTS.arrivals },
      seed: { type: "string", default: String(LOAD_PLAN_DEFAULTS.seed) },
      set: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const arrivals = ARRIVALS.find((kind) => kind === values.arrivals);
  if (arrivals === undefined) throw new Error(`--arrivals is one of ${ARRIVALS.join(", ")}`);
  const accounts = Array.from(
    { length: numberOption("accounts", values.accounts, 1, 100) },
    (_, n) => ({
      user: ACCOUNT_PREFIX + String(n).padStart(ACCOUNT_DIGITS, "0"),
      password: PASSWORD,
    }),
  );
  const plan = {
    ...LOAD_PLAN_DEFAULTS,
    accounts,
    arrivals,
    rate: numberOption("rate", values.rate, 1, 1_000_000),
    seconds: numberOption("seconds", values.seconds, 0.1, 86_400),
    warmupSeconds: numberOption("warmup", values.warmup, 0, 3_600),
    seed: numberOption("seed", values.seed, 0, 2 ** 31 - 1),
  };
  return { plan, settings: values.set, isJson: values.json };
}

/** The gateway's own defaults, but for what a run beside other gateways needs. */
export function gatewayArgs(options: DemoOptions, directory: string): string[] {
  const { length: count } = options.plan.accounts;
  const accounts = [{ prefix: ACCOUNT_PREFIX, count, password: PASSWORD, firm: "DEMO" }];
  const settings = [
    "listen.port=0",
    "admin.port=0",
    `journal.dir=${directory}`,
    `accounts=${JSON.stringify(accounts)}`,
    ...options.settings,
  ];
  return settings.flatMap((setting) => ["--set", setting]);
}
