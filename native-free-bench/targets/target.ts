// What the comparison measures: a bare echo, the npm package, and the gateway per venue and durability. Each run has a
// target of its own, started for it and stopped behind it.

import { join } from "node:path";
import { exitText, GatewayProcess, PROJECT_ROOT } from "../../src/tools/gateway-process.ts";
import { Scratch } from "../harness/scratch.ts";
import type { OrderPlan } from "../order-load/order-plan.ts";
import { ServerProcess } from "./server-process.ts";

export interface RunningTarget {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** Rejects when it did not end as it should. */
  stop(): Promise<void>;
}

export interface Target {
  readonly name: string;
  /** How the load client has to speak to it. */
  readonly speech: Pick<OrderPlan, "isEcho" | "isCrossing">;
  /** `orders` is how many it will get at most. */
  start(orders: number): Promise<RunningTarget>;
}

export const DURABILITIES = ["none", "process-crash", "power-loss"] as const;
export type Durability = (typeof DURABILITIES)[number];
export const VENUES = ["ack", "book"] as const;
export type VenueKind = (typeof VENUES)[number];

const serverTarget = (
  name: string,
  isEcho: boolean,
  file: string,
  args: readonly string[] = [],
): Target => ({
  name,
  speech: { isEcho, isCrossing: false },
  async start() {
    const server = await ServerProcess.start(file, args);
    return { ...server.address, pid: server.pid, stop: () => server.stop() };
  },
});

export const ECHO = serverTarget("echo", true, "echo-server.ts");
/** As it comes, */
export const SOUPBINTCP = serverTarget("soupbintcp", false, "soupbintcp-server.ts");
/** and with Nagle's algorithm off. */
export const SOUPBINTCP_NO_DELAY = serverTarget(
  "soupbintcp, no delay",
  false,
  "soupbintcp-server.ts",
  ["1"],
);

export const echoOf = (writes: 1 | 2, isNoDelay: boolean): Target =>
  serverTarget(
    `${writes === 1 ? "one write" : "two writes"}, ${isNoDelay ? "no delay" : "Nagle"}`,
    true,
    "echo-server.ts",
    [String(writes), isNoDelay ? "1" : "0"],
  );

/** What an ack venue holds on to: orders that nobody ever meets. */
const ORDERS_MAX_LEAST = 1_000_000;

/** With config/bench.json, telemetry as it comes. In the book every order meets the one before it. */
export const gatewayTarget = (
  venue: VenueKind,
  durability: Durability,
  settings: readonly string[] = [],
): Target => ({
  name: `gateway ${venue} ${durability}`,
  speech: { isEcho: false, isCrossing: venue === "book" },
  async start(orders) {
    const scratch = new Scratch("bench");
    const ordersMax = Math.max(ORDERS_MAX_LEAST, orders);
    const args = gatewayArguments(scratch.path, [
      `venue.kind=${venue}`,
      `venue.ordersMax=${ordersMax}`,
      `journal.durability=${durability}`,
      ...settings,
    ]);
    try {
      const gateway = await GatewayProcess.start(args);
      return { ...gateway.ready.order, pid: gateway.ready.pid, stop: () => stop(gateway, scratch) };
    } catch (error) {
      scratch[Symbol.dispose]();
      throw error;
    }
  },
});

/** A gateway for benches, with its journal in that directory. */
export const gatewayArguments = (directory: string, settings: readonly string[]): string[] => [
  ...["--config", join(PROJECT_ROOT, "config/bench.json")],
  ...["listen.port=0", "admin.port=0", `journal.dir=${directory}`, ...settings].flatMap(
    (setting) => ["--set", setting],
  ),
];

async function stop(gateway: GatewayProcess, scratch: Scratch): Promise<void> {
  const exit = await gateway.stop();
  scratch[Symbol.dispose]();
  if (exit.status === 0) return;
  throw new Error(
    [`the gateway ended with ${exitText(exit)}`, ...gateway.stderr.slice(-5)].join("\n"),
  );
}
