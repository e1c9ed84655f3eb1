// What others feel while old messages are read back from the disk: the load alone, beside one client that reads back a
// million of them, and beside a thousand clients that reconnect at once and each ask for everything, again and again for
// as long as the load lasts. The outbox has little memory, so that old messages are in its file. There and back in each
// round; what is read back is compared with what came when it was new.
// Run: node native-free-bench/scenarios/resume-under-load.ts [--messages N] [--clients N] [--seconds N] [--rounds N] …

import { type ChildProcess, fork } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";
import { accountNames } from "../../src/config/accounts.ts";
import { gatewayArgs, parseDemoOptions } from "../../src/tools/demo-options.ts";
import { LoadChild } from "../../src/tools/driver/load-child.ts";
import type { LoadPlan } from "../../src/tools/driver/load-plan.ts";
import type { LoadResult } from "../../src/tools/driver/load-result.ts";
import { exitText, GatewayProcess } from "../../src/tools/gateway-process.ts";
import { countText, tableLine, timeText } from "../../src/tools/terminal-text.ts";
import { laneDirectoryIn } from "../harness/gateway-load.ts";
import {
  invalidText,
  loadText,
  percentileCells,
  percentileColumns,
  ratioTexts,
  validResponses,
} from "../harness/latency-rows.ts";
import { medianOf } from "../harness/measure.ts";
import { numberOptions } from "../harness/options.ts";
import { machineLine } from "../harness/print.ts";
import { exitOnSignals, Scratch } from "../harness/scratch.ts";
import type { FromClients, OldMessages, ReadBack, ToClients } from "./resume-clients.ts";

const DEFAULTS = {
  /** Of the one client. */
  messages: 1_000_000,
  clients: 1_000,
  /** Of each of them. */
  "client-messages": 1_000,
  seconds: 10,
  warmup: 3,
  rounds: 2,
  rate: 12_000,
  accounts: 16,
  "outbox-bytes": 8 * 2 ** 20,
  "segment-bytes": 64 * 2 ** 20,
};
export type ResumePlan = typeof DEFAULTS;

/** Who reads while the load runs. */
export const READERS = ["nobody", "one client", "all clients"] as const;
type Readers = (typeof READERS)[number];

const PASSWORD = "RESUME";
const FIRM = "RSUM";
/** Clients are other machines: these leave ours to the gateway, and to the load that is measured. */
const NICENESS = 10;

export interface ResumeRun {
  readonly load: LoadResult;
  /** Undefined: nobody read. */
  readonly readBack: ReadBack | undefined;
}

export interface ResumeResult {
  readonly runs: Readonly<Record<Readers, ResumeRun[]>>;
  readonly fileBytes: number;
}

export async function measureResume(
  plan: ResumePlan,
  tell: (text: string) => void,
): Promise<ResumeResult> {
  using scratch = new Scratch("resume");
  using clients = new ClientsProcess();
  const demo = demoOf(plan);
  const gateway = await GatewayProcess.start(gatewayArgs(demo, scratch.path));
  try {
    const { order, session } = gateway.ready;
    const accounts = oldMessagesOf(plan);
    await clients.make({ kind: "make", ...order, accounts });
    const laneDirectory = laneDirectoryIn(scratch.path, session);
    const fileBytes = laneDirectory === undefined ? 0 : outboxBytesIn(laneDirectory);
    tell(`${countText(fileBytes / 1e6)} MB of old messages are in the outbox's file`);
    const runs = await runAll(plan, { ...demo.plan, ...order }, clients, accounts, tell);
    const exit = await gateway.stop();
    if (exit.status !== 0) throw new Error(`the gateway ended with ${exitText(exit)}`);
    return { runs, fileBytes };
  } catch (error) {
    throw new Error(gateway.stderr.slice(-5).join("\n"), { cause: error });
  } finally {
    await gateway.stop();
  }
}

async function runAll(
  plan: ResumePlan,
  load: LoadPlan,
  clients: ClientsProcess,
  accounts: readonly OldMessages[],
  tell: (text: string) => void,
): Promise<ResumeResult["runs"]> {
  const users = accounts.map(({ user }) => user);
  const readers: Record<Readers, readonly string[]> = {
    nobody: [],
    "one client": users.slice(0, 1),
    "all clients": users.slice(1),
  };
  const runs: Record<Readers, ResumeRun[]> = { nobody: [], "one client": [], "all clients": [] };
  for (let round = 1; round <= plan.rounds; round++) {
    for (const who of [...READERS, ...READERS.toReversed()]) {
      const isRead = readers[who].length > 0;
      if (isRead) await clients.read(readers[who]);
      const result = await new LoadChild(load, () => undefined).result;
      const readBack = isRead ? await clients.stop() : undefined;
      runs[who].push({ load: result, readBack });
      tell(`round ${round}  ${who.padEnd(12)}${loadText(result)}${readBackText(readBack)}`);
    }
  }
  return runs;
}

