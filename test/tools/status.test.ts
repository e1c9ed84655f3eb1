import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { askGateway } from "../../src/tools/control-client.ts";
import type { StatusAnswer } from "../../src/tools/status-text.ts";
import { TestGateway, testDirectory } from "../support/gateway.ts";
import { runTool } from "../support/run-tool.ts";

/** The gateway needs a moment to see that somebody has left. */
async function untilLost(socket: string): Promise<void> {
  for (;;) {
    const { result } = await askGateway(socket, { command: "status" });
    if (Object.keys((result as StatusAnswer).report.lostSessions.byReason).length > 0) return;
  }
}

test("status tells on one page how a gateway is, and the same as JSON", async (t) => {
  const gateway = await TestGateway.start(t);
  const trader = await gateway.trader();
  trader.order();
  assert.deepEqual(await trader.heard(), ["A 1 L"]);
  const leaver = await gateway.trader();
  leaver.close();

  const { control } = gateway.ready;
  await untilLost(control);
  const { status, stdout, stderr } = await runTool("status.ts", ["--control", control]);
  assert.equal(status, 0, stderr);
  assert.ok(stdout.trimEnd().split("\n").length <= 40, stdout);
  assert.match(stdout, new RegExp(`pid ${gateway.pid}, session ${gateway.session}, open`));
  assert.match(stdout, /latency, SLA 8 ms/);
  assert.match(stdout, /journal +power-loss/);
  assert.match(stdout, /1 logged in, 0 not yet/);
  assert.match(stdout, /1 closed/);
  assert.match(stdout, /as in its files/);

  const json = await runTool("status.ts", ["--control", control, "--json"]);
  const answer = JSON.parse(json.stdout) as StatusAnswer;
  assert.equal(answer.report.latency?.sinceStart.count, 1);
  assert.equal(answer.report.lostSessions.byReason.closed, 1);
  assert.ok((answer.report.disk?.bytesLeft ?? 0) > 0);
  assert.equal(answer.report.lastRun, null);
});

test("who lost his session before a roll is told behind it, who was there until its end is not", async (t) => {
  const gateway = await TestGateway.start(t);
  const { control } = gateway.ready;
  await gateway.trader();
  const leaver = await gateway.trader();
  leaver.close();
  await untilLost(control);
  assert.equal((await askGateway(control, { command: "roll" }, 20_000)).ok, true);
  const { result } = await askGateway(control, { command: "status" });
  assert.deepEqual((result as StatusAnswer).report.lostSessions.byReason, { closed: 1 });
});

test("the disk's hours left are reckoned from answers as well as journal, of all sessions since the start", async (t) => {
  const begun = performance.now();
  const gateway = await TestGateway.start(t);
  const { control } = gateway.ready;
  /** Rather more than was written, as the gateway reckons from a later start. */
  const writtenBytesMax = async () => {
    const { result } = await askGateway(control, { command: "status" });
    const { report, journals } = result as Pick<StatusAnswer, "report"> & {
      readonly journals: readonly { readonly bytes: number }[];
    };
    const { bytesLeft, hoursLeft } = report.disk!;
    assert.ok(hoursLeft! > 0);
    const seconds = (performance.now() - begun) / 1e3;
    const bytes = (bytesLeft / (hoursLeft! * 3600)) * seconds;
    return { bytes, journal: journals.reduce((sum, { bytes }) => sum + bytes, 0) };
  };
  const trader = await gateway.trader();
  for (let orders = 0; orders < 2000; orders++) trader.order();
  assert.equal((await trader.heard()).length, 2000);
  const before = await writtenBytesMax();
  assert.ok(before.bytes > 1.5 * before.journal, JSON.stringify(before));
  assert.equal((await askGateway(control, { command: "roll" }, 20_000)).ok, true);
  const behind = await writtenBytesMax();
  assert.ok(behind.bytes > 1.5 * before.journal, JSON.stringify({ before, behind }));
});

test("status tells how the run before ended, and which keys the files have changed meanwhile", async (t) => {
  const directory = testDirectory();
  const gateway = await TestGateway.start(t, { directory });
  await gateway.trader();
  await gateway.stop();
  const next = await TestGateway.start(t, { directory });
  const file = join(directory, "config.json");
  writeFileSync(file, JSON.stringify({ lanes: { batchMax: 17 } }));
  const { result } = await askGateway(next.ready.control, { command: "status" });
  const { report } = result as StatusAnswer;
  assert.equal(report.lastRun?.how, "drained");
  assert.ok((report.recovery?.records ?? 0) > 0);
  assert.deepEqual([...(report.changedKeys ?? [])].sort(), ["accounts", "lanes.batchMax"]);
  writeFileSync(file, "{");
  const { result: broken } = await askGateway(next.ready.control, { command: "status" });
  assert.equal((broken as StatusAnswer).report.changedKeys, null);
  assert.equal((await askGateway(next.ready.control, { command: "roll" }, 20_000)).ok, true);
  const { result: rolled } = await askGateway(next.ready.control, { command: "status" });
  assert.deepEqual((rolled as StatusAnswer).report.recovery, report.recovery);
});

test("a gateway that does not answer and a wrong word have statuses of their own", async () => {
  const nobody = await runTool("status.ts", ["--control", "/no/such/control.sock"]);
  assert.equal(nobody.status, 1);
  assert.match(nobody.stderr, /no gateway answers/);
  assert.equal((await runTool("status.ts", ["--no-such-option"])).status, 2);
  const help = await runTool("status.ts", ["--help"]);
  assert.equal(help.status, 0);
  assert.match(help.stdout, /npm run status/);
});
