import assert from "node:assert/strict";
import { test } from "node:test";
import { LoadChild } from "../../../src/tools/driver/load-child.ts";
import { LOAD_PLAN_DEFAULTS, type LoadPlan } from "../../../src/tools/driver/load-plan.ts";
import type { LoadProgress } from "../../../src/tools/driver/load-result.ts";
import { FakeOuchServer } from "../../support/fake-ouch-server.ts";

const planFor = (server: FakeOuchServer): LoadPlan => ({
  ...LOAD_PLAN_DEFAULTS,
  host: "127.0.0.1",
  port: server.port,
  accounts: [
    { user: "ONE", password: server.password },
    { user: "TWO", password: server.password },
  ],
  rate: 500,
  warmupSeconds: 0,
  seconds: 60,
  lateShareMax: 1,
});

test("a load process tells its progress and, stopped early, its result", async (t) => {
  const server = await FakeOuchServer.start(t);
  const lines: LoadProgress[] = [];
  const load: LoadChild = new LoadChild(planFor(server), (progress) => {
    lines.push(progress);
    load.stop();
  });
  const result = await load.result;
  assert.equal(lines.length, 1);
  assert.deepEqual(result.faults, []);
  assert.ok(result.counts.sent > 0);
});

test("a load that cannot begin says why", async (t) => {
  const server = await FakeOuchServer.start(t);
  const plan = planFor(server);
  await server.stop();
  await assert.rejects(new LoadChild(plan, () => {}).result, /ECONNREFUSED/);
});

test("a load process that dies is noticed", async (t) => {
  const server = await FakeOuchServer.start(t);
  const load: LoadChild = new LoadChild(planFor(server), () => load.kill());
  await assert.rejects(load.result, /SIGKILL/);
});
