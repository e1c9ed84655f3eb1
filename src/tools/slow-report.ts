// Slow orders for people: grouped by what they have in common, the group that cost most first.

import type { SlowOrder, SlowOrders } from "../scribe/events/slow-order.ts";
import type { Grouping } from "./slow-options.ts";
import { countText, timeText } from "./terminal-text.ts";

export interface SlowGroup {
  readonly name: string;
  readonly count: number;
  readonly totalUs: number;
  readonly worst: SlowOrder;
}

const NOTHING_SEEN = "nothing seen";

const NAME_OF: Readonly<Record<Exclude<Grouping, "none">, (order: SlowOrder) => string>> = {
  event: ({ events: [first] }) =>
    first !== undefined && first.worstStageUs > 0 ? first.what : NOTHING_SEEN,
  stage: ({ worstStage }) => worstStage,
  account: ({ account }) => account,
  type: ({ type, outcome }) => `${type} ${outcome}`,
};

/** Most time first. */
export function groupOrders(
  orders: readonly SlowOrder[],
  by: Exclude<Grouping, "none">,
): SlowGroup[] {
  const groups = new Map<string, SlowGroup>();
  for (const order of orders) {
    const name = NAME_OF[by](order);
    const { count, totalUs, worst } = groups.get(name) ?? { count: 0, totalUs: 0, worst: order };
    groups.set(name, {
      name,
      count: count + 1,
      totalUs: totalUs + order.totalUs,
      worst: order.totalUs > worst.totalUs ? order : worst,
    });
  }
  return [...groups.values()].sort((a, b) => b.totalUs - a.totalUs);
}

export function slowReport(slow: SlowOrders, by: Grouping): string {
  const { over, kept, keptSince, found, orders } = slow;
  const since = keptSince === "" ? "" : ` since ${clockText(keptSince)}`;
  const head = `${countText(found)} orders took ${over} or longer, of ${countText(kept)} kept${since} (UTC)`;
  if (orders.length === 0) return `${head}\n`;
  const shown = orders.length < found ? `, the last ${orders.length} of them shown` : "";
  const lines =
    by === "none" ? columns(orders.map(orderCells)) : groupLines(groupOrders(orders, by), by);
  return `${head}${shown}\n\n${lines}\n`;
}

function groupLines(groups: readonly SlowGroup[], by: string): string {
  const rows = groups.map(({ name, count, totalUs, worst }) => [
    name,
    countText(count),
    microsText(totalUs),
    orderCells(worst).filter(Boolean).join("  "),
  ]);
  return columns([[by, "orders", "together", "the worst of them"], ...rows]);
}

/** When, who, what, how long, where, and what lay over it. */
function orderCells(order: SlowOrder): string[] {
  const { account, type, userRefNum, symbol, totalUs, worstStage, stagesUs, outcome } = order;
  const [first] = order.events;
  const rejected = outcome === "rejected" ? ", rejected" : "";
  return [
    clockText(order.time),
    account,
    `${type} ${userRefNum}${rejected}`,
    symbol,
    microsText(totalUs),
    `${worstStage} ${microsText(stagesUs[worstStage])}`,
    first === undefined ? "" : `${first.what} ${microsText(first.overlapUs)} of it`,
  ];
}

const microsText = (us: number): string => timeText(us * 1000);

/** The time of an ISO date, to the millisecond. */
const clockText = (time: string): string => time.slice("YYYY-MM-DDT".length, -"000Z".length);

function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths?.[column] ?? 0)).join("  "))
    .map((line) => line.trimEnd())
    .join("\n");
}
