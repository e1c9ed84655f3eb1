import assert from "node:assert/strict";
import { test } from "node:test";
import { startCommand } from "../../src/tools/gateway-process.ts";
import { runTool, Tool } from "../support/run-tool.ts";

const SHORT = ["--seconds", "1", "--warmup", "0", "--rate", "2000"];

test("the demo trades, reports and leaves nothing behind", async () => {
  const { status, stdout, stderr } = await runTool("demo.ts", [...SHORT, "--json"]);
  assert.equal(status, 0, stderr);
  const result = JSON.parse(stdout) as {
    faults: string[];
    counts: Record<string, number>;
  };
  assert.deepEqual(result.faults, []);
  assert.ok((result.counts.sent ?? 0) > 1_000);
  assert.ok((result.counts.executions ?? 0) > 0);
  assert.equal(result.counts.unanswered, 0);
  assert.equal(result.counts.sharesBought, result.counts.sharesSold);
  const pid = Number(/pid (\d+)/.exec(stderr)?.[1]);
  assert.throws(() => process.kill(pid, 0), /ESRCH/);
});

test("Ctrl-C ends the demo cleanly, with a summary of what ran", async (t) => {
  const demo = new Tool(t, "demo.ts", ["--seconds", "60", "--warmup", "0", "--rate", "500"]);
  await demo.untilWritten("1 s");
  demo.child.kill("SIGINT");
  const { status, stdout, stderr } = await demo.ended();
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /interrupted/);
  assert.match(stdout, /answered/);
});

test("a gateway that cannot start is told in its own words", async () => {
  const { status, stderr } = await runTool("demo.ts", [...SHORT, "--set", "no.such=1"]);
  assert.equal(status, 1);
  assert.match(stderr, /did not come up/);
  assert.match(stderr, /"path":"no"/);
});

test("wrong arguments end with status 2 and the help", async () => {
  const { status, stderr } = await runTool("demo.ts", ["--rate", "fast"]);
  assert.equal(status, 2);
  assert.match(stderr, /--rate is a number/);
});

test("the gateway is started by the start script's own words", () => {
  const command = startCommand();
  assert.equal(command.at(-1), "src/main.ts");
  assert.ok(command.some((word) => word.includes("semi-space")));
});
