// A gate with fake lanes and a driven clock. The test owns every turn.

import { CaptureSwitch } from "../../src/gate/capture-tap.ts";
import { Credentials, type DerivePassword } from "../../src/gate/credentials.ts";
import { Gate, type GateParts } from "../../src/gate/gate.ts";
import type { GateAccount, GateConfig, LogFields } from "../../src/gate/gate-config.ts";
import { NO_DESCRIPTOR } from "../../src/gate/gate-socket.ts";
import { LostSessions } from "../../src/gate/lost-sessions.ts";
import {
  CounterReader,
  CounterWriter,
  createCounters,
  GATE_COUNTERS,
} from "../../src/memory/counters.ts";
import { createProgress, Progress } from "../../src/memory/progress.ts";
import { createWires, Wires } from "../../src/memory/wires.ts";
import type { GateTelemetry } from "../../src/telemetry/gate-telemetry.ts";
import { FakeLane, type SeenRecord } from "./fake-lane.ts";
import { FakeSocket } from "./fake-socket.ts";
import { ManualClock } from "./manual-clock.ts";
import { login, packetsIn } from "./soup-packets.ts";

export interface GateRigOptions {
  readonly listen?: Partial<GateConfig["listen"]>;
  readonly session?: Partial<GateConfig["session"]>;
  readonly accounts?: readonly GateAccount[];
  readonly inboundSlots?: number;
  readonly outboundSlots?: number;
  readonly lanes?: number;
  readonly derive?: DerivePassword;
  readonly telemetry?: GateTelemetry;
  readonly capture?: CaptureSwitch;
  /** Lanes may write to sockets, which have descriptors then. */
  readonly lendsWires?: boolean;
  readonly queues?: GateParts["queues"];
}

const account = (user: string, password = "DEMO"): GateAccount => ({
  user,
  password,
  firms: ["LIME"],
  anyFirm: false,
});

const LISTEN = {
  host: "127.0.0.1",
  port: 0,
  backlog: 511,
  connectionsMax: 16,
  pendingMax: 16,
  perAddressMax: 16,
  stashesMax: 8,
  sendBuffersMax: 256,
};
export const SESSION = {
  loginTimeoutMs: 30_000,
  heartbeatIntervalMs: 1_000,
  idleTimeoutMs: 15_000,
  inboundPacketBytesMax: 1_024,
  windowBytes: 65_536,
  sendStallMsMax: 10_000,
  drainMsMax: 5_000,
};

const FIRST_DESCRIPTOR = 100;
const MIDNIGHT_UTC_MS = Date.UTC(2026, 10, 20, 5);

export class GateRig {
  readonly config: GateConfig;
  readonly clock = new ManualClock();
  readonly progress: Progress;
  /** The lane's end, too. */
  readonly wires: Wires;
  readonly lanes: FakeLane[];
  readonly gate: Gate;
  readonly lostSessions = new LostSessions();
  readonly counters: CounterReader;
  readonly logged: { event: string; fields: LogFields }[] = [];
  idleMs = 0;
  private turns: (() => void)[] = [];
  private nextDescriptor: number;

  constructor(options: GateRigOptions = {}) {
    this.config = {
      listen: { ...LISTEN, ...options.listen },
      session: { ...SESSION, ...options.session },
    };
    this.progress = new Progress(createProgress(this.config.listen.connectionsMax));
    this.wires = new Wires(createWires(this.config.listen.connectionsMax));
    this.nextDescriptor = options.lendsWires === true ? FIRST_DESCRIPTOR : NO_DESCRIPTOR;
    this.lanes = Array.from(
      { length: options.lanes ?? 1 },
      () => new FakeLane(this.progress, options.inboundSlots, options.outboundSlots),
    );
    const memory = createCounters(GATE_COUNTERS);
    this.counters = new CounterReader(memory);
    const note = (event: string, fields: LogFields): void => {
      this.logged.push({ event, fields });
    };
    const accounts = options.accounts ?? ["ALICE", "BOB", "CAROL", "DAVE"].map((u) => account(u));
    this.gate = new Gate({
      config: this.config,
      clock: this.clock,
      wallClock: this.clock,
      midnightUtcMs: MIDNIGHT_UTC_MS,
      eventNotBeforeNs: 0,
      lanes: this.lanes,
      progress: this.progress,
      wires: options.lendsWires === true ? this.wires : undefined,
      credentials: new Credentials(accounts, Buffer.alloc(32, 7), options.derive),
      counters: new CounterWriter(memory),
      lostSessions: this.lostSessions,
      log: { info: note, warn: note, error: note },
      telemetry: options.telemetry,
      capture: options.capture ?? new CaptureSwitch(),
      queues: options.queues,
      idleMs: () => this.idleMs,
      nextTurn: (callback) => this.turns.push(callback),
    });
  }

  get lane(): FakeLane {
    return this.lanes[0]!;
  }

  connect(remoteAddress = "127.0.0.1"): FakeSocket {
    const socket = new FakeSocket(remoteAddress);
    if (this.nextDescriptor !== NO_DESCRIPTOR) socket.descriptor = this.nextDescriptor++;
    if (!this.gate.accept(socket)) socket.destroy();
    return socket;
  }

  /** A connection that has logged in; its ATTACH record is returned as well. */
  live(userName = "ALICE"): { socket: FakeSocket; attach: SeenRecord } {
    const socket = this.connect();
    socket.clientSends(login({ userName }));
    const attach = this.lane.take().at(-1)!;
    this.lane.accept(attach);
    this.gate.onDoorbell(0);
    socket.sent.length = 0;
    return { socket, attach };
  }

  /** One turn of the loop: doorbells, and what asked for the next turn. */
  turn(): void {
    for (let lane = 0; lane < this.lanes.length; lane++) this.gate.onDoorbell(lane);
    const due = this.turns;
    this.turns = [];
    for (const callback of due) callback();
    this.gate.onTurnEnd();
  }

  /** Lets time pass in steps of the gate's tick. */
  passMs(ms: number, each: () => void = () => undefined): void {
    for (let passed = 0; passed < ms; passed += 5) {
      this.clock.advanceMs(5);
      this.gate.tick();
      const due = this.turns;
      this.turns = [];
      for (const callback of due) callback();
      this.gate.onTurnEnd();
      each();
    }
  }

  count(name: keyof typeof GATE_COUNTERS): number {
    return this.counters.read(GATE_COUNTERS[name]);
  }

  packets(socket: FakeSocket): string[] {
    return packetsIn(socket.sentBytes);
  }
}
