// What an order costs in a lane, from its slot of the inbound ring to its answers' slots of the outbound ring: one
// thread, real rings and clock, batches as the gate publishes them. Entered and canceled, and entered to trade. The
// empty case is a tick: a record that the lane takes and that changes nothing.
// Run: node --min-semi-space-size=16 native-free-bench/micro/lane/lane-orders.ts [orders]

import { startClock } from "../../../src/base/clock.ts";
import { NoInputLog } from "../../../src/lane/input-log.ts";
import { Lane } from "../../../src/lane/lane.ts";
import { makeVenue } from "../../../src/lane/make-venue.ts";
import { ATTACH_PAYLOAD_BYTES_MAX, AttachPayload } from "../../../src/memory/attach-payload.ts";
import {
  CounterReader,
  CounterWriter,
  createCounters,
  LANE_COUNTERS,
} from "../../../src/memory/counters.ts";
import { INBOUND_KIND, InboundRecord } from "../../../src/memory/inbound-record.ts";
import { laneConfigPieces, publishLaneConfig } from "../../../src/memory/lane-config.ts";
import { createLaneSignal, LaneSignal } from "../../../src/memory/lane-signal.ts";
import { OUTBOUND_KIND, OutboundRecord } from "../../../src/memory/outbound-record.ts";
import { createProgress, Progress } from "../../../src/memory/progress.ts";
import { RING_EMPTY, RingConsumer } from "../../../src/memory/ring-consumer.ts";
import { createRing } from "../../../src/memory/ring-layout.ts";
import { RingProducer } from "../../../src/memory/ring-producer.ts";
import {
  CANCEL_ORDER_REQUEST_BYTES,
  CancelOrderRequest,
} from "../../../src/protocol/ouch/cancel-order-request.ts";
import { SIDE } from "../../../src/protocol/ouch/codes.ts";
import { EnterOrder } from "../../../src/protocol/ouch/enter-order.ts";
import { writeEnter } from "../../../src/tools/client/order-messages.ts";
import {
  type HeapSize,
  measureHeap,
  type NamedHeapCost,
  printHeapCosts,
} from "../../harness/heap.ts";
import { machineLine } from "../../harness/print.ts";

const SLOTS = 4096; // as lanes.inboundSlots
const BATCH_ORDERS = 16;
const ACCOUNTS = 8;
const ORDERS_MAX = 65_536;
const START_NS = 34_200e9; // 09:30
const EVENT_NS_PER_BATCH = 50_000;
const MIDDLE = 1_895_000;
const LEVELS = 64;

const NOW_NS = 0;
const EVENT_NS = 1;

class LaneBench {
  private readonly counters: CounterReader;
  private readonly inbound: RingProducer;
  private readonly outbound: RingConsumer;
  private readonly signal = new LaneSignal(createLaneSignal());
  private readonly progress = new Progress(createProgress(ACCOUNTS));
  private readonly lane: Lane;
  private readonly clock = startClock().clock;
  private readonly record = new InboundRecord();
  private readonly answer = new OutboundRecord();
  private readonly enterOrder = new EnterOrder();
  private readonly cancelOrder = new CancelOrderRequest();
  private readonly enterTemplate = Buffer.alloc(256);
  private readonly enterBytes: number;
  // The bench itself must not make garbage: fields would box each new value.
  private readonly stamps = new Float64Array(2);
  private readonly userRefNums = new Int32Array(ACCOUNTS);
  private readonly loginOutputs: number;

  constructor() {
    const inbound = createRing(SLOTS);
    const outbound = createRing(SLOTS);
    const counters = createCounters(LANE_COUNTERS);
    this.counters = new CounterReader(counters);
    this.inbound = new RingProducer(inbound);
    this.outbound = new RingConsumer(outbound);
    this.lane = new Lane({
      laneIndex: 0,
      inbound,
      outbound,
      signal: this.signal,
      progress: this.progress,
      doorbell: { ring: () => undefined },
      counters: new CounterWriter(counters),
      clock: this.clock,
      windowBytes: 65_536,
      batchMax: 64,
      outboxBytesMax: 2 ** 30, // committed as it is used
      inputLog: new NoInputLog(),
      makeVenue,
      writesContinues: true,
    });
    this.enterBytes = writeEnter(templateView(this.enterTemplate), 0, {
      userRefNum: 1,
      side: "B",
      quantity: 100,
      symbol: "AAPL",
      price: MIDDLE,
      tags: { FIRM: "LIME" },
    });
    this.stamps[EVENT_NS] = START_NS;
    this.configure();
    for (let account = 0; account < ACCOUNTS; account++) this.attach(account);
    this.turn();
    this.loginOutputs = this.read("outputs");
  }

