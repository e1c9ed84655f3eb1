// What Nagle's algorithm does to an answer, on the bare echo: with an answer in one write and in two, as those write who
// send a header and its payload apart, with the algorithm and without. The gateway sets no delay and writes once a turn.
// Run by bench.ts.

import { countText, tableLine } from "../../src/tools/terminal-text.ts";
import {
  invalidText,
  percentileCells,
  percentileColumns,
  validResponses,
} from "../harness/latency-rows.ts";
import { echoOf } from "../targets/target.ts";
import { measureSideBySide, type SideBySidePlan, type SideBySideRow } from "./side-by-side.ts";

export const NAGLE_TARGETS = [
  echoOf(1, true),
  echoOf(1, false),
  echoOf(2, true),
  echoOf(2, false),
] as const;

export type NaglePlan = Omit<SideBySidePlan, "targets" | "twins" | "bareSeconds">;

export async function measureNagle(
  plan: NaglePlan,
  tell: (text: string) => void,
  isStopped?: () => boolean,
): Promise<readonly SideBySideRow[]> {
  const twins = [NAGLE_TARGETS[0].name, NAGLE_TARGETS[0].name] as const;
  const whole = { ...plan, targets: NAGLE_TARGETS, twins, bareSeconds: 0 };
  return (await measureSideBySide(whole, tell, isStopped)).rows;
}

const COLUMNS = [
  { title: "answer of the echo", width: 24 },
  { title: "rate", width: 9 },
  ...percentileColumns,
  { title: "INVALID", width: 8 },
];

export function nagleLines({ connections }: NaglePlan, rows: readonly SideBySideRow[]): string[] {
  const lines = rows.map(({ target, rate, runs }) =>
    tableLine(COLUMNS, [
      target,
      `${countText(rate)}/s`,
      ...percentileCells(validResponses(runs)),
      invalidText(runs),
    ]),
  );
  return [`over ${connections} connections, medians`, tableLine(COLUMNS), ...lines];
}
