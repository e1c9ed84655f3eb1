// What the gate does before its port opens: another gate, on a port that nobody is told of, serves clients of its own
// with the code that the real one will run, sockets and event loop included, so that V8 has compiled it when the first
// order comes (decision 0012). Main thread, while the lanes rehearse and read their journals.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Clock, WallClock } from "../base/clock.ts";
import { threadCpuMs } from "../base/thread-cpu.ts";
import { CounterWriter, createCounters, GATE_COUNTERS } from "../memory/counters.ts";
import { createProgress, Progress } from "../memory/progress.ts";
import { createWires, Wires } from "../memory/wires.ts";
import { AppendageWriter } from "../protocol/ouch/appendage-writer.ts";
import { ENTER_ORDER_BYTES, EnterOrder } from "../protocol/ouch/enter-order.ts";
import { LOGIN_ACCEPTED_PACKET_BYTES } from "../protocol/soupbintcp/login-accepted.ts";
import {
  LOGIN_REQUEST_PACKET_BYTES_MAX,
  PASSWORD_BYTES,
  writeLoginRequest,
} from "../protocol/soupbintcp/login-request.ts";
import {
  UNSEQUENCED_HEADER_BYTES,
  writeUnsequencedHeader,
} from "../protocol/soupbintcp/unsequenced.ts";
import { GateTelemetry } from "../telemetry/gate-telemetry.ts";
import { createTelemetryMemory } from "../telemetry/telemetry-memory.ts";
import { Credentials } from "./credentials.ts";
import { Gate } from "./gate.ts";
import type { GateConfig, Log } from "./gate-config.ts";
import { driveGate, loopIdleMs, nextTurn } from "./gate-loop.ts";
import { Listener } from "./listener.ts";
import { LostSessions } from "./lost-sessions.ts";
import { ANSWER_BYTES, WarmUpLane } from "./warm-up-lane.ts";

const CLIENTS = 8;
/** Requests of one write: single ones above all. */
const BURSTS = [1, 1, 2, 1, 1, 4];
const TURNS_PER_SLEEP = 16;
/** A machine that is so slow has other worries. */
const MS_MAX = 3_000;

export interface WarmUpOptions {
  /** About so many; 0 = none. */
  readonly requests: number;
  readonly session: GateConfig["session"];
  readonly hasTelemetry: boolean;
  readonly clock: Clock;
  readonly wallClock: WallClock;
}

const silence = (): void => undefined;
const NO_LOG: Log = { info: silence, warn: silence, error: silence };

/**
 * Resolves when it is over, with the answers that the clients got. What goes wrong makes the first orders slow, and
 * nothing else.
 */
