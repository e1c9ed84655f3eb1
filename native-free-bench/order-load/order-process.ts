// Entry of an order load's process: one plan, which its parent sends. It ends when it has said its result, or when its
// parent is gone.

import { messageOf } from "../../src/base/message-of.ts";
import { leaveSignalsToParent } from "../harness/interruption.ts";
import type { FromOrders, ToOrders } from "./order-child.ts";
import type { OrderPlan } from "./order-plan.ts";
import { OrderRun } from "./order-run.ts";

const tell = (message: FromOrders): void => {
  process.send?.(message);
};

let go: () => void = () => undefined;

async function run(plan: OrderPlan): Promise<void> {
  const orders = new OrderRun(plan);
  await orders.logIn();
  const told = new Promise<void>((resolve) => {
    go = resolve;
  });
  tell({ kind: "ready" });
  await told;
  tell({ kind: "result", result: await orders.measure() });
  orders.end();
}

process.on("message", (message: ToOrders) => {
  if (message.kind === "go") return go();
  run(message.plan).catch((error: unknown) => {
    tell({ kind: "failed", reason: messageOf(error) });
  });
});
leaveSignalsToParent();
process.on("disconnect", () => process.exit());
