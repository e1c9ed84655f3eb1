// What an order costs in the embedded book: entered and canceled, entered and matched, on one level and on many.
// Run: node native-free-bench/micro/venue/book/book-venue.ts [rounds]
//
// Each case has the empty one to compare with (an order filled in and freed, no venue), and a checksum of what the
// venue reported. Collections are counted: the book allocates nothing per order. Beside it, a book of objects.

import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { DISPLAY, SIDE, TIME_IN_FORCE } from "../../../../src/protocol/ouch/codes.ts";
import { BookVenue } from "../../../../src/venue/book/book-venue.ts";
import { OrderSlab } from "../../../../src/venue/order-slab.ts";
import type { VenueSink } from "../../../../src/venue/venue.ts";
import { CollectionCounter } from "../../../harness/collections.ts";
import { ObjectBook } from "./object-book.ts";

const ORDERS_MAX = 1_000_000;
const DEPTH = 20_000; // orders at rest before a case begins
const LEVELS = 500;
const MIDDLE = 1_000_000;
const SHARES = 100;
const WARMUP_ROUNDS_MAX = 20_000;

class Checksum implements VenueSink {
  readonly cause = { requestType: 0, account: 0, userRefNum: 0, sinceNs: 0 };
  value = 0;
  readonly orders: OrderSlab;

  constructor(orders: OrderSlab) {
    this.orders = orders;
  }
  onCause(): void {}
  onAccepted(order: number, state: number): void {
    this.value = (this.value + order + state) | 0;
  }
  onVenueReject(): void {}
  onExecuted(order: number, shares: number, price: number, liquidity: number, match: number): void {
    this.value = (this.value + order + shares + price + liquidity + match) | 0;
  }
  onCanceled(order: number, shares: number, reason: number): void {
    this.value = (this.value + order + shares + reason) | 0;
  }
  onReplaced(target: number, replacement: number, state: number): void {
    this.value = (this.value + target + replacement + state) | 0;
  }
  onReplaceTooLate(): void {}
  onModified(): void {}
  onIgnored(): void {}
  onDone(order: number): void {
    this.orders.free(order);
  }
}

class Bench {
  readonly orders = new OrderSlab(ORDERS_MAX);
  readonly sink = new Checksum(this.orders);
  readonly venue = new BookVenue({
    orders: this.orders,
    sink: this.sink,
    instrumentsMax: 16,
    ordersMax: ORDERS_MAX,
    outputsPerStepMax: 256,
  });

  constructor() {
    for (let index = 0; index < DEPTH; index++) {
      const away = 1 + ((index * 7) % LEVELS);
      this.venue.enter(this.make(SIDE.BUY, MIDDLE - away));
      this.venue.enter(this.make(SIDE.SELL, MIDDLE + away));
    }
    this.sink.value = 0;
  }

  make(side: number, price: number): number {
    const orders = this.orders;
    const order = orders.allocate();
    orders.setSide(order, side);
    orders.setTif(order, TIME_IN_FORCE.DAY);
    orders.setDisplay(order, DISPLAY.VISIBLE);
    orders.setPrice(order, price);
    orders.setQuantity(order, SHARES);
    return order;
  }
}

type Round = (bench: Bench, round: number) => void;

/** Orders that one round takes, and the round. */
const CASES: Record<string, readonly [number, Round]> = {
  "empty (slab only)": [
    1,
    (bench, round) => {
      const order = bench.make(SIDE.BUY, MIDDLE - 1 - (round % LEVELS));
      bench.sink.value = (bench.sink.value + order) | 0;
      bench.orders.free(order);
    },
  ],
  "enter + cancel, level is there": [
    1,
    (bench, round) => {
      const order = bench.make(SIDE.BUY, MIDDLE - 1 - (round % LEVELS));
      bench.venue.enter(order);
      bench.venue.cancel(order, 0, 0x55);
    },
  ],
  "enter + cancel, level comes and goes": [
    1,
    (bench, round) => {
      const order = bench.make(SIDE.BUY, MIDDLE - LEVELS - 1 - (round % 1_000));
      bench.venue.enter(order);
      bench.venue.cancel(order, 0, 0x55);
    },
  ],
  "enter + replace + cancel": [
    2,
    (bench, round) => {
      const order = bench.make(SIDE.SELL, MIDDLE + 1 + (round % LEVELS));
      bench.venue.enter(order);
      const replacement = bench.make(SIDE.SELL, MIDDLE + 1 + ((round * 3) % LEVELS));
      bench.venue.replace(order, replacement);
      bench.venue.cancel(replacement, 0, 0x55);
    },
  ],
  "enter + match": [
    2,
    (bench) => {
      bench.venue.enter(bench.make(SIDE.SELL, MIDDLE));
      bench.venue.enter(bench.make(SIDE.BUY, MIDDLE));
    },
  ],
};

