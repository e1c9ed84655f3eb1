// How long a gateway takes until it says that it is ready: with nothing to recover, and after kill −9 with a journal of
// so many records. Run by bench.ts.

import { once } from "node:events";
import { GatewayProcess } from "../../src/tools/gateway-process.ts";
import { countText, tableLine, timeText } from "../../src/tools/terminal-text.ts";
import { medianOf } from "../harness/measure.ts";
import { Scratch } from "../harness/scratch.ts";
import { runOrders } from "../order-load/order-child.ts";
import { TARGET_LOAD } from "../targets/run-target.ts";
import { gatewayArguments } from "../targets/target.ts";

export interface StartUpPlan {
  readonly rounds: number;
  /** Orders in the journal when the gateway is killed; each meets the one before it. */
  readonly orders: number;
  /** At which they are sent. */
  readonly rate: number;
}

export interface StartUpResult {
  readonly emptyMs: readonly number[];
  readonly orders: number;
  /** After the first kill, and after others of a gateway that had done nothing but recover. */
  readonly recoveredMs: readonly number[];
}

const CONNECTIONS = 16;
const SETTINGS = ["venue.kind=book", "journal.durability=process-crash"];

/** Stopped, it ends behind the start that is under way. */
export async function measureStartUp(
  plan: StartUpPlan,
  tell: (text: string) => void,
  isStopped: () => boolean = () => false,
): Promise<StartUpResult> {
  const emptyMs: number[] = [];
  for (let round = 0; round < plan.rounds && !isStopped(); round++) {
    using scratch = new Scratch("start");
    const { gateway, ms } = await start(scratch.path);
    await gateway.stop();
    emptyMs.push(ms);
    tell(`ready with nothing to recover after ${timeText(ms * 1e6)}`);
  }
  if (isStopped()) return { emptyMs, orders: 0, recoveredMs: [] };
  using scratch = new Scratch("restart");
  const orders = await trade(scratch.path, plan);
  const recoveredMs: number[] = [];
  for (let round = 0; round < plan.rounds && !isStopped(); round++) {
    const { gateway, ms } = await start(scratch.path);
    await kill(gateway);
    recoveredMs.push(ms);
    tell(`ready with ${countText(orders)} orders in the journal after ${timeText(ms * 1e6)}`);
  }
  return { emptyMs, orders, recoveredMs };
}

async function start(directory: string): Promise<{ gateway: GatewayProcess; ms: number }> {
  const startMs = performance.now();
  const gateway = await GatewayProcess.start(gatewayArguments(directory, SETTINGS));
  return { gateway, ms: performance.now() - startMs };
}

/** Returns how many orders were answered before the gateway was killed. */
async function trade(directory: string, { orders, rate }: StartUpPlan): Promise<number> {
  const { gateway } = await start(directory);
  const { host, port } = gateway.ready.order;
  try {
    const load = await runOrders({
      ...TARGET_LOAD,
      ...{ host, port, isEcho: false, isCrossing: true, connections: CONNECTIONS },
      ...{ rate, warmupSeconds: 0, seconds: orders / rate, arrivals: "constant" },
    });
    if (load.faults.length > 0) throw new Error(`before the kill: ${load.faults[0]}`);
    return load.counts.answered;
  } finally {
    await kill(gateway);
  }
}

async function kill({ child }: GatewayProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

const COLUMNS = [
  { title: "to recover", width: 28 },
  { title: "ready after", width: 11 },
  { title: "of all", width: 21 },
];

export function startUpLines({ emptyMs, orders, recoveredMs }: StartUpResult): string[] {
  const row = (what: string, times: readonly number[]): string[] => {
    if (times.length === 0) return [];
    const range = `${timeText(Math.min(...times) * 1e6)} … ${timeText(Math.max(...times) * 1e6)}`;
    return [tableLine(COLUMNS, [what, timeText(medianOf(times) * 1e6), range])];
  };
  return [
    "from the process's start to its ready line, after kill −9",
    tableLine(COLUMNS),
    ...row("nothing", emptyMs),
    ...row(`${countText(orders)} orders, as many trades`, recoveredMs),
  ];
}
