// One history: the real gate and the real lanes in one thread, with everybody's turns given by chance. First a time in
// which anything happens, deaths of the process included; then a calm in which everything must come to rest and add up.

import assert from "node:assert/strict";
import { laneOf } from "../../src/gate/lane-of.ts";
import type { LaneConfig } from "../../src/memory/lane-config.ts";
import { createProgress, Progress } from "../../src/memory/progress.ts";
import { laneConfig } from "./lane-rig.ts";
import { Actions, TRADED_CHANNELS } from "./model-actions.ts";
import { checkEmpty, checkOpenOrders, checkTrades } from "./model-checks.ts";
import { Client } from "./model-client.ts";
import { ModelClock } from "./model-clock.ts";
import { MIDNIGHT_UTC_MS, ModelGate } from "./model-gate.ts";
import { Cut, ModelLane, ModelLog } from "./model-lane.ts";
import {
  ACTORS,
  type Actor,
  chooseBatchMax,
  chooseSetup,
  type HistorySetup,
} from "./model-setup.ts";
import { ModelSocket } from "./model-socket.ts";
import { Trader } from "./model-trader.ts";
import { SeededRandom } from "./seeded-random.ts";

const NAMES = ["ALICE", "BOB", "CAROL", "DAVE", "EVE"];
const TRACE_LENGTH = 60;
/** Five milliseconds each: everything with a time-out is over long before. */
const CALM_ROUNDS_MAX = 8_000;
const TICK_NS = 5e6;
const HEARTBEAT_NS = 1e9;
const NO_LIMIT = 2 ** 30;

/** What a history was like, so that a test can see that histories are not dull. */
export interface HistoryReport {
  readonly messages: number;
  readonly matches: number;
  readonly executions: number;
  readonly logins: number;
  readonly takeovers: number;
  readonly cuts: number;
  readonly continues: number;
}

export async function runHistory(seed: number): Promise<HistoryReport> {
  const history = new History(seed);
  try {
    return await history.run();
  } catch (thrown) {
    const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
    throw new Error(`history ${seed}: ${cause.message}\n${history.description()}`, { cause });
  }
}

class History {
  private readonly seed: number;
  private readonly random: SeededRandom;
  private readonly setup: HistorySetup;
  private readonly clock = new ModelClock();
  private readonly actions: Actions;
  private readonly traders: Trader[];
  private readonly logs: ModelLog[];
  private readonly actors: Actor[];
  private readonly trace: string[] = [];
  private lanes: ModelLane[] = [];
  private progress: Progress;
  private gate: ModelGate;
  private sockets: ModelSocket[] = [];
  private clients: Client[] = [];
  private clientCount = 0;
  private nextTickNs = 0;
  private steps = 0;
  private cuts = 0;
  private logins = 0;
  private isCalm = false;
  private isReplaying = false;
  /** Logins in the order in which lanes accepted them, by the gate's number and epoch. */
  private readonly attaches = new Map<string, number>();

  constructor(seed: number) {
    this.seed = seed;
    this.random = new SeededRandom(seed);
    const setup = chooseSetup(this.random);
    this.setup = setup;
    this.actions = new Actions(this.random);
    const names = NAMES.slice(0, setup.accountCount);
    this.traders = names.map((name) => new Trader(name, laneOf(name, setup.laneCount)));
    this.actors = ACTORS.flatMap((actor) => new Array<Actor>(setup.paces[actor]).fill(actor));
    this.logs = Array.from({ length: setup.laneCount }, () => new ModelLog());
    for (const log of this.logs) log.onAttach = (epoch) => this.noteAttach(epoch);
    this.progress = new Progress(createProgress(setup.connectionsMax));
    this.lanes = this.logs.map((_, index) => this.makeLane(index, this.configOf(index)));
    this.gate = this.makeGate();
  }

  description(): string {
    const { steps, seed, setup, trace } = this;
    const last = trace.slice(-TRACE_LENGTH).join("\n  ");
    return `FUZZ_SEED=${seed} replays it; ${JSON.stringify(setup)}\nstep ${steps}, the last ones:\n  ${last}`;
  }

