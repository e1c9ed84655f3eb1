// A target while it is measured: started anew for each block, known to be up by its ready line, ended by SIGTERM.

import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { nodeArguments } from "../gateway-process.ts";
import { OrphanGuard } from "../orphan-guard.ts";
import { shellWord, type TargetSpec } from "./target-spec.ts";

const READY_MS_MAX = 60_000;
const STOP_MS_MAX = 15_000;
const SETTLE_MS = 200;
const STDERR_LINES_MAX = 50;

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Target {
  readonly order: Address;
  /** Where its own figures are; undefined when that is not known. */
  readonly admin: Address | undefined;
  /** How it ended by itself, in words; undefined while it lives, as far as we can know. */
  readonly death: string | undefined;
  /** Resolves when it has ended, or soon: a tool may know that it is gone before we have heard of it. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** It did not come up; the message has its last words. */
export class TargetError extends Error {}

/** The accounts that a checkout's gateway is given: a range with one password. */
export interface TargetAccounts {
  readonly prefix: string;
  readonly count: number;
  readonly password: string;
}

/** Resolves when it takes orders. Throws TargetError, when it is interrupted before that as well. */
export async function startTarget(
  spec: TargetSpec,
  accounts: TargetAccounts,
  interruption: AbortSignal,
): Promise<Target> {
  if (spec.kind === "address") {
    const { host, port } = spec;
    return {
      ...{ order: { host, port }, admin: undefined, death: undefined },
      settled: () => Promise.resolve(),
      stop: () => Promise.resolve(),
    };
  }
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "tailgate-compare-"));
  // A gateway that is just being killed may still add to it.
  const remove = { recursive: true, force: true, maxRetries: 5 };
  const removeDirectory = (): void => {
    process.off("exit", removeDirectory);
    fs.rmSync(directory, remove);
  };
  process.on("exit", removeDirectory);
  try {
    const child =
      spec.kind === "checkout" ? spawnCheckout(spec, accounts, directory) : spawnCommand(spec);
    const watched = new WatchedChild(child, directory);
    return await TargetProcess.untilReady(watched, removeDirectory, interruption);
  } catch (error) {
    removeDirectory();
    throw error;
  }
}

type SpecOf<Kind extends TargetSpec["kind"]> = Extract<TargetSpec, { kind: Kind }>;

function spawnCheckout(
  { text: root, settings }: SpecOf<"checkout">,
  accounts: TargetAccounts,
  directory: string,
): ChildProcess {
  const own = [
    "listen.port=0",
    "admin.port=0",
    `journal.dir=${directory}`,
    `accounts=${JSON.stringify([{ ...accounts, firm: "DEMO", firms: "*" }])}`,
    ...settings,
  ];
  const args = own.flatMap((setting) => ["--set", setting]);
  const script = startScript(root);
  const words = nodeArguments(script);
  if (words === undefined) {
    throw new TargetError(`the start script of ${root} does not run node: ${script}`);
  }
  return spawn(process.execPath, [...words, ...args], { ...SPAWNED, cwd: root });
}

function startScript(root: string): string {
  try {
    const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as {
      scripts?: { start?: unknown };
    } | null;
    const start = manifest?.scripts?.start;
    if (typeof start === "string") return start;
  } catch (error) {
    throw new TargetError(`${root}/package.json cannot be read: ${(error as Error).message}`);
  }
  throw new TargetError(`${root}/package.json has no start script`);
}

function spawnCommand({ text, settings }: SpecOf<"command">): ChildProcess {
  const sets = settings.map((setting) => `--set ${shellWord(setting)}`);
  return spawn([text, ...sets].join(" "), { ...SPAWNED, shell: true });
}

/** A process group of its own: Ctrl-C is for us, and a signal of ours reaches what a shell has started. */
const SPAWNED: SpawnOptions = { detached: true, stdio: ["ignore", "pipe", "pipe"] };

class TargetProcess implements Target {
  readonly order: Address;
  readonly admin: Address | undefined;
  private readonly watched: WatchedChild;
  private readonly onEnded: () => void;
  private isStopping = false;

  private constructor(watched: WatchedChild, ready: ReadyFacts, onEnded: () => void) {
    this.watched = watched;
    this.order = ready.order;
    this.admin = ready.admin;
    this.onEnded = onEnded;
  }

