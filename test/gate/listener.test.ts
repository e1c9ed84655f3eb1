// The gate over real sockets, in both ways of reading them. The test is the lane: it answers from the doorbell.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { FaultError } from "../../src/base/fault.ts";
import type { ReceiveMode } from "../../src/gate/accepted-socket.ts";
import { loopIdleMs } from "../../src/gate/gate-loop.ts";
import { Listener } from "../../src/gate/listener.ts";
import { CONNECTIONS_PER_COLLECTION, YoungGeneration } from "../../src/gate/young-generation.ts";
import { DETACH_REASON, INBOUND_KIND } from "../../src/memory/inbound-record.ts";
import { GateRig, type GateRigOptions } from "../support/gate-rig.ts";
import { login, packet, packetsIn } from "../support/soup-packets.ts";

/** A gate behind a port. The lane's part runs every turn of the loop, as long as the test does. */
class OpenGate {
  readonly rig: GateRig;
  readonly listener: Listener;
  port = 0;
  /** What the lane does each turn. */
  work: () => void;
  private isOver = false;

  constructor(mode: ReceiveMode, options: GateRigOptions) {
    this.rig = new GateRig(options);
    this.listener = new Listener(this.rig.gate, mode);
    this.work = () => this.rig.lane.echo();
  }

  async open(): Promise<void> {
    this.port = (await this.listener.open(this.rig.config.listen)).port;
    const turn = (): void => {
      if (this.isOver) return;
      this.rig.clock.advanceMs(1);
      this.rig.idleMs = loopIdleMs();
      this.work();
      this.rig.turn();
      this.rig.gate.tick();
      setImmediate(turn);
    };
    setImmediate(turn);
  }

  close(): void {
    this.isOver = true;
    this.listener.close();
  }
}

async function opened(
  context: TestContext,
  mode: ReceiveMode,
  options: GateRigOptions = {},
): Promise<OpenGate> {
  // The clock runs a millisecond a turn: far faster than the client.
  const patient = { idleTimeoutMs: 600_000, loginTimeoutMs: 600_000, heartbeatIntervalMs: 600_000 };
  const gate = new OpenGate(mode, { ...options, session: { ...patient, ...options.session } });
  await gate.open();
  context.after(() => gate.close());
  return gate;
}

class Client {
  readonly socket: Socket;
  readonly chunks: Buffer[] = [];
  private readonly context: TestContext;

  constructor(context: TestContext, port: number) {
    this.context = context;
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("data", (chunk: Buffer) => this.chunks.push(chunk));
    this.socket.on("error", () => undefined);
    context.after(() => this.socket.destroy());
  }

  get packets(): string[] {
    return packetsIn(Buffer.concat(this.chunks));
  }

  async until(isDone: (packets: string[]) => boolean): Promise<string[]> {
    while (!isDone(this.packets)) {
      await once(this.socket, "data", { signal: this.context.signal });
    }
    return this.packets;
  }
  async untilClosed(): Promise<string[]> {
    if (!this.socket.closed) await once(this.socket, "close", { signal: this.context.signal });
    return this.packets;
  }
}

const sequenced = (packets: string[]): string[] => packets.filter((text) => text.startsWith("S:"));

