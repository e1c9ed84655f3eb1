import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { FaultError } from "../../src/base/fault.ts";
import { keepLocked, lockDirectory } from "../../src/journal/lock.ts";
import { watched } from "../support/watched-change.ts";

const faultOf = (
  call: () => unknown,
): { code: string; path?: string; errno?: string; reason?: string } => {
  try {
    call();
  } catch (error) {
    if (error instanceof FaultError) return error.fault;
    throw error;
  }
  return { code: "no fault" };
};

function inDirectory(use: (directory: string) => void | Promise<void>): () => Promise<void> {
  return async () => {
    const directory = mkdtempSync(join(tmpdir(), "tailgate-lock-"));
    try {
      await use(directory);
    } finally {
      rmSync(directory, { recursive: true });
    }
  };
}

test(
  "a directory has one owner, and is free when that lets go",
  inDirectory((directory) => {
    const lock = lockDirectory(directory);
    assert.deepEqual(
      faultOf(() => lockDirectory(directory)),
      { code: "JOURNAL_LOCKED", directory },
    );
    lock.release();
    lockDirectory(directory).release();
  }),
);

test(
  "an owner that keeps nothing in hand keeps the lock",
  inDirectory((directory) => {
    setFlagsFromString("--expose-gc");
    lockDirectory(directory);
    runInNewContext("gc")();
    assert.equal(faultOf(() => lockDirectory(directory)).code, "JOURNAL_LOCKED");
  }),
);

test(
  "another process is refused while the owner lives, and not after kill -9",
  inDirectory(async (directory) => {
    const source = new URL("../../src/journal/lock.ts", import.meta.url).href;
    const code = `
      const { lockDirectory } = await import(${JSON.stringify(source)});
      lockDirectory(${JSON.stringify(directory)});
      process.stdout.write("locked");
      setInterval(() => {}, 1000);
    `;
    const owner = spawn(process.execPath, ["--input-type=module", "--eval", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(owner.stdout, "data");
    assert.equal(faultOf(() => lockDirectory(directory)).code, "JOURNAL_LOCKED");
    owner.kill("SIGKILL");
    await once(owner, "exit");
    lockDirectory(directory).release();
  }),
);

test(
  "a lock whose file is removed is taken anew, again and again",
  inDirectory(async (directory) => {
    let told = 0;
    let onTold = (): void => undefined;
    const lock = keepLocked(directory, () => {
      told++;
      onTold();
    });
    for (const round of [1, 2]) {
      const { promise, resolve } = Promise.withResolvers<void>();
      onTold = resolve;
      rmSync(join(directory, "lock"));
      await promise;
      assert.equal(told, round);
      assert.equal(faultOf(() => lockDirectory(directory)).code, "JOURNAL_LOCKED");
    }
    utimesSync(join(directory, "lock"), 1, 1);
    lock.release();
    lockDirectory(directory).release();
    const file = join(directory, "lock");
    await watched(file, () => rmSync(file));
    assert.equal(told, 2);
  }),
);

test(
  "a lock that cannot be taken anew is told, and ends nothing",
  inDirectory(async (directory) => {
    const inner = join(directory, "journal");
    mkdirSync(inner);
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const lock = keepLocked(inner, resolve);
    rmSync(inner, { recursive: true });
    assert.match((await promise) ?? "", /^JOURNAL_UNWRITABLE .*ENOENT/);
    lock.release();
  }),
);

test(
  "a lock that cannot be looked at is not taken for one that was removed",
  inDirectory(async (directory) => {
    const inner = join(directory, "journal");
    const elsewhere = join(directory, "elsewhere");
    mkdirSync(inner);
    const told: unknown[] = [];
    const lock = keepLocked(inner, (trouble) => told.push(trouble));
    renameSync(inner, elsewhere);
    symlinkSync(inner, inner);
    const file = join(elsewhere, "lock");
    await watched(file, () => utimesSync(file, 1, 1));
    rmSync(inner);
    renameSync(elsewhere, inner);
    assert.deepEqual(told, []);
    assert.equal(faultOf(() => lockDirectory(inner)).code, "JOURNAL_LOCKED");
    lock.release();
  }),
);

test(
  "a lock that cannot be made is no lock that is held",
  inDirectory((directory) => {
    const missing = faultOf(() => lockDirectory(join(directory, "missing")));
    assert.deepEqual([missing.code, missing.errno], ["JOURNAL_UNWRITABLE", "ENOENT"]);
  }),
);

for (const [what, make, reason] of [
  ["a directory", (path: string) => mkdirSync(path), /no file: remove it/],
  ["a pipe", (path: string) => execFileSync("mkfifo", [path]), /no file: remove it/],
  ["a lost link", (path: string) => symlinkSync("/nowhere/at/all", path), /nowhere: remove it/],
  ["a circle of links", (path: string) => symlinkSync(path, path), /nowhere: remove it/],
  ["garbage", (path: string) => writeFileSync(path, "x".repeat(4096)), /written over: remove it/],
] as const) {
  // With those SQLite gets along in place of its own file.
  const isHarmless = what === "garbage" || what === "a pipe";
  for (const name of isHarmless ? ["lock"] : ["lock", "lock-journal"]) {
    test(
      `${what} in place of ${name} is told with what to do`,
      inDirectory((directory) => {
        const path = join(directory, name);
        make(path);
        const fault = faultOf(() => lockDirectory(directory));
        assert.deepEqual(
          [fault.code, fault.path, fault.errno],
          ["JOURNAL_UNWRITABLE", path, "EEXIST"],
        );
        assert.match(fault.reason ?? "", reason);
        rmSync(path, { recursive: true });
        lockDirectory(directory).release();
      }),
    );
  }
}

test(
  "what stands beside a lock that is held is not what keeps others out",
  inDirectory((directory) => {
    const lock = lockDirectory(directory);
    rmSync(join(directory, "lock-journal"), { force: true });
    mkdirSync(join(directory, "lock-journal"));
    assert.equal(faultOf(() => lockDirectory(directory)).code, "JOURNAL_LOCKED");
    lock.release();
  }),
);
