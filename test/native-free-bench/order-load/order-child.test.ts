import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { test } from "node:test";
import { runOrders } from "../../../native-free-bench/order-load/order-child.ts";
import type { OrderPlan } from "../../../native-free-bench/order-load/order-plan.ts";

const PLAN = {
  host: "127.0.0.1",
  isEcho: true,
  isCrossing: false,
  connections: 3,
  sendsHeartbeats: true,
  rate: 1_000,
  arrivals: "constant",
  warmupSeconds: 0.1,
  seconds: 0.2,
  seed: 1,
} as const satisfies Omit<OrderPlan, "port">;

/** A server that does with each chunk what it is told to. */
async function serve(
  onChunk: (chunk: Buffer, chunks: number) => Buffer | undefined,
): Promise<{ port: number } & AsyncDisposable> {
  let chunks = 0;
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      const answer = onChunk(chunk, ++chunks);
      if (answer === undefined) socket.destroy();
      else socket.write(answer);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}

test("nothing is sent before the parent has seen that all are ready", async () => {
  let seen = 0;
  await using server = await serve((chunk) => {
    seen += chunk.length;
    return chunk;
  });
  let seenWhenReady = -1;
  const result = await runOrders({ ...PLAN, port: server.port }, () => {
    seenWhenReady = seen;
  });
  assert.equal(seenWhenReady, 0);
  assert.deepEqual(result.faults, []);
  assert.equal(result.counts.sent, 300);
  assert.equal(result.counts.answered, 300);
  assert.equal(result.latency.response.count, 200);
});

test("an answer that comes twice is a fault", async () => {
  await using server = await serve((chunk, chunks) =>
    chunks === 20 ? Buffer.concat([chunk, chunk]) : chunk,
  );
  const { isValid, faults } = await runOrders({ ...PLAN, port: server.port });
  assert.equal(isValid, false);
  assert.match(faults.join(), /twice or unasked/);
});

test("a target that drops a connection midway ends the run with a fault that says so", async () => {
  await using server = await serve((chunk, chunks) => (chunks === 20 ? undefined : chunk));
  const { isValid, faults } = await runOrders({ ...PLAN, port: server.port });
  assert.equal(isValid, false);
  assert.match(faults.join(), /connection \d was lost/);
  assert.match(faults.join(), /never answered/);
});

test("a target that is not there cannot be measured", async () => {
  const { port } = await (async () => {
    await using server = await serve((chunk) => chunk);
    return { port: server.port };
  })();
  await assert.rejects(runOrders({ ...PLAN, port }), /could not log in: .*ECONNREFUSED/);
});
