import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { TestGateway } from "../support/gateway.ts";
import { runTool } from "../support/run-tool.ts";

async function control(gateway: TestGateway, ...words: readonly string[]) {
  const args = [...words, "--control", gateway.ready.control];
  const { status, stdout, stderr } = await runTool("control.ts", args);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

test("dump tells what each connection, ring and lane is at", async (t) => {
  const gateway = await TestGateway.start(t);
  const trader = await gateway.trader();
  const stranger = await gateway.stranger();
  trader.order();
  await trader.heard();
  const dump = await control(gateway, "dump");
  const phases = dump.connections.map(({ phase }: { phase: string }) => phase);
  assert.deepEqual(phases, ["silent", "live"]);
  assert.equal(dump.connections[0].waitsFor, "its login request");
  assert.equal(dump.connections[1].account, trader.user);
  assert.equal(dump.lanes[0].description.waitsFor, "records");
  assert.equal(dump.lanes[0].description.ordersLive, 1);
  assert.ok(dump.gate.lanes[0].inboundHighWater > 0);
  assert.ok(dump.resources.Timeout > 0);
  const one = await control(gateway, "dump", `account=${trader.user}`);
  assert.equal(one.connections.length, 1);
  stranger.close();
});

test("each thread of a running gateway can be profiled", async (t) => {
  const gateway = await TestGateway.start(t);
  for (const thread of ["gate", "lane0", "scribe", "keeper"]) {
    const { file } = await control(gateway, "profile", thread, "0.1s");
    assert.ok(existsSync(file), file);
    assert.ok(file.startsWith(gateway.directory), file);
  }
});

test("what the gateway refuses is told with its code", async (t) => {
  const gateway = await TestGateway.start(t);
  const ask = (...words: readonly string[]) =>
    runTool("control.ts", [...words, "--control", gateway.ready.control]);
  for (const [code, ...words] of [
    ["UNKNOWN_COMMAND", "dance"],
    ["UNKNOWN_THREAD", "profile", "lane9"],
    ["BAD_LIMIT", "dump", "limit=1000000"],
  ]) {
    const { status, stderr } = await ask(...words);
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`^${code}: `));
  }
  assert.equal((await ask()).status, 2);
  assert.match((await ask("--help")).stdout, /npm run profile/);
});
