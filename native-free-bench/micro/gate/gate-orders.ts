// What an order costs in the gate: a socket's chunk framed into records, and the answers drained into one write per
// connection. The real gate and rings with sockets and a lane that cost nothing; what a real socket's write costs
// beside that, Node decides (design E21), and scenarios/allocation.ts shows. With whole chunks, and with an order in
// each chunk, where whatever the gate does once per read or per turn counts in full. The empty case is a chunk of
// heartbeats: framed, and nothing else.
// Run: node --min-semi-space-size=16 native-free-bench/micro/gate/gate-orders.ts [orders]

import { startClock, systemWallClock } from "../../../src/base/clock.ts";
import { Credentials } from "../../../src/gate/credentials.ts";
import { Gate } from "../../../src/gate/gate.ts";
import type { GateConfig } from "../../../src/gate/gate-config.ts";
import { loopIdleMs } from "../../../src/gate/gate-loop.ts";
import { RECEIVE_BYTES } from "../../../src/gate/gate-socket.ts";
import { LostSessions } from "../../../src/gate/lost-sessions.ts";
import { CounterWriter, createCounters, GATE_COUNTERS } from "../../../src/memory/counters.ts";
import { createProgress, Progress } from "../../../src/memory/progress.ts";
import { ORDER_ACCEPTED_BYTES, OrderAccepted } from "../../../src/protocol/ouch/order-accepted.ts";
import {
  LOGIN_REQUEST_PACKET_BYTES_MAX,
  writeLoginRequest,
} from "../../../src/protocol/soupbintcp/login-request.ts";
import { writePacketHeader } from "../../../src/protocol/soupbintcp/packet-header.ts";
import { CLIENT_HEARTBEAT } from "../../../src/protocol/soupbintcp/packet-type.ts";
import {
  SEQUENCED_HEADER_BYTES,
  writeSequencedHeader,
} from "../../../src/protocol/soupbintcp/sequenced.ts";
import {
  UNSEQUENCED_HEADER_BYTES,
  writeUnsequencedHeader,
} from "../../../src/protocol/soupbintcp/unsequenced.ts";
import { writeEnter } from "../../../src/tools/client/order-messages.ts";
import {
  type HeapSize,
  measureHeap,
  type NamedHeapCost,
  printHeapCosts,
} from "../../harness/heap.ts";
import { machineLine } from "../../harness/print.ts";
import { QuietLane, QuietSocket } from "./quiet-ends.ts";

const SLOTS = 4096; // as lanes.inboundSlots
const CONNECTIONS = 8;
const APPENDAGE_LENGTH_BYTES = 2;

const CONFIG: GateConfig = {
  listen: {
    host: "127.0.0.1",
    port: 0,
    backlog: 511,
    connectionsMax: CONNECTIONS,
    pendingMax: CONNECTIONS,
    perAddressMax: CONNECTIONS,
    stashesMax: 8,
    sendBuffersMax: 256,
  },
  session: {
    loginTimeoutMs: 30_000,
    heartbeatIntervalMs: 1_000,
    idleTimeoutMs: 15_000,
    inboundPacketBytesMax: 1_024,
    windowBytes: 65_536,
    sendStallMsMax: 10_000,
    drainMsMax: 5_000,
  },
};

const viewOf = (bytes: Buffer): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

class GateBench {
  readonly lane: QuietLane;
  readonly sockets: readonly QuietSocket[];
  private readonly gate: Gate;
  private readonly receive = Buffer.alloc(RECEIVE_BYTES);
  private readonly receiveView = viewOf(this.receive);
  private next = 0;

  constructor() {
    const progress = new Progress(createProgress(CONNECTIONS));
    const users = Array.from({ length: CONNECTIONS }, (_, index) => `ACC${index}`);
    const accounts = users.map((user) => ({
      user,
      password: "DEMO",
      firms: ["LIME"],
      anyFirm: false,
    }));
    this.lane = new QuietLane(SLOTS, progress, acceptedPacket());
    this.gate = new Gate({
      config: CONFIG,
      clock: startClock().clock,
      wallClock: systemWallClock,
      midnightUtcMs: systemWallClock.epochMs(),
      eventNotBeforeNs: 0,
      lanes: [this.lane],
      progress,
      credentials: new Credentials(accounts, Buffer.alloc(32, 7)),
      counters: new CounterWriter(createCounters(GATE_COUNTERS)),
      lostSessions: new LostSessions(),
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      idleMs: loopIdleMs,
      nextTurn: () => {
        throw new Error("a turn of the bench is more than a drain");
      },
    });
    this.sockets = users.map((userName) => this.logIn(userName));
  }

