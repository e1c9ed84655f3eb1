import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { withScratch } from "../../src/journal/scratch.ts";

test("a directory for the time of its use, and a descriptor that swallows everything", () => {
  let seen = "";
  const result = withScratch("test", ({ directory, nowhere }) => {
    seen = directory;
    writeFileSync(join(directory, "file"), "nobody keeps this");
    assert.equal(writeSync(nowhere, Buffer.alloc(1_000_000)), 1_000_000);
    return 7;
  });
  assert.equal(result, 7);
  assert(!existsSync(seen));
});

test("what the use throws is thrown, and the directory is gone", () => {
  let seen = "";
  const use = ({ directory }: { readonly directory: string }): never => {
    seen = directory;
    throw new Error("of the use");
  };
  assert.throws(() => withScratch("test", use), /of the use/);
  assert(!existsSync(seen));
});

test("it is in memory where the system has such, unless somebody says where temporary files belong", () => {
  const before = process.env.TMPDIR;
  const placeOf = (): [string, boolean] =>
    withScratch("test", ({ directory, isInMemory }) => [dirname(directory), isInMemory]);
  try {
    delete process.env.TMPDIR;
    assert.deepEqual(placeOf(), existsSync("/dev/shm") ? ["/dev/shm", true] : [tmpdir(), false]);
    process.env.TMPDIR = process.cwd();
    assert.equal(placeOf()[0], process.cwd());
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
});

test("what a killed process left in memory is removed after ten minutes, and nothing else", (t) => {
  if (!existsSync("/dev/shm")) return;
  const before = process.env.TMPDIR;
  delete process.env.TMPDIR;
  const own = `tailgate-leftover${process.pid}`;
  const made = (name: string, ageSeconds: number): string => {
    const path = mkdtempSync(join("/dev/shm", name));
    writeFileSync(join(path, "segment"), "of a rehearsal");
    utimesSync(path, Date.now() / 1000 - ageSeconds, Date.now() / 1000 - ageSeconds);
    t.after(() => rmSync(path, { recursive: true, force: true }));
    return path;
  };
  const old = made(`${own}-1-`, 601);
  const young = made(`${own}-2-`, 590);
  const other = made(`not-${own}-`, 601);
  try {
    withScratch(own.slice("tailgate-".length), () => undefined);
  } finally {
    if (before !== undefined) process.env.TMPDIR = before;
  }
  assert.deepEqual([old, young, other].map(existsSync), [false, true, true]);
});
