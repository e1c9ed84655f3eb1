// Some rounds of a crash test on one journal directory: a gateway is started, its clients resume, everything that was
// ever received is read once more, orders flow, and at a moment given by chance the gateway is killed. At the end every
// order is canceled, and all must add up.

import assert from "node:assert/strict";
import { watch } from "node:fs";
import { join } from "node:path";
import type { ReadyLine } from "../../src/tools/gateway-process.ts";
import { CrashAccount } from "./crash-account.ts";
import { checkBooksTogether } from "./crash-book.ts";
import { ConnectionGone, CrashClient } from "./crash-client.ts";
import { CrashFlow } from "./crash-flow.ts";
import { CrashGateway } from "./crash-gateway.ts";
import { FIRM, gatewayArguments, PASSWORD } from "./gateway.ts";
import { SeededRandom } from "./seeded-random.ts";

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const HALF_A_DAY_MS = 43_200_000;
const SHORT_MS = 1_000;

/** When a gateway dies: while it starts, while its clients come back, in the load, or when such a file appears. */
const DEATHS = [
  { name: "load", weight: 6, ms: 700 },
  { name: "late load", weight: 3, ms: 3000 },
  { name: "start", weight: 4, ms: 0 },
  { name: "resume", weight: 3, ms: 300 },
  { name: "just up", weight: 2, ms: 20 },
  { name: "roll", weight: 3, ms: 4, file: "segment-", namesMax: 12 },
  { name: "checkpoint", weight: 3, ms: 4, file: "checkpoint-", namesMax: 6 },
] as const;
type Death = (typeof DEATHS)[number];
const DEATHS_BY_WEIGHT = DEATHS.flatMap((death) => new Array<Death>(death.weight).fill(death));

export interface ChapterOptions {
  readonly seed: number;
  /** The chapter's own. */
  readonly directory: string;
  /** How long a load waits for the roll or the checkpoint that it is to die in. */
  readonly patienceMs: number;
  /** A line for each round as it ends. */
  readonly tell: (line: string) => void;
}

export interface ChapterReport {
  readonly messages: number;
  /** Messages that were held against those received before. */
  readonly compared: number;
  readonly matches: number;
  /** Kills right after a segment or a checkpoint had appeared. */
  readonly rolls: number;
  readonly checkpoints: number;
  /** Starts that began at a checkpoint, and that cut something off. */
  readonly fromCheckpoint: number;
  readonly torn: number;
}

export class CrashChapter {
  private readonly random: SeededRandom;
  private readonly args: readonly string[];
  private readonly journal: string;
  private readonly settings: string;
  private readonly accounts: CrashAccount[];
  private readonly flow: CrashFlow;
  private readonly patienceMs: number;
  private readonly hasCheckpoints: boolean;
  private readonly tell: (line: string) => void;
  private clients: CrashClient[] = [];
  private gateway: CrashGateway | undefined = undefined;
  private isKilled = false;
  private session = "";
  private startMs = 500;
  private matches = 0;
  private readonly filesSeen = { roll: 0, checkpoint: 0 };
  private fromCheckpoint = 0;
  private torn = 0;

  constructor({ seed, directory, patienceMs, tell }: ChapterOptions) {
    const random = new SeededRandom(seed);
    this.random = random;
    this.patienceMs = patienceMs;
    this.tell = tell;
    this.journal = join(directory, "journal");
    this.hasCheckpoints = random.below(3) > 0;
    const chosen = {
      "journal.durability": random.pick(["process-crash", "power-loss"]),
      "journal.segmentBytes": random.pick([256 * KIB, 256 * KIB, MIB]),
      // A checkpoint for each segment, or none.
      "journal.recoverySecondsMax": this.hasCheckpoints ? 0.01 : 30,
      "lanes.outputsPerStepMax": random.pick([4, 256]),
      "lanes.outboxBytesMax": random.pick([256 * KIB, 4 * MIB, 512 * MIB]),
      "lanes.thread": random.pick(["own", "gate"]),
    };
    this.settings = Object.values(chosen).join(" ");
    this.args = gatewayArguments(directory, {
      settings: {
        ...chosen,
        "journal.dir": this.journal,
        "session.idleTimeoutMs": 60_000,
        "clock.timeZone": "UTC",
        // Far from now: no day ends here.
        "session.rollAt": new Date(Date.now() + HALF_A_DAY_MS).toISOString().slice(11, 16),
      },
    });
    this.accounts = Array.from(
      { length: 3 + random.below(4) },
      (_, number) => new CrashAccount(`T0000${number}`),
    );
    this.flow = new CrashFlow(random, FIRM);
  }

