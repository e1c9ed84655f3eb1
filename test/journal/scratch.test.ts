import assert from "node:assert/strict";
import { existsSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
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
