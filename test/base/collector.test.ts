import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { collectStart } from "../../src/base/collector.ts";
import { PROJECT_ROOT, startCommand } from "../../src/tools/gateway-process.ts";

/** Tells how many major collections there were that were asked for. */
const PROGRAM = `
  import { PerformanceObserver, constants } from "node:perf_hooks";
  const { collectStart } = await import("./src/base/collector.ts");
  let count = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) {
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR &&
        (detail.flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0) count++;
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  collectStart();
  while (process.argv[1] === "with" && count === 0) await new Promise((next) => setImmediate(next));
  console.log(count);
`;

test("all of the heap is collected, once", () => {
  const asked: string[] = [];
  collectStart(({ type }) => asked.push(type));
  assert.deepEqual(asked, ["major"]);
});

test("with the start script's flags by V8, and without them not at all", () => {
  const run = (flags: readonly string[], word: string): string =>
    execFileSync(process.execPath, [...flags, "--input-type=module", "-e", PROGRAM, word], {
      cwd: PROJECT_ROOT,
      encoding: "utf8",
    }).trim();
  assert.equal(run(startCommand().slice(0, -1), "with"), "1");
  assert.equal(run(["--import", "./src/require-node.mjs"], "without"), "0");
});
