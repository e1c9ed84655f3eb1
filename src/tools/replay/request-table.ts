// The requests of one account and the orders that they brought, as typed arrays by request. An order has no number of
// its own here: it is the request that brought it. Written by the tracker alone, but for the echo.

import { AnswerEcho, ECHO_FIELDS } from "./answer-echo.ts";
import { NOWHERE } from "./number-map.ts";
import { ASKED } from "./request-reader.ts";

/** Of an order. NONE: the request brings none. */
export const STATE = { NONE: 0, PENDING: 1, LIVE: 2, DONE: 3 } as const;

/** One request as it goes out. */
export interface SentRequest {
  asked: number;
  channel: number;
  number: number;
  hasNumber: boolean;
  target: number;
  hasTarget: boolean;
  quantity: number;
  side: number;
}

const nowhere = (count: number): Int32Array => new Int32Array(count).fill(NOWHERE);

export class RequestTable {
  // As sent.
  readonly asked: Uint8Array;
  readonly channels: Uint8Array;
  readonly numbers: Uint32Array;
  readonly quantities: Uint32Array;
  readonly sides: Uint8Array;
  /** Its number was not above all numbers of its channel before it. */
  readonly isStale: Uint8Array;
  /** Perhaps nobody read it. */
  readonly isDoubted: Uint8Array;
  /** The request before that brought the same number. */
  readonly sameNumber: Int32Array;
  /** The order that it names. */
  readonly targets: Int32Array;
  /** The next request that names the same order. */
  readonly nextOfTarget: Int32Array;
  /** OUTCOME; UNANSWERED while it waits. */
  readonly outcomes: Int32Array;
  /** Of the answer that is being read, by its reader. */
  readonly echo = new AnswerEcho();
  // Of the order that it brought.
  readonly states: Uint8Array;
  readonly opens: Uint32Array;
  readonly executed: Uint32Array;
  /** The requests that name it, a chain. */
  readonly firstNaming: Int32Array;
  readonly lastNaming: Int32Array;
  /** Of each answer. */
  private readonly echoes: Uint16Array;

  constructor(requestsMax: number) {
    this.asked = new Uint8Array(requestsMax);
    this.channels = new Uint8Array(requestsMax);
    this.numbers = new Uint32Array(requestsMax);
    this.quantities = new Uint32Array(requestsMax);
    this.sides = new Uint8Array(requestsMax);
    this.isStale = new Uint8Array(requestsMax);
    this.isDoubted = new Uint8Array(requestsMax);
    this.sameNumber = nowhere(requestsMax);
    this.targets = nowhere(requestsMax);
    this.nextOfTarget = nowhere(requestsMax);
    this.outcomes = new Int32Array(requestsMax);
    this.states = new Uint8Array(requestsMax);
    this.opens = new Uint32Array(requestsMax);
    this.executed = new Uint32Array(requestsMax);
    this.firstNaming = nowhere(requestsMax);
    this.lastNaming = nowhere(requestsMax);
    this.echoes = new Uint16Array(requestsMax * ECHO_FIELDS.length);
  }

  /** The answer that is being read is the request's. */
  keepEcho(request: number): void {
    this.echoes.set(this.echo.digests, request * ECHO_FIELDS.length);
  }

  /** The first field of ECHO_FIELDS that the request's two answers do not have alike, of those that both have; or NOWHERE. */
  otherEcho(request: number, other: RequestTable): number {
    const base = request * ECHO_FIELDS.length;
    return ECHO_FIELDS.findIndex((_, field) => {
      const [ours, others] = [this.echoes[base + field]!, other.echoes[base + field]!];
      return ours !== others && ours !== 0 && others !== 0;
    });
  }

  /** The request names that order, the last one to do so. */
  name(request: number, order: number): void {
    this.targets[request] = order;
    if (order === NOWHERE) return;
    const last = this.lastNaming[order]!;
    if (last === NOWHERE) this.firstNaming[order] = request;
    else this.nextOfTarget[last] = request;
    this.lastNaming[order] = request;
    // Buying stays buying: what the replacement's side is, is known from what it replaces.
    if (this.asked[request] === ASKED.REPLACE) this.sides[request] = this.sides[order]!;
  }
}

/** What a cancel or modify leaves open of an order: its quantity is the most that may execute in total. */
export const openAfter = (table: RequestTable, order: number, request: number): number =>
  Math.max(0, table.quantities[request]! - table.executed[order]!);
