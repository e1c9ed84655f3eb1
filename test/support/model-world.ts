// The process of a history: its lanes, its gate, its sockets and what must always hold of them. It can die, and is
// rebuilt from the logs of its lanes.

import assert from "node:assert/strict";
import type { LaneConfig } from "../../src/memory/lane-config.ts";
import { createProgress, Progress } from "../../src/memory/progress.ts";
import type { WriteToSocket } from "../../src/memory/wires.ts";
import { createWires, Wires } from "../../src/memory/wires.ts";
import type { CrashJournal } from "./crash-journal.ts";
import { laneConfig } from "./lane-rig.ts";
import { checkOpenOrders, checkTrades } from "./model-checks.ts";
import { ModelClock } from "./model-clock.ts";
import { MIDNIGHT_UTC_MS, ModelGate } from "./model-gate.ts";
import { Cut, ModelLane, ModelLog } from "./model-lane.ts";
import { chooseBatchMax, type HistorySetup } from "./model-setup.ts";
import { ModelSocket } from "./model-socket.ts";
import type { Trader } from "./model-trader.ts";
import type { SeededRandom } from "./seeded-random.ts";

const TICK_NS = 5e6;

export type MakeJournal = (lane: number, clock: ModelClock) => CrashJournal;

export class ModelWorld {
  readonly clock = new ModelClock();
  readonly logs: readonly ModelLog[];
  lanes: readonly ModelLane[];
  gate: ModelGate;
  sockets: ModelSocket[] = [];
  cuts = 0;
  private readonly random: SeededRandom;
  private readonly setup: HistorySetup;
  private readonly traders: readonly Trader[];
  private readonly note: (word: string) => void;
  readonly journals: readonly CrashJournal[];
  private progress: Progress;
  private wires: Wires | undefined;
  private readonly writeOfLane: WriteToSocket = (descriptor, bytes, offset, length) => {
    const socket = this.sockets.find((each) => each.descriptor === descriptor && !each.isOver);
    assert(socket !== undefined, "a lane writes to a descriptor that is closed");
    return socket.laneWrites(bytes, offset, length);
  };
  private nextTickNs = 0;
  private isReplaying = false;
  /** Logins in the order in which lanes accepted them, by the gate's number and epoch. */
  private readonly attaches = new Map<string, number>();

  constructor(
    random: SeededRandom,
    setup: HistorySetup,
    traders: readonly Trader[],
    note: (word: string) => void,
    makeJournal?: MakeJournal,
  ) {
    this.random = random;
    this.setup = setup;
    this.traders = traders;
    this.note = note;
    this.logs = Array.from({ length: setup.laneCount }, () => new ModelLog());
    for (const log of this.logs) log.onAttach = (epoch) => this.noteAttach(epoch);
    this.journals =
      makeJournal === undefined ? [] : this.logs.map((_, index) => makeJournal(index, this.clock));
    this.progress = new Progress(createProgress(setup.connectionsMax));
    this.wires = this.makeWires();
    this.lanes = this.logs.map((_, index) => this.makeLane(index, this.configOf(index)));
    this.gate = this.makeGate();
  }

  /** Somebody connects. */
  connect(port: number, kernelBytesMax: number): ModelSocket {
    const socket = new ModelSocket(port, this.gate.receive, kernelBytesMax);
    // The lowest number that nobody has: what has just been closed is somebody else's at once.
    const used = new Set(this.sockets.map((each) => (each.isOver ? -1 : each.descriptor)));
    while (used.has(socket.descriptor)) socket.descriptor++;
    if (this.gate.gate.accept(socket)) this.sockets.push(socket);
    else socket.die();
    return socket;
  }

  /** When the lane accepted its login, as a number that rises; of a socket that connects now. */
  attachOrder(socket: ModelSocket): () => number {
    const { cuts } = this;
    return () => this.attaches.get(`${cuts}/${socket.epoch}`) ?? 0;
  }

  forgetSockets(): void {
    if (this.sockets.some((socket) => socket.isGone)) {
      this.sockets = this.sockets.filter((socket) => !socket.isGone);
    }
  }

  stepLane(index: number): void {
    const lane = this.lanes[index]!;
    try {
      const done = lane.step();
      if (done > 0) this.note(`lane ${index} does ${done}`);
    } catch (thrown) {
      if (!(thrown instanceof Cut) && !this.isDead) throw thrown;
      this.die();
    }
  }

