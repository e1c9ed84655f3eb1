// The lane's naive twin for orders that are good till a time: before each request all that is over goes, then the
// request is carried out whole. What it would tell each account about each instrument is kept as short text.

import { NaiveBook } from "./naive-book.ts";
import type { VenueRequest } from "./venue-requests.ts";

interface Timed {
  readonly id: number;
  readonly expiresAtNs: number;
}

const IDS_PER_ACCOUNT = 1_000_000;
/** An order's number in the book of a twin. */
export const twinId = (account: number, userRefNum: number): number =>
  account * IDS_PER_ACCOUNT + userRefNum;

export class ExpiryTwin {
  /** By account and instrument: "2/0". */
  readonly texts = new Map<string, string[]>();
  readonly book = new NaiveBook((event, instrument) => this.note(event, instrument));
  expired = 0;
  private timed: Timed[] = [];

  /** The request comes at this time; the order that it enters, if it does, is over at that one, 0 = never. */
  handle(request: VenueRequest, eventNs: number, expiresAtNs = 0): void {
    this.pass(eventNs);
    this.book.handle(request, 0);
    if (expiresAtNs === 0 || request.kind === "cancel" || request.kind === "modify") return;
    this.timed.push({ id: request.terms.id, expiresAtNs });
  }

  /** All that is over goes, the earliest first, then in the order of entry. */
  pass(eventNs: number): void {
    const due = this.timed.filter(({ expiresAtNs }) => expiresAtNs <= eventNs);
    if (due.length === 0) return;
    this.timed = this.timed.filter(({ expiresAtNs }) => expiresAtNs > eventNs);
    for (const { id } of due.sort((one, other) => one.expiresAtNs - other.expiresAtNs)) {
      if (this.book.orders.get(id)?.isLive !== true) continue;
      this.expired++;
      this.book.handle({ kind: "cancel", target: id, intended: 0, reason: "T" }, 0);
    }
  }

  private note(event: string, instrument: number): void {
    const words = event.split(" ");
    const id = Number(words[words[0] === "too" ? 2 : 1]);
    const text = textOf(words, id % IDS_PER_ACCOUNT);
    if (text === "") return;
    const key = `${Math.floor(id / IDS_PER_ACCOUNT)}/${instrument}`;
    const texts = this.texts.get(key) ?? [];
    this.texts.set(key, texts);
    texts.push(text);
  }
}

function textOf(words: readonly string[], number: number): string {
  const [what, , second, third, fourth, fifth] = words;
  switch (what) {
    case "accepted":
      return `A ${number} ${second}`;
    case "replaced":
      return `U ${number}>${Number(second) % IDS_PER_ACCOUNT} ${fifth} ${third}`;
    case "executed":
      return `E ${number} ${second}@${(Number(fourth) / 10_000).toFixed(4)} ${fifth}`;
    case "canceled":
      return `C ${number} ${second} ${third}`;
    case "modified":
      return `M ${number} ${second} ${fourth}`;
    default:
      return "";
  }
}
