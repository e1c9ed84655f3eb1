// A real gateway for a test: a process of its own with a directory and ports of its own, which must end as it should.

import assert from "node:assert/strict";
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type GatewayExit,
  GatewayProcess,
  PROJECT_ROOT,
  type ReadyLine,
  startCommand,
} from "../../src/tools/gateway-process.ts";
import { RawConnection } from "./raw-connection.ts";
import { Trader, type TraderLogin } from "./trader.ts";

/** Where a gateway's end is seen to: a test's context, or the hooks of a whole file. */
export interface TestHooks {
  after(hook: () => Promise<void> | void): void;
}

export interface TestGatewayOptions {
  /** Sections of config/gateway.json that are to be other than there, as in a file given with --config. */
  readonly config?: object;
  /** Keys with their values, as with --set. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Beside all these, on its command line. */
  readonly words?: readonly string[];
  /** Where its journal is, as another one has left it. Without it the gateway has a directory of its own. */
  readonly directory?: string;
  /** Beside the test's own environment. */
  readonly env?: NodeJS.ProcessEnv;
}

export const PASSWORD = "SECRET";
export const FIRM = "LIME";
export const OTHER_FIRM = "ABCD";
const ACCOUNTS_MAX = 5000;

/** Any number of accounts, so that each test of a file has its own. */
const ACCOUNTS = [
  { prefix: "T", count: ACCOUNTS_MAX, password: PASSWORD, firm: FIRM, firms: [OTHER_FIRM] },
];

const SEGMENT_BYTES = 2 ** 20;
const HALF_A_DAY_MS = 12 * 3_600_000;
/** Far from now, in New York as in UTC: no day ends while a test runs, whenever that is. */
const FAR_ROLL_AT = new Date(Date.now() + HALF_A_DAY_MS).toISOString().slice(11, 16);
/** A machine with twenty busy programs takes a third of that. */
const EXIT_MS_MAX = 60_000;
const LOG_MS_MAX = 60_000;

export class TestGateway {
  readonly directory: string;
  private readonly process: GatewayProcess;
  private accountsUsed = 0;
  private isOver = false;

  private constructor(directory: string, gateway: GatewayProcess) {
    this.directory = directory;
    this.process = gateway;
  }

  /** Up when this resolves. Ends with the test: drained, with status 0 and without a fault on stderr. */
  static async start(hooks: TestHooks, options: TestGatewayOptions = {}): Promise<TestGateway> {
    const directory = options.directory ?? mkdtempSync(join(tmpdir(), "tailgate-"));
    let started: TestGateway | undefined;
    // One hook, because it needs the directory to its end: the journal is synced there.
    hooks.after(async () => {
      await started?.mustStop();
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    });
    const args = gatewayArguments(directory, options);
    started = new TestGateway(directory, await GatewayProcess.start(args, options.env));
    return started;
  }

  get ready(): ReadyLine {
    return this.process.ready;
  }
  get host(): string {
    return this.ready.order.host;
  }
  get port(): number {
    return this.ready.order.port;
  }
  get session(): string {
    return this.ready.session;
  }
  get child(): ChildProcess {
    return this.process.child;
  }
  get pid(): number {
    return this.ready.pid;
  }
  get stderr(): readonly string[] {
    return this.process.stderr;
  }
  get faults(): readonly string[] {
    return this.stderr.filter((line) => line.includes('"event":"fault"'));
  }

  /** The name of an account that no test of the file has used. */
  user(): string {
    const number = this.accountsUsed++;
    assert.ok(number < ACCOUNTS_MAX, "the test's accounts are used up");
    return `T${String(number).padStart(5, "0")}`;
  }

  /** Somebody who is logged in, on an account of his own unless it is named, and has read what was there. */
  async trader(user: string = this.user(), login: TraderLogin = {}): Promise<Trader> {
    const trader = await Trader.connect(this, user);
    await trader.mustLogIn(PASSWORD, login);
    return trader;
  }

  /** Connected, and not logged in. */
  stranger(user: string = this.user()): Promise<Trader> {
    return Trader.connect(this, user);
  }

  /** Bytes and nothing else. */
  raw(): Promise<RawConnection> {
    return RawConnection.open(this);
  }