  /** The keepers of the journals, if there are any. */
  stepKeepers(): void {
    try {
      for (const journal of this.journals) journal.stepKeeper();
    } catch (thrown) {
      if (!this.isDead) throw thrown;
    }
    if (this.isDead) this.die();
  }

  /** Somebody has died who did not say so to us. */
  private get isDead(): boolean {
    return this.journals.some((journal) => journal.isDead);
  }

  stepDoorbell(index: number): void {
    const lane = this.lanes[index]!;
    if (!lane.isRinging) return;
    lane.isRinging = false;
    this.note(`bell ${index}`);
    this.gate.gate.onDoorbell(index);
  }

  stepTick(blockedMs: number): void {
    const { clock } = this;
    const leftNs = Math.max(0, this.nextTickNs - clock.ns);
    clock.passUs(Math.ceil(leftNs / 1000) + blockedMs * 1000);
    this.note(blockedMs > 0 ? `tick after ${blockedMs} ms` : "tick");
    this.gate.gate.tick();
    this.nextTickNs = clock.ns + TICK_NS;
  }

  /** Gate, lanes and sockets are gone; the logs are left, and of an unfinished batch perhaps a part. */
  die(): void {
    const { random, setup } = this;
    this.cuts++;
    this.note("the process dies");
    const before = this.traders.map((trader) => this.truth(trader).slice());
    const lengths = this.logs.map(({ slots }) => slots.length);
    for (const log of this.journals.length > 0 ? [] : this.logs) {
      log.keep(log.committed + random.below(log.slots.length - log.committed + 1));
    }
    for (const socket of this.sockets) {
      socket.die();
      if (random.chance(3)) socket.clientResets();
    }
    this.sockets = [];
    this.clock.passUs(1000 + random.below(2_000_000));
    const progress = createProgress(setup.connectionsMax);
    this.progress = new Progress(progress);
    this.wires = this.makeWires();
    this.isReplaying = true;
    this.rebuildLanes();
    this.isReplaying = false;
    new Uint8Array(progress).fill(0); // what the replay released went nowhere
    const isCutShort = this.logs.map(({ slots }, index) => slots.length < (lengths[index] ?? 0));
    this.traders.forEach((trader, index) => {
      const rebuilt = this.truth(trader);
      const old = before[index] ?? [];
      if (isCutShort[trader.lane] === false) assert.equal(rebuilt.length, old.length);
      const isKept = rebuilt.length >= trader.nextSequence - 1;
      assert(isKept, `${trader.name} has received more than there is`);
      const isSame = rebuilt.every((packet, place) => old[place]?.equals(packet) === true);
      assert(isSame, `the outbox of ${trader.name} was rebuilt with other bytes`);
    });
    const eventNs = (this.clock.epochMs() - MIDNIGHT_UTC_MS) * 1e6;
    try {
      for (const lane of this.lanes) lane.recover(eventNs);
    } catch (thrown) {
      if (!this.isDead) throw thrown;
      this.die();
      return;
    }
    this.gate = this.makeGate();
    this.nextTickNs = 0;
  }

  /** No death that was planned comes any more. */
  spare(): void {
    for (const journal of this.journals) journal.spare();
  }
  get isDeathPlanned(): boolean {
    const inMemory = this.logs.some(({ cutAt }) => cutAt < Number.POSITIVE_INFINITY);
    return inMemory || this.journals.some((journal) => journal.isDeathPlanned);
  }

  /** From logs in memory, or from journals, where it may take more than one attempt. */
  private rebuildLanes(): void {
    const { journals, random } = this;
    do {
      const losesPower = journals.length > 0 && random.chance(2);
      for (const journal of journals) journal.crash(losesPower);
      try {
        this.lanes = this.logs.map((_, index) =>
          this.makeLane(index, journals.length > 0 ? this.configOf(index) : undefined),
        );
      } catch (thrown) {
        if (!this.isDead) throw thrown;
      }
    } while (this.isDead);
  }

