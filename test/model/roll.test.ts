// The end of the day with gate and lanes in one thread, their turns given by chance, and the process dying behind any
// record of it: whatever is left is done by the next one (FUZZ_SEED replays one day).

import assert from "node:assert/strict";
import { test } from "node:test";
import { laneOf } from "../../src/gate/lane-of.ts";
import { DAY_PHASE, INBOUND_KIND, ROLL_STEP } from "../../src/memory/inbound-record.ts";
import { createProgress, Progress } from "../../src/memory/progress.ts";
import { describeOutbound } from "../../src/protocol/ouch/describe.ts";
import {
  PACKET_HEADER_BYTES,
  packetBytesAt,
  packetTypeAt,
  wireBytes,
} from "../../src/protocol/soupbintcp/packet-header.ts";
import {
  writeCancel,
  writeEnter,
  writeMassCancel,
  writeReplace,
} from "../../src/tools/client/order-messages.ts";
import { laneConfig } from "../support/lane-rig.ts";
import { FIRM, PASSWORD } from "../support/model-actions.ts";
import { ModelClock } from "../support/model-clock.ts";
import { MIDNIGHT_UTC_MS, ModelGate } from "../support/model-gate.ts";
import { Cut, ModelLane, ModelLog } from "../support/model-lane.ts";
import { chooseBatchMax, chooseSetup, type HistorySetup } from "../support/model-setup.ts";
import { ModelSocket } from "../support/model-socket.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";
import { login, packet } from "../support/soup-packets.ts";

const DAYS = 60;
const STEPS_MAX = 400_000;

/** One connection of an account, and what it has read. */
class Reader {
  readonly name: string;
  readonly socket: ModelSocket;
  readonly sequenced: Buffer[] = [];
  firstSequence = 0;
  hasEndOfSession = false;
  isFinished = false;
  private rest: Buffer = Buffer.alloc(0);

  constructor(name: string, socket: ModelSocket) {
    this.name = name;
    this.socket = socket;
  }

  read(bytesMax: number): void {
    this.rest = Buffer.concat([this.rest, this.socket.clientReads(bytesMax)]);
    while (this.rest.length >= PACKET_HEADER_BYTES) {
      const length = wireBytes(packetBytesAt(this.rest, 0));
      if (this.rest.length < length) break;
      this.take(this.rest.subarray(0, length));
      this.rest = this.rest.subarray(length);
    }
    if (!this.socket.isAtEnd || this.isFinished) return;
    this.isFinished = true;
    this.socket.clientEnds();
  }

  private take(bytes: Buffer): void {
    assert(!this.hasEndOfSession, "a packet behind End of Session");
    const type = String.fromCharCode(packetTypeAt(bytes, 0));
    if (type === "A") this.firstSequence = Number(bytes.toString("latin1", 13, 33));
    if (type === "S") this.sequenced.push(Buffer.from(bytes));
    if (type === "Z") this.hasEndOfSession = true;
  }
}

