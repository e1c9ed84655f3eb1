// Where the answers of a replay mean something else than those of the capture, counted by what was asked and by the two
// meanings. Fills, references and times are not looked at.

import { ECHO_FIELDS } from "./answer-echo.ts";
import { NOWHERE } from "./number-map.ts";
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
  readonly otherField: number;
  readonly first: string;
}

export class Differences {
  /** Requests of which both sides are known. */
  compared = 0;
  different = 0;
  private readonly rows = new Map<string, Row>();

  /** `echo` is the place in ECHO_FIELDS of what the two answers do not have alike, or NOWHERE. */
  add(
    account: string,
    request: number,
    asked: number,
    captured: number,
    replayed: number,
    echo = NOWHERE,
  ): void {
    if (captured === OUTCOME.UNKNOWN) return;
    this.compared++;
    const otherField = captured === replayed ? echo : NOWHERE;
    if (captured === replayed && otherField === NOWHERE) return;
    this.different++;
    const key = `${asked} ${captured} ${replayed} ${otherField}`;
    const row = this.rows.get(key);
    if (row !== undefined) row.count++;
    else {
      const first = `${account}, request ${request + 1}`;
      this.rows.set(key, { count: 1, asked, captured, replayed, otherField, first });
    }
  }

  /** The commonest first. */
  list(): Difference[] {
    return [...this.rows.values()]
      .toSorted((a, b) => b.count - a.count)
      .map(({ asked, captured, replayed, otherField, count, first }) => ({
        request: ASKED_NAMES[asked] ?? "unknown",
        captured: outcomeText(captured),
        replayed: fieldText(otherField) ?? outcomeText(replayed),
        count,
        first,
      }));
  }
}

function fieldText(field: number): string | undefined {
  const name = ECHO_FIELDS[field];
  return name === undefined ? undefined : `other ${name}`;
}
