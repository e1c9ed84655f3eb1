// Requests of an account that wait behind its own unfinished mass cancel, in the order of their arrival (E9), each
// with who asked. Lane thread. A fixed number for all accounts: a lane stops taking before it is full. So that one
// account does not fill it, the gate hears how many are its own, and counts them as slots of the ring that it uses.
//
// A request names its orders by their keys: by the time it is carried out, one of them may be gone and its place in
// the slab taken by another.

import { assert } from "../base/assert.ts";
import type { Saved, StateReader, StateWriter } from "../journal/state-stream.ts";
import { type Account, NO_HELD } from "./accounts.ts";
import type { Streams } from "./streams.ts";

export const HELD_REQUESTS_MAX = 16_384;
export const HELD_KIND = {
  ENTER: 1,
  REPLACE: 2,
  CANCEL: 3,
  MODIFY: 4,
  MASS_CANCEL: 5,
  QUERY: 6,
} as const;

// Words.
const KIND = 0;
const USER_REF_IDX = KIND + 1;
const USER_REF_NUM = USER_REF_IDX + 1; // of the order that the request is about
const NEW_USER_REF_NUM = USER_REF_NUM + 1; // REPLACE: of the replacement
const QUANTITY = NEW_USER_REF_NUM + 1; // CANCEL, MODIFY
const CODE = QUANTITY + 1; // CANCEL: reason; MODIFY: side; MASS_CANCEL: its place in the pool
const REQUEST_TYPE = CODE + 1;
const LOCATED = REQUEST_TYPE + 1; // MODIFY, as LOCATE_BROKER
const LOCATE_BROKER = LOCATED + 1;
const NEXT = LOCATE_BROKER + 1;
const REQUEST_WORDS = NEXT + 1;

export class HeldRequests implements Saved {
  private readonly words: Int32Array;
  private readonly stamps: Float64Array;
  private readonly requestsMax: number;
  private readonly streams: Pick<Streams, "onHeld">;
  private firstFree = NO_HELD;
  private unused = 0;
  private held = 0;

  constructor(streams: Pick<Streams, "onHeld">, requestsMax: number = HELD_REQUESTS_MAX) {
    this.streams = streams;
    this.requestsMax = requestsMax;
    this.words = new Int32Array(requestsMax * REQUEST_WORDS);
    this.stamps = new Float64Array(requestsMax);
  }

  get room(): number {
    return this.requestsMax - this.held;
  }

  add(
    account: Account,
    kind: number,
    requestType: number,
    sinceNs: number,
    userRefIdx: number,
    userRefNum: number,
    newUserRefNum: number,
    quantity: number,
    code: number,
  ): void {
    const request = this.allocate();
    const word = request * REQUEST_WORDS;
    this.words[word + KIND] = kind;
    this.words[word + USER_REF_IDX] = userRefIdx;
    this.words[word + USER_REF_NUM] = userRefNum;
    this.words[word + NEW_USER_REF_NUM] = newUserRefNum;
    this.words[word + QUANTITY] = quantity;
    this.words[word + CODE] = code;
    this.words[word + REQUEST_TYPE] = requestType;
    this.words[word + NEXT] = NO_HELD;
    this.stamps[request] = sinceNs;
    if (account.lastHeld === NO_HELD) account.firstHeld = request;
    else this.words[account.lastHeld * REQUEST_WORDS + NEXT] = request;
    account.lastHeld = request;
    this.count(account, 1);
  }

  /** Of a MODIFY, the account's latest request. */
  setLocated(account: Account, located: number, locateBroker: number): void {
    const word = account.lastHeld * REQUEST_WORDS;
    this.words[word + LOCATED] = located;
    this.words[word + LOCATE_BROKER] = locateBroker;
  }

  /** Forgets the account's oldest request: its fields are not to be read afterwards. */
  removeFirst(account: Account): void {
    const request = account.firstHeld;
    assert(request !== NO_HELD, "no request is held back");
    const word = request * REQUEST_WORDS;
    account.firstHeld = this.words[word + NEXT]!;
    if (account.firstHeld === NO_HELD) account.lastHeld = NO_HELD;
    this.words[word + NEXT] = this.firstFree;
    this.firstFree = request;
    this.count(account, -1);
  }

  /** The first new number of a channel that one of the account's requests asks for, or 0. */
  firstNewNumber(account: Account, userRefIdx: number): number {
    let request = account.firstHeld;
    for (; request !== NO_HELD; request = this.words[request * REQUEST_WORDS + NEXT]!) {
      if (this.userRefIdx(request) !== userRefIdx) continue;
      if (this.kind(request) === HELD_KIND.ENTER) return this.userRefNum(request);
      if (this.kind(request) === HELD_KIND.REPLACE) return this.newUserRefNum(request);
    }
    return 0;
  }

  kind(request: number): number {
    return this.words[request * REQUEST_WORDS + KIND]!;
  }
  userRefIdx(request: number): number {
    return this.words[request * REQUEST_WORDS + USER_REF_IDX]!;
  }
  userRefNum(request: number): number {
    return this.words[request * REQUEST_WORDS + USER_REF_NUM]! >>> 0;
  }
  newUserRefNum(request: number): number {
    return this.words[request * REQUEST_WORDS + NEW_USER_REF_NUM]! >>> 0;
  }
  quantity(request: number): number {
    return this.words[request * REQUEST_WORDS + QUANTITY]! >>> 0;
  }
  code(request: number): number {
    return this.words[request * REQUEST_WORDS + CODE]!;
  }
  requestType(request: number): number {
    return this.words[request * REQUEST_WORDS + REQUEST_TYPE]!;
  }
  /** Of a MODIFY alone, as locateBroker(). */
  located(request: number): number {
    return this.words[request * REQUEST_WORDS + LOCATED]!;
  }
  locateBroker(request: number): number {
    return this.words[request * REQUEST_WORDS + LOCATE_BROKER]! >>> 0;
  }
  sinceNs(request: number): number {
    return this.stamps[request]!;
  }

  save(out: StateWriter): void {
    out.number(this.firstFree);
    out.number(this.unused);
    out.number(this.held);
    out.array(this.words, 0, this.unused * REQUEST_WORDS);
    out.array(this.stamps, 0, this.unused);
  }
  restore(from: StateReader): void {
    this.firstFree = from.number();
    this.unused = from.number();
    this.held = from.number();
    assert(this.unused <= this.requestsMax, "more requests were held back than there is room for");
    from.array(this.words, 0, this.unused * REQUEST_WORDS);
    from.array(this.stamps, 0, this.unused);
  }

  private count(account: Account, change: 1 | -1): void {
    this.held += change;
    account.heldCount += change;
    this.streams.onHeld(account.number, account.heldCount);
  }

  private allocate(): number {
    const request = this.firstFree;
    if (request !== NO_HELD) {
      this.firstFree = this.words[request * REQUEST_WORDS + NEXT]!;
      return request;
    }
    assert(this.unused < this.requestsMax, "more requests are held back than there is room for");
    this.unused++;
    return this.unused - 1;
  }
}
