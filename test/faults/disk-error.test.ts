// The disk fails a call of the journal: the gateway stops at once, tries nothing again, and tells nobody what is not on
// the disk (semantics §3.6). First with a disk in memory, at every call; then for real, in a gateway of its own.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { exitStatus, FaultError } from "../../src/base/fault.ts";
import { LaneLoop } from "../../src/lane/lane-loop.ts";
import { type DiskRule, isHanging, setRules, troubledBy } from "../support/disk-trouble.ts";
import { onlyFault } from "../support/fault-line.ts";
import { TestGateway, testDirectory } from "../support/gateway.ts";
import { JournaledLane, LANE_DIRECTORY } from "../support/journaled-lane.ts";
import { mustKeep } from "../support/kept-answers.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";

const SEGMENT = `${LANE_DIRECTORY}/segment-000001.journal`;

/** The lane's own loop, until it fails. */
function failureOf({ rig, clock }: JournaledLane): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const { lane, signal } = rig;
  const onFailure = resolve;
  new LaneLoop({ lane, signal, clock, spinNs: 0, parkMsMax: 1, onFailure }).start();
  return promise;
}

for (const [call, durability] of [
  ["sync", "power-loss"],
  ["write", "power-loss"],
  ["write", "process-crash"],
] as const) {
  for (const bytesMax of [Number.POSITIVE_INFINITY, 40]) {
    test(`a ${call} that fails, ${durability}, writes of ${bytesMax} bytes: no answer of the batch leaves`, async () => {
      const disk = new SimulatedDisk(LANE_DIRECTORY);
      const lane = new JournaledLane(disk, durability);
      const { rig } = lane;
      const client = rig.login("ALICE");
      rig.run();
      client.enter({ userRefNum: 1 });
      rig.run();
      assert.deepEqual(client.receiveMessages(), ["login 1", "S S", "A 1 L"]);

      disk.writeBytesMax = bytesMax;
      // Behind a first short write, where there are some.
      const isLaterWrite = call === "write" && bytesMax === 40;
      disk.fail(call, "EIO", isLaterWrite ? 1 : 0, Number.POSITIVE_INFINITY);
      client.enter({ userRefNum: 2 }).cancel(1);
      const thrown = await failureOf(lane);
      assert.ok(thrown instanceof FaultError, String(thrown));
      assert.deepEqual(thrown.fault, {
        code: "JOURNAL_IO",
        path: SEGMENT,
        operation: call,
        errno: "EIO",
      });
      assert.equal(exitStatus(thrown.fault), 32);
      const calls = [disk.count("write"), disk.count("sync")];
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual([disk.count("write"), disk.count("sync")], calls, "it went on");
      rig.drain();
      assert.deepEqual(client.receive(), []);

      // What was answered is there. The rest nobody was told of; after a power loss it is gone.
      disk.mend();
      disk.writeBytesMax = Number.POSITIVE_INFINITY;
      disk.crash(durability === "power-loss" ? { kind: "synced" } : { kind: "everything" });
      const next = new JournaledLane(disk, durability);
      assert.equal(next.recovery.tornBytes > 0, isLaterWrite && durability === "process-crash");
      const again = next.rig.login("ALICE");
      next.rig.run();
      assert.deepEqual(again.receiveMessages(), ["login 1", "S S", "A 1 L"]);
    });
  }
}

