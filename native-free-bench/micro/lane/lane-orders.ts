// What an order costs in a lane, from its slot of the inbound ring to its answers' slots of the outbound ring: one
// thread, real rings and clock, batches as the gate publishes them. Entered and canceled, and entered to trade. The
// empty case is a tick: a record that the lane takes and that changes nothing.
// Run: node --min-semi-space-size=16 native-free-bench/micro/lane/lane-orders.ts [orders]

import { INBOUND_KIND } from "../../../src/memory/inbound-record.ts";
import {
  CANCEL_ORDER_REQUEST_BYTES,
  CancelOrderRequest,
} from "../../../src/protocol/ouch/cancel-order-request.ts";
import { SIDE } from "../../../src/protocol/ouch/codes.ts";
import { EnterOrder } from "../../../src/protocol/ouch/enter-order.ts";
import { writeEnter } from "../../../src/tools/client/order-messages.ts";
import { BenchLane } from "../../harness/bench-lane.ts";
import {
  type HeapSize,
  measureHeap,
  type NamedHeapCost,
  printHeapCosts,
} from "../../harness/heap.ts";
import { machineLine } from "../../harness/print.ts";

const BATCH_ORDERS = 16;
const ACCOUNTS = 8;
const EVENT_NS_PER_BATCH = 50_000;
const MIDDLE = 1_895_000;
const LEVELS = 64;

class LaneBench {
  readonly lane = new BenchLane({
    accounts: ACCOUNTS,
    batchMax: 64,
    ordersMax: 65_536,
    outboxBytesMax: 2 ** 30,
  });
  private readonly enterOrder = new EnterOrder();
  private readonly cancelOrder = new CancelOrderRequest();
  private readonly enterTemplate = Buffer.alloc(256);
  private readonly enterBytes: number;
  // The bench itself must not make garbage: fields would box each new value.
  private readonly userRefNums = new Int32Array(ACCOUNTS);

  constructor() {
    this.enterBytes = writeEnter(templateView(this.enterTemplate), 0, {
      userRefNum: 1,
      side: "B",
      quantity: 100,
      symbol: "AAPL",
      price: MIDDLE,
      tags: { FIRM: "LIME" },
    });
    this.lane.pass(0);
  }

  /** Ends the batch. */
  turn(): void {
    this.lane.turn();
    this.lane.pass(EVENT_NS_PER_BATCH);
  }

  tick(): void {
    this.lane.start(INBOUND_KIND.TICK, -1).payloadBytes = 0;
  }

  enter(account: number, side: number, price: number): number {
    const userRefNum = this.userRefNums[account]! + 1;
    this.userRefNums[account] = userRefNum;
    const record = this.lane.start(INBOUND_KIND.MESSAGE, account);
    const { slots } = this.lane.inbound;
    record.payloadBytes = this.enterBytes;
    this.enterTemplate.copy(slots.bytes, record.payloadOffset, 0, this.enterBytes);
    const enter = this.enterOrder.wrap(slots.view, record.payloadOffset);
    enter.userRefNum = userRefNum;
    enter.side = side;
    enter.price = price;
    return userRefNum;
  }

  cancel(account: number, userRefNum: number): void {
    const record = this.lane.start(INBOUND_KIND.MESSAGE, account);
    record.payloadBytes = CANCEL_ORDER_REQUEST_BYTES;
    const { view } = this.lane.inbound.slots;
    const cancel = this.cancelOrder.wrap(view, record.payloadOffset).start();
    cancel.userRefNum = userRefNum;
    cancel.quantity = 0;
  }
}

const templateView = (bytes: Buffer): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

type Batch = (bench: LaneBench) => void;

/** Each makes one batch of BATCH_ORDERS orders. */
const CASES: Readonly<Record<string, Batch>> = {
  "empty (a tick)": (bench) => {
    for (let index = 0; index < BATCH_ORDERS; index++) bench.tick();
    bench.turn();
  },
  "enter + cancel": (bench) => {
    for (let index = 0; index < BATCH_ORDERS; index++) {
      const account = index % ACCOUNTS;
      const userRefNum = bench.enter(account, SIDE.BUY, MIDDLE - 100 * (1 + (index % LEVELS)));
      bench.cancel(account, userRefNum);
    }
    bench.turn();
  },
  "enter + enter that crosses": (bench) => {
    for (let index = 0; index < BATCH_ORDERS; index += 2) {
      bench.enter(index % ACCOUNTS, SIDE.SELL, MIDDLE);
      bench.enter((index + 1) % ACCOUNTS, SIDE.BUY, MIDDLE);
    }
    bench.turn();
  },
};

export interface LaneCost extends NamedHeapCost {
  readonly ordersEntered: number;
  readonly outputs: number;
}

export async function benchLane(size: HeapSize): Promise<LaneCost[]> {
  const results: LaneCost[] = [];
  for (const [name, batch] of Object.entries(CASES)) {
    const bench = new LaneBench();
    const cost = await measureHeap((orders) => {
      for (let done = 0; done < orders; done += BATCH_ORDERS) batch(bench);
    }, size);
    const { ordersEntered, outputs, digest } = bench.lane;
    results.push({ name, ...cost, checksum: digest, ordersEntered, outputs });
  }
  return results;
}

if (import.meta.main) {
  const sampleOrders = 160 * BATCH_ORDERS;
  const samples = Math.ceil(Number(process.argv[2] ?? 500_000) / sampleOrders);
  console.log(`${machineLine()}; batches of ${BATCH_ORDERS} orders`);
  printHeapCosts(await benchLane({ warmupOrders: 100_000, sampleOrders, samples }));
}
