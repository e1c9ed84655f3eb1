// One run of the order load against one target: started for it, stopped behind it.

import { messageOf } from "../../src/base/message-of.ts";
import { runOrders } from "../order-load/order-child.ts";
import {
  failedResult,
  type OrderPlan,
  type OrderResult,
  withFault,
} from "../order-load/order-plan.ts";
import type { RunningTarget, Target } from "./target.ts";

export type TargetLoad = Omit<OrderPlan, "host" | "port" | "isEcho" | "isCrossing">;

export const TARGET_LOAD = {
  connections: 64,
  sendsHeartbeats: true,
  arrivals: "poisson",
  seed: 1,
} as const satisfies Partial<TargetLoad>;

/** Poisson arrivals scatter. */
const ORDERS_SPARE = 10_000;

export interface Looks {
  /** Called when the target takes connections, */
  readonly onStarted?: (running: RunningTarget) => void;
  /** when all connections are logged in, before anything is sent, */
  readonly onReady?: (running: RunningTarget) => void;
  /** and when the load is over, before the target is stopped. */
  readonly onLoaded?: (running: RunningTarget) => void;
}

/** A target that does not come up, or does not last, is a fault in the result: the others of a comparison go on. */
export async function runTarget(
  target: Target,
  load: TargetLoad,
  looks: Looks = {},
): Promise<OrderResult> {
  const orders = Math.ceil(1.2 * load.rate * (load.warmupSeconds + load.seconds)) + ORDERS_SPARE;
  let running: RunningTarget;
  try {
    running = await target.start(orders);
  } catch (error) {
    return failedResult(load, messageOf(error));
  }
  const result = await runAgainst(running, target, load, looks);
  try {
    await running.stop();
    return result;
  } catch (error) {
    return withFault(result, messageOf(error));
  }
}

async function runAgainst(
  running: RunningTarget,
  { speech }: Target,
  load: TargetLoad,
  { onStarted, onReady, onLoaded }: Looks,
): Promise<OrderResult> {
  const { host, port } = running;
  try {
    onStarted?.(running);
    const result = await runOrders({ ...load, ...speech, host, port }, () => onReady?.(running));
    onLoaded?.(running);
    return result;
  } catch (error) {
    return failedResult(load, messageOf(error));
  }
}
