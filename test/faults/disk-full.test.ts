// The journal's disk fills up (semantics §3.6): new orders are shed in time, cancels go on while they find room, and only
// then the gateway stops, with everything that it has answered. On a disk in memory always, and for real on a small disk
// where one may be mounted, and with a limit on the size of files.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { exitStatus, FaultError } from "../../src/base/fault.ts";
import { placeFault } from "../../src/journal/file-faults.ts";
import { SEGMENT_BYTES_MIN } from "../../src/journal/journal-layout.ts";
import { PROJECT_ROOT, startCommand } from "../../src/tools/gateway-process.ts";
import { onlyFault, refusal } from "../support/fault-line.ts";
import {
  gatewayArguments,
  runGateway,
  TestGateway,
  testDirectory,
  watchRun,
} from "../support/gateway.ts";
import { JournaledLane, LANE_DIRECTORY } from "../support/journaled-lane.ts";
import { mustKeep } from "../support/kept-answers.ts";
import type { RigClient } from "../support/lane-rig.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";
import { SmallDisk } from "../support/small-disk.ts";
import type { Trader } from "../support/trader.ts";

const FULL = 33;
const SMALL_DISK_BYTES = 8 * 2 ** 20;
const settings = { "journal.segmentBytes": SEGMENT_BYTES_MIN };

test("a disk that fills up sheds new orders, answers cancels to the last room, and loses nothing", () => {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  disk.capacityBytes = 8 * SEGMENT_BYTES_MIN;
  const lane = new JournaledLane(disk);
  const { rig } = lane;
  const client = rig.login("ALICE");
  const says = (): string[] => {
    rig.run();
    return client.receiveMessages();
  };
  client.enter({ userRefNum: 1 }).enter({ userRefNum: 2 });
  assert.deepEqual(says(), ["login 1", "S S", "A 1 L", "A 2 L"]);

  disk.usedShare = 0.95;
  lane.passMs(1000);
  client.enter({ userRefNum: 3 }).replace({ origUserRefNum: 1, userRefNum: 4 }).cancel(2);
  assert.deepEqual(says(), ["J 3 000A", "J 4 000A", "C 2 100 U"]);
  disk.usedShare = undefined;
  lane.passMs(1000);
  client.enter({ userRefNum: 5 }).replace({ origUserRefNum: 1, userRefNum: 6 });
  assert.deepEqual(says(), ["A 5 L", "U 1>6 100 L"], "the target was left alone");
  const events = lane.lines.map(({ level, event }) => `${level} ${event}`);
  assert.deepEqual(events, ["error disk-short", "info disk-roomy"]);
  assert.match(String(lane.lines[0]?.fields.reason), /000A/);
  assert.match(String(lane.lines[0]?.fields.advice), /make room/);

  disk.capacityBytes = 3 * SEGMENT_BYTES_MIN;
  const answered = untilFull(lane, client);
  assert.ok(answered.length > 1000, `${answered.length} cancels found room`);
  disk.crash({ kind: "synced" });
  disk.capacityBytes = 8 * SEGMENT_BYTES_MIN;
  const next = new JournaledLane(disk);
  const again = next.rig.login("ALICE");
  next.rig.run();
  assert.deepEqual(again.all, client.all);
  again.enter({ userRefNum: 1_000_000 });
  next.rig.run();
  assert.equal(again.receive().at(-1), "A 1000000 L");
});

/** Orders and their cancels until nothing is left. Returns what was answered when there was no room for orders. */
function untilFull(lane: JournaledLane, client: RigClient): string[] {
  const { rig } = lane;
  const answered: string[] = [];
  let userRefNum = 10;
  const faultOfTurn = (): unknown => {
    try {
      for (;;) {
        client.enter({ userRefNum }).query();
        userRefNum++;
        rig.run();
        lane.passMs(10);
        const [first = "", second = ""] = client.receiveMessages();
        if (first.endsWith("000A")) answered.push(second);
        else assert.deepEqual(answered, [], "it was short, and took an order");
      }
    } catch (thrown) {
      return thrown;
    }
  };
  const thrown = faultOfTurn();
  assert.ok(thrown instanceof FaultError, String(thrown));
  assert.deepEqual(thrown.fault, { code: "JOURNAL_FULL", directory: LANE_DIRECTORY, lane: 0 });
  assert.equal(exitStatus(thrown.fault), FULL);
  return answered;
}