  async run(rounds: number): Promise<ChapterReport> {
    try {
      for (let round = 0; round < rounds; round++) await this.round();
      await this.end();
    } catch (thrown) {
      const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
      throw new Error(`${cause.message}\n${this.settings}; ${this.gateway?.logText}`, { cause });
    } finally {
      this.gateway?.kill();
    }
    const { accounts, matches } = this;
    return {
      messages: accounts.reduce((sum, { nextSequence }) => sum + nextSequence - 1, 0),
      compared: accounts.reduce((sum, { compared }) => sum + compared, 0),
      matches,
      rolls: this.filesSeen.roll,
      checkpoints: this.filesSeen.checkpoint,
      fromCheckpoint: this.fromCheckpoint,
      torn: this.torn,
    };
  }

  /** From a start to a death. */
  private async round(): Promise<void> {
    const { random } = this;
    const death = random.pick(DEATHS_BY_WEIGHT);
    const startedMs = performance.now();
    const gateway = this.start();
    if (death.name === "start") this.killIn(random.below(1.2 * this.startMs));
    const ready = await gateway.untilReady();
    const upMs = performance.now() - startedMs;
    let reached = "before anything";
    if (ready !== undefined) {
      this.startMs = upMs;
      this.noteReady(ready);
      if (death.name === "resume" || death.name === "just up") this.killIn(random.below(death.ms));
      try {
        await this.resume(ready.order);
        reached = "after all resumed";
        await this.lookAgain(ready.order);
        reached = "under load";
        this.planDeath(death);
        await all(this.clients.map((client) => client.trade(this.flow, random)));
      } catch (thrown) {
        if (!(this.isKilled && thrown instanceof ConnectionGone)) throw thrown;
      }
    }
    await this.untilDead(gateway);
    const messages = this.accounts.map(({ nextSequence }) => nextSequence - 1);
    const { records = 0, checkpointSegment = 0 } = gateway.latestLine("recovered") ?? {};
    const { bytesCut = 0 } = gateway.latestLine("journal-torn") ?? {};
    if (Number(checkpointSegment) > 0) this.fromCheckpoint++;
    if (Number(bytesCut) > 0) this.torn++;
    this.tell(
      `killed in ${death.name}, ${reached}; up in ${Math.round(upMs)} ms with ${records} records, ` +
        `checkpoint ${checkpointSegment}, ${bytesCut} bytes cut; ${messages.join(" ")} messages, ` +
        `${this.matches} matches; ${this.settings}`,
    );
  }

  /** Everything is canceled, everything adds up, and an orderly end and start change nothing. */
  private async end(): Promise<void> {
    const first = await this.startWell();
    await this.resume(first.order);
    await this.cancelEverything();
    await this.lookAgain(first.order);
    await this.leave();
    await this.gateway?.stop();
    const second = await this.startWell();
    await this.resume(second.order);
    await this.lookAgain(second.order);
    await this.leave();
    await this.gateway?.stop();
  }

  private start(): CrashGateway {
    this.isKilled = false;
    this.clients = [];
    const gateway = new CrashGateway(this.args);
    this.gateway = gateway;
    return gateway;
  }

  private async startWell(): Promise<ReadyLine> {
    const ready = await this.start().untilReady();
    assert(ready !== undefined);
    this.noteReady(ready);
    return ready;
  }

  private noteReady({ session }: ReadyLine): void {
    if (this.session === "") this.session = session;
    assert.equal(session, this.session, "the session goes on");
  }

  // -- clients -------------------------------------------------------------------------------------------------

