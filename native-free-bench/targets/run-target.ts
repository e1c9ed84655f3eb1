// One run of the order load against one target: started for it, stopped behind it.

import { runOrders } from "../order-load/order-child.ts";
import type { OrderPlan, OrderResult } from "../order-load/order-plan.ts";
import type { RunningTarget, Target } from "./target.ts";

export type TargetLoad = Omit<OrderPlan, "host" | "port" | "isEcho" | "isCrossing">;

export const TARGET_LOAD = {
  connections: 64,
  sendsHeartbeats: true,
  arrivals: "poisson",
  seed: 1,
} as const satisfies Partial<TargetLoad>;

export interface Looks {
  /** Called when the target takes connections, */
  readonly onStarted?: (running: RunningTarget) => void;
  /** when all connections are logged in, before anything is sent, */
  readonly onReady?: (running: RunningTarget) => void;
  /** and when the load is over, before the target is stopped. */
  readonly onLoaded?: (running: RunningTarget) => void;
}

export async function runTarget(
  target: Target,
  load: TargetLoad,
  { onStarted, onReady, onLoaded }: Looks = {},
): Promise<OrderResult> {
  const orders = Math.ceil(1.2 * load.rate * (load.warmupSeconds + load.seconds)) + 10_000;
  const running = await target.start(orders);
  const { host, port } = running;
  let result: OrderResult;
  try {
    onStarted?.(running);
    result = await runOrders({ ...load, ...target.speech, host, port }, () => onReady?.(running));
    onLoaded?.(running);
  } catch (error) {
    await running.stop().catch(() => undefined); // the first trouble is the one to tell
    throw error;
  }
  await running.stop();
  return result;
}