  static async untilReady(
    watched: WatchedChild,
    onEnded: () => void,
    interruption: AbortSignal,
  ): Promise<TargetProcess> {
    const isOver = new AbortController();
    const signal = AbortSignal.any([isOver.signal, interruption]);
    const tooLong = delay(READY_MS_MAX, undefined, { signal, ref: false }).catch(() => undefined);
    const ready = await Promise.race([watched.ready, watched.ended.then(() => undefined), tooLong]);
    isOver.abort();
    if (ready) return new TargetProcess(watched, ready, onEnded);
    if (interruption.aborted) {
      await watched.terminate();
      throw new TargetError("it was interrupted");
    }
    const why = watched.end ?? `printed no ready line within ${READY_MS_MAX / 1000} s`;
    watched.signal("SIGKILL");
    await watched.ended;
    throw new TargetError([`it ${why}`, ...watched.lastWords(5)].join("\n"));
  }

  get death(): string | undefined {
    if (this.isStopping || this.watched.end === undefined) return undefined;
    return [`the gateway ${this.watched.end}`, ...this.watched.lastWords(1)].join(": ");
  }

  async settled(): Promise<void> {
    await Promise.race([this.watched.ended, delay(SETTLE_MS)]);
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await this.watched.terminate();
    this.onEnded();
  }
}

interface ReadyFacts {
  readonly order: Address;
  readonly admin: Address | undefined;
}

class WatchedChild {
  readonly ready: Promise<ReadyFacts>;
  readonly ended: Promise<void>;
  /** "ended with status 3"; undefined while it lives. */
  end: string | undefined;
  private readonly child: ChildProcess;
  private readonly stderrLines: string[] = [];

  constructor(child: ChildProcess, directory: string) {
    this.child = child;
    // Whatever ends us: nothing in a process group of its own may be left behind.
    const killAtExit = (): void => this.signal("SIGKILL");
    process.prependOnceListener("exit", killAtExit); // and then their directories go
    const guard = new OrphanGuard(child.pid, directory);
    this.ended = once(child, "close")
      .then(
        ([status, signal]) => {
          this.end ??= signal ? `ended by ${signal}` : `ended with status ${status}`;
        },
        (error: Error) => {
          this.end ??= `cannot be started: ${error.message}`;
        },
      )
      .then(() => {
        process.off("exit", killAtExit);
        guard.dismiss();
      });
    const { promise, resolve } = Promise.withResolvers<ReadyFacts>();
    this.ready = promise;
    if (child.stdout) {
      createInterface({ input: child.stdout }).on("line", (line) => {
        const facts = readyFacts(line);
        if (facts) resolve(facts);
      });
    }
    if (child.stderr) {
      createInterface({ input: child.stderr }).on("line", (line) => {
        this.stderrLines.push(line);
        if (this.stderrLines.length > STDERR_LINES_MAX) this.stderrLines.shift();
      });
    }
  }

  lastWords(count: number): string[] {
    return this.stderrLines.slice(-count);
  }

  /** Resolves when it has ended, by itself or by force. */
  async terminate(): Promise<void> {
    this.signal("SIGTERM");
    const timeout = new AbortController();
    const tooLong = delay(STOP_MS_MAX, undefined, { signal: timeout.signal, ref: false })
      .then(() => this.signal("SIGKILL"))
      .catch(() => undefined);
    await Promise.race([this.ended, tooLong]);
    timeout.abort();
    await this.ended;
  }

  signal(signal: NodeJS.Signals): void {
    const { pid } = this.child;
    if (pid === undefined || this.end !== undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The group is gone already: that is what was wanted.
    }
  }
}

/** Of the one line on stdout that says that everything is up; undefined for any other. */
export function readyFacts(line: string): ReadyFacts | undefined {
  try {
    const parsed = JSON.parse(line) as { event?: unknown; order?: unknown; admin?: unknown } | null;
    if (parsed?.event !== "ready") return undefined;
    const order = addressIn(parsed.order);
    return order && { order, admin: addressIn(parsed.admin) };
  } catch {
    return undefined; // stdout is the target's own; a line that is no JSON is not the one we wait for
  }
}

function addressIn(value: unknown): Address | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { host, port } = value as { host?: unknown; port?: unknown };
  return typeof host === "string" && typeof port === "number" ? { host, port } : undefined;
}
