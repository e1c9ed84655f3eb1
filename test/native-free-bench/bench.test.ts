import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { Scratch } from "../../native-free-bench/harness/scratch.ts";

const ENTRY = join(import.meta.dirname, "../../native-free-bench/bench.ts");
const run = promisify(execFile);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const bench = (...args: string[]): Promise<Ended> =>
  run(process.execPath, [ENTRY, ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Ended) => error,
  );

test("npm run bench says what it can be asked for", async () => {
  const { code, stdout } = await bench("--help");
  assert.equal(code, 0);
  assert.match(stdout, /--quick/);
});

test("npm run bench refuses a part that it does not know, with status 2", async () => {
  const { code, stderr } = await bench("--only", "everything");
  assert.equal(code, 2);
  assert.match(stderr, /^--only knows /);
});

test("npm run bench says where it cannot write before it measures, in one line with status 2", async () => {
  for (const [directory, expected] of [
    ["/proc/results", /^ENOENT.*'\/proc\/results'\n$/],
    ["/etc/passwd", /^ENOTDIR.*'\/etc\/passwd\/?'\n$/],
    ["/etc/passwd/results", /^ENOTDIR.*results'\n$/],
  ] as const) {
    const args = ["--quick", "--only", "recovery", "--out", directory];
    const { code, stderr, stdout } = await bench(...args);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, expected);
  }
});

test("npm run bench writes what it measured, with its environment, once for machines and once for people", async () => {
  using scratch = new Scratch("bench-test");
  const directory = scratch.path;
  const args = ["--quick", "--only", "recovery", "--out", directory];
  const { code, stdout } = await bench(...args);
  assert.equal(code, 0);
  assert.match(stdout, /recovery\njournal +50,0\d\d records/);
  const names = readdirSync(directory).toSorted();
  assert.deepEqual(
    names.map((name) => name.replace(/^.*\./, "")),
    ["json", "md"],
  );
  const [json = "", markdown = ""] = names.map((name) =>
    readFileSync(join(directory, name), "utf8"),
  );
  const results = JSON.parse(json);
  assert.deepEqual(
    results.sections.map(({ name }: { name: string }) => name),
    ["recovery"],
  );
  assert.equal(results.environment.node, process.version);
  assert.equal(results.loadAfter.length, 3);
  assert.match(markdown, /## recovery/);
  assert.match(markdown, /A quick look/);
});
