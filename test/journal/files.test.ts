// The real file system does what the simulated one promises, as far as one can see without pulling a plug.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Files, realFiles } from "../../src/journal/files.ts";
import { readSmallFile } from "../../src/journal/small-file.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";

/** The same calls on both; what they return, and with which code they fail. */
function use(files: Files, directory: string): unknown[] {
  const seen: unknown[] = [];
  const tell = (call: () => unknown): void => {
    try {
      seen.push(call());
    } catch (error) {
      seen.push((error as NodeJS.ErrnoException).code);
    }
  };
  const path = join(directory, "file");
  const bytes = Buffer.from("0123456789");
  tell(() => files.open(path, false));
  tell(() => files.openToRead(path));
  const descriptor = files.open(path, true);
  tell(() => files.open(path, true));
  tell(() => files.write(descriptor, bytes, 2, 5, 3));
  tell(() => files.size(descriptor));
  tell(() => files.sync(descriptor));
  const read = Buffer.alloc(12, "x");
  tell(() => files.read(descriptor, read, 1, 20 - 9, 0));
  seen.push(read.toString("latin1"));
  tell(() => files.read(descriptor, read, 0, 1, 8));
  tell(() => files.truncate(descriptor, 4));
  tell(() => files.truncate(descriptor, 6));
  tell(() => files.read(descriptor, read, 0, 12, 0));
  seen.push(read.toString("latin1"));
  files.close(descriptor);
  const reader = files.openToRead(path);
  tell(() => files.write(reader, bytes, 0, 1, 0));
  files.close(reader);
  const folder = join(directory, "folder");
  tell(() => files.makeDirectory(folder));
  tell(() => files.makeDirectory(folder));
  tell(() => files.makeDirectory(join(directory, "no", "parent")));
  tell(() => files.syncDirectory(folder));
  tell(() => files.list(directory));
  tell(() => files.rename(path, join(folder, "moved")));
  tell(() => files.rename(path, join(folder, "moved")));
  tell(() => [files.exists(path), files.exists(join(folder, "moved")), files.exists(folder)]);
  tell(() => files.exists(join(folder, "moved", "beneath")));
  tell(() => files.list(folder));
  tell(() => files.list(join(directory, "missing")));
  tell(() => files.remove(path));
  tell(() => files.remove(join(folder, "moved")));
  tell(() => files.list(folder));
  tell(() => files.rename(folder, join(directory, "renamed")));
  tell(() => files.list(directory));
  return seen;
}

test("the simulated disk answers like the real one, call by call", () => {
  const directory = mkdtempSync(join(tmpdir(), "tailgate-files-"));
  try {
    assert.deepEqual(use(new SimulatedDisk("/d"), "/d"), use(realFiles, directory));
    const { bytesFree, usedShare } = realFiles.space(directory);
    assert.ok(bytesFree > 0 && usedShare >= 0 && usedShare < 1);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a file system is as full as df says: the sources take some of theirs", () => {
  const { usedShare } = realFiles.space(import.meta.dirname);
  assert.ok(usedShare > 0 && usedShare <= 1, `${usedShare}`);
  // One without blocks, as the kernel's own have it, is not full.
  assert.deepEqual(realFiles.space("/proc"), { bytesFree: 0, usedShare: 0 });
});

test("a pipe in a file's place is an empty file, and nobody waits for who would write to it", () => {
  const directory = mkdtempSync(join(tmpdir(), "tailgate-"));
  try {
    const path = join(directory, "ended.json");
    execFileSync("mkfifo", [path]);
    assert.equal(readSmallFile(realFiles, path), "");
  } finally {
    rmSync(directory, { recursive: true });
  }
});