  private makeLane(index: number, config: LaneConfig | undefined): ModelLane {
    const { random, setup, clock, progress } = this;
    const isReplay = config === undefined;
    const slots = [8, 16, 32, 64];
    return new ModelLane({
      index,
      clock,
      progress,
      wires: this.wires && { words: this.wires, write: this.writeOfLane },
      config,
      log: this.logs[index]!,
      isGateReading: () => this.gate.receive.isReading,
      journal: this.journals[index],
      inboundSlots: isReplay ? random.pick(slots) : setup.inboundSlots,
      outboundSlots: isReplay ? random.pick(slots) : setup.outboundSlots,
      firstSequence: random.pick([0, -5, 2 ** 31 - 20]),
      batchMax: isReplay ? chooseBatchMax(random) : setup.batchMax,
      windowBytes: setup.windowBytes,
      venueHeldMax: setup.venueHeldMax,
    });
  }

  private makeWires(): Wires | undefined {
    const { lendsWires, connectionsMax } = this.setup;
    return lendsWires ? new Wires(createWires(connectionsMax)) : undefined;
  }

  private makeGate(): ModelGate {
    const links = this.lanes.map(({ link }) => link);
    const names = this.traders.map(({ name }) => name);
    return new ModelGate(this.setup, names, links, this.progress, this.wires, this.clock);
  }

  private configOf(index: number): LaneConfig {
    const { outputsPerStepMax, offencesMax, explainIgnored, ordersMax } = this.setup;
    const rig = laneConfig({
      outputsPerStepMax,
      offencesMax,
      explainIgnored,
      venue: { ordersMax },
    });
    return { ...rig, lane: index, midnightUtcMs: MIDNIGHT_UTC_MS };
  }

  /** Nothing is on its way anywhere. */
  isQuiet(): boolean {
    const areLanesQuiet = this.lanes.every(
      (lane) => lane.isAsleep && !lane.isRinging && !lane.lane.core.hasWork(),
    );
    const areRingsEmpty = this.gate.gate
      .status()
      .lanes.every((lane) => lane.inboundSlotsUsed === 0 && lane.outboundSlotsWaiting === 0);
    return areLanesQuiet && areRingsEmpty && this.sockets.every((socket) => socket.isQuiet);
  }

  checkAlways(): void {
    const { windowBytes, connectionsMax } = this.setup;
    for (let index = 0; index < connectionsMax; index++) {
      const bytes = this.progress.inFlight(index);
      assert(bytes <= windowBytes, `${bytes} bytes are in flight`);
    }
    this.lanes.forEach((lane, index) => {
      const isKnown = lane.isRinging || this.gate.hasTurn;
      const waiting = lane.urgentRecords();
      assert(isKnown || waiting === 0, `the gate does not know of ${waiting} records of ${index}`);
    });
  }

  checkBooks(): void {
    this.lanes.forEach((lane, index) => {
      const own = this.traders.filter((trader) => trader.lane === index);
      checkOpenOrders(lane, own);
      checkTrades(lane, own);
      const { accounts } = lane.lane.core.state ?? assert.fail();
      for (const { name } of own) {
        const account = accounts.find(name);
        assert(account?.isAttached, `${name} is not attached`);
        assert.equal(this.progress.inFlight(account.connection), 0, `of ${name} is in flight`);
      }
    });
  }

  /** Returns the answers that the gate timed. */
  checkLatencies(): number {
    return this.gate.latencies.check(this.lanes, this.cuts === 0);
  }

  checkPools(): void {
    const status = this.gate.gate.status();
    assert.equal(status.pending, 0, "connections wait for a login");
    assert.equal(status.sendBuffers.inUse, 0, "buffers were not given back");
    assert.equal(status.stashes.inUse, 0, "stashes were not given back");
    for (const lane of status.lanes) assert.equal(lane.socketsWaiting, 0, "a gone socket waits");
    for (const { lane } of this.lanes) {
      const { accounts } = lane.core.state ?? assert.fail();
      for (let number = 0; number < accounts.count; number++) {
        assert(!accounts.at(number).isAttached, "somebody is attached who is gone");
      }
    }
  }

  /** The packets of the one true stream. */
  truth(trader: Trader): readonly Buffer[] {
    return this.lanes[trader.lane]?.streams.packets(trader.name) ?? [];
  }

  private noteAttach(epoch: number): void {
    const key = `${this.cuts}/${epoch}`;
    if (!this.isReplaying) this.attaches.set(key, this.attaches.size + 1);
  }
}
