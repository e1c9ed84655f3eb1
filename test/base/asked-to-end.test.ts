import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { test } from "node:test";

const ASKED = new URL("../../src/base/asked-to-end.ts", import.meta.url);
/** Its clock goes on when a line comes: between two signals a busy machine may take any time. */
const SCRIPT = `
  let nowMs = 0;
  performance.now = () => nowMs;
  const { onAskedToEnd } = await import("${ASKED}");
  onAskedToEnd(["SIGHUP", "SIGTERM", "SIGINT"], () => console.log("end"), (signal) => {
    console.log("again", signal);
    process.exit();
  });
  process.on("SIGTERM", () => console.log("told twice"));
  process.stdin.on("data", () => {
    nowMs += 400;
    console.log("later");
  });
  console.log("up");
`;

test("who asks again later does not want to wait", async () => {
  const child = spawn(process.execPath, ["--input-type=module", "-e", SCRIPT]);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => (await lines.next()).value;
  assert.equal(await next(), "up");
  child.kill("SIGHUP");
  assert.equal(await next(), "end");
  child.kill("SIGTERM");
  assert.equal(await next(), "told twice");
  child.stdin.write("\n");
  assert.equal(await next(), "later");
  child.kill("SIGINT");
  assert.deepEqual([await next(), (await lines.next()).done], ["again SIGINT", true]);
});