  /** Resolves with the first line on stderr, past or to come, that has each of these words. */
  async untilLogged(...words: readonly string[]): Promise<string> {
    const { stderr } = this.child;
    assert.ok(stderr !== null);
    const signal = AbortSignal.timeout(LOG_MS_MAX);
    for (;;) {
      const line = this.stderr.find((text) => words.every((word) => text.includes(word)));
      if (line !== undefined) return line;
      await once(stderr, "data", { signal }).catch((error: unknown) => {
        throw new Error(`no line with ${words.join(", ")} in:\n${this.stderr.join("\n")}`, {
          cause: error,
        });
      });
    }
  }

  /** The test ends the gateway itself, or lets it end; the status is for the test to judge. */
  async untilEnded(): Promise<GatewayExit> {
    this.isOver = true;
    try {
      return await within(EXIT_MS_MAX, "the end of the gateway", this.process.ended);
    } catch (error) {
      // The test has failed: one that lives on would keep all the others waiting.
      this.child.kill("SIGKILL");
      throw error;
    }
  }

  /** Sends a signal and waits for the end. */
  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<GatewayExit> {
    this.child.kill(signal);
    return this.untilEnded();
  }

  private async mustStop(): Promise<void> {
    const log = (): string => this.stderr.join("\n");
    if (!this.isOver) {
      const exit = await this.process.stop();
      assert.deepEqual(exit, { status: 0, signal: null }, `the gateway did not drain:\n${log()}`);
      assert.deepEqual(this.faults, [], "the gateway met a fault");
    }
    for (const line of this.stderr)
      assert.doesNotThrow(() => JSON.parse(line), `on stderr: ${line}`);
  }
}

const directories: string[] = [];
process.on("exit", () => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** A directory that goes with the test file: hooks run in their order, and a gateway still needs it when it ends. */
export function testDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "tailgate-"));
  directories.push(directory);
  return directory;
}

/** What follows the start script for a gateway that is nobody else's. */
export function gatewayArguments(directory: string, options: TestGatewayOptions = {}): string[] {
  const file = join(directory, "config.json");
  writeFileSync(file, JSON.stringify({ accounts: ACCOUNTS, ...options.config }));
  const settings: Record<string, unknown> = {
    "journal.dir": directory,
    // What a start has to fill with zeros.
    "journal.segmentBytes": SEGMENT_BYTES,
    "listen.port": 0,
    "admin.port": 0,
    "session.rollAt": FAR_ROLL_AT,
    // Half a second of two cores, which only the tests of the warm-up itself need.
    "lanes.warmUpRequests": 0,
    ...options.settings,
  };
  const words = Object.entries(settings).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const others = options.words ?? [];
  return ["--config", file, ...words.flatMap((word) => ["--set", word]), ...others];
}

export interface GatewayRun extends GatewayExit {
  readonly stdout: string;
  readonly stderr: string;
}

/** The start script with these arguments, to its end. For gateways that must not come up, or ended by `onReady`. */
export async function runGateway(
  args: readonly string[],
  onReady: (child: ChildProcess) => void = () => assert.fail("the gateway came up"),
  how: Pick<SpawnOptions, "cwd" | "env" | "uid" | "gid"> = {},
): Promise<GatewayRun> {
  const child = spawn(process.execPath, [...startCommand(), ...args], {
    cwd: PROJECT_ROOT,
    ...how,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return watchRun(child, onReady);
}

/** What a process writes until its end, which must come soon. */
export async function watchRun(
  child: ChildProcess,
  onFirstLine?: (child: ChildProcess) => void,
): Promise<GatewayRun> {
  try {
    return await within(EXIT_MS_MAX, "the end of the process", wholeRun(child, onFirstLine));
  } finally {
    child.kill("SIGKILL");
  }
}

/** What a process writes until its end, whenever that is. */
export async function wholeRun(
  child: ChildProcess,
  onFirstLine: (child: ChildProcess) => void = () => {},
): Promise<GatewayRun> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const isFirst = !stdout.includes("\n") && text.includes("\n");
    stdout += text;
    if (isFirst) onFirstLine(child);
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const closed = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  const [status, signal] = await closed;
  return { status, signal, stdout, stderr };
}

/** Fails loudly when it takes too long. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`waited ${ms} ms for ${what}`)), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