/** As above: orders that one round takes, and the round. */
const OBJECT_CASES: Record<string, readonly [number, (book: ObjectBook, round: number) => void]> = {
  "objects: enter + cancel, level is there": [
    1,
    (book, round) => book.cancel(book.enter(true, MIDDLE - 1 - (round % LEVELS), SHARES)),
  ],
  "objects: enter + match": [
    2,
    (book) => {
      book.enter(false, MIDDLE, SHARES);
      book.enter(true, MIDDLE, SHARES);
    },
  ],
};

function filledObjectBook(): ObjectBook {
  const book = new ObjectBook();
  for (let index = 0; index < DEPTH; index++) {
    const away = 1 + ((index * 7) % LEVELS);
    book.enter(true, MIDDLE - away, SHARES);
    book.enter(false, MIDDLE + away, SHARES);
  }
  return book;
}

export interface BookBenchResult {
  readonly name: string;
  readonly nsPerOrder: number;
  readonly collections: number;
  readonly checksum: number;
}

export async function benchBook(rounds: number): Promise<BookBenchResult[]> {
  const results: BookBenchResult[] = [];
  for (const [name, [ordersPerRound, round]] of Object.entries(CASES)) {
    const bench = new Bench();
    const restart = (): void => {
      bench.sink.value = 0;
    };
    const cost = await costOf((index) => round(bench, index), rounds, restart);
    results.push(resultOf(name, ordersPerRound, rounds, cost, bench.sink.value));
  }
  for (const [name, [ordersPerRound, round]] of Object.entries(OBJECT_CASES)) {
    const book = filledObjectBook();
    const restart = (): void => {
      book.checksum = 0;
    };
    const cost = await costOf((index) => round(book, index), rounds, restart);
    results.push(resultOf(name, ordersPerRound, rounds, cost, book.checksum));
  }
  return results;
}

interface Cost {
  readonly elapsedMs: number;
  readonly collections: number;
}

/** Some rounds for the compiler, then those that count. */
async function costOf(
  round: (index: number) => void,
  rounds: number,
  restart: () => void,
): Promise<Cost> {
  for (let index = 0; index < Math.min(rounds, WARMUP_ROUNDS_MAX); index++) round(index);
  restart();
  const counter = new CollectionCounter();
  await counter.start();
  const startMs = performance.now();
  for (let index = 0; index < rounds; index++) round(index);
  const elapsedMs = performance.now() - startMs;
  await counter.stop();
  return { elapsedMs, collections: counter.minor + counter.major };
}

const resultOf = (
  name: string,
  ordersPerRound: number,
  rounds: number,
  { elapsedMs, collections }: Cost,
  checksum: number,
): BookBenchResult => ({
  name,
  nsPerOrder: (elapsedMs * 1e6) / (rounds * ordersPerRound),
  collections,
  checksum: checksum >>> 0,
});

if (import.meta.main) {
  const rounds = Number(process.argv[2] ?? 2_000_000);
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"]).toString().trim();
  console.log(`commit ${commit}, Node ${process.version}, ${cpus()[0]?.model}, ${rounds} rounds`);
  for (const { name, nsPerOrder, collections, checksum } of await benchBook(rounds)) {
    const cost = `${nsPerOrder.toFixed(0).padStart(6)} ns/order`;
    console.log(`${name.padEnd(42)}${cost}  ${collections} collections  checksum ${checksum}`);
  }
}