export async function warmUpGate(options: WarmUpOptions): Promise<number> {
  if (options.requests === 0) return 0;
  const { clock, wallClock, session, hasTelemetry } = options;
  const password = randomBytes(PASSWORD_BYTES).toString("hex").slice(0, PASSWORD_BYTES);
  const users = Array.from({ length: CLIENTS }, (_, index) => `WARM${index}`);
  const accounts = users.map((user) => ({ user, password, firms: ["WARM"], anyFirm: false }));
  const progress = new Progress(createProgress(CLIENTS));
  const wires = new Wires(createWires(CLIENTS));
  const lane = new WarmUpLane(progress, wires, clock);
  const listen = {
    host: "127.0.0.1",
    port: 0,
    backlog: CLIENTS,
    connectionsMax: CLIENTS,
    pendingMax: CLIENTS,
    perAddressMax: CLIENTS,
    stashesMax: CLIENTS,
    sendBuffersMax: CLIENTS * 32,
  };
  const gate = new Gate({
    config: { listen, session },
    clock,
    wallClock,
    midnightUtcMs: wallClock.epochMs(),
    eventNotBeforeNs: 0,
    lanes: [lane.link],
    progress,
    wires,
    credentials: new Credentials(accounts, randomBytes(32)),
    counters: new CounterWriter(createCounters(GATE_COUNTERS)),
    log: NO_LOG,
    lostSessions: new LostSessions(),
    telemetry: hasTelemetry
      ? new GateTelemetry(createTelemetryMemory(1, CLIENTS), { slaNs: 8e6, tailNs: 5e6 })
      : undefined,
    idleMs: loopIdleMs,
    cpuMs: threadCpuMs,
    nextTurn,
  });
  const stop = driveGate(gate, [], silence);
  const listener = new Listener(gate);
  let isOver = false;
  let turns = 0;
  const pump = (): void => {
    if (isOver) return;
    lane.turn();
    gate.onDoorbell(0);
    // Now and then the event loop sleeps, as it does in life.
    if (++turns % TURNS_PER_SLEEP === 0) setTimeout(pump, 1);
    else setImmediate(pump);
  };
  setImmediate(pump);
  const clients: WarmUpClient[] = [];
  const dismiss = (): void => {
    for (const client of clients) client.destroy();
  };
  const timer = setTimeout(dismiss, MS_MAX);
  try {
    const { port } = await listener.open(listen);
    const each = Math.ceil(options.requests / CLIENTS);
    clients.push(...users.map((user) => new WarmUpClient(port, user, password, each)));
    await Promise.all(clients.map((client) => client.done));
  } catch {
    // No loopback, say: the first real clients will do the work.
  } finally {
    clearTimeout(timer);
    dismiss();
    listener.close();
    // The gate hears that they are gone.
    await new Promise<void>((resolve) => setTimeout(resolve, 5));
    isOver = true;
    stop();
  }
  return clients.reduce((answers, client) => answers + client.answers, 0);
}

class WarmUpClient {
  /** Resolves when all is answered, or when the connection is gone. */
  readonly done: Promise<unknown>;
  private readonly socket: Socket;
  private readonly bursts: readonly Buffer[];
  answers = 0;
  private requestsLeft: number;
  private owedBytes = LOGIN_ACCEPTED_PACKET_BYTES;
  private round = 0;
  private owedAnswers = 0;

  constructor(port: number, user: string, password: string, requests: number) {
    this.requestsLeft = requests;
    this.bursts = BURSTS.map(enterOrders);
    this.socket = connect({ host: "127.0.0.1", port, noDelay: true });
    this.done = once(this.socket, "close");
    this.socket.on("error", silence);
    this.socket.on("data", (chunk) => this.onData(chunk.length));
    const login = Buffer.alloc(LOGIN_REQUEST_PACKET_BYTES_MAX);
    const view = new DataView(login.buffer, login.byteOffset, login.length);
    const fields = { userName: user, password, requestedSession: "", requestedSequence: 0 };
    this.socket.write(login.subarray(0, writeLoginRequest(view, 0, fields)));
  }

  destroy(): void {
    this.socket.destroy();
  }

  private onData(bytes: number): void {
    this.owedBytes -= bytes;
    if (this.owedBytes > 0) return;
    this.answers += this.owedAnswers;
    this.owedAnswers = 0;
    if (this.requestsLeft <= 0) {
      this.socket.destroy();
      return;
    }
    const turn = this.round++ % BURSTS.length;
    this.requestsLeft -= BURSTS[turn]!;
    this.owedAnswers = BURSTS[turn]!;
    this.owedBytes += BURSTS[turn]! * ANSWER_BYTES;
    this.socket.write(this.bursts[turn]!);
  }
}

/** So many Enter Orders, each in its packet. Their content is nobody's business. */
function enterOrders(count: number): Buffer {
  const view = new DataView(new ArrayBuffer(4096));
  let offset = 0;
  for (let index = 0; index < count; index++) {
    const message = offset + UNSEQUENCED_HEADER_BYTES;
    const enter = new EnterOrder().wrap(view, message).start();
    enter.userRefNum = index + 1;
    enter.symbol = "WARM";
    enter.clOrdId = "WARM-UP";
    const end = new AppendageWriter().begin(view, message + ENTER_ORDER_BYTES).end();
    offset += writeUnsequencedHeader(view, offset, end - message);
  }
  return Buffer.from(view.buffer, 0, offset);
}
