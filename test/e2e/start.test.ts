// What a supervisor and an operator see of a gateway: its ready line, its ports, its control socket.

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { after, test } from "node:test";
import { askGateway } from "../../src/tools/control-client.ts";
import { gatewayArguments, runGateway, TestGateway, testDirectory } from "../support/gateway.ts";

const gateway = await TestGateway.start({ after });
const admin = `http://${gateway.ready.admin.host}:${gateway.ready.admin.port}`;

test("stdout gets the ready line and nothing else, stderr JSON lines", async () => {
  const directory = testDirectory();
  const run = await runGateway(gatewayArguments(directory), (child) => {
    // Opens no debugger, which would say so here.
    child.kill("SIGUSR1");
    child.kill("SIGTERM");
  });
  assert.deepEqual([run.status, run.signal], [0, null], run.stderr);
  const lines = run.stdout.split("\n");
  assert.equal(lines.length, 2);
  assert.equal(lines[1], "");
  const ready = JSON.parse(lines[0] ?? "");
  assert.equal(ready.event, "ready");
  assert.equal(ready.durability, "power-loss");
  assert.equal(ready.order.host, "127.0.0.1");
  assert.ok(ready.order.port > 0 && ready.admin.port > 0);
  assert.match(ready.session, /^\d{8}A$/);
  assert.equal(existsSync(ready.control), false);
  for (const line of run.stderr.trimEnd().split("\n")) assert.doesNotThrow(() => JSON.parse(line));
});

// The orders' table alone would be 224 MB, if it were touched.
test("a gateway with room for 1,000,000 orders stands at no more than 200 MB when it is up", async (context) => {
  const settings = { "venue.ordersMax": 1_000_000 };
  const { pid } = await TestGateway.start(context, { settings });
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  assert.ok(Number(resident) * 1024 <= 200e6, `${resident} kB`);
});

test("a journal directory that cannot be made ends the start with status 31", async () => {
  const directory = "/proc/tailgate/journal";
  const args = [...gatewayArguments(testDirectory()), "--set", `journal.dir=${directory}`];
  const run = await runGateway(args, () => {});
  assert.equal(run.status, 31);
  assert.match(run.stderr, /JOURNAL_UNWRITABLE.*ENOENT/);
});

test("--check-config says what is not in effect and does not start", async () => {
  const args = [...gatewayArguments(testDirectory()), "--check-config"];
  const run = await runGateway(args, () => {});
  assert.equal(run.status, 0, run.stderr);
  assert.doesNotMatch(run.stdout, /"event":"ready"/);
  assert.match(run.stdout, /not in effect yet:\n(.*\n)* {2}risk\n/);
  assert.doesNotMatch(run.stdout.split("not in effect yet:")[1] ?? "", /journal/);
});

test("health and readiness are told on the admin port", async () => {
  const health = await fetch(`${admin}/healthz`);
  assert.equal(health.status, 200);
  const readiness = await fetch(`${admin}/readyz`);
  assert.equal(readiness.status, 200);
  assert.deepEqual(await readiness.json(), { ready: true, reasons: [] });
  assert.equal((await fetch(`${admin}/orders`)).status, 404);
  assert.equal((await fetch(`${admin}/readyz`, { method: "POST", body: "x" })).ok, false);
});

test("the control socket is its owner's alone and answers status", async () => {
  const { control } = gateway.ready;
  assert.equal(statSync(control).mode & 0o777, 0o600);
  const before = await askGateway(control, { command: "status" });
  const trader = await gateway.trader();
  trader.order();
  await trader.heard();
  const status = await askGateway(control, { command: "status" });
  assert.equal(status.ok, true);
  const connections = ({ result }: typeof status): number =>
    (result as { gate: { connections: number } }).gate.connections;
  assert.equal(connections(status), connections(before) + 1);
  const { session, pid } = status.result as { session: string; pid: number };
  assert.deepEqual([session, pid], [gateway.session, gateway.pid]);

  const scope = { account: trader.user.toLowerCase() };
  const attached = async (): Promise<unknown> => {
    const { result } = await askGateway(control, { command: "status", scope });
    return (result as { account: { attached: boolean } }).account.attached;
  };
  assert.equal(await attached(), true);
  await trader.logout();
  assert.equal(await attached(), false);
});

test("the control socket refuses what it does not know, and goes on", async () => {
  const { control } = gateway.ready;
  const unknown = await askGateway(control, { command: "reboot" });
  assert.equal(unknown.ok, false);
  assert.equal(unknown.error?.code, "UNKNOWN_COMMAND");
  const nobody = await askGateway(control, { command: "status", scope: { account: "NOBODY" } });
  assert.equal(nobody.error?.code, "UNKNOWN_ACCOUNT");
  // What no text can be made of by itself.
  const odd = { toString: 1 };
  const oddCodes: [Record<string, unknown>, string | undefined][] = [
    [{ command: odd }, "UNKNOWN_COMMAND"],
    [{ command: "status", scope: { account: odd } }, "UNKNOWN_ACCOUNT"],
    [{ command: "dump", scope: { account: odd } }, "UNKNOWN_ACCOUNT"],
    [{ command: "dump", scope: { account: "NOBODY" } }, "UNKNOWN_ACCOUNT"],
    [{ command: "dump", scope: { firm: "LIME" } }, "BAD_REQUEST"],
    [{ command: "status", scope: null }, "BAD_REQUEST"],
    [{ command: "profile", thread: odd, seconds: 1 }, "UNKNOWN_THREAD"],
    [{ command: "capture-start", file: odd }, "BAD_FILE"],
    [{ command: "sampling", set: { limit: { percent: odd } } }, "INVALID"],
  ];
  for (const [request, code] of oddCodes) {
    assert.equal((await askGateway(control, request as { command: string })).error?.code, code);
  }
});

test("a socket file that a killed gateway left behind does not stop the next one", async () => {
  const directory = testDirectory();
  const killed = await runGateway(gatewayArguments(directory), (child) => child.kill("SIGKILL"));
  assert.equal(killed.signal, "SIGKILL");
  const next = await runGateway(gatewayArguments(directory), (child) => child.kill("SIGTERM"));
  assert.equal(next.status, 0, next.stderr);
});
