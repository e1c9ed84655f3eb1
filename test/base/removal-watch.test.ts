import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { RemovalWatch } from "../../src/base/removal-watch.ts";
import { watched } from "../support/watched-change.ts";

function fileIn(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "removal-"));
  context.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "file");
  writeFileSync(path, "");
  return path;
}

for (const [what, remove] of [
  ["removed", (path) => rmSync(path)],
  ["renamed", (path) => renameSync(path, `${path}-away`)],
  [
    "replaced",
    (path) => {
      writeFileSync(`${path}-other`, "");
      renameSync(`${path}-other`, path);
    },
  ],
] satisfies [string, (path: string) => void][]) {
  test(`a file that is ${what} is told once`, async (context) => {
    const path = fileIn(context);
    let told = 0;
    const removal = new RemovalWatch(path, () => told++);
    assert.ok(!removal.isRemoved);
    await watched(path, () => remove(path));
    assert.deepEqual([told, removal.isRemoved], [1, true]);
  });
}

test("a file that is touched is there still, and nobody is told after the close", async (context) => {
  const path = fileIn(context);
  let told = 0;
  const removal = new RemovalWatch(path, () => told++);
  await watched(path, () => utimesSync(path, 1, 1));
  assert.deepEqual([told, removal.isRemoved], [0, false]);
  removal.close();
  await watched(path, () => rmSync(path));
  assert.deepEqual([told, removal.isRemoved], [0, true]);
});

test("a file that never was is not removed", () => {
  const removal = new RemovalWatch("/nowhere/at/all", () => assert.fail("it was not there"));
  assert.ok(!removal.isRemoved);
  removal.close();
});