class RollDay {
  readonly readers: Reader[] = [];
  cuts = 0;
  /** Orders that the end of the day canceled. */
  closes = 0;
  isRolled = false;
  private readonly random: SeededRandom;
  private readonly setup: HistorySetup;
  private readonly names: readonly string[];
  private readonly numbers = new Map<string, number>();
  private readonly clock = new ModelClock();
  private readonly logs: readonly ModelLog[];
  private progress: Progress;
  private lanes: readonly ModelLane[];
  private gate: ModelGate;
  private isRolling = false;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.setup = chooseSetup(this.random);
    const { laneCount, accountCount, connectionsMax } = this.setup;
    this.names = Array.from({ length: accountCount }, (_, index) => `T${index}`);
    this.progress = new Progress(createProgress(connectionsMax));
    this.logs = Array.from({ length: laneCount }, () => new ModelLog());
    this.lanes = this.logs.map((_, index) => this.makeLane(index, true));
    this.gate = this.makeGate();
  }

  async run(): Promise<void> {
    const { random } = this;
    const tradingSteps = 300 + random.below(1_500);
    for (let step = 0; step < tradingSteps; step++) await this.step(true);
    this.roll();
    if (random.below(4) > 0) {
      const log = random.pick(this.logs);
      log.cutAt = log.slots.length + random.pick([1, 2, 3, 4, 6, 10, 20]);
    }
    for (let step = 0; !this.isRolled; step++) {
      assert(step < STEPS_MAX, "the day does not end");
      await this.step(step < 600);
    }
    for (const reader of this.readers) {
      // What the kernels had taken arrives, whatever became of the process.
      while (!reader.isFinished && !reader.socket.isAtEnd) {
        const before = reader.sequenced.length;
        reader.read(1_000);
        if (reader.sequenced.length === before && reader.socket.isQuiet) break;
      }
      reader.read(1_000_000);
    }
  }

  check(): void {
    this.lanes.forEach((lane, index) => {
      assert.equal(lane.lane.core.dayPhase, DAY_PHASE.ENDED);
      assert.equal(lane.lane.core.state?.orders.liveCount, 0);
      const steps = this.logs[index]!.slots.filter((slot) => slot[0] === INBOUND_KIND.ROLL);
      const last = this.logs[index]!.slots.at(-1)!;
      assert.equal(last, steps.at(-1), "the end is the journal's last record");
      assert.equal(last.readInt32LE(12), ROLL_STEP.END);
    });
    for (const name of this.names) this.closes += checkTruth(this.truth(name));
    for (const reader of this.readers) this.checkReader(reader);
  }

  private checkReader({ name, sequenced, firstSequence, hasEndOfSession }: Reader): void {
    const truth = this.truth(name).slice(Math.max(0, firstSequence - 1));
    assert(firstSequence > 0 || sequenced.length === 0, "packets before a login");
    sequenced.forEach((bytes, place) => {
      assert(truth[place]?.equals(bytes), `${name} got something else than the journal says`);
    });
    if (hasEndOfSession) assert.equal(sequenced.length, truth.length, `${name} lacks something`);
  }

  private truth(name: string): readonly Buffer[] {
    const lane = this.lanes[laneOf(name, this.lanes.length)]!;
    return lane.streams.packets(name);
  }

  private roll(): void {
    this.isRolling = true;
    this.gate.gate.roll(() => {
      this.isRolled = true;
    });
  }

  private async step(isTrading: boolean): Promise<void> {
    const { random } = this;
    const what = random.below(isTrading ? 16 : 11);
    if (what < 3) this.stepLane(random.pick(this.lanes));
    else if (what < 5) this.stepDoorbell();
    else if (what === 5) this.stepTick();
    else if (what === 6) this.gate.stepTurn(random.below(2));
    else if (what < 10) this.stepSocket();
    else if (what === 10) await this.gate.stepCheck();
    else this.act();
  }

  private stepLane(lane: ModelLane): void {
    try {
      lane.step();
    } catch (thrown) {
      if (!(thrown instanceof Cut)) throw thrown;
      this.die();
    }
  }

  private stepDoorbell(): void {
    const index = this.random.below(this.lanes.length);
    const lane = this.lanes[index]!;
    if (!lane.isRinging) return;
    lane.isRinging = false;
    this.gate.gate.onDoorbell(index);
  }

  private stepTick(): void {
    this.clock.passUs(5_000 * (1 + this.random.below(4)));
    this.gate.gate.tick();
  }

  private stepSocket(): void {
    const { random, setup } = this;
    const reader = this.readers[this.readers.length - 1 - random.below(8)];
    if (reader === undefined) return;
    const bytes = setup.chunkBytesMax;
    reader.socket.stepRead(bytes);
    reader.socket.stepKernel(bytes);
    if (random.below(3) > 0) reader.read(bytes);
    reader.socket.stepTell();
  }

  /** Somebody does something. */
  private act(): void {
    const { random, gate, setup } = this;
    const name = random.pick(this.names);
    const mine = this.readers.findLast((reader) => reader.name === name);
    if (mine === undefined || mine.isFinished || random.below(60) === 0) {
      const { receive } = gate;
      const socket = new ModelSocket(this.readers.length, receive, setup.kernelBytesMax);
      if (!gate.gate.accept(socket)) return;
      this.readers.push(new Reader(name, socket));
      const requestedSequence = random.below(2) === 0 ? 1 : 0;
      socket.clientSends(login({ userName: name, password: PASSWORD, requestedSequence }));
      return;
    }
    mine.socket.clientSends(packet("U", this.message(name)));
  }

  private message(name: string): Buffer {
    const { random } = this;
    const latest = this.numbers.get(name) ?? 0;
    const old = Math.max(1, latest - random.below(8));
    const userRefNum = latest + 1;
    const bytes = Buffer.alloc(256);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const what = random.below(10);
    const price = 1_000_000 + random.below(4) * 100;
    const quantity = 1 + random.below(300);
    if (what === 8) return bytes.subarray(0, writeCancel(view, 0, { userRefNum: old }));
    this.numbers.set(name, userRefNum);
    if (what === 9) {
      return bytes.subarray(0, writeMassCancel(view, 0, { userRefNum, firm: FIRM }));
    }
    if (what === 7) {
      const fields = { origUserRefNum: old, userRefNum, quantity, price };
      return bytes.subarray(0, writeReplace(view, 0, fields));
    }
    const side = random.below(2) === 0 ? "B" : "S";
    const fields = { userRefNum, side, quantity, symbol: "AAPL", price };
    return bytes.subarray(0, writeEnter(view, 0, fields));
  }

  /** The process is gone; the next one goes on with the day's end at once. */
  private die(): void {
    this.cuts++;
    for (const log of this.logs) {
      const unsure = log.slots.length - log.committed;
      log.keep(log.committed + this.random.below(unsure + 1));
    }
    for (const { socket } of this.readers) socket.die();
    this.clock.passUs(1_000_000);
    const memory = createProgress(this.setup.connectionsMax);
    this.progress = new Progress(memory);
    this.lanes = this.logs.map((_, index) => this.makeLane(index, false));
    new Uint8Array(memory).fill(0);
    const eventNs = (this.clock.epochMs() - MIDNIGHT_UTC_MS) * 1e6;
    for (const lane of this.lanes) lane.recover(eventNs);
    this.gate = this.makeGate();
    if (this.isRolling) this.roll();
  }

  private makeLane(index: number, isFresh: boolean): ModelLane {
    const { setup, clock, progress, random } = this;
    const { outputsPerStepMax, offencesMax, explainIgnored, ordersMax } = setup;
    const options = { outputsPerStepMax, offencesMax, explainIgnored, venue: { ordersMax } };
    return new ModelLane({
      index,
      clock,
      progress,
      config: isFresh
        ? { ...laneConfig(options), lane: index, midnightUtcMs: MIDNIGHT_UTC_MS }
        : undefined,
      log: this.logs[index]!,
      isGateReading: () => this.gate.receive.isReading,
      inboundSlots: setup.inboundSlots,
      outboundSlots: setup.outboundSlots,
      firstSequence: 0,
      batchMax: isFresh ? setup.batchMax : chooseBatchMax(random),
      windowBytes: setup.windowBytes,
      venueHeldMax: setup.venueHeldMax,
    });
  }

  private makeGate(): ModelGate {
    const links = this.lanes.map(({ link }) => link);
    return new ModelGate(this.setup, this.names, links, this.progress, undefined, this.clock);
  }
}

