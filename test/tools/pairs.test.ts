import assert from "node:assert/strict";
import { test } from "node:test";
import { runTool, Tool } from "../support/run-tool.ts";

const print = (value: unknown): string => `printf '%s\\n' noise '${JSON.stringify(value)}'`;

test("two commands are run in turn and compared by the last line they print", async () => {
  const { status, stdout } = await runTool("pairs.ts", [
    ...[
      "--a",
      print({ latency: { p99: 1_000_000 } }),
      "--b",
      print({ latency: { p99: 2_000_000 } }),
    ],
    ...["--metric", "P99=latency.p99", "--rounds", "2", "--json"],
  ]);
  assert.equal(status, 0);
  const { comparisons } = JSON.parse(stdout) as {
    comparisons: { ratio: { median: number; count: number }; isBeyondNoise: boolean }[];
  };
  assert.equal(comparisons[0]?.ratio.median, 2);
  assert.equal(comparisons[0]?.ratio.count, 2);
  assert.equal(comparisons[0]?.isBeyondNoise, true);
});

test("runs that call themselves invalid, or print nothing, are left out and told", async () => {
  const { status, stdout } = await runTool("pairs.ts", [
    ...["--a", print({ isValid: false, invalid: ["too late"], x: 1 }), "--b", "exit 3"],
    ...["--metric", "x=x", "--rounds", "1"],
  ]);
  assert.equal(status, 1);
  assert.match(stdout, /left out: invalid: too late/);
  assert.match(stdout, /left out: no result, status 3/);
  assert.match(stdout, /not measured/);
});

test("Ctrl-C ends the running command and compares what there is", async (t) => {
  const pairs = new Tool(t, "pairs.ts", [
    ...["--a", print({ x: 5 }), "--b", "sleep 600"],
    ...["--metric", "x=x", "--plain"],
  ]);
  await pairs.untilWritten("1    A");
  pairs.child.kill("SIGINT");
  const { status, stdout } = await pairs.ended();
  assert.equal(status, 1);
  assert.match(stdout, /not measured/);
});

test("wrong arguments end with status 2 and the help", async () => {
  const { status, stderr } = await runTool("pairs.ts", ["--a", "true"]);
  assert.equal(status, 2);
  assert.match(stderr, /--rounds/);
});