for (const mode of ["onread", "data"] as const) {
  test(`[${mode}] a client logs in and every message is answered, in order`, async (context) => {
    const gate = await opened(context, mode);
    const client = new Client(context, gate.port);
    client.socket.write(login());
    const count = 500;
    for (let index = 0; index < count; index++) client.socket.write(packet("U", `m${index}`));
    const packets = await client.until((seen) => sequenced(seen).length === count);
    assert.match(packets[0]!, /^A:/);
    assert.deepEqual(
      sequenced(packets),
      Array.from({ length: count }, (_, index) => `S:m${index}`),
    );
  });

  test(`[${mode}] a packet cut at every byte over the wire is whole again`, async (context) => {
    const gate = await opened(context, mode);
    const client = new Client(context, gate.port);
    client.socket.setNoDelay(true);
    client.socket.write(login());
    await client.until((seen) => seen.length === 1);
    const bytes = packet("U", "cut");
    for (let cut = 1; cut < bytes.length; cut++) {
      client.socket.write(bytes.subarray(0, cut));
      const readBefore = gate.rig.count("bytesIn");
      while (gate.rig.count("bytesIn") === readBefore) await new Promise(setImmediate);
      client.socket.write(bytes.subarray(cut));
      await client.until((seen) => sequenced(seen).length === cut);
    }
  });

  test(`[${mode}] a flooder is read once per turn and nothing is lost`, async (context) => {
    const gate = await opened(context, mode, { inboundSlots: 256, outboundSlots: 1024 });
    const client = new Client(context, gate.port);
    const count = 50_000;
    const stream = Buffer.concat([
      login(),
      ...Array.from({ length: count }, (_, index) => packet("U", String(index).padStart(5, "0"))),
    ]);
    let taken = 0;
    let next = 0;
    gate.work = () => {
      for (const record of gate.rig.lane.take(200)) {
        if (record.kind === INBOUND_KIND.ATTACH) gate.rig.lane.accept(record);
        if (record.kind !== INBOUND_KIND.MESSAGE) continue;
        assert.equal(Number(record.payload.toString()), next++);
        taken++;
      }
      gate.rig.lane.seen.length = 0;
    };
    client.socket.write(stream);
    while (taken < count) await new Promise(setImmediate);
    assert.equal(gate.rig.gate.status().stashes.inUse, 0);
    assert.ok(gate.rig.gate.status().stashes.highWater <= 1);
  });

  test(`[${mode}] last words arrive before the end of the stream`, async (context) => {
    const gate = await opened(context, mode);
    const client = new Client(context, gate.port);
    // What follows the bad packet must not turn the close into a reset.
    client.socket.write(Buffer.concat([packet("U"), Buffer.alloc(60_000, 1)]));
    let hadError = false;
    client.socket.on("error", () => {
      hadError = true;
    });
    const packets = await client.untilClosed();
    assert.deepEqual(packets, ["+:the first packet must be a login request"]);
    assert.ok(!hadError);
  });

  test(`[${mode}] a client that disappears is detached and its place is free again`, async (context) => {
    const gate = await opened(context, mode, { listen: { connectionsMax: 1 } });
    for (const leave of ["end", "resetAndDestroy"] as const) {
      const client = new Client(context, gate.port);
      client.socket.write(Buffer.concat([login(), packet("U", "x").subarray(0, 2)]));
      await client.until((seen) => seen.length === 1);
      client.socket[leave]();
      while (gate.rig.gate.status().connections > 0) await new Promise(setImmediate);
      assert.equal(gate.rig.lane.seen.at(-1)?.detail, DETACH_REASON.CLOSED);
    }
    assert.equal(gate.rig.gate.status().sendBuffers.inUse, 0);
  });

  test(`[${mode}] a deaf reader is closed at its stall limit while another is served`, async (context) => {
    const windowBytes = 65_536;
    // Turns are counted as milliseconds, and a turn here is far shorter than one.
    const gate = await opened(context, mode, {
      outboundSlots: 1024,
      session: { windowBytes, sendStallMsMax: 2_000 },
    });
    const deaf = new Client(context, gate.port);
    const other = new Client(context, gate.port);
    deaf.socket.pause();
    deaf.socket.write(login({ userName: "ALICE" }));
    other.socket.write(login({ userName: "BOB" }));
    await other.until((seen) => seen.length === 1);
    while (gate.rig.count("loginsAccepted") < 2) await new Promise(setImmediate);
    const [first, second] = gate.rig.lane.seen;
    const isFirst = first!.payload.toString("latin1").startsWith("ALICE");
    const owed = isFirst ? first! : second!;
    const message = Buffer.alloc(140, "m");
    let releasedBytes = 0;
    gate.work = () => {
      gate.rig.lane.echo();
      while (
        gate.rig.progress.inFlight(owed.connection) + message.length + 3 <= windowBytes &&
        gate.rig.lane.sequenced(owed, message)
      ) {
        releasedBytes += message.length + 3;
      }
    };
    while (gate.rig.count("detachesStalled") === 0) await new Promise(setImmediate);
    gate.work = () => gate.rig.lane.echo();
    assert.ok(releasedBytes > windowBytes);
    other.socket.write(packet("U", "still served"));
    await other.until((seen) => sequenced(seen).includes("S:still served"));
    while (gate.rig.gate.status().connections > 1) await new Promise(setImmediate);
    assert.equal(gate.rig.gate.status().sendBuffers.inUse, 0);
  });

  test(`[${mode}] what is written in pieces by a slow kernel arrives whole`, async (context) => {
    const windowBytes = 65_536;
    const gate = await opened(context, mode, {
      outboundSlots: 1024,
      session: { windowBytes, sendStallMsMax: 600_000 },
    });
    const client = new Client(context, gate.port);
    client.socket.write(login());
    await client.until((seen) => seen.length === 1);
    client.socket.pause();
    const to = gate.rig.lane.seen[0]!;
    const count = 120_000;
    let sent = 0;
    gate.work = () => {
      const message = Buffer.alloc(140);
      while (sent < count && gate.rig.progress.inFlight(to.connection) + 143 <= windowBytes) {
        message.writeUInt32BE(sent);
        message.fill(sent & 0xff, 4);
        if (!gate.rig.lane.sequenced(to, message)) break;
        sent++;
      }
    };
    // Until the kernel takes no more.
    for (let still = 0, before = -1; still < 50; before = sent) {
      await new Promise(setImmediate);
      still = sent === before ? still + 1 : 0;
    }
    assert.ok(sent < count);
    client.chunks.length = 0;
    let bytesSeen = 0;
    let checked = 0;
    let rest: Buffer = Buffer.alloc(0);
    client.socket.removeAllListeners("data");
    client.socket.on("data", (chunk: Buffer) => {
      bytesSeen += chunk.length;
      const bytes = Buffer.concat([rest, chunk]);
      let offset = 0;
      for (; bytes.length - offset >= 143; offset += 143) {
        assert.equal(bytes.readUInt32BE(offset + 3), checked);
        assert.equal(bytes[offset + 142], checked & 0xff);
        checked++;
      }
      rest = bytes.subarray(offset);
    });
    client.socket.resume();
    while (bytesSeen < count * 143) await once(client.socket, "data", { signal: context.signal });
    assert.equal(checked, count);
    while (gate.rig.gate.status().sendBuffers.inUse > 0) await new Promise(setImmediate);
    assert.equal(gate.rig.progress.inFlight(to.connection), 0);
  });
}

