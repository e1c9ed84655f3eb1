// One history: the real gate and the real lanes in one thread, with everybody's turns given by chance. First a time in
// which anything happens, deaths of the process included; then a calm in which everything must come to rest and add up.

import assert from "node:assert/strict";
import { laneOf } from "../../src/gate/lane-of.ts";
import { Actions, PASSWORD, TRADED_CHANNELS } from "./model-actions.ts";
import { checkEmpty } from "./model-checks.ts";
import { Client } from "./model-client.ts";
import { ACTORS, type Actor, chooseSetup, type HistorySetup } from "./model-setup.ts";
import type { ModelSocket } from "./model-socket.ts";
import { Trader } from "./model-trader.ts";
import { type MakeJournal, ModelWorld } from "./model-world.ts";
import { SeededRandom } from "./seeded-random.ts";

const NAMES = ["ALICE", "BOB", "CAROL", "DAVE", "EVE"];
const TRACE_LENGTH = 60;
/** Five milliseconds each: everything with a time-out is over long before. */
const CALM_ROUNDS_MAX = 8_000;
const HEARTBEAT_NS = 1e9;
const NO_LIMIT = 2 ** 30;
/** On a disk there are more places to die at. */
const CUTS_ON_DISK = 3;

/** What a history was like, so that a test can see that histories are not dull. */
export interface HistoryReport {
  readonly messages: number;
  /** Of the last process's gate: answers with a latency. */
  readonly answered: number;
  readonly matches: number;
  readonly executions: number;
  readonly logins: number;
  readonly takeovers: number;
  readonly cuts: number;
  readonly continues: number;
}

export type MakeJournals = (random: SeededRandom, setup: HistorySetup) => MakeJournal;

