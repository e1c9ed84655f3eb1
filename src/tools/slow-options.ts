// The command line of npm run slow.

import fs from "node:fs";
import path from "node:path";
import { PROJECT_ROOT } from "./gateway-process.ts";
import { parseOnce } from "./parse-once.ts";

export const GROUPINGS = ["event", "stage", "account", "type", "none"] as const;
export type Grouping = (typeof GROUPINGS)[number];

export const SLOW_HELP = `npm run slow -- [options]      which orders were slow, at which stage, and what else happened then

  --over 5ms           orders that took this long or longer (5ms; also 250us, 1s)
  --last 100           the last so many of them
  --by event           grouped by ${GROUPINGS.join(", ")} (none: one line for each order)
  --admin HOST:PORT    the gateway's admin port (as in config/gateway.json)
  --json               as JSON, every order with every stage and every event

An event is named for an order when it lies over the order's slowest stage: that it happened then is certain, that it
was the cause is likely.

Ends with 0, 2 wrong arguments, 3 the answer cannot be written, 5 no gateway.`;

export interface SlowOptions {
  readonly over: string;
  readonly last: string;
  readonly by: Grouping;
  /** Host and port. */
  readonly admin: string;
  readonly isJson: boolean;
}

/** undefined = help was asked for. Throws for what cannot be. */
export function parseSlowOptions(args: string[]): SlowOptions | undefined {
  const { values } = parseOnce({
    args,
    options: {
      over: { type: "string", default: "5ms" },
      last: { type: "string", default: "100" },
      by: { type: "string", default: "event" },
      admin: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const by = GROUPINGS.find((grouping) => grouping === values.by);
  if (by === undefined) throw new Error(`--by is one of ${GROUPINGS.join(", ")}`);
  const admin = values.admin ?? configuredAdmin();
  if (!/:\d+$/.test(admin)) throw new Error("--admin is HOST:PORT");
  // What else may be wrong, the gateway says.
  return { over: values.over, last: values.last, by, admin, isJson: values.json };
}

function configuredAdmin(): string {
  const text = fs.readFileSync(path.join(PROJECT_ROOT, "config/gateway.json"), "utf8");
  const { admin } = JSON.parse(text) as { admin: { host: string; port: number } };
  return `${admin.host}:${admin.port}`;
}