for (const errno of ["ENOSPC", "EDQUOT", "EFBIG"]) {
  test(`${errno} in a segment that was staged ends it too, as a want of room and no failure`, () => {
    const disk = new SimulatedDisk(LANE_DIRECTORY);
    const lane = new JournaledLane(disk);
    const client = lane.rig.login("ALICE");
    lane.rig.run();
    client.receive();
    disk.fail("write", errno);
    client.enter({ userRefNum: 1 });
    assert.throws(
      () => lane.rig.run(),
      (thrown) => {
        assert.ok(thrown instanceof FaultError);
        assert.deepEqual(thrown.fault, { code: "JOURNAL_FULL", directory: LANE_DIRECTORY, errno });
        return true;
      },
    );
    assert.deepEqual(client.receive(), []);
  });
}

test("a real disk fills up, is emptied, and fills up for good", async (context) => {
  const disk = SmallDisk.mount(SMALL_DISK_BYTES);
  if (disk === undefined) {
    context.diagnostic("nothing may be mounted here: the disk in memory stands for it");
    return;
  }
  try {
    await useUp(disk);
  } finally {
    disk.remove();
  }
});

async function useUp(disk: SmallDisk): Promise<void> {
  const hooks = new Hooks();
  const { directory } = disk;
  const options = { directory, settings };
  try {
    const gateway = await TestGateway.start(hooks, options);
    const trader = await gateway.trader();
    trader.order();
    trader.order();
    assert.deepEqual(await trader.heard(), ["A 1 L", "A 2 L"]);

    disk.fill(0.95);
    const short = JSON.parse(await gateway.untilLogged("disk-short"));
    assert.equal(short.level, "error");
    assert.match(short.reason, /000A/);
    assert.match(short.advice, /make room/);
    trader.order();
    trader.replace({ origUserRefNum: 1, userRefNum: 4, quantity: 50, price: 100_000 });
    trader.cancel({ userRefNum: 2 });
    assert.deepEqual(await trader.heard(), ["J 3 000A", "J 4 000A", "C 2 100 U"]);
    disk.free();
    await gateway.untilLogged("disk-roomy");
    trader.order();
    trader.replace({ origUserRefNum: 1, userRefNum: 6, quantity: 50, price: 100_000 });
    assert.deepEqual(await trader.heard(), ["A 5 L", "U 1>6 50 L"]);

    disk.fill(1);
    await cancelUntilEnded(gateway, trader);
    const exit = await gateway.untilEnded();
    assert.equal(exit.status, FULL);
    const fault = onlyFault(exit, gateway.stderr);
    assert.deepEqual([fault.code, fault.lane], ["JOURNAL_FULL", 0]);
    assert.ok(String(fault.directory).startsWith(directory));

    // Nor is there room for a session to begin.
    const fresh = { ...settings, "journal.dir": join(directory, "fresh") };
    const refused = await refusal(gatewayArguments(testDirectory(), { settings: fresh }));
    assert.deepEqual([refused.code, refused.errno], ["JOURNAL_FULL", "ENOSPC"]);
    disk.free();
    const restarted = await TestGateway.start(hooks, options);
    const again = await mustKeep(restarted, trader);
    again.order();
    assert.match((await again.heard()).join(), /^A \d+ L$/);
  } finally {
    await hooks.run();
  }
}

