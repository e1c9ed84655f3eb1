// The gate of a history, driven by hand, and the password checks that it waits for.

import { createHash } from "node:crypto";
import { foldPassword } from "../../src/config/password-hash.ts";
import { Credentials } from "../../src/gate/credentials.ts";
import { Gate } from "../../src/gate/gate.ts";
import type { LaneLink } from "../../src/gate/inbound-lane.ts";
import { LostSessions } from "../../src/gate/lost-sessions.ts";
import {
  CounterReader,
  CounterWriter,
  createCounters,
  GATE_COUNTERS,
} from "../../src/memory/counters.ts";
import type { Progress } from "../../src/memory/progress.ts";
import type { Wires } from "../../src/memory/wires.ts";
import { FIRM, PASSWORD } from "./model-actions.ts";
import type { ModelClock } from "./model-clock.ts";
import { ModelLatencies } from "./model-latencies.ts";
import type { HistorySetup } from "./model-setup.ts";
import { SharedReceive } from "./model-socket.ts";

export const MIDNIGHT_UTC_MS = Date.UTC(2026, 10, 20, 5);
const SALT = Buffer.alloc(16, 3);
const PROCESS_KEY = Buffer.alloc(32, 7);
const HASH_TERMS = "scrypt$4096$8$1";

const keyOf = (password: string): Buffer =>
  createHash("sha256").update(foldPassword(password)).digest();

const storedPassword = (isHashed: boolean): string => {
  if (!isHashed) return PASSWORD;
  return `${HASH_TERMS}$${SALT.toString("base64")}$${keyOf(PASSWORD).toString("base64")}`;
};

export class ModelGate {
  readonly gate: Gate;
  readonly receive = new SharedReceive();
  readonly latencies: ModelLatencies;
  /** What waits for the next turn of the loop. */
  private turns: (() => void)[] = [];
  private readonly checks: (() => void)[] = [];
  private idleMs = 0;

  constructor(
    setup: HistorySetup,
    names: readonly string[],
    links: readonly LaneLink[],
    progress: Progress,
    wires: Wires | undefined,
    clock: ModelClock,
  ) {
    const { connectionsMax, stashesMax, sendBuffersMax, windowBytes } = setup;
    const password = storedPassword(setup.isHashed);
    const accounts = names.map((user) => ({ user, password, firms: [FIRM], anyFirm: false }));
    const derive = (attempt: string): Promise<Buffer> =>
      new Promise((resolve) => this.checks.push(() => resolve(keyOf(attempt))));
    const ignore = (): void => undefined;
    const counters = createCounters(GATE_COUNTERS);
    this.latencies = new ModelLatencies(new CounterReader(counters));
    this.gate = new Gate({
      config: {
        listen: {
          host: "127.0.0.1",
          port: 0,
          backlog: 511,
          connectionsMax,
          pendingMax: connectionsMax,
          perAddressMax: connectionsMax,
          stashesMax,
          sendBuffersMax,
        },
        session: {
          loginTimeoutMs: 3_000,
          heartbeatIntervalMs: setup.heartbeatIntervalMs,
          idleTimeoutMs: setup.idleTimeoutMs,
          inboundPacketBytesMax: 1_024,
          windowBytes,
          sendStallMsMax: setup.sendStallMsMax,
          drainMsMax: 60_000,
        },
      },
      clock,
      wallClock: clock,
      midnightUtcMs: MIDNIGHT_UTC_MS,
      eventNotBeforeNs: 0,
      lanes: links,
      progress,
      wires,
      credentials: new Credentials(accounts, PROCESS_KEY, derive),
      counters: new CounterWriter(counters),
      telemetry: this.latencies.telemetry,
      lostSessions: new LostSessions(),
      log: { info: ignore, warn: ignore, error: ignore },
      idleMs: () => this.idleMs,
      nextTurn: (callback) => this.turns.push(callback),
    });
  }

  get hasTurn(): boolean {
    return this.turns.length > 0;
  }
  get hasCheck(): boolean {
    return this.checks.length > 0;
  }

  /** The end of a turn of the event loop, and what was put off to it. */
  stepTurn(sleptMs: number): void {
    const due = this.turns;
    this.turns = [];
    for (const callback of due) callback();
    this.gate.onTurnEnd();
    this.receive.isReading = false;
    this.idleMs += sleptMs;
  }

  /** A password check is over. */
  async stepCheck(): Promise<void> {
    this.checks.shift()?.();
    // Credentials awaits what it was promised, and then goes on to the next.
    for (let hops = 0; hops < 8; hops++) await undefined;
  }
}