/** With journals, the records of the lanes are on disks, and the process dies in the ways of crash-journal.ts. */
export async function runHistory(
  seed: number,
  makeJournals?: MakeJournals,
): Promise<HistoryReport> {
  const history = new History(seed, makeJournals);
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
  private readonly actions: Actions;
  private readonly traders: Trader[];
  private readonly world: ModelWorld;
  private readonly actors: Actor[];
  private readonly trace: string[] = [];
  private clients: Client[] = [];
  private clientCount = 0;
  private steps = 0;
  private logins = 0;
  private answered = 0;
  private isCalm = false;

  constructor(seed: number, makeJournals?: MakeJournals) {
    this.seed = seed;
    this.random = new SeededRandom(seed);
    const setup = chooseSetup(this.random);
    this.setup = setup;
    this.actions = new Actions(this.random);
    const names = NAMES.slice(0, setup.accountCount);
    this.traders = names.map((name) => new Trader(name, laneOf(name, setup.laneCount)));
    this.actors = ACTORS.flatMap((actor) => new Array<Actor>(setup.paces[actor]).fill(actor));
    const note = (word: string): void => this.note(word);
    const makeJournal = makeJournals?.(this.random, setup);
    this.world = new ModelWorld(this.random, setup, this.traders, note, makeJournal);
  }

  description(): string {
    const { steps, seed, setup, trace } = this;
    const last = trace.slice(-TRACE_LENGTH).join("\n  ");
    return `FUZZ_SEED=${seed} replays it; ${JSON.stringify(setup)}\nstep ${steps}, the last ones:\n  ${last}`;
  }

  async run(): Promise<HistoryReport> {
    const { setup, random } = this;
    const cuts = setup.cuts * (this.world.journals.length > 0 ? CUTS_ON_DISK : 1);
    const cutsAt = Array.from({ length: cuts }, () => random.below(setup.steps));
    for (; this.steps < setup.steps; this.steps++) {
      if (cutsAt.includes(this.steps)) this.planCut();
      await this.step(random.pick(this.actors));
      this.world.checkAlways();
    }
    await this.comeToRest();
    return this.report();
  }

  // A time in which anything happens.

  private async step(actor: Actor): Promise<void> {
    const { random, setup, world } = this;
    world.clock.passUs(random.below(100));
    switch (actor) {
      case "lane":
        world.stepLane(random.below(world.lanes.length));
        return;
      case "doorbell":
        world.stepDoorbell(random.below(world.lanes.length));
        return;
      case "tick":
        world.stepTick(random.chance(100) ? random.below(3_000) : 0);
        world.stepKeepers();
        return;
      case "turn":
        world.gate.stepTurn(random.below(2));
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
        if (world.gate.hasCheck) await world.gate.stepCheck();
        return;
      case "clientRead":
        this.stepClientRead();
        return;
      case "clientAct":
        this.stepClientAct();
    }
  }

  private stepClientRead(): void {
    const { random, clients, setup } = this;
    if (clients.length === 0) return;
    const client = random.pick(clients);
    if (client.sleepsUntilNs > this.world.clock.ns) return;
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
        this.tell(client, this.actions.act(client, this.world.clock.ns));
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
    const { setup, world } = this;
    this.clientCount++;
    const number = this.clientCount;
    const socket = world.connect(number, this.isCalm ? NO_LIMIT : setup.kernelBytesMax);
    const packets = (): readonly Buffer[] => world.truth(trader);
    const client = new Client(trader, socket, number, packets, world.attachOrder(socket));
    this.clients.push(client);
    this.tell(client, `connects ${trader.name}${socket.isOver ? " in vain" : ""}`);
    return client;
  }

  private dismiss(client: Client): void {
    this.clients = this.clients.filter((other) => other !== client);
    if (this.isCalm || this.random.chance(2)) client.socket.clientCloses();
    else client.socket.clientResets();
    this.note(`client ${client.number} goes`);
  }

  private tell(client: Client, word: string): void {
    client.lastSentNs = this.world.clock.ns;
    this.note(`client ${client.number} ${word}`);
  }

  private anySocket(): ModelSocket | undefined {
    const { world, random } = this;
    world.forgetSockets();
    return world.sockets.length === 0 ? undefined : random.pick(world.sockets);
  }

  private planCut(): void {
    const { random, world } = this;
    const log = random.pick(world.logs);
    if (random.chance(3)) world.die();
    else if (world.journals.length > 0) random.pick(world.journals).planDeath();
    else log.cutAt = log.slots.length + 1 + random.below(20);
  }

  // The calm.

  private async comeToRest(): Promise<void> {
    const { random, traders } = this;
    this.isCalm = true;
    if (this.world.isDeathPlanned) this.world.die();
    this.world.spare();
    for (const socket of this.world.sockets) socket.kernelBytesMax = NO_LIMIT;

    await this.calm("everybody has everything", () => this.isServed(false));
    this.world.checkBooks();

    for (const client of this.clients) this.tell(client, this.actions.leave(client));
    await this.calm("everybody is gone", () => this.isDeserted());
    this.world.checkPools();

    for (const trader of traders) this.connectSurely(trader, 1);
    await this.calm("everybody has read it all", () => this.isServed(true));
    for (const client of this.clients) {
      for (const _ of TRADED_CHANNELS) this.actions.ask(client);
      this.actions.cancelEverything(client);
    }
    await this.calm("every order is gone", () => this.isServed(true));
    for (const trader of traders)
      assert.equal(trader.open.size, 0, `${trader.name} has open orders`);
    for (const lane of this.world.lanes) checkEmpty(lane);

    if (random.chance(2)) {
      let isDrained = false;
      this.world.gate.gate.drain(() => {
        isDrained = true;
      });
      await this.calm("the gate is drained", () => isDrained && this.isDeserted());
    } else {
      for (const client of this.clients) this.tell(client, this.actions.leave(client));
      await this.calm("everybody is gone again", () => this.isDeserted());
    }
    this.world.checkPools();
    this.answered = this.world.checkLatencies();
  }

  private async calm(until: string, isOver: () => boolean): Promise<void> {
    for (let round = 0; round < CALM_ROUNDS_MAX; round++) {
      await this.calmRound();
      if (isOver() && this.world.isQuiet()) return;
    }
    assert.fail(`it never comes to pass that ${until}: ${this.whatIsLeft()}`);
  }

  private async calmRound(): Promise<void> {
    for (let index = 0; index < this.world.lanes.length; index++) {
      this.world.stepLane(index);
      this.world.stepDoorbell(index);
    }
    for (const socket of this.world.sockets) {
      socket.stepRead(NO_LIMIT);
      socket.stepKernel(NO_LIMIT);
      socket.stepTell();
    }
    this.world.forgetSockets();
    if (this.world.gate.hasCheck) await this.world.gate.stepCheck();
    for (const client of [...this.clients]) this.calmClient(client);
    this.world.gate.stepTurn(1);
    this.world.stepTick(0);
    this.world.stepKeepers();
    this.world.checkAlways();
  }

  private calmClient(client: Client): void {
    this.readClient(client, NO_LIMIT);
    if (client.isClosed || client.isRejected) {
      this.dismiss(client);
    } else if (client.lastSentNs + HEARTBEAT_NS < this.world.clock.ns) {
      client.socket.clientSends(HEARTBEAT);
      client.lastSentNs = this.world.clock.ns;
    }
  }

  private connectSurely(trader: Trader, sequence: number): void {
    const client = this.connect(trader);
    client.mustBeAccepted = true;
    client.socket.clientSends(client.logIn("", sequence, PASSWORD));
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
      if (latest?.isUpToDate !== true || trader.nextSequence <= this.world.truth(trader).length) {
        isServed = false;
        if (latest?.isUpToDate === true && own.length === 1 && this.random.chance(50)) {
          this.dismiss(latest); // it began at the live end: the next one reads what is missing
        }
      }
    }
    return isServed;
  }

  private isDeserted(): boolean {
    return this.world.gate.gate.status().connections === 0 && this.clients.length === 0;
  }

  private whatIsLeft(): string {
    const clients = this.clients.map((client) => {
      const { number, trader, isLoggedIn, nextSequence } = client;
      return `${number} of ${trader.name}, ${isLoggedIn ? `next ${nextSequence}` : "not logged in"}`;
    });
    const traders = this.traders.map((trader) => {
      return `${trader.name} needs ${trader.nextSequence}, has ${this.world.truth(trader).length}`;
    });
    const sockets = this.world.sockets.map((socket) => socket.description());
    const lanes = this.world.lanes.map(({ isAsleep, isRinging, lane }) =>
      JSON.stringify({ isAsleep, isRinging, hasWork: lane.core.hasWork() }),
    );
    const status = JSON.stringify(this.world.gate.gate.status());
    return [...traders, ...clients, ...sockets, ...lanes, status].join("\n");
  }

  private note(word: string): void {
    this.trace.push(`${this.steps} ${word}`);
    if (this.trace.length > TRACE_LENGTH * 4) this.trace.splice(0, TRACE_LENGTH * 2);
  }

  private report(): HistoryReport {
    const { traders, logins, answered } = this;
    const { lanes, cuts } = this.world;
    return {
      logins,
      answered,
      cuts,
      messages: traders.reduce((sum, trader) => sum + this.world.truth(trader).length, 0),
      executions: traders.reduce((sum, trader) => sum + trader.executions, 0),
      matches: lanes.reduce((sum, lane) => sum + lane.count("matches"), 0),
      takeovers: lanes.reduce((sum, lane) => sum + lane.count("takeovers"), 0),
      continues: lanes.reduce((sum, lane) => sum + lane.count("continues"), 0),
    };
  }
}

const HEARTBEAT = Buffer.from([0, 1, "R".charCodeAt(0)]);
