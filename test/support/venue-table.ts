// The rows of ops/venue.md that say how each wrong field of an Enter or Replace is answered.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { EnterFields, ReplaceFields } from "../../src/tools/client/order-messages.ts";

export interface VenueRow {
  readonly message: "Enter" | "Replace";
  readonly field: string;
  /** What the row changes of the legal request. */
  readonly change: Partial<EnterFields> & Partial<ReplaceFields>;
  /** OUCH type of the answer: A, U, J, or C for the target's cancel. */
  readonly answer: string;
  /** Reject code, order state or cancel reason. */
  readonly code: string;
}

/** The legal request that each row changes. */
export const LEGAL_ORDER = { side: "B", quantity: 100, symbol: "AAPL", price: 100_000 } as const;

export function readVenueTable(): VenueRow[] {
  const text = readFileSync(new URL("../../ops/venue.md", import.meta.url), "utf8");
  const rows: VenueRow[] = [];
  for (const line of text.split("\n")) {
    const cells = line.split("|").map((cell) => cell.trim());
    const [, message, field = "", value = "", answer = "", code = ""] = cells;
    if (message !== "Enter" && message !== "Replace") continue;
    const json = /^`(.*)`$/.exec(value)?.[1];
    assert.ok(json !== undefined, `a row without a value: ${line}`);
    rows.push({ message, field, change: JSON.parse(json), answer, code });
  }
  return rows;
}