/** The day ended once, and no accepted share is left behind. Returns how many orders the end canceled. */
function checkTruth(truth: readonly Buffer[]): number {
  let closes = 0;
  const open = new Map<number, number>();
  let ends = 0;
  for (const bytes of truth) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const length = bytes.length - PACKET_HEADER_BYTES;
    const fields = describeOutbound(view, PACKET_HEADER_BYTES, length);
    const number = Number(fields.userRefNum);
    const quantity = Number(fields.quantity);
    const left = open.get(number) ?? 0;
    if (fields.type === "S" && fields.eventCode === "E") ends++;
    if (fields.type === "C" && fields.reason === "E") closes++;
    if (fields.type === "A" || fields.type === "U") {
      assert(fields.type === "U" || ends === 0 || !open.has(number), "an order is accepted twice");
      if (fields.type === "U") open.delete(Number(fields.origUserRefNum));
      open.set(number, fields.orderState === "D" ? 0 : quantity);
    } else if (fields.type === "E" || fields.type === "C") {
      assert(quantity <= left, "more shares end than were open");
      open.set(number, left - quantity);
    }
  }
  if (truth.length > 0) assert.equal(ends, 1);
  for (const [number, left] of open) assert.equal(left, 0, `order ${number} is left open`);
  return closes;
}

const seed = fuzzSeed();
const isReplay = process.env.FUZZ_SEED !== undefined;

test(`${isReplay ? 1 : DAYS} days end once, whenever the process dies, from seed ${seed}`, async () => {
  let cuts = 0;
  let goodbyes = 0;
  let closes = 0;
  for (let index = 0; index < (isReplay ? 1 : DAYS); index++) {
    const day = new RollDay((seed + index) >>> 0);
    try {
      await day.run();
      day.check();
    } catch (thrown) {
      throw new Error(`the day of seed ${(seed + index) >>> 0}`, { cause: thrown });
    }
    cuts += day.cuts;
    closes += day.closes;
    goodbyes += day.readers.filter(({ hasEndOfSession }) => hasEndOfSession).length;
  }
  if (isReplay) return;
  assert(cuts > DAYS / 4, `only ${cuts} cuts`);
  assert(closes > DAYS * 2, `only ${closes} orders were open`);
  assert(goodbyes > DAYS / 2, `only ${goodbyes} goodbyes`);
});
