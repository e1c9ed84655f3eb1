// journal.dir cannot be used, or is another gateway's: one line that says which, before anything is touched (E33).

import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { FaultError } from "../../src/base/fault.ts";
import { lockDirectory } from "../../src/journal/lock.ts";
import { SessionDirectory } from "../../src/journal/session-directory.ts";
import { onlyFault, refusal } from "../support/fault-line.ts";
import {
  type GatewayRun,
  gatewayArguments,
  runGateway,
  TestGateway,
  testDirectory,
} from "../support/gateway.ts";
import { mustKeep } from "../support/kept-answers.ts";
import { plainUser } from "../support/plain-user.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";

const user = plainUser();
const MEMORY_DISK = "/dev/shm";
const READ_ONLY = 0o555;
const READ_WRITE = 0o755;

/** A configuration that anybody may read, for a journal there. */
function argumentsFor(journal: string): string[] {
  const directory = testDirectory();
  const args = gatewayArguments(directory, { settings: { "journal.dir": journal } });
  chmodSync(directory, READ_WRITE);
  return args;
}

/** Files with what is in them, folders with their names. */
function contentsOf(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    names
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, readFileSync(path, "hex")]),
  );
}

/** A directory of the plain user's. */
function ownDirectory(): string {
  const directory = testDirectory();
  if (user !== undefined) chownSync(directory, user.uid, user.gid);
  return directory;
}

/** As somebody whom modes concern. */
async function refusedFor(journal: string): Promise<readonly unknown[]> {
  assert.ok(user !== undefined);
  const { code, path, errno } = await refusal(argumentsFor(journal), user);
  return [code, path, errno];
}

describe("a journal directory that cannot be used", { concurrency: 2 }, () => {
  test("is a file", async () => {
    const file = join(testDirectory(), "file");
    writeFileSync(file, "somebody's");
    const { code, errno } = await refusal(argumentsFor(file));
    assert.deepEqual([code, errno], ["JOURNAL_UNWRITABLE", "ENOTDIR"]);
    assert.equal(readFileSync(file, "utf8"), "somebody's");
  });

  test("cannot be made, wherever one may be made or not", async () => {
    const { code, path } = await refusal(argumentsFor("/proc/tailgate/journal"));
    assert.deepEqual([code, path], ["JOURNAL_UNWRITABLE", "/proc/tailgate"]);
  });

  test("is no directory halfway down", async () => {
    const file = join(testDirectory(), "file");
    writeFileSync(file, "");
    const { code, errno } = await refusal(argumentsFor(join(file, "a", "b")));
    assert.deepEqual([code, errno], ["JOURNAL_UNWRITABLE", "ENOTDIR"]);
  });

  test("has a file where sessions that are over are to go", async () => {
    const directory = testDirectory();
    const archive = join(directory, "archive");
    writeFileSync(archive, "somebody's");
    const { code, path, errno } = await refusal(argumentsFor(directory));
    assert.deepEqual([code, path, errno], ["JOURNAL_UNWRITABLE", archive, "ENOTDIR"]);
    assert.equal(readFileSync(archive, "utf8"), "somebody's");
  });

  test("has its archive on another disk, where no session can be put away", async (context) => {
    const directory = testDirectory();
    if (!existsSync(MEMORY_DISK) || statSync(MEMORY_DISK).dev === statSync(directory).dev) {
      context.skip("this machine has only one disk that anybody may write");
      return;
    }
    const elsewhere = mkdtempSync(join(MEMORY_DISK, "tailgate-"));
    context.after(() => rmSync(elsewhere, { recursive: true }));
    const archive = join(directory, "archive");
    symlinkSync(elsewhere, archive);
    const { code, path, errno, reason } = await refusal(argumentsFor(directory));
    assert.deepEqual([code, path, errno], ["JOURNAL_UNWRITABLE", archive, "EXDEV"]);
    assert.match(String(reason), /another file system/);
    assert.deepEqual(readdirSync(elsewhere), []);
  });

  test("may not be written, by its mode or because it is another user's", async (context) => {
    if (user === undefined) {
      refusesOnDisk();
      context.diagnostic("root is refused nothing, and nobody may not read the project");
      return;
    }
    const mine = ownDirectory();
    chmodSync(mine, READ_ONLY);
    const lock = join(mine, "lock");
    assert.deepEqual(await refusedFor(mine), ["JOURNAL_UNWRITABLE", lock, "EACCES"]);
    const below = join(mine, "journal");
    assert.deepEqual(await refusedFor(below), ["JOURNAL_UNWRITABLE", below, "EACCES"]);
    assert.deepEqual(readdirSync(mine), []);
    chmodSync(mine, READ_WRITE);
    // Not ours, whoever we are.
    assert.deepEqual(await refusedFor("/usr/tailgate-test"), [
      "JOURNAL_UNWRITABLE",
      "/usr/tailgate-test",
      "EACCES",
    ]);
  });

  test("has a session whose folders, or segments, may not be written", async (context) => {
    if (user === undefined) {
      refusesOnDisk();
      context.diagnostic("root is refused nothing, and nobody may not read the project");
      return;
    }
    const directory = ownDirectory();
    const args = argumentsFor(directory);
    const stop = (child: { kill(signal: NodeJS.Signals): void }): void => child.kill("SIGKILL");
    const first = await runGateway(args, stop, user);
    assert.equal(first.signal, "SIGKILL");
    const session = readdirSync(directory).find((name) =>
      existsSync(join(directory, name, "lane-0")),
    );
    assert.ok(session !== undefined);
    const lane = join(directory, session, "lane-0");
    const segment = join(lane, "segment-000001.journal");
    const before = contentsOf(join(directory, session));

    chmodSync(lane, READ_ONLY);
    assert.deepEqual(await refusedFor(directory), ["JOURNAL_UNWRITABLE", lane, "EACCES"]);
    chmodSync(lane, READ_WRITE);

    for (const mode of [0o400, 0o000]) {
      chmodSync(segment, mode);
      assert.deepEqual(await refusedFor(directory), ["JOURNAL_UNWRITABLE", segment, "EACCES"]);
    }
    chmodSync(segment, 0o600);
    for (const [path, bytes] of Object.entries(before)) {
      if (path.endsWith(".staging")) continue;
      assert.equal(readFileSync(path, "hex"), bytes, `${path} was changed`);
    }
    const again = await runGateway(args, (child) => child.kill("SIGTERM"), user);
    assert.equal(again.status, 0, again.stderr);
  });
});

