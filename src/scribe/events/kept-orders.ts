// The latest slow orders, as the compact records that the gate made of them, and their accounts' names. Scribe thread.

import { ORDER_RECORD_BYTES, OrderRecord } from "../../telemetry/order-record.ts";

export class KeptOrders {
  readonly ordersMax: number;
  private readonly bytes: Uint8Array<ArrayBuffer>;
  /** By place: an account's number means another one in the next session. */
  private readonly names: string[] = [];
  private readonly record = new OrderRecord();
  private added = 0;

  constructor(ordersMax: number) {
    this.ordersMax = ordersMax;
    this.bytes = new Uint8Array(ordersMax * ORDER_RECORD_BYTES);
  }

  get count(): number {
    return Math.min(this.added, this.ordersMax);
  }

  add(records: ArrayBuffer, offset: number, name: string): void {
    const place = this.added % this.ordersMax;
    this.bytes.set(new Uint8Array(records, offset, ORDER_RECORD_BYTES), place * ORDER_RECORD_BYTES);
    this.names[place] = name;
    this.added++;
  }

  /** Each with a window on it that is good until the next one, in no order. */
  forEach(visit: (record: OrderRecord, name: string, place: number) => void): void {
    for (let place = 0; place < this.count; place++) {
      visit(this.at(place), this.names[place]!, place);
    }
  }
  at(place: number): OrderRecord {
    return this.record.wrap(this.bytes.buffer, place * ORDER_RECORD_BYTES);
  }
  nameAt(place: number): string {
    return this.names[place]!;
  }
}