  async run(): Promise<HistoryReport> {
    const { setup, random } = this;
    const cutsAt = Array.from({ length: setup.cuts }, () => random.below(setup.steps));
    for (; this.steps < setup.steps; this.steps++) {
      if (cutsAt.includes(this.steps)) this.planCut();
      await this.step(random.pick(this.actors));
      this.checkAlways();
    }
    await this.comeToRest();
    return this.report();
  }

  // A time in which anything happens.

  private async step(actor: Actor): Promise<void> {
    const { random, clock, setup } = this;
    clock.passUs(random.below(100));
    switch (actor) {
      case "lane":
        this.stepLane(random.below(this.lanes.length));
        return;
      case "doorbell":
        this.stepDoorbell(random.below(this.lanes.length));
        return;
      case "tick":
        this.stepTick(random.chance(100) ? random.below(3_000) : 0);
        return;
      case "turn":
        this.gate.stepTurn(random.below(2));
        return;
      case "read": {
        const socket = this.anySocket();
        const isRead = socket?.stepRead(1 + random.below(setup.chunkBytesMax)) ?? false;
        if (isRead) this.note(`gate reads from ${socket?.remotePort}`);
        return;
      }
      case "kernel":
        this.anySocket()?.stepKernel(1 + random.below(setup.chunkBytesMax));
        return;
      case "socket": {
        const socket = this.anySocket();
        if (socket?.stepTell() === true) this.note(`gate hears of ${socket.remotePort}`);
        return;
      }
      case "verdict":
        if (this.gate.hasCheck) await this.gate.stepCheck();
        return;
      case "clientRead":
        this.stepClientRead();
        return;
      case "clientAct":
        this.stepClientAct();
    }
  }

  private stepLane(index: number): void {
    const lane = this.lanes[index]!;
    try {
      const done = lane.step();
      if (done > 0) this.note(`lane ${index} does ${done}`);
    } catch (thrown) {
      if (!(thrown instanceof Cut)) throw thrown;
      this.die();
    }
  }

  private stepDoorbell(index: number): void {
    const lane = this.lanes[index]!;
    if (!lane.isRinging) return;
    lane.isRinging = false;
    this.note(`bell ${index}`);
    this.gate.gate.onDoorbell(index);
  }

  private stepTick(blockedMs: number): void {
    const { clock } = this;
    const leftNs = Math.max(0, this.nextTickNs - clock.ns);
    clock.passUs(Math.ceil(leftNs / 1000) + blockedMs * 1000);
    this.note(blockedMs > 0 ? `tick after ${blockedMs} ms` : "tick");
    this.gate.gate.tick();
    this.nextTickNs = clock.ns + TICK_NS;
  }

  private stepClientRead(): void {
    const { random, clients, setup } = this;
    if (clients.length === 0) return;
    const client = random.pick(clients);
    if (client.sleepsUntilNs > this.clock.ns) return;
    this.readClient(client, 1 + random.below(setup.chunkBytesMax));
    if (client.isClosed && random.chance(3)) this.dismiss(client);
  }

  private stepClientAct(): void {
    const { random } = this;
    const trader = random.pick(this.traders);
    const own = this.clients.filter((client) => client.trader === trader);
    const client = own.at(random.chance(8) ? 0 : -1);
    if (client === undefined || random.chance(60)) {
      this.connect(trader);
      return;
    }
    if (client.isRejected || client.isClosed) {
      this.dismiss(client);
    } else if (!client.hasSentLogin) {
      this.tell(client, this.actions.logIn(client, false));
    } else if (client.isLoggedIn || random.chance(6)) {
      for (let acts = 1 + random.below(4); acts > 0; acts--) {
        this.tell(client, this.actions.act(client, this.clock.ns));
      }
    }
  }