test("something else in the place of a file or a folder is for the operator to mend, and no failure of the disk", async () => {
  const directory = testDirectory();
  const args = argumentsFor(directory);
  await runGateway(args, (child) => child.kill("SIGKILL"));
  const session = readdirSync(directory).find((name) =>
    existsSync(join(directory, name, "lane-0")),
  );
  assert.ok(session !== undefined);
  const lane = join(directory, session, "lane-0");
  const spill = join(lane, "spill.outbox");
  const segment = join(lane, "segment-000001.journal");
  const moved = join(directory, "moved");
  for (const [path, errno, put] of [
    [lane, "ENOTDIR", (at: string) => writeFileSync(at, "")],
    [segment, "EISDIR", (at: string) => mkdirSync(at)],
    [spill, "EISDIR", (at: string) => mkdirSync(at)],
    [join(directory, session, "session.json"), "ELOOP", (at: string) => symlinkSync(at, at)],
  ] as const) {
    const wasThere = existsSync(path);
    if (wasThere) renameSync(path, moved);
    put(path);
    const fault = await refusal(args);
    assert.deepEqual([fault.code, fault.path, fault.errno], ["JOURNAL_UNWRITABLE", path, errno]);
    rmSync(path, { recursive: true });
    if (wasThere) renameSync(moved, path);
  }
  const again = await runGateway(args, (child) => child.kill("SIGTERM"));
  assert.equal(again.status, 0, again.stderr);
});

/** What stands for it where nobody can be refused. */
function refusesOnDisk(): void {
  for (const errno of ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST"]) {
    for (const call of ["makeDirectory", "open", "rename"] as const) {
      const disk = new SimulatedDisk("/journal");
      disk.fail(call, errno);
      const sessions = new SessionDirectory(disk, "/journal");
      const facts = { session: "20261120A", midnightUtcMs: 0, openedAtMs: 0, lanes: 1 };
      assert.throws(
        () => sessions.make(facts),
        (thrown) => thrown instanceof FaultError && thrown.fault.code === "JOURNAL_UNWRITABLE",
      );
    }
  }
}

test("what nobody may write is told from what fails, whoever runs this", refusesOnDisk);

/** A second gateway on the first one's directory. */
async function mustBeLocked(directory: string): Promise<void> {
  const settings = { "journal.dir": directory };
  const second: GatewayRun = await runGateway(gatewayArguments(testDirectory(), { settings }));
  assert.equal(second.status, 30);
  assert.equal(second.stdout, "");
  const fault = onlyFault(second, second.stderr.trim().split("\n"));
  assert.deepEqual([fault.code, fault.directory], ["JOURNAL_LOCKED", directory]);
}

test("a lock whose file was removed keeps a second gateway out all the same, and one that was quicker ends the first", async (context) => {
  const directory = testDirectory();
  const gateway = await TestGateway.start(context, { directory });
  const trader = await gateway.trader();
  trader.order();
  rmSync(join(directory, "lock"));
  await gateway.untilLogged('"lock-removed"');
  await mustBeLocked(directory);
  trader.order();
  assert.deepEqual(await trader.heard(), ["A 1 L", "A 2 L"]);

  const quicker = testDirectory();
  const lock = lockDirectory(quicker);
  renameSync(join(quicker, "lock"), join(directory, "lock"));
  const ended = await gateway.untilEnded();
  assert.equal(ended.status, 30);
  const fault = onlyFault(ended, gateway.stderr);
  assert.deepEqual([fault.code, fault.directory], ["JOURNAL_LOCKED", directory]);
  lock.release();
  await mustKeep(await TestGateway.start(context, { directory }), trader);
});

test("a second gateway is refused while the first one lives or drains, and not when it is dead", async (context) => {
  const directory = testDirectory();
  const options = { directory, settings: { "session.drainMsMax": 15_000 } };
  const first = await TestGateway.start(context, options);
  const trader = await first.trader();
  trader.order();
  // Long enough for whatever the first one forgot to hold.
  for (let round = 0; round < 2; round++) {
    await mustBeLocked(directory);
    trader.order();
    assert.equal((await trader.heard()).length, round === 0 ? 2 : 1);
  }
  assert.deepEqual(await first.stop("SIGKILL"), { status: null, signal: "SIGKILL" });

  const next = await TestGateway.start(context, options);
  const again = await mustKeep(next, trader);
  // Nobody reads what this one is owed: the drain waits for it.
  const slow = await next.trader();
  slow.session.socket.pause();
  for (let query = 0; query < 60_000; query++) slow.query();
  next.child.kill("SIGTERM");
  await next.untilLogged('"draining"');
  await mustBeLocked(directory);
  assert.equal(next.child.exitCode, null, "it had drained before");
  slow.session.socket.destroy();
  assert.deepEqual(await next.untilEnded(), { status: 0, signal: null });
  await again.closed();
  await mustKeep(await TestGateway.start(context, options), trader);
});