  /** Answers of all connections, in their order. */
  get checksum(): number {
    return this.sockets.reduce(
      (sum, socket) => (Math.imul(sum, 31) + socket.checksum) | 0,
      this.lane.messages,
    );
  }

  /** One turn of the event loop: a chunk from one connection, and the lane's answers to it. */
  turn(chunk: Buffer): void {
    const socket = this.sockets[this.next]!;
    this.next = (this.next + 1) % CONNECTIONS;
    this.read(socket, chunk);
    this.lane.turn();
    this.gate.onDoorbell(0);
    this.gate.onTurnEnd();
  }

  /** As the gate's timer has it. */
  tick(): void {
    this.gate.tick();
  }

  private read(socket: QuietSocket, chunk: Buffer): void {
    chunk.copy(this.receive);
    socket.sink?.onRead(this.receive, this.receiveView, chunk.length);
  }

  private logIn(userName: string): QuietSocket {
    const socket = new QuietSocket();
    if (!this.gate.accept(socket)) throw new Error("the gate takes no connection");
    const login = Buffer.alloc(LOGIN_REQUEST_PACKET_BYTES_MAX);
    const loginBytes = writeLoginRequest(viewOf(login), 0, {
      userName,
      password: "DEMO",
      requestedSession: "",
      requestedSequence: 1,
    });
    this.read(socket, login.subarray(0, loginBytes));
    this.lane.turn();
    this.gate.onDoorbell(0);
    if (socket.writes !== 1) throw new Error("the bench's login is not answered");
    return socket;
  }
}

function acceptedPacket(): Buffer {
  const messageBytes = ORDER_ACCEPTED_BYTES + APPENDAGE_LENGTH_BYTES;
  const packet = Buffer.alloc(SEQUENCED_HEADER_BYTES + messageBytes);
  writeSequencedHeader(viewOf(packet), 0, messageBytes);
  new OrderAccepted().wrap(viewOf(packet), SEQUENCED_HEADER_BYTES).start();
  return packet;
}

function enterChunk(packets: number): Buffer {
  const chunk = Buffer.alloc(RECEIVE_BYTES);
  const view = viewOf(chunk);
  let offset = 0;
  for (let userRefNum = 1; userRefNum <= packets; userRefNum++) {
    const messageBytes = writeEnter(view, offset + UNSEQUENCED_HEADER_BYTES, {
      userRefNum,
      side: "B",
      quantity: 100,
      symbol: "AAPL",
      price: 1_895_000,
    });
    offset += writeUnsequencedHeader(view, offset, messageBytes);
  }
  return chunk.subarray(0, offset);
}

function heartbeatChunk(packets: number): Buffer {
  const chunk = Buffer.alloc(RECEIVE_BYTES);
  let offset = 0;
  for (let count = 0; count < packets; count++) {
    offset += writePacketHeader(viewOf(chunk), offset, CLIENT_HEARTBEAT, 0);
  }
  return chunk.subarray(0, offset);
}

/** Turns between two ticks of the gate's timer. */
const TURNS_PER_TICK = 64;

interface Case {
  readonly name: string;
  readonly packets: number;
  readonly chunk: Buffer;
}

const CASES: readonly Case[] = [
  { name: "empty (32 heartbeats a chunk)", packets: 32, chunk: heartbeatChunk(32) },
  { name: "32 orders a chunk", packets: 32, chunk: enterChunk(32) },
  { name: "4 orders a chunk", packets: 4, chunk: enterChunk(4) },
  { name: "1 order a chunk", packets: 1, chunk: enterChunk(1) },
];

export interface GateCost extends NamedHeapCost {
  /** Messages that came through the ring. */
  readonly messages: number;
  readonly writes: number;
  readonly packetsPerChunk: number;
}

export async function benchGate(size: HeapSize): Promise<GateCost[]> {
  const results: GateCost[] = [];
  for (const { name, packets, chunk } of CASES) {
    const bench = new GateBench();
    const logins = bench.sockets.length;
    let turns = 0;
    const cost = await measureHeap((orders) => {
      for (let done = 0; done < orders; done += packets) {
        bench.turn(chunk);
        if (++turns % TURNS_PER_TICK === 0) bench.tick();
      }
    }, size);
    const writes = bench.sockets.reduce((sum, socket) => sum + socket.writes, -logins);
    const { checksum } = bench;
    const { messages } = bench.lane;
    results.push({ name, ...cost, checksum, messages, writes, packetsPerChunk: packets });
  }
  return results;
}

if (import.meta.main) {
  const sampleOrders = 3_200;
  const samples = Math.ceil(Number(process.argv[2] ?? 500_000) / sampleOrders);
  console.log(`${machineLine()}; ${CONNECTIONS} connections`);
  printHeapCosts(await benchGate({ warmupOrders: 200_000, sampleOrders, samples }));
}
