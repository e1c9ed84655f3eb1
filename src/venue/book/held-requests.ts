// Requests that wait behind an unfinished sweep of their instrument, in the order of their arrival (E9), each with
// who asked for it. Lane thread. A fixed number for all instruments together: the venue stops taking before it is full.

import { assert } from "../../base/assert.ts";
import type { Saved, StateReader, StateWriter } from "../../journal/state-stream.ts";
import { restoreUsedPart, saveUsedPart } from "../../journal/used-part.ts";
import type { Cause } from "../venue.ts";

export const HELD_KIND = { ENTER: 1, REPLACE: 2, CANCEL: 3, MODIFY: 4 } as const;
export const NO_REQUEST = 0; // requests count from 1, so that untouched memory is empty queues

// Words.
const KIND = 0;
const ORDER = KIND + 1;
const REPLACEMENT = ORDER + 1; // REPLACE
const INTENDED_QUANTITY = REPLACEMENT + 1; // CANCEL, MODIFY
const CODE = INTENDED_QUANTITY + 1; // CANCEL: reason; MODIFY: side
const REQUEST_TYPE = CODE + 1;
const ACCOUNT = REQUEST_TYPE + 1;
const USER_REF_NUM = ACCOUNT + 1;
const LOCATED = USER_REF_NUM + 1; // MODIFY, as LOCATE_BROKER
const LOCATE_BROKER = LOCATED + 1;
const NEXT = LOCATE_BROKER + 1;
const REQUEST_WORDS = NEXT + 1;

export class HeldRequests implements Saved {
  private words: Int32Array;
  private sinceStamps: Float64Array;
  private readonly requestsMax: number;
  private readonly heads: Int32Array;
  private readonly tails: Int32Array;
  private firstFree = NO_REQUEST;
  private unused = NO_REQUEST + 1;
  private held = 0;

  constructor(requestsMax: number, instrumentsMax: number) {
    this.requestsMax = requestsMax;
    this.words = wordsFor(requestsMax);
    this.sinceStamps = stampsFor(requestsMax);
    this.heads = new Int32Array(instrumentsMax);
    this.tails = new Int32Array(instrumentsMax);
  }

  get count(): number {
    return this.held;
  }
  get room(): number {
    return this.requestsMax - this.held;
  }

  /** Returns the request. */
  add(
    instrument: number,
    cause: Cause,
    kind: number,
    order: number,
    replacement: number,
    intendedQuantity: number,
    code: number,
  ): number {
    const request = this.allocate();
    const word = request * REQUEST_WORDS;
    this.words[word + KIND] = kind;
    this.words[word + ORDER] = order;
    this.words[word + REPLACEMENT] = replacement;
    this.words[word + INTENDED_QUANTITY] = intendedQuantity;
    this.words[word + CODE] = code;
    this.words[word + REQUEST_TYPE] = cause.requestType;
    this.words[word + ACCOUNT] = cause.account;
    this.words[word + USER_REF_NUM] = cause.userRefNum;
    this.words[word + NEXT] = NO_REQUEST;
    this.sinceStamps[request] = cause.sinceNs;

    const tail = this.tails[instrument]!;
    if (tail === NO_REQUEST) this.heads[instrument] = request;
    else this.words[tail * REQUEST_WORDS + NEXT] = request;
    this.tails[instrument] = request;
    return request;
  }

  /** Of a MODIFY. */
  setLocated(request: number, located: number, locateBroker: number): void {
    this.words[request * REQUEST_WORDS + LOCATED] = located;
    this.words[request * REQUEST_WORDS + LOCATE_BROKER] = locateBroker;
  }

  /** The instrument's oldest request, or NO_REQUEST. */
  first(instrument: number): number {
    return this.heads[instrument]!;
  }

  /** Forgets the instrument's oldest request: its fields are not to be read afterwards. */
  removeFirst(instrument: number): void {
    const request = this.first(instrument);
    assert(request !== NO_REQUEST, "no request is held back");
    const word = request * REQUEST_WORDS;
    const next = this.words[word + NEXT]!;
    this.heads[instrument] = next;
    if (next === NO_REQUEST) this.tails[instrument] = NO_REQUEST;
    this.words[word + NEXT] = this.firstFree;
    this.firstFree = request;
    this.held--;
  }

  kind(request: number): number {
    return this.words[request * REQUEST_WORDS + KIND]!;
  }
  order(request: number): number {
    return this.words[request * REQUEST_WORDS + ORDER]!;
  }
  replacement(request: number): number {
    return this.words[request * REQUEST_WORDS + REPLACEMENT]!;
  }
  intendedQuantity(request: number): number {
    return this.words[request * REQUEST_WORDS + INTENDED_QUANTITY]! >>> 0;
  }
  code(request: number): number {
    return this.words[request * REQUEST_WORDS + CODE]!;
  }
  requestType(request: number): number {
    return this.words[request * REQUEST_WORDS + REQUEST_TYPE]!;
  }
  account(request: number): number {
    return this.words[request * REQUEST_WORDS + ACCOUNT]!;
  }
  userRefNum(request: number): number {
    return this.words[request * REQUEST_WORDS + USER_REF_NUM]! >>> 0;
  }
  /** Of a MODIFY alone, as locateBroker(). */
  located(request: number): number {
    return this.words[request * REQUEST_WORDS + LOCATED]!;
  }
  locateBroker(request: number): number {
    return this.words[request * REQUEST_WORDS + LOCATE_BROKER]! >>> 0;
  }
  sinceNs(request: number): number {
    return this.sinceStamps[request]!;
  }

  save(out: StateWriter): void {
    out.number(this.firstFree);
    out.number(this.unused);
    out.number(this.held);
    out.array(this.words, 0, this.unused * REQUEST_WORDS);
    out.array(this.sinceStamps, 0, this.unused);
    saveUsedPart(out, this.heads);
    saveUsedPart(out, this.tails);
  }
  restore(from: StateReader): void {
    this.firstFree = from.number();
    this.unused = from.number();
    this.held = from.number();
    // Less may be allowed now than was then; what waits already still finds its place.
    const used = this.unused - 1;
    if (used > this.requestsMax) {
      this.words = wordsFor(used);
      this.sinceStamps = stampsFor(used);
    }
    from.array(this.words, 0, this.unused * REQUEST_WORDS);
    from.array(this.sinceStamps, 0, this.unused);
    restoreUsedPart(from, this.heads);
    restoreUsedPart(from, this.tails);
  }

  private allocate(): number {
    this.held++;
    const request = this.firstFree;
    if (request !== NO_REQUEST) {
      this.firstFree = this.words[request * REQUEST_WORDS + NEXT]!;
      return request;
    }
    assert(this.unused <= this.requestsMax, "more requests are held back than there is room for");
    this.unused++;
    return this.unused - 1;
  }
}

const wordsFor = (requests: number): Int32Array => new Int32Array((requests + 1) * REQUEST_WORDS);
const stampsFor = (requests: number): Float64Array => new Float64Array(requests + 1);
