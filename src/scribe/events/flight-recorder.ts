// Keeps the slow orders of the last minutes and answers which stage was slow and what else happened then. Scribe thread.

import type { EpochOffset } from "../../base/epoch-offset.ts";
import type { AccountNames } from "../../telemetry/account-names.ts";
import { ORDER_RECORD_BYTES, OrderRecord } from "../../telemetry/order-record.ts";
import { SlowBoardReader } from "../../telemetry/slow-board.ts";
import { checkedRoute, queryDurationNs, queryNumber } from "../query-values.ts";
import { type AdminReply, type AdminRoute, jsonReply, type ScribePart } from "../scribe-part.ts";
import { timeText } from "./described-event.ts";
import type { EventStore } from "./event-store.ts";
import { KeptOrders } from "./kept-orders.ts";
import { Overlaps } from "./overlaps.ts";
import { describeOrder, type SlowOrders } from "./slow-order.ts";

/**
 * Orders over the threshold, and the slowest of seconds in which all were fast: these come by the thousand, and must not
 * push out what was slow a minute ago.
 */
const SLOW_KEPT = 3072;
const OTHERS_KEPT = 1024;
/** The boards hold the last seconds; whoever asks reads them too. */
const READ_EVERY_NS = 500e6;

export const LAST_DEFAULT = 100;
export const OVER_DEFAULT = "5ms";
/** All of them: a person's question, which may take the scribe some tenths of a second. */
const LAST_MAX = SLOW_KEPT + OTHERS_KEPT;

export interface FlightRecorderOptions {
  /** SlowBoard. */
  readonly slow: SharedArrayBuffer;
  readonly names: AccountNames;
  readonly events: EventStore;
  readonly isLaneOnGate: boolean;
  /** What is slower is slow. */
  readonly tailNs: number;
  readonly epoch: EpochOffset;
  readonly baseNs: bigint;
}

/** Where an order is kept, and when the kernel had its answer. */
interface Found {
  readonly kept: KeptOrders;
  readonly place: number;
  readonly writtenNs: number;
}

export class FlightRecorder implements ScribePart {
  readonly routes: Readonly<Record<string, AdminRoute>>;
  private readonly options: FlightRecorderOptions;
  private readonly reader: SlowBoardReader;
  private readonly record = new OrderRecord();
  private readonly slow = new KeptOrders(SLOW_KEPT);
  private readonly others = new KeptOrders(OTHERS_KEPT);
  private readAtNs = 0;

  constructor(options: FlightRecorderOptions) {
    this.options = options;
    this.reader = new SlowBoardReader(options.slow);
    this.routes = { "/slow.json": checkedRoute((query) => this.answer(query)) };
  }

  tick(nowNs: number): void {
    if (nowNs < this.readAtNs) return;
    this.readAtNs = nowNs + READ_EVERY_NS;
    this.read();
  }

  private read(): void {
    const { names, tailNs } = this.options;
    for (const { records, recordCount } of this.reader.read()) {
      for (let index = 0; index < recordCount; index++) {
        const offset = index * ORDER_RECORD_BYTES;
        const { totalNs, lane, account } = this.record.wrap(records, offset);
        const kept = totalNs > tailNs ? this.slow : this.others;
        kept.add(records, offset, names.get(lane, account));
      }
    }
  }

  private answer(query: URLSearchParams): AdminReply {
    const overNs = queryDurationNs(query, "over", OVER_DEFAULT);
    const last = queryNumber(query, "last", LAST_DEFAULT, 1, LAST_MAX);
    const { events, epoch, baseNs } = this.options;
    this.read();
    events.drain();
    const found = this.find(overNs);
    const shown = found.slice(0, last);
    const overlaps = this.overlapsOf(shown);
    const reply: SlowOrders = {
      over: query.get("over") ?? OVER_DEFAULT,
      kept: this.slow.count + this.others.count,
      keptSince: this.keptSince(),
      found: found.length,
      orders: shown.map(({ kept, place }) =>
        describeOrder(kept.at(place), kept.nameAt(place), overlaps, epoch, baseNs),
      ),
    };
    return jsonReply(reply);
  }

  /** Newest first. */
  private find(overNs: number): Found[] {
    const found: Found[] = [];
    for (const kept of [this.slow, this.others]) {
      kept.forEach(({ totalNs, writtenNs }, _, place) => {
        if (totalNs >= overNs) found.push({ kept, place, writtenNs });
      });
    }
    return found.sort((a, b) => b.writtenNs - a.writtenNs);
  }

  private keptSince(): string {
    let oldestNs = Number.POSITIVE_INFINITY;
    for (const kept of [this.slow, this.others]) {
      kept.forEach(({ sinceNs }) => {
        oldestNs = Math.min(oldestNs, sinceNs);
      });
    }
    return Number.isFinite(oldestNs) ? timeText(this.options.epoch, oldestNs) : "";
  }

  private overlapsOf(shown: readonly Found[]): Overlaps {
    let fromNs = Number.POSITIVE_INFINITY;
    let toNs = Number.NEGATIVE_INFINITY;
    for (const { kept, place } of shown) {
      const { sinceNs, writtenNs } = kept.at(place);
      fromNs = Math.min(fromNs, sinceNs);
      toNs = Math.max(toNs, writtenNs);
    }
    const { events, isLaneOnGate } = this.options;
    return new Overlaps(events.between(fromNs, toNs), isLaneOnGate);
  }
}
