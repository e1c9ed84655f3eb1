// What the orders of several accounts, or of several rounds, say together.

import type { OrderTotals } from "../driver/run-record.ts";

export const newTotals = (): OrderTotals => ({
  waiting: 0,
  executions: 0,
  sharesBought: 0,
  sharesSold: 0,
});

export function addTotals(totals: OrderTotals, more: OrderTotals): void {
  totals.waiting += more.waiting;
  totals.executions += more.executions;
  totals.sharesBought += more.sharesBought;
  totals.sharesSold += more.sharesSold;
}
