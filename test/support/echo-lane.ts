// A lane that only echoes, as a worker: takes inbound records, checks each, and answers it with one outbound
// record. It parks, wakes, rings and waits for room exactly as LaneSignal, Progress and the doorbell say.

import { parentPort, workerData } from "node:worker_threads";
import {
  type DoorbellButton,
  type DoorbellTransfer,
  joinDoorbell,
} from "../../src/memory/doorbell.ts";
import { INBOUND_KIND, InboundRecord } from "../../src/memory/inbound-record.ts";
import { LaneSignal } from "../../src/memory/lane-signal.ts";
import { OUTBOUND_KIND, OutboundRecord } from "../../src/memory/outbound-record.ts";
import { Progress } from "../../src/memory/progress.ts";
import { RING_EMPTY, RingConsumer } from "../../src/memory/ring-consumer.ts";
import { RING_FULL, RingProducer } from "../../src/memory/ring-producer.ts";
import { CONNECTIONS, checkPayload, payloadBytesOf, writePayload } from "./echo-payload.ts";

export interface EchoLaneData {
  readonly inbound: SharedArrayBuffer;
  readonly outbound: SharedArrayBuffer;
  readonly signal: SharedArrayBuffer;
  readonly progress: SharedArrayBuffer;
  readonly doorbell: DoorbellTransfer;
  readonly recordCount: number;
  readonly batchMax: number;
  readonly windowBytes: number;
}

export interface EchoLaneReport {
  readonly parks: number;
  readonly ringStarved: number;
  readonly windowStarved: number;
}

/** Nobody lets a lane sleep that long while records are open. */
const PARK_MS_MAX = 10_000;
const HOME_EVERY_MS = 10;

class EchoLane {
  private readonly inbound: RingConsumer;
  private readonly outbound: RingProducer;
  private readonly signal: LaneSignal;
  private readonly progress: Progress;
  private readonly button: DoorbellButton;
  private readonly request = new InboundRecord();
  private readonly answer = new OutboundRecord();
  private readonly data: EchoLaneData;
  private held = false; // a record was taken and its echo has found no room yet
  private echoed = 0;
  private parks = 0;
  private ringStarved = 0;
  private windowStarved = 0;

  constructor(data: EchoLaneData) {
    this.data = data;
    this.inbound = new RingConsumer(data.inbound);
    this.outbound = new RingProducer(data.outbound);
    this.signal = new LaneSignal(data.signal);
    this.progress = new Progress(data.progress);
    this.button = joinDoorbell(data.doorbell);
    for (let connection = 0; connection < CONNECTIONS; connection++) {
      this.progress.startSent(connection, this.progress.taken(connection));
    }
  }

  /** True while there is more to echo. */
  run(): boolean {
    const startMs = performance.now();
    while (this.echoed < this.data.recordCount) {
      if (this.turn() === 0) this.park();
      if (performance.now() - startMs >= HOME_EVERY_MS) return true;
    }
    return this.echoed < this.data.recordCount;
  }

  report(): EchoLaneReport {
    const { parks, ringStarved, windowStarved } = this;
    return { parks, ringStarved, windowStarved };
  }

  private turn(): number {
    let count = 0;
    while (count < this.data.batchMax && this.takeRequest() && this.echo()) count++;
    this.inbound.release();
    if (this.outbound.publish() > 0 && this.signal.shouldRing()) this.button.ring();
    return count;
  }

  private takeRequest(): boolean {
    if (this.held) return true;
    const offset = this.inbound.take();
    if (offset === RING_EMPTY) return false;
    const { request } = this;
    request.wrap(this.inbound.slots, offset);
    const sequence = this.echoed;
    if (
      request.kind !== INBOUND_KIND.MESSAGE ||
      request.connection !== sequence % CONNECTIONS ||
      request.epoch !== (sequence | 0) ||
      request.eventNs !== sequence
    ) {
      throw new Error(`inbound record ${request.eventNs} came where ${sequence} belongs`);
    }
    checkPayload(this.inbound.slots, request.payloadOffset, request.payloadBytes, sequence);
    this.held = true;
    return true;
  }

  private echo(): boolean {
    const sequence = this.echoed;
    const connection = sequence % CONNECTIONS;
    const payloadBytes = payloadBytesOf(sequence);
    if (!this.hasWindow(connection)) return false;
    const offset = this.claim();
    if (offset === RING_FULL) return false;

    const { answer } = this;
    answer.wrap(this.outbound.slots, offset);
    answer.start(OUTBOUND_KIND.SEQUENCED, connection, sequence | 0);
    answer.sinceNs = sequence;
    answer.payloadBytes = payloadBytes;
    writePayload(this.outbound.slots, answer.payloadOffset, payloadBytes, sequence);
    this.progress.addSent(connection, payloadBytes);
    this.held = false;
    this.echoed++;
    return true;
  }

  private claim(): number {
    const offset = this.outbound.claim(0);
    if (offset !== RING_FULL) return offset;
    this.ringStarved++;
    this.signal.setRingStarved();
    return this.outbound.claim(0);
  }

  private hasWindow(connection: number): boolean {
    const { progress } = this;
    const { windowBytes } = this.data;
    if (progress.inFlight(connection) < windowBytes) return true;
    this.windowStarved++;
    progress.setStarved(connection);
    return progress.inFlight(connection) < windowBytes;
  }

  private park(): void {
    const wake = this.signal.announcePark();
    if (this.turn() > 0) {
      this.signal.cancelPark();
      return;
    }
    this.parks++;
    const startMs = performance.now();
    this.signal.park(wake, PARK_MS_MAX);
    if (performance.now() - startMs >= PARK_MS_MAX)
      throw new Error("a wake-up of the lane was lost");
  }
}

const lane = new EchoLane(workerData as EchoLaneData);
const pass = (): void => {
  if (lane.run()) setImmediate(pass);
  else parentPort?.postMessage(lane.report());
};
pass();
