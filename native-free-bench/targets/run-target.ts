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

/** `onReady` is called when all connections are logged in, before anything is sent. */
export async function runTarget(
  target: Target,
  load: TargetLoad,
  onReady: (running: RunningTarget) => void | Promise<void> = () => undefined,
): Promise<OrderResult> {
  const orders = Math.ceil(1.2 * load.rate * (load.warmupSeconds + load.seconds)) + 10_000;
  const running = await target.start(orders);
  const { host, port } = running;
  let result: OrderResult;
  try {
    result = await runOrders({ ...load, ...target.speech, host, port }, () => onReady(running));
  } catch (error) {
    await running.stop().catch(() => undefined); // the first trouble is the one to tell
    throw error;
  }
  await running.stop();
  return result;
}
