// A gateway that is meant to be killed: its process from the spawn on, so that it can die before it is ready.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import {
  type GatewayExit,
  PROJECT_ROOT,
  type ReadyLine,
  startCommand,
} from "../../src/tools/gateway-process.ts";
import { within } from "./gateway.ts";

const READY_MS_MAX = 60_000;
const END_MS_MAX = 20_000;

export class CrashGateway {
  /** Every line on stderr so far. */
  readonly log: string[] = [];
  private readonly child: ChildProcess;
  private readonly ended: Promise<GatewayExit>;
  private readonly readyLine: Promise<ReadyLine>;
  private isKilled = false;

  constructor(args: readonly string[]) {
    const child = spawn(process.execPath, [...startCommand(), ...args], {
      cwd: PROJECT_ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    const killAtExit = (): void => {
      child.kill("SIGKILL");
    };
    process.once("exit", killAtExit);
    this.ended = once(child, "close").then(([status, signal]) => {
      process.off("exit", killAtExit);
      return { status, signal };
    });
    createInterface({ input: child.stderr }).on("line", (line) => this.log.push(line));
    const { promise, resolve } = Promise.withResolvers<ReadyLine>();
    this.readyLine = promise;
    createInterface({ input: child.stdout }).on("line", (line) => resolve(JSON.parse(line)));
  }

  /** The ready line; undefined when it was killed before. Whatever else ends it is a failure. */
  async untilReady(): Promise<ReadyLine | undefined> {
    const first = await within(
      READY_MS_MAX,
      "the ready line",
      Promise.race([this.readyLine, this.ended]),
    );
    if ("event" in first) return first;
    this.checkEnd(first);
    return undefined;
  }

  /** SIGKILL, now. */
  kill(): void {
    this.isKilled = true;
    this.child.kill("SIGKILL");
  }

  /** Resolves when a killed gateway is gone. */
  async untilKilled(): Promise<void> {
    this.checkEnd(await within(END_MS_MAX, "the end of the gateway", this.ended));
  }

  /** SIGTERM: it must drain and end well. */
  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    const exit = await within(END_MS_MAX, "the gateway to drain", this.ended);
    assert.deepEqual(exit, { status: 0, signal: null }, this.logText);
  }

  get logText(): string {
    return `it said:\n${this.log.join("\n")}`;
  }

  /** Numbers of a line of the log with that event, the latest. */
  latestLine(event: string): Record<string, unknown> | undefined {
    const line = this.log.findLast((text) => text.includes(`"event":"${event}"`));
    return line === undefined ? undefined : (JSON.parse(line) as Record<string, unknown>);
  }

  private checkEnd(exit: GatewayExit): void {
    const isRight = this.isKilled && exit.signal === "SIGKILL";
    assert(isRight, `the gateway ended with ${JSON.stringify(exit)}; ${this.logText}`);
  }
}
