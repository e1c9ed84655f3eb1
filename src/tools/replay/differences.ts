// Where the answers of a replay mean something else than those of the capture, counted by what was asked and by the two
// meanings. Fills, references, times and prices are not looked at.

import { OUTCOME, outcomeText } from "./outcome.ts";
import { ASKED_NAMES } from "./request-reader.ts";

export interface Difference {
  readonly request: string;
  readonly captured: string;
  readonly replayed: string;
  readonly count: number;
  /** The first of them: account and number of the request, from 1 in the order of the capture. */
  readonly first: string;
}

interface Row {
  count: number;
  readonly asked: number;
  readonly captured: number;
  readonly replayed: number;
  readonly first: string;
}

export class Differences {
  /** Requests of which both sides are known. */
  compared = 0;
  different = 0;
  private readonly rows = new Map<string, Row>();

  add(account: string, request: number, asked: number, captured: number, replayed: number): void {
    if (captured === OUTCOME.UNKNOWN) return;
    this.compared++;
    if (captured === replayed) return;
    this.different++;
    const key = `${asked} ${captured} ${replayed}`;
    const row = this.rows.get(key);
    if (row !== undefined) row.count++;
    else {
      const first = `${account}, request ${request + 1}`;
      this.rows.set(key, { count: 1, asked, captured, replayed, first });
    }
  }

  /** The commonest first. */
  list(): Difference[] {
    return [...this.rows.values()]
      .toSorted((a, b) => b.count - a.count)
      .map(({ asked, captured, replayed, count, first }) => ({
        request: ASKED_NAMES[asked] ?? "unknown",
        captured: outcomeText(captured),
        replayed: outcomeText(replayed),
        count,
        first,
      }));
  }
}