test("a thousand connects that say nothing are bounded and let go at the login time-out", async (context) => {
  const gate = await opened(context, "onread", {
    listen: { connectionsMax: 1_000, pendingMax: 100, perAddressMax: 1_000 },
    session: { loginTimeoutMs: 3_000 },
  });
  const clients = Array.from({ length: 1_000 }, () => new Client(context, gate.port));
  await Promise.all(clients.map((client) => client.untilClosed()));
  while (gate.rig.gate.status().connections > 0) await new Promise(setImmediate);
  const accepted = gate.rig.count("connectionsAccepted");
  assert.equal(accepted + gate.rig.count("connectionsRefused"), 1_000);
  assert.ok(accepted >= 100);
});

for (const mode of ["onread", "data"] as const) {
  test(`[${mode}] who comes between two sessions is served by the next gate, nothing lost`, async (context) => {
    const gate = await opened(context, mode);
    const { listener, rig } = gate;
    listener.setGate(undefined);
    const waiting = Array.from({ length: 4 }, () => new Client(context, gate.port));
    const users = ["ALICE", "BOB", "CAROL", "DAVE"];
    waiting.forEach((client, index) => {
      const request = packet("U", `from ${users[index]}`);
      client.socket.write(Buffer.concat([login({ userName: users[index]! }), request]));
    });
    while (listener.waitingCount < 4) await new Promise(setImmediate);
    // Whoever goes meanwhile costs nothing but his place.
    waiting[3]!.socket.resetAndDestroy();
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    assert.equal(rig.count("connectionsAccepted"), 0);
    listener.setGate(rig.gate);
    for (const [index, client] of waiting.slice(0, 3).entries()) {
      const packets = await client.until((seen) => sequenced(seen).length === 1);
      assert.equal(sequenced(packets)[0], `S:from ${users[index]}`);
    }
    const late = new Client(context, gate.port);
    late.socket.write(login({ userName: "DAVE" }));
    await late.until((seen) => seen.length === 1);
  });
}

