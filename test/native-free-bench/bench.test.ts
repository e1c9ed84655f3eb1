import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
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

/**
 * SIGINT once stderr says `part`. For the bench alone, not for its group as Ctrl-C is: a child between its fork and the
 * process group that it makes for itself would end of it.
 */
async function interrupted(t: TestContext, part: string, temporary: string, ...args: string[]) {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TMPDIR: temporary },
  });
  t.after(() => child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    const isFirst = !stderr.includes(part);
    stderr += text;
    if (isFirst && stderr.includes(part)) child.kill("SIGINT");
  });
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}

/** Command lines that have `part`. */
const commandsWith = (part: string): string[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return ""; // it has ended since
      }
    })
    .filter((command) => command.includes(part));

test("Ctrl-C ends a bench behind the start that is under way, and what there is says so", async (t) => {
  using scratch = new Scratch("bench-test");
  using temporary = new Scratch("bench-temporary");
  const args = ["--quick", "--only", "start-up,recovery", "--out", scratch.path];
  const ended = await interrupted(t, "-- start-up", temporary.path, ...args);
  assert.equal(ended.code, 1, ended.stderr);
  assert.match(ended.stdout, /\nINTERRUPTED: /);
  assert.doesNotMatch(ended.stdout, /NaN|Infinity|journal {2}/);
  const name = readdirSync(scratch.path).find((each) => each.endsWith(".json")) ?? "";
  const { isInterrupted, sections } = JSON.parse(readFileSync(join(scratch.path, name), "utf8"));
  assert.equal(isInterrupted, true);
  const [{ data, ...section }, ...others] = sections;
  assert.deepEqual([section.name, section.isInterrupted, others], ["start-up", true, []]);
  assert.deepEqual([data.emptyMs.length, data.orders, data.recoveredMs], [1, 0, []]);
  assert.deepEqual([commandsWith(temporary.path), readdirSync(temporary.path)], [[], []]);
});

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
