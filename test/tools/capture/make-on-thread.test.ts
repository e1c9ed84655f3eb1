import assert from "node:assert/strict";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeOnThread } from "../../../src/tools/capture/make-on-thread.ts";
import { namesFor } from "../../../src/tools/capture/new-file.ts";
import { parseCaptureOptions } from "../../../src/tools/capture-options.ts";
import { testDirectory } from "../../support/gateway.ts";

test("a thread that breaks off where nobody expected it leaves no part of a file", async (t) => {
  const directory = testDirectory();
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const options = parseCaptureOptions(["cut", "from", "--out", join(directory, "to")]);
  assert.ok(options);
  const names = namesFor(options.out);
  writeFileSync(names.part, "what a thread without memory could not take away");
  const broken = { ...options, paths: undefined as unknown as string[] };
  await assert.rejects(makeOnThread(broken, names), TypeError);
  assert.deepEqual(readdirSync(directory), []);
});
