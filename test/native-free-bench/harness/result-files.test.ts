import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { environment } from "../../../native-free-bench/harness/environment.ts";
import { writeResults } from "../../../native-free-bench/harness/result-files.ts";
import { Scratch } from "../../../native-free-bench/harness/scratch.ts";

const RESULTS = {
  environment: environment(),
  loadAfter: [1, 2, 3],
  command: "npm run bench",
  isQuick: false,
  isInterrupted: true,
  sections: [
    {
      ...{ name: "nagle", seconds: 3, isInterrupted: false, data: [{ rate: 12_000 }] },
      ...{ lines: ["a line"], faults: ["a fault"] },
    },
    {
      ...{ name: "micro", seconds: 4, isInterrupted: true, data: [] },
      ...{ lines: ["another line"], faults: [] },
    },
  ],
};

test("results of the same day and commit stand beside each other", () => {
  using scratch = new Scratch("results-test");
  const directory = scratch.path;
  const first = writeResults(directory, RESULTS);
  const second = writeResults(directory, RESULTS);
  assert.equal(new Set([...first, ...second]).size, 4);
  const [json = "", markdown = ""] = first.map((path) => readFileSync(path, "utf8"));
  assert.deepEqual(JSON.parse(json), RESULTS);
  assert.match(markdown, /Interrupted/);
  assert.match(markdown, /## nagle\n\n3 s\.\n\n```\na line\nFAULT: a fault\n```/);
  assert.match(
    markdown,
    /## micro\n\n4 s, interrupted\.\n\n```\nanother line\nINTERRUPTED: .*\n```/,
  );
});

test("an environment says commit, flags, machine and load", () => {
  const { commit, flags, cores, kernel, loadBefore } = environment();
  assert.match(commit, /^(unknown|[0-9a-f]{7,}|.*-g[0-9a-f]{7,})(-dirty)?$/);
  assert.ok(flags.includes("--min-semi-space-size=16"));
  assert.ok(cores >= 1);
  assert.notEqual(kernel, "");
  assert.equal(loadBefore.length, 3);
});