  private readClient(client: Client, bytesMax: number): void {
    const wasLoggedIn = client.isLoggedIn;
    const count = client.read(bytesMax);
    if (count > 0) this.note(`client ${client.number} gets ${count}, next ${client.nextSequence}`);
    if (wasLoggedIn || !client.isLoggedIn) return;
    this.logins++;
    if (this.isCalm || this.random.chance(2)) this.tell(client, this.actions.sendAgain(client));
    if (!this.isCalm && this.random.chance(2)) this.tell(client, this.actions.ask(client));
  }

  private connect(trader: Trader): Client {
    const { setup, gate } = this;
    this.clientCount++;
    const kernelBytesMax = this.isCalm ? NO_LIMIT : setup.kernelBytesMax;
    const socket = new ModelSocket(this.clientCount, gate.receive, kernelBytesMax);
    const number = this.clientCount;
    const packets = (): readonly Buffer[] => this.truth(trader);
    const { cuts } = this;
    const attachOrder = (): number => this.attaches.get(`${cuts}/${socket.epoch}`) ?? 0;
    const client = new Client(trader, socket, number, packets, attachOrder);
    this.clients.push(client);
    const isTaken = gate.gate.accept(socket);
    if (isTaken) this.sockets.push(socket);
    else socket.die();
    this.tell(client, `connects ${trader.name}${isTaken ? "" : " in vain"}`);
    return client;
  }

  private dismiss(client: Client): void {
    this.clients = this.clients.filter((other) => other !== client);
    if (this.isCalm || this.random.chance(2)) client.socket.clientCloses();
    else client.socket.clientResets();
    this.note(`client ${client.number} goes`);
  }

  private tell(client: Client, word: string): void {
    client.lastSentNs = this.clock.ns;
    this.note(`client ${client.number} ${word}`);
  }

  private anySocket(): ModelSocket | undefined {
    if (this.sockets.length === 0) return undefined;
    const socket = this.random.pick(this.sockets);
    if (socket.isGone) this.sockets = this.sockets.filter((other) => !other.isGone);
    return socket;
  }

  // Deaths of the process.

  private planCut(): void {
    const { random } = this;
    const log = random.pick(this.logs);
    if (random.chance(3)) this.die();
    else log.cutAt = log.slots.length + 1 + random.below(20);
  }

  /** Gate, lanes and sockets are gone; the logs are left, and of an unfinished batch perhaps a part. */
  private die(): void {
    const { random, setup } = this;
    this.cuts++;
    this.note("the process dies");
    const before = this.traders.map((trader) => this.truth(trader).slice());
    const isCutShort = this.logs.map((log) => {
      const kept = log.committed + random.below(log.slots.length - log.committed + 1);
      const isShort = kept < log.slots.length;
      log.keep(kept);
      return isShort;
    });
    for (const socket of this.sockets) {
      socket.die();
      if (random.chance(3)) socket.clientResets();
    }
    this.sockets = [];
    this.clock.passUs(1000 + random.below(2_000_000));
    const progress = createProgress(setup.connectionsMax);
    this.progress = new Progress(progress);
    this.isReplaying = true;
    this.lanes = this.logs.map((_, index) => this.makeLane(index, undefined));
    this.isReplaying = false;
    new Uint8Array(progress).fill(0); // what the replay released went nowhere
    this.traders.forEach((trader, index) => {
      const rebuilt = this.truth(trader);
      const old = before[index] ?? [];
      if (isCutShort[trader.lane] === false) assert.equal(rebuilt.length, old.length);
      const isSame = rebuilt.every((packet, place) => old[place]?.equals(packet) === true);
      assert(isSame, `the outbox of ${trader.name} was rebuilt with other bytes`);
    });
    const eventNs = (this.clock.epochMs() - MIDNIGHT_UTC_MS) * 1e6;
    for (const lane of this.lanes) lane.recover(eventNs);
    this.gate = this.makeGate();
    this.nextTickNs = 0;
  }

