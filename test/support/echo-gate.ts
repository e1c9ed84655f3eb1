// The other side of the echo lane: a gate that publishes requests and checks their echoes, on its event loop,
// woken by the doorbell as the real one is.

import { Worker } from "node:worker_threads";
import { type Doorbell, openDoorbell } from "../../src/memory/doorbell.ts";
import { INBOUND_KIND, InboundRecord } from "../../src/memory/inbound-record.ts";
import { createLaneSignal, LaneSignal } from "../../src/memory/lane-signal.ts";
import { OUTBOUND_KIND, OutboundRecord } from "../../src/memory/outbound-record.ts";
import { createProgress, Progress } from "../../src/memory/progress.ts";
import { RING_EMPTY, RingConsumer } from "../../src/memory/ring-consumer.ts";
import { createRing, startRingAt } from "../../src/memory/ring-layout.ts";
import { RING_FULL, RingProducer } from "../../src/memory/ring-producer.ts";
import type { EchoLaneData, EchoLaneReport } from "./echo-lane.ts";
import { CONNECTIONS, checkPayload, payloadBytesOf, writePayload } from "./echo-payload.ts";

export interface EchoOptions {
  readonly recordCount: number;
  readonly inboundSlots: number;
  readonly outboundSlots: number;
  /** Where all cursors start. */
  readonly sequenceStart: number;
  /** Most records the lane handles in a turn. */
  readonly batchMax: number;
  /** Most records the gate publishes in a turn of its loop. */
  readonly burstMax: number;
  /** Most echoes the gate takes in one drain. */
  readonly drainMax: number;
  readonly windowBytes: number;
  /** Most requests without an echo; 1 makes the lane park after every record. */
  readonly openMax: number;
  /** The gate takes no echo until both rings are full. */
  readonly isDeafUntilFull: boolean;
  readonly makeFifo?: (path: string) => void;
}

export interface EchoReport extends EchoLaneReport {
  readonly doorbell: Doorbell["kind"];
  /** Times both rings were full at once. */
  readonly bothFull: number;
}

const STUCK_AFTER_MS = 15_000;

/** Sends every record through both rings. Rejects on the first that is lost, doubled, misplaced or damaged. */
export async function runEcho(options: EchoOptions): Promise<EchoReport> {
  const gate = new EchoGate(options);
  try {
    return await gate.run();
  } finally {
    await gate.close();
  }
}

class EchoGate {
  private readonly options: EchoOptions;
  private readonly inbound: RingProducer;
  private readonly outbound: RingConsumer;
  private readonly signal: LaneSignal;
  private readonly progress: Progress;
  private readonly doorbell: Doorbell;
  private readonly worker: Worker;
  private readonly request = new InboundRecord();
  private readonly answer = new OutboundRecord();
  private readonly finished = Promise.withResolvers<EchoReport>();
  private sent = 0;
  private echoed = 0;
  private bothFull = 0;
  private isSending = false; // a turn of send() is on its way
  private isDraining = false; // likewise of drain()
  private isOver = false;

  constructor(options: EchoOptions) {
    this.options = options;
    const inbound = createRing(options.inboundSlots);
    const outbound = createRing(options.outboundSlots);
    startRingAt(inbound, options.sequenceStart);
    startRingAt(outbound, options.sequenceStart);
    const signal = createLaneSignal();
    const progress = createProgress(CONNECTIONS);
    this.inbound = new RingProducer(inbound);
    this.outbound = new RingConsumer(outbound);
    this.signal = new LaneSignal(signal);
    this.progress = new Progress(progress);
    for (let connection = 0; connection < CONNECTIONS; connection++) {
      this.progress.addTaken(connection, options.sequenceStart); // the words wrap too
    }
    this.doorbell = openDoorbell(options.makeFifo);
    const { recordCount, batchMax, windowBytes } = options;
    const doorbell = this.doorbell.transfer;
    const workerData: EchoLaneData = {
      ...{ inbound, outbound, signal, progress, doorbell, recordCount, batchMax, windowBytes },
    };
    this.worker = new Worker(new URL("./echo-lane.ts", import.meta.url), {
      workerData,
      transferList: this.doorbell.transferList,
    });
  }

  async run(): Promise<EchoReport> {
    this.doorbell.listen(() => this.attempt(this.drain));
    this.worker.on("error", (error) => this.finished.reject(error));
    this.worker.on("message", (report: EchoLaneReport) => {
      this.attempt(() => {
        while (this.takeEcho());
        const missing = this.options.recordCount - this.echoed;
        if (missing !== 0) throw new Error(`the lane is done and ${missing} echoes are missing`);
        const doorbell = this.doorbell.kind;
        this.finished.resolve({ ...report, doorbell, bothFull: this.bothFull });
      });
    });
    const watch = this.watch();
    this.sendLater();
    try {
      return await this.finished.promise;
    } finally {
      clearInterval(watch);
    }
  }