  get ordersEntered(): number {
    return this.read("ordersEntered");
  }
  /** Sequenced messages that the orders caused. */
  get outputs(): number {
    return this.read("outputs") - this.loginOutputs;
  }
  get digest(): number {
    return this.lane.core.digest.low;
  }

  /** Ends the batch: time passes, the lane works, the gate's part takes the answers and gives credit. */
  turn(): void {
    this.stamps[EVENT_NS]! += EVENT_NS_PER_BATCH;
    this.stamps[NOW_NS] = this.clock.nowNs();
    this.inbound.publish();
    let work = 1;
    while (work > 0) work = this.lane.turn() + this.drain();
  }

  tick(): void {
    this.start(INBOUND_KIND.TICK, -1).payloadBytes = 0;
  }

  enter(account: number, side: number, price: number): number {
    const userRefNum = this.userRefNums[account]! + 1;
    this.userRefNums[account] = userRefNum;
    const record = this.start(INBOUND_KIND.MESSAGE, account);
    const { slots } = this.inbound;
    record.payloadBytes = this.enterBytes;
    this.enterTemplate.copy(slots.bytes, record.payloadOffset, 0, this.enterBytes);
    const enter = this.enterOrder.wrap(slots.view, record.payloadOffset);
    enter.userRefNum = userRefNum;
    enter.side = side;
    enter.price = price;
    return userRefNum;
  }

  cancel(account: number, userRefNum: number): void {
    const record = this.start(INBOUND_KIND.MESSAGE, account);
    record.payloadBytes = CANCEL_ORDER_REQUEST_BYTES;
    const cancel = this.cancelOrder.wrap(this.inbound.slots.view, record.payloadOffset).start();
    cancel.userRefNum = userRefNum;
    cancel.quantity = 0;
  }

  private start(kind: number, account: number): InboundRecord {
    const record = this.record.wrap(this.inbound.slots, this.inbound.claim(0));
    record.start(kind, account, account + 1);
    record.flags = 0;
    record.eventNs = this.stamps[EVENT_NS]!;
    record.sinceNs = this.stamps[NOW_NS]!;
    record.readNs = this.stamps[NOW_NS]!;
    record.inboundNs = this.stamps[NOW_NS]!;
    return record;
  }

  private drain(): number {
    const { outbound, answer, progress, signal } = this;
    signal.clearDoorbell();
    let count = 0;
    for (let offset = outbound.take(); offset !== RING_EMPTY; offset = outbound.take()) {
      answer.wrap(outbound.slots, offset);
      count++;
      if (answer.kind !== OUTBOUND_KIND.SEQUENCED) continue;
      progress.addTaken(answer.connection, answer.payloadBytes);
      if (progress.clearStarved(answer.connection)) signal.addCredit();
    }
    outbound.release();
    signal.clearRingStarved();
    return count;
  }

  private read(counter: keyof typeof LANE_COUNTERS): number {
    return this.counters.read(LANE_COUNTERS[counter]);
  }

  private configure(): void {
    const pieces = laneConfigPieces({
      formatVersion: 1,
      behaviourVersion: 1,
      session: "20261121A",
      midnightUtcMs: Date.UTC(2026, 10, 21, 5),
      node: 0,
      lane: 0,
      outputsPerStepMax: 256,
      explainIgnored: false,
      offencesMax: 10,
      venue: { kind: "book", instruments: "*", instrumentsMax: 64, ordersMax: ORDERS_MAX },
    });
    for (let index = 0; index < pieces.length; ) {
      index = publishLaneConfig(this.inbound, pieces, index, START_NS);
      this.turn();
    }
  }

  private attach(account: number): void {
    const payload = Buffer.alloc(ATTACH_PAYLOAD_BYTES_MAX);
    const attach = new AttachPayload().wrap(payload, 0);
    const payloadBytes = attach.write(`ACC${account}`, ["LIME"], false, "", 1);
    const record = this.start(INBOUND_KIND.ATTACH, account);
    record.payloadBytes = payloadBytes;
    payload.copy(this.inbound.slots.bytes, record.payloadOffset, 0, payloadBytes);
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
    const { ordersEntered, outputs } = bench;
    results.push({ name, ...cost, checksum: bench.digest, ordersEntered, outputs });
  }
  return results;
}

if (import.meta.main) {
  const sampleOrders = 160 * BATCH_ORDERS;
  const samples = Math.ceil(Number(process.argv[2] ?? 500_000) / sampleOrders);
  console.log(`${machineLine()}; batches of ${BATCH_ORDERS} orders`);
  printHeapCosts(await benchLane({ warmupOrders: 100_000, sampleOrders, samples }));
}
