// Values of an admin request's query, checked. A wrong one is the asker's mistake: 400, with the key and what it takes.

import { asThreadName } from "../telemetry/event-record.ts";
import { type AdminRoute, jsonReply } from "./scribe-part.ts";

const BAD_REQUEST = 400;

class BadQuery extends Error {}

/** A route whose query is read by the functions below. */
export const checkedRoute =
  (route: AdminRoute): AdminRoute =>
  async (query) => {
    try {
      return await route(query);
    } catch (error) {
      if (error instanceof BadQuery) return jsonReply({ error: error.message }, BAD_REQUEST);
      throw error;
    }
  };

/** A number within bounds. */
export function queryNumber(
  query: URLSearchParams,
  key: string,
  otherwise: number,
  min: number,
  max: number,
): number {
  const text = query.get(key);
  if (text === null) return otherwise;
  const value = text === "" ? Number.NaN : Number(text);
  if (value >= min && value <= max) return value;
  throw new BadQuery(`${key} is a number from ${min} to ${max}`);
}

const UNIT_NS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 };

/** A time with its unit, as 5ms or 250us; in nanoseconds. */
export function queryDurationNs(query: URLSearchParams, key: string, otherwise: string): number {
  const [, count, unit = ""] =
    /^(\d+(?:\.\d+)?)(ns|us|µs|ms|s)$/.exec(query.get(key) ?? otherwise) ?? [];
  const unitNs = UNIT_NS[unit];
  if (unitNs !== undefined) return Number(count) * unitNs;
  throw new BadQuery(`${key} is a time with its unit, as 5ms, 250us or 1s`);
}

/** One of these words; undefined without the key. */
export function queryWord<Word extends string>(
  query: URLSearchParams,
  key: string,
  words: readonly Word[],
): Word | undefined {
  const text = query.get(key);
  if (text === null) return undefined;
  const word = words.find((each) => each === text);
  if (word !== undefined) return word;
  throw new BadQuery(`${key} is one of ${words.join(", ")}`);
}

/** A thread by its name; undefined without the key. */
export function queryThread(query: URLSearchParams, key: string): string | undefined {
  const text = query.get(key);
  if (text === null) return undefined;
  const name = asThreadName(text);
  if (/^(gate|scribe|keeper|other|lane \d+)$/.test(name)) return name;
  throw new BadQuery(`${key} is gate, lane0 and so on, scribe, keeper or other`);
}