function demoOf(plan: ResumePlan): ReturnType<typeof parseDemoOptions> & object {
  const { seconds, warmup, rate, accounts, clients } = plan;
  const entries = [
    { prefix: "DEMO", count: accounts, password: "DEMO", firm: "DEMO" },
    { prefix: "R", count: clients + 1, password: PASSWORD, firm: FIRM },
  ];
  const options = parseDemoOptions([
    ...["--seconds", String(seconds), "--warmup", String(warmup), "--rate", String(rate)],
    ...["--accounts", String(accounts), "--set", `accounts=${JSON.stringify(entries)}`],
    ...["--set", "journal.durability=process-crash"],
    ...["--set", `journal.segmentBytes=${plan["segment-bytes"]}`],
    ...["--set", `lanes.outboxBytesMax=${plan["outbox-bytes"]}`],
  ]);
  if (options === undefined) throw new Error("this scenario has no help of its own");
  return options;
}

/** The first is the one with many. */
function oldMessagesOf(plan: ResumePlan): OldMessages[] {
  const range = { prefix: "R", count: plan.clients + 1, password: PASSWORD, firm: FIRM };
  return Array.from(accountNames(range), (user, index) => ({
    user,
    password: PASSWORD,
    orders: index === 0 ? plan.messages : plan["client-messages"],
  }));
}

const outboxBytesIn = (laneDirectory: string): number =>
  readdirSync(laneDirectory)
    .filter((name) => name.endsWith(".outbox"))
    .reduce((sum, name) => sum + statSync(join(laneDirectory, name)).size, 0);

/** resume-clients.ts as its parent sees it. */
class ClientsProcess {
  private readonly child: ChildProcess;
  private waiting: ((message: FromClients) => void) | undefined = undefined;
  private fail: (error: Error) => void = () => undefined;

  constructor() {
    this.child = fork(join(import.meta.dirname, "resume-clients.ts"), [], { execArgv: [] });
    if (this.child.pid !== undefined) setPriority(this.child.pid, NICENESS);
    this.child.on("message", (message: FromClients) => {
      if (message.kind === "failed") this.fail(new Error(message.reason));
      else this.waiting?.(message);
    });
    this.child.on("exit", () => this.fail(new Error("the clients' process ended")));
  }

  async make(message: Extract<ToClients, { kind: "make" }>): Promise<void> {
    await this.ask(message, "made");
  }
  async read(users: readonly string[]): Promise<void> {
    await this.ask({ kind: "read", users }, "reading");
  }
  async stop(): Promise<ReadBack> {
    return (await this.ask({ kind: "stop" }, "stopped")).readBack;
  }
  [Symbol.dispose](): void {
    this.child.kill("SIGKILL");
  }

  private ask<Kind extends FromClients["kind"]>(
    message: ToClients,
    kind: Kind,
  ): Promise<Extract<FromClients, { kind: Kind }>> {
    return new Promise((resolve, reject) => {
      this.fail = reject;
      this.waiting = (answer) => {
        if (answer.kind === kind) resolve(answer as Extract<FromClients, { kind: Kind }>);
      };
      this.child.send(message);
    });
  }
}

function readBackText(readBack: ReadBack | undefined): string {
  if (readBack === undefined) return "";
  const { messages, bytes, seconds, wholeMs } = readBack;
  const rate = `${countText(messages / seconds)} messages/s, ${(bytes / 1e6 / seconds).toFixed(1)} MB/s`;
  const whole = wholeMs.length === 0 ? "" : `, all of it in ${timeText(medianOf(wholeMs) * 1e6)}`;
  return `  read back ${rate}${whole}`;
}

const COLUMNS = [
  { title: "reading", width: 12 },
  ...percentileColumns,
  { title: "messages/s", width: 10 },
  { title: "MB/s", width: 6 },
  { title: "all of it", width: 9 },
  { title: "INVALID", width: 8 },
];

function resumeLines({ runs }: ResumeResult): string[] {
  const lines = [tableLine(COLUMNS)];
  for (const who of READERS) {
    const loads = runs[who].map(({ load }) => load);
    const readBacks = runs[who].flatMap(({ readBack }) =>
      readBack === undefined ? [] : [readBack],
    );
    const whole = readBacks.flatMap(({ wholeMs }) => wholeMs);
    const perSecond = (figureOf: (readBack: ReadBack) => number): number =>
      medianOf(readBacks.map((readBack) => figureOf(readBack) / readBack.seconds));
    lines.push(
      tableLine(COLUMNS, [
        who,
        ...percentileCells(validResponses(loads)),
        readBacks.length === 0 ? "" : countText(perSecond(({ messages }) => messages)),
        readBacks.length === 0 ? "" : (perSecond(({ bytes }) => bytes) / 1e6).toFixed(1),
        whole.length === 0 ? "" : timeText(medianOf(whole) * 1e6),
        invalidText(loads),
      ]),
    );
  }
  const plain = runs.nobody.map(({ load }) => load);
  for (const who of READERS) {
    if (who === "nobody") continue;
    const others = runs[who].map(({ load }) => load);
    for (const text of ratioTexts(plain, others)) lines.push(`${who} to nobody: ${text}`);
  }
  return lines;
}

if (import.meta.main) {
  exitOnSignals();
  const plan = numberOptions(process.argv.slice(2), DEFAULTS);
  const { rate, accounts, messages, clients } = plan;
  const load = `${countText(rate)}/s over ${accounts} connections`;
  const old = `${countText(messages)} old messages of one client, ${countText(plan["client-messages"])} of each of ${countText(clients)}`;
  console.log(`${machineLine()}; ${load}; ${old}`);
  const result = await measureResume(plan, (text) => console.log(text));
  console.log(`\nmedians\n${resumeLines(result).join("\n")}`);
}
