import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { after, before, test } from "node:test";
import { Worker } from "node:worker_threads";
import { startClock } from "../../src/base/clock.ts";
import { createGateState, GATE_STATE, GateState } from "../../src/memory/gate-state.ts";
import { createLaneSignal, LANE_STATE, LaneSignal } from "../../src/memory/lane-signal.ts";
import type { ScribeListening, ScribeWorkerData } from "../../src/memory/scribe-worker-data.ts";
import { createThreadBlock, ThreadBlock } from "../../src/memory/thread-block.ts";

const WORKER = new URL("../../src/scribe/worker.ts", import.meta.url);
const ADMIN_LISTEN_FAILED_STATUS = 13;

const { clock, baseNs } = startClock();
const data: ScribeWorkerData = {
  baseNs,
  host: "127.0.0.1",
  port: 0,
  thread: createThreadBlock(),
  gate: createGateState(),
  laneSignals: [createLaneSignal()],
  isLaneOnGate: false,
  stallMsMax: 60_000,
};
const gate = new GateState(data.gate);
const lanes = data.laneSignals.map((memory) => new LaneSignal(memory));

let worker: Worker;
let port = 0;

before(async () => {
  worker = new Worker(WORKER, { workerData: data, name: "scribe" });
  const [message]: ScribeListening[] = await once(worker, "message");
  assert.equal(message?.event, "listening");
  assert.equal(message.host, "127.0.0.1");
  port = message.port;
});
after(() => worker.terminate());

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

async function ask(path: string, method = "GET", body = ""): Promise<Answer> {
  const outgoing = request({ port, host: "127.0.0.1", path, method, agent: false });
  outgoing.end(body);
  const [incoming] = await once(outgoing, "response");
  incoming.setEncoding("utf8");
  let text = "";
  for await (const piece of incoming) text += piece;
  return { status: incoming.statusCode, text, headers: incoming.headers };
}

test("health is alive at once, and the thread has told its number and its heartbeat", async () => {
  const answer = await ask("/healthz?verbose");
  assert.equal(answer.status, 200);
  assert.deepEqual(JSON.parse(answer.text), { alive: true });
  const thread = new ThreadBlock(data.thread);
  assert.ok(process.platform !== "linux" || thread.tid > 0);
  assert.ok(thread.silentMs(clock.nowNs() / 1e6) < 60_000);
});

test("readiness follows the gate and the lanes", async () => {
  gate.state = GATE_STATE.STARTING;
  const early = await ask("/readyz");
  assert.equal(early.status, 503);
  const { reasons } = JSON.parse(early.text);
  assert.deepEqual(
    reasons.map(({ part, state }: { part: string; state: string }) => `${part}: ${state}`),
    ["gate: starting", "lane 0: starting"],
  );

  gate.state = GATE_STATE.OPEN;
  gate.beat(clock.nowNs() / 1e6);
  for (const lane of lanes) {
    lane.state = LANE_STATE.READY;
    lane.beat(clock.nowNs() / 1e6);
  }
  const late = await ask("/readyz");
  assert.equal(late.status, 200);
  assert.deepEqual(JSON.parse(late.text), { ready: true, reasons: [] });
});

test("a HEAD is answered without a body", async () => {
  const answer = await ask("/healthz", "HEAD");
  assert.equal(answer.status, 200);
  assert.equal(answer.text, "");
});

test("other paths, other methods and bodies are refused", async () => {
  assert.equal((await ask("/metricz")).status, 404);
  const deleted = await ask("/healthz", "DELETE");
  assert.equal(deleted.status, 405);
  assert.equal(deleted.headers.allow, "GET, HEAD");
  assert.equal(deleted.headers.connection, "close");
  assert.equal((await ask("/healthz", "POST", "x")).status, 413);
});

test("a peer that talks nonsense is hung up on and the next one is served", async () => {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined); // a reset is as good as an end here
  socket.resume();
  socket.write("\u0000\u0001 no HTTP at all\r\n\r\n");
  await once(socket, "close");
  assert.equal((await ask("/healthz")).status, 200);
});

test("a port that is taken ends the scribe with the fault's status", async () => {
  const squatter = createServer().listen(0, "127.0.0.1");
  await once(squatter, "listening");
  const taken = (squatter.address() as AddressInfo).port;
  const second = new Worker(WORKER, { workerData: { ...data, port: taken } });
  const [status] = await once(second, "exit");
  assert.equal(status, ADMIN_LISTEN_FAILED_STATUS);
  squatter.close();
});
