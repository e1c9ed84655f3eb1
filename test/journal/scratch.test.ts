import assert from "node:assert/strict";
import { existsSync, writeFileSync, writeSync } from "node:fs";
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