  private makeLane(index: number, config: LaneConfig | undefined): ModelLane {
    const { random, setup, clock, progress } = this;
    const isReplay = config === undefined;
    const slots = [8, 16, 32, 64];
    return new ModelLane({
      index,
      clock,
      progress,
      config,
      log: this.logs[index]!,
      inboundSlots: isReplay ? random.pick(slots) : setup.inboundSlots,
      outboundSlots: isReplay ? random.pick(slots) : setup.outboundSlots,
      firstSequence: random.pick([0, -5, 2 ** 31 - 20]),
      batchMax: isReplay ? chooseBatchMax(random) : setup.batchMax,
      windowBytes: setup.windowBytes,
      venueHeldMax: setup.venueHeldMax,
    });
  }

  private makeGate(): ModelGate {
    const links = this.lanes.map(({ link }) => link);
    const names = this.traders.map(({ name }) => name);
    return new ModelGate(this.setup, names, links, this.progress, this.clock);
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

  // The calm.

  private async comeToRest(): Promise<void> {
    const { random, traders, setup } = this;
    this.isCalm = true;
    if (this.logs.some(({ cutAt }) => cutAt < Number.POSITIVE_INFINITY)) this.die();
    for (const socket of this.sockets) socket.kernelBytesMax = NO_LIMIT;

    await this.calm("everybody has everything", () => this.isServed(false));
    this.checkBooks();

    for (const client of this.clients) this.tell(client, this.actions.leave(client));
    await this.calm("everybody is gone", () => this.isDeserted());
    this.checkPools();

    for (const trader of traders) this.connectSurely(trader, 1);
    await this.calm("everybody has read it all", () => this.isServed(true));
    for (const client of this.clients) {
      for (const _ of TRADED_CHANNELS) this.actions.ask(client);
      this.actions.cancelEverything(client);
    }
    await this.calm("every order is gone", () => this.isServed(true));
    for (const trader of traders) assert.equal(trader.open.size, 0, `of ${trader.name}`);
    for (const lane of this.lanes) checkEmpty(lane);

    if (random.chance(2)) {
      let isDrained = false;
      this.gate.gate.drain(() => {
        isDrained = true;
      });
      await this.calm("the gate is drained", () => isDrained && this.isDeserted());
    } else {
      for (const client of this.clients) this.tell(client, this.actions.leave(client));
      await this.calm("everybody is gone again", () => this.isDeserted());
    }
    this.checkPools();
    assert(setup.laneCount === this.lanes.length);
  }

  private async calm(until: string, isOver: () => boolean): Promise<void> {
    for (let round = 0; round < CALM_ROUNDS_MAX; round++) {
      await this.calmRound(until.startsWith("every"));
      if (isOver() && this.isQuiet()) return;
    }
    assert.fail(`it never comes to pass that ${until}: ${this.whatIsLeft()}`);
  }

  private async calmRound(areClientsThere: boolean): Promise<void> {
    for (let index = 0; index < this.lanes.length; index++) {
      this.stepLane(index);
      this.stepDoorbell(index);
    }
    for (const socket of this.sockets) {
      socket.stepRead(NO_LIMIT);
      socket.stepKernel(NO_LIMIT);
      socket.stepTell();
    }
    this.sockets = this.sockets.filter((socket) => !socket.isGone);
    if (this.gate.hasCheck) await this.gate.stepCheck();
    for (const client of [...this.clients]) this.calmClient(client, areClientsThere);
    this.gate.stepTurn(1);
    this.stepTick(0);
    this.checkAlways();
  }

  private calmClient(client: Client, _areClientsThere: boolean): void {
    this.readClient(client, NO_LIMIT);
    if (client.isClosed || client.isRejected) {
      this.dismiss(client);
    } else if (client.lastSentNs + HEARTBEAT_NS < this.clock.ns) {
      client.socket.clientSends(HEARTBEAT);
      client.lastSentNs = this.clock.ns;
    }
  }

  private connectSurely(trader: Trader, sequence: number): void {
    const client = this.connect(trader);
    client.mustBeAccepted = true;
    client.socket.clientSends(client.logIn("", sequence, "DEMO"));
  }

  /** Everybody is there and up to date; whoever is not there comes. */
  private isServed(isForSure: boolean): boolean {
    let isServed = true;
    for (const trader of this.traders) {
      const own = this.clients.filter((client) => client.trader === trader);
      const latest = own.at(-1);
      if (latest === undefined) {
        assert(!isForSure, `${trader.name} was thrown out`);
        this.tell(this.connect(trader), "calmly");
      } else if (!latest.hasSentLogin) {
        this.tell(latest, this.actions.logIn(latest, true));
      }
      if (latest?.isUpToDate !== true || trader.nextSequence <= this.truth(trader).length) {
        isServed = false;
        if (latest?.isUpToDate === true && own.length === 1 && this.random.chance(50)) {
          this.dismiss(latest); // it began at the live end: the next one reads what is missing
        }
      }
    }
    return isServed;
  }

  private isDeserted(): boolean {
    return this.gate.gate.status().connections === 0 && this.clients.length === 0;
  }

  private whatIsLeft(): string {
    const clients = this.clients.map((client) => {
      const { number, trader, isLoggedIn, nextSequence } = client;
      return `${number} of ${trader.name}, ${isLoggedIn ? `next ${nextSequence}` : "not logged in"}`;
    });
    const traders = this.traders.map((trader) => {
      return `${trader.name} needs ${trader.nextSequence}, has ${this.truth(trader).length}`;
    });
    const sockets = this.sockets.map((socket) => socket.description());
    const lanes = this.lanes.map(({ isAsleep, isRinging, lane }) =>
      JSON.stringify({ isAsleep, isRinging, hasWork: lane.core.hasWork() }),
    );
    const status = JSON.stringify(this.gate.gate.status());
    return [...traders, ...clients, ...sockets, ...lanes, status].join("\n");
  }

  private isQuiet(): boolean {
    const areLanesQuiet = this.lanes.every(
      (lane) => lane.isAsleep && !lane.isRinging && !lane.lane.core.hasWork(),
    );
    const areRingsEmpty = this.gate.gate
      .status()
      .lanes.every((lane) => lane.inboundSlotsUsed === 0 && lane.outboundSlotsWaiting === 0);
    return areLanesQuiet && areRingsEmpty && this.sockets.every((socket) => socket.isQuiet);
  }

  // What must hold.

  private checkAlways(): void {
    const { windowBytes, connectionsMax } = this.setup;
    for (let index = 0; index < connectionsMax; index++) {
      const bytes = this.progress.inFlight(index);
      assert(bytes <= windowBytes, `${bytes} bytes are in flight`);
    }
    this.lanes.forEach((lane, index) => {
      const isKnown = lane.isRinging || this.gate.hasTurn;
      const waiting = lane.link.outbound.waitingSlots();
      assert(isKnown || waiting === 0, `the gate does not know of ${waiting} records of ${index}`);
    });
  }

  private checkBooks(): void {
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

  private checkPools(): void {
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

  private truth(trader: Trader): readonly Buffer[] {
    return this.lanes[trader.lane]?.streams.packets(trader.name) ?? [];
  }

  private noteAttach(epoch: number): void {
    const key = `${this.cuts}/${epoch}`;
    if (!this.isReplaying) this.attaches.set(key, this.attaches.size + 1);
  }

  private note(word: string): void {
    this.trace.push(`${this.steps} ${word}`);
    if (this.trace.length > TRACE_LENGTH * 4) this.trace.splice(0, TRACE_LENGTH * 2);
  }

  private report(): HistoryReport {
    const { traders, lanes, logins, cuts } = this;
    return {
      logins,
      cuts,
      messages: traders.reduce((sum, trader) => sum + this.truth(trader).length, 0),
      executions: traders.reduce((sum, trader) => sum + trader.executions, 0),
      matches: lanes.reduce((sum, lane) => sum + lane.count("matches"), 0),
      takeovers: lanes.reduce((sum, lane) => sum + lane.count("takeovers"), 0),
      continues: lanes.reduce((sum, lane) => sum + lane.count("continues"), 0),
    };
  }
}

const HEARTBEAT = Buffer.from([0, 1, "R".charCodeAt(0)]);