test("a gate whose session is over keeps nobody, and turns away more than pendingMax", async (context) => {
  const gate = await opened(context, "onread", { listen: { pendingMax: 3 } });
  const { listener, rig } = gate;
  let turnedAway = 0;
  const ending = {
    isEnding: true,
    accept: () => {
      turnedAway++;
      return false;
    },
  };
  listener.setGate(ending);
  const clients = Array.from({ length: 5 }, () => new Client(context, gate.port));
  const closed = clients.map(async (client) => {
    await client.untilClosed();
    return client;
  });
  const first = await Promise.race(closed);
  const second = await Promise.race(closed.filter((_, index) => clients[index] !== first));
  assert.equal(listener.waitingCount, 3);
  assert.equal(turnedAway, 2);
  const kept = clients.filter((client) => client !== first && client !== second);
  // The next gate has limits of its own.
  let left = 2;
  const next = {
    isEnding: false,
    accept: (socket: Parameters<typeof rig.gate.accept>[0]) =>
      left-- > 0 && rig.gate.accept(socket),
  };
  listener.setGate(next);
  const third = await Promise.race(closed.filter((_, index) => kept.includes(clients[index]!)));
  assert.equal(rig.count("connectionsAccepted"), 2);
  assert.equal(listener.waitingCount, 0);
  assert.ok(kept.includes(third));
});

test("who waits when the port closes is let go", async (context) => {
  const gate = await opened(context, "onread");
  gate.listener.setGate(undefined);
  const client = new Client(context, gate.port);
  while (gate.listener.waitingCount === 0) await new Promise(setImmediate);
  gate.listener.close();
  assert.deepEqual(await client.untilClosed(), []);
  assert.equal(gate.listener.waitingCount, 0);
});

test("closing the port leaves those who are here and refuses newcomers", async (context) => {
  const gate = await opened(context, "onread");
  const client = new Client(context, gate.port);
  client.socket.write(login());
  await client.until((seen) => seen.length === 1);
  gate.listener.close();
  client.socket.write(packet("U", "still here"));
  await client.until((seen) => sequenced(seen).length === 1);
  const late = connect(gate.port, "127.0.0.1");
  const [error] = (await once(late, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNREFUSED");
});

test("a port in use is a fault with host, port and errno", async (context) => {
  const gate = await opened(context, "onread");
  const second = new Listener(gate.rig.gate);
  await assert.rejects(
    second.open({ ...gate.rig.config.listen, port: gate.port }),
    (error) =>
      error instanceof FaultError &&
      error.fault.code === "LISTEN_FAILED" &&
      error.fault.port === gate.port &&
      error.fault.errno === "EADDRINUSE",
  );
});

test("connections are collected in groups, also those that the gate refuses", async (context) => {
  let collections = 0;
  const young = new YoungGeneration(() => collections++);
  // Takes nobody: each newcomer is destroyed at once.
  const listener = new Listener({ accept: () => false, isEnding: false }, "onread", young);
  context.after(() => listener.close());
  const { listen } = new GateRig({}).config;
  const { port } = await listener.open(listen);
  for (let left = CONNECTIONS_PER_COLLECTION; left > 0; left--) {
    assert.equal(collections, 0);
    await new Client(context, port).untilClosed();
  }
  assert.equal(collections, 1);
});