  async close(): Promise<void> {
    this.isOver = true;
    await this.worker.terminate();
    this.doorbell.close(); // only now: the lane had the number of its descriptor
  }

  /** A lost wake-up shows as silence. */
  private watch(): NodeJS.Timeout {
    let echoedBefore = -1;
    return setInterval(() => {
      if (this.echoed === echoedBefore) {
        this.finished.reject(new Error(`stuck: ${this.sent} sent, ${this.echoed} echoed`));
      }
      echoedBefore = this.echoed;
    }, STUCK_AFTER_MS);
  }

  private attempt(step: () => void): void {
    if (this.isOver) return;
    try {
      step.call(this);
    } catch (error) {
      this.finished.reject(error);
    }
  }

  private sendLater(): void {
    if (this.isSending || this.sent === this.options.recordCount) return;
    this.isSending = true;
    setImmediate(() => {
      this.isSending = false;
      this.attempt(this.send);
    });
  }

  private drainLater(): void {
    if (this.isDraining) return;
    this.isDraining = true;
    setImmediate(() => {
      this.isDraining = false;
      this.attempt(this.drain);
    });
  }

  private send(): void {
    const { recordCount, burstMax, openMax } = this.options;
    let burst = 0;
    let isFull = false;
    while (burst < burstMax && this.sent < recordCount && this.sent - this.echoed < openMax) {
      const offset = this.inbound.claim(0);
      isFull = offset === RING_FULL;
      if (isFull) break;
      this.writeRequest(offset);
      burst++;
    }
    if (this.inbound.publish() > 0) this.signal.wakeLaneIfParked();
    if (this.options.isDeafUntilFull && isFull) this.drainLater();
    // Full rings and open requests are taken up again by the drain that makes room.
    if (burst === burstMax) this.sendLater();
  }

  private writeRequest(offset: number): void {
    const sequence = this.sent++;
    const { request } = this;
    request.wrap(this.inbound.slots, offset);
    request.start(INBOUND_KIND.MESSAGE, sequence % CONNECTIONS, sequence | 0);
    request.eventNs = sequence;
    request.payloadBytes = payloadBytesOf(sequence);
    writePayload(this.inbound.slots, request.payloadOffset, request.payloadBytes, sequence);
  }

  private drain(): void {
    if (this.options.isDeafUntilFull && !this.bothRingsAreFull()) return;
    this.signal.clearDoorbell(); // before the tail is loaded
    const { drainMax } = this.options;
    let count = 0;
    while (count < drainMax && this.takeEcho()) count++;
    this.outbound.release();
    this.giveRoom();
    if (count === drainMax) this.drainLater();
    this.sendLater();
  }

  /** True too when there is not enough left to fill them. Otherwise looks again later. */
  private bothRingsAreFull(): boolean {
    const { recordCount, inboundSlots, outboundSlots } = this.options;
    if (this.sent === recordCount) return true;
    if (this.inbound.usedSlots() === inboundSlots) {
      if (this.outbound.waitingSlots() === outboundSlots) {
        this.bothFull++;
        return true;
      }
    } else this.sendLater();
    this.drainLater();
    return false;
  }

  private takeEcho(): boolean {
    const offset = this.outbound.take();
    if (offset === RING_EMPTY) return false;
    const sequence = this.echoed;
    const { answer } = this;
    answer.wrap(this.outbound.slots, offset);
    if (
      answer.kind !== OUTBOUND_KIND.SEQUENCED ||
      answer.connection !== sequence % CONNECTIONS ||
      answer.epoch !== (sequence | 0) ||
      answer.sinceNs !== sequence
    ) {
      throw new Error(`outbound record ${answer.sinceNs} came where ${sequence} belongs`);
    }
    checkPayload(this.outbound.slots, answer.payloadOffset, answer.payloadBytes, sequence);
    this.progress.addTaken(answer.connection, answer.payloadBytes);
    this.echoed++;
    return true;
  }

  /** Changes the thing first, then looks at the flags, then wakes. */
  private giveRoom(): void {
    const { outboundSlots, windowBytes } = this.options;
    let isWaking = false;
    if (this.outbound.waitingSlots() <= outboundSlots / 2) {
      isWaking = this.signal.clearRingStarved();
    }
    for (let connection = 0; connection < CONNECTIONS; connection++) {
      if (this.progress.inFlight(connection) > windowBytes / 2) continue;
      if (!this.progress.clearStarved(connection)) continue;
      this.signal.addCredit();
      isWaking = true;
    }
    if (isWaking) this.signal.wakeLaneIfParked();
  }
}
