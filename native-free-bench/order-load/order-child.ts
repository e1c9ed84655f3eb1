// The process of an order load as its parent sees it: what the two say to each other, and how it is started.

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { OrderPlan, OrderResult } from "./order-plan.ts";

export type ToOrders =
  | { readonly kind: "plan"; readonly plan: OrderPlan }
  | { readonly kind: "go" };

export type FromOrders =
  | { readonly kind: "ready" }
  | { readonly kind: "result"; readonly result: OrderResult }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Runs a plan in a process of its own. `onReady` is called when all connections are logged in, and nothing is sent
 * before it resolves. Rejects when the load could not run to its end.
 */
export async function runOrders(
  plan: OrderPlan,
  onReady: () => void | Promise<void> = () => undefined,
): Promise<OrderResult> {
  const child = fork(join(import.meta.dirname, "order-process.ts"), [], { execArgv: [] });
  try {
    tell(child, { kind: "plan", plan });
    return await new Promise<OrderResult>((resolve, reject) => {
      child.on("message", (message: FromOrders) => {
        if (message.kind === "result") resolve(message.result);
        else if (message.kind === "failed") reject(new Error(message.reason));
        else Promise.resolve(onReady()).then(() => tell(child, { kind: "go" }), reject);
      });
      child.on("error", reject);
      child.on("exit", (status, signal) => {
        reject(new Error(`the load process ended early (${signal ?? `status ${status}`})`));
      });
    });
  } finally {
    if (child.connected) child.disconnect();
  }
}

const tell = (child: ChildProcess, message: ToOrders): void => {
  if (child.connected) child.send(message);
};