/** Requests that need no room of the disk's, until there is nothing left of what was kept for them. */
async function cancelUntilEnded(gateway: TestGateway, trader: Trader): Promise<void> {
  await gateway.untilLogged("disk-short");
  const before = trader.messages.length;
  let asked = 0;
  while (trader.closing === undefined) {
    // A client that has thousands unanswered on a slow machine would close by itself.
    for (; asked - (trader.messages.length - before) < 500; asked++) trader.query();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What ends with a part of a test. */
class Hooks {
  private readonly hooks: (() => Promise<void> | void)[] = [];

  after(hook: () => Promise<void> | void): void {
    this.hooks.push(hook);
  }
  async run(): Promise<void> {
    for (const hook of this.hooks) await hook();
  }
}

test("a limit on the size of files is a full disk: at the start, and in the middle of a segment", async (context) => {
  const directory = testDirectory();
  const args = gatewayArguments(directory, { settings: { "journal.segmentBytes": 2 ** 20 } });
  const words = [process.execPath, ...startCommand(), ...args].map((word) => `'${word}'`);
  // In blocks of 512 bytes.
  const limited = (blocks: number): string => `ulimit -f ${blocks}; exec ${words.join(" ")}`;
  const child = spawn("/bin/sh", ["-c", limited(1024)], { cwd: PROJECT_ROOT });
  const { stderr, ...exit } = await watchRun(child, () => assert.fail("it came up"));
  assert.equal(exit.status, FULL);
  const fault = onlyFault(exit, stderr.trim().split("\n"));
  assert.equal(fault.code, "JOURNAL_FULL");
  assert.match(fault.advice, /ulimit -f/);

  const gateway = await TestGateway.start(context, { directory });
  const trader = await gateway.trader();
  trader.order();
  assert.deepEqual(await trader.heard(), ["A 1 L"]);
  const isLimited = await limitFiles(gateway.pid, 64 * 1024);
  if (!isLimited) {
    context.diagnostic("there is no prlimit here: errors of the disk in memory stand for it");
    return;
  }
  while (trader.closing === undefined) {
    const unanswered = trader.nextUserRefNum - trader.messages.length;
    for (let order = unanswered; order < 500; order++) trader.order();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const end = await gateway.untilEnded();
  assert.equal(end.status, FULL);
  const { code, errno } = onlyFault(end, gateway.stderr);
  assert.deepEqual([code, errno], ["JOURNAL_FULL", "EFBIG"]);
  await mustKeep(await TestGateway.start(context, { directory }), trader);
});

test("a start that finds no place for a file is told so, from the first on", async (context) => {
  // For nothing but its root.
  const disk = SmallDisk.mount(SMALL_DISK_BYTES, 1);
  if (disk === undefined) {
    context.diagnostic(
      "nothing may be mounted here: what is made of the system's answer stands for it",
    );
    for (const errno of ["ENOSPC", "EDQUOT", "EFBIG"]) {
      assert.equal(exitStatus(placeFault("/journal/lock", errno)), FULL);
    }
    return;
  }
  context.after(() => disk.remove());
  // The directory that cannot be made, and the lock in one that is there.
  for (const place of [join(disk.directory, "journal"), disk.directory]) {
    const args = gatewayArguments(testDirectory(), { settings: { "journal.dir": place } });
    const { stderr, ...exit } = await runGateway(args);
    assert.equal(exit.status, FULL, stderr);
    const { code, directory, errno } = onlyFault(exit, stderr.trim().split("\n"));
    assert.deepEqual([code, directory, errno], ["JOURNAL_FULL", disk.directory, "ENOSPC"]);
  }
});

/** No file of the process may become longer from now on. */
async function limitFiles(pid: number, bytes: number): Promise<boolean> {
  const child = spawn("prlimit", [`--pid=${pid}`, `--fsize=${bytes}:`], { stdio: "ignore" });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  child.on("error", () => resolve(false));
  child.on("exit", (status) => resolve(status === 0));
  return promise;
}