  /** Each comes back for what it has missed, sends once more what has no answer, and all comes to rest. */
  private async resume(address: ReadyLine["order"]): Promise<void> {
    this.clients = this.accounts.map((account) => new CrashClient(account, address));
    await all(
      this.clients.map(async (client) => {
        await client.logIn(PASSWORD, client.account.nextSequence);
        client.sendAgain();
        await client.settle();
      }),
    );
    await this.comeToRest();
    this.matches = checkBooksTogether(this.accounts.map(({ book }) => book));
    await all(this.clients.map((client) => this.checkNextNumber(client)));
  }

  /** What others caused after one's own last answer comes before another answer. */
  private comeToRest(): Promise<unknown> {
    return all(this.clients.map((client) => client.settle()));
  }

  private async checkNextNumber(client: CrashClient): Promise<void> {
    const { book, name } = client.account;
    const next = await client.askNextNumber();
    assert.equal(next, book.highestUsed(0) + 1, `the next number of ${name}`);
  }

  /** Each reads its stream from the first message on: whatever it was ever told comes again, byte for byte. */
  private async lookAgain(address: ReadyLine["order"]): Promise<void> {
    await this.leave();
    this.clients = this.accounts.map((account) => new CrashClient(account, address));
    await all(
      this.clients.map(async (client) => {
        await client.logIn(PASSWORD, 1);
        await client.untilCaughtUp();
      }),
    );
  }

  private async leave(): Promise<void> {
    await all(this.clients.map((client) => client.leave()));
  }

  /** Every order that the client's own arithmetic says is open is canceled with just those shares, and no other is. */
  private async cancelEverything(): Promise<void> {
    const cancels = await all(
      this.clients.map(async (client) => {
        const { account } = client;
        await client.settle();
        const before = account.book.liveOrders();
        const canceled = account.book.canceled.length;
        client.send(this.flow.cancelEverything(account));
        await client.settle();
        return { account, before, canceled };
      }),
    );
    await this.comeToRest();
    for (const { account, before, canceled } of cancels) {
      const told = account.book.canceled.slice(canceled);
      assert.deepEqual(new Map(told), before, `what ${account.name} had open`);
      assert.equal(told.length, before.size, `${account.name} hears of each cancel once`);
      assert.equal(account.book.liveOrders().size, 0, `${account.name} has open orders`);
    }
  }

  // -- death ---------------------------------------------------------------------------------------------------

  private planDeath(death: Death): void {
    const { random } = this;
    if (death.name === "load" || death.name === "late load") this.killIn(random.below(death.ms));
    if (!("file" in death)) return;
    const { gateway } = this;
    const isInVain = death.name === "checkpoint" && !this.hasCheckpoints;
    const patienceMs = isInVain ? SHORT_MS : this.patienceMs;
    const lane = join(this.journal, this.session, "lane-0");
    // The first ones are staged anyway; later ones mean that the lane has gone on to the next.
    let namesLeft = 1 + random.below(death.namesMax);
    const watcher = watch(lane, (_, name) => {
      if (name?.startsWith(death.file) === true) namesLeft--;
      if (namesLeft > 0) return;
      watcher.close();
      if (this.gateway !== gateway) return;
      this.filesSeen[death.name]++;
      this.killIn(random.below(death.ms));
    });
    setTimeout(() => {
      watcher.close();
      if (this.gateway === gateway) this.kill();
    }, patienceMs);
  }

  private killIn(ms: number): void {
    const { gateway } = this;
    setTimeout(() => {
      if (this.gateway === gateway) this.kill();
    }, ms);
  }

  private kill(): void {
    this.isKilled = true;
    for (const client of this.clients) client.stop();
    this.gateway?.kill();
  }

  /** All that had left the gateway has been read. */
  private async untilDead(gateway: CrashGateway): Promise<void> {
    await gateway.untilKilled();
    this.gateway = undefined;
    for (const client of this.clients) {
      client.stop();
      await client.ended;
      client.check();
    }
  }
}

/** As Promise.all(), but waits for all, and a failure counts for more than an end. */
async function all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(promises);
  const reasons = results.flatMap((result) =>
    result.status === "rejected" ? [result.reason as unknown] : [],
  );
  if (reasons.length > 0) {
    throw reasons.find((reason) => !(reason instanceof ConnectionGone)) ?? reasons[0];
  }
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}