describe("a gateway whose disk fails", { concurrency: 2 }, () => {
  const sync = { call: "sync", path: "segment-", errno: "EIO" } as const;
  const write = { ...sync, call: "write" } as const;
  const rules: readonly (readonly [string, DiskRule, "own" | "gate"])[] = [
    ["a sync of its lane", { ...sync, thread: "lane-0" }, "own"],
    ["a write of its lane", { ...write, thread: "lane-0" }, "own"],
    ["a sync of its lane beside the gate", { ...sync, thread: "" }, "gate"],
    ["a write of its lane beside the gate", { ...write, thread: "" }, "gate"],
    ["a call of its keeper", { ...write, path: ".staging", thread: "keeper" }, "own"],
  ];
  for (const [thread, name] of [
    ["own", "lane-0"],
    ["gate", ""],
  ] as const) {
    test(`does not call it a drain when its last sync fails, however late, on the thread "${thread}"`, async (context) => {
      const directory = testDirectory();
      const rulesFile = join(directory, "rules");
      const settings = { "journal.durability": "process-crash", "lanes.thread": thread };
      const options = { directory, settings, env: troubledBy(rulesFile) };
      const gateway = await TestGateway.start(context, options);
      const trader = await gateway.trader();
      trader.order();
      await trader.heard();
      const late = { takesMs: 2500, errno: "EIO" };
      setRules(rulesFile, [{ call: "sync", path: "segment-", thread: name, ...late }]);
      const exit = await gateway.stop();
      assert.equal(exit.status, 32);
      const { code, operation } = onlyFault(exit, gateway.stderr);
      assert.deepEqual([code, operation], ["JOURNAL_IO", "sync"]);
    });
  }

  test("ends within seconds when its keeper's disk fails, even while its lane hangs in a call", async (context) => {
    const directory = testDirectory();
    const rulesFile = join(directory, "rules");
    const options = { directory, settings: { "lanes.stallMsMax": 60_000 } };
    const gateway = await TestGateway.start(context, { ...options, env: troubledBy(rulesFile) });
    const trader = await gateway.trader();
    trader.order();
    assert.deepEqual(await trader.heard(), ["A 1 L"]);
    const hangs = { call: "sync", path: "segment-", thread: "lane-0", hangs: true } as const;
    setRules(rulesFile, [hangs]);
    trader.order();
    while (!isHanging(rulesFile)) await new Promise((resolve) => setImmediate(resolve));
    setRules(rulesFile, [hangs, { call: "space", path: "lane-0", thread: "keeper", errno: "EIO" }]);
    const exit = await gateway.untilEnded();
    // The thread in the kernel keeps the process from its own end.
    assert.deepEqual(exit, { status: null, signal: "SIGKILL" });
    assert.equal(gateway.faults.length, 1);
    assert.equal(JSON.parse(gateway.faults[0]!).code, "JOURNAL_IO");
    await mustKeep(await TestGateway.start(context, options), trader);
  });

  for (const [what, rule, thread] of rules) {
    test(`stops for ${what} with one line, and a restart has every answer`, async (context) => {
      const directory = testDirectory();
      const rulesFile = join(directory, "rules");
      // The smallest, so that the keeper has something to do before long.
      const settings = { "journal.segmentBytes": 256 * 1024, "lanes.thread": thread };
      const options = { directory, settings };
      const gateway = await TestGateway.start(context, { ...options, env: troubledBy(rulesFile) });
      const trader = await gateway.trader();
      trader.order();
      trader.order();
      assert.deepEqual(await trader.heard(), ["A 1 L", "A 2 L"]);
      setRules(rulesFile, [rule]);
      // The keeper has something to do when the lane has begun another segment.
      const ended = gateway.untilEnded();
      while (trader.closing === undefined) {
        // A client that has thousands unanswered on a slow machine would close by itself.
        const unanswered = trader.nextUserRefNum - trader.messages.length;
        for (let order = unanswered; order < 500; order++) trader.order();
        await new Promise((resolve) => setImmediate(resolve));
      }
      const exit = await ended;
      assert.equal(exit.status, 32);
      const fault = onlyFault(exit, gateway.stderr);
      assert.deepEqual([fault.code, fault.errno], ["JOURNAL_IO", "EIO"]);
      assert.ok(String(fault.path).includes(rule.path), String(fault.path));

      const restarted = await TestGateway.start(context, options);
      await mustKeep(restarted, trader);
    });
  }
});
