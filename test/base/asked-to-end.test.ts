import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

const ASKED = new URL("../../src/base/asked-to-end.ts", import.meta.url);

test("who asks again later does not want to wait", async () => {
  const script = `const { onAskedToEnd } = await import("${ASKED}"); onAskedToEnd(["SIGHUP", "SIGTERM", "SIGINT"], () => console.log("end"), (signal) => { console.log("again", signal); process.exit(); }); console.log("up"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, "up");
  child.kill("SIGHUP");
  assert.equal((await lines.next()).value, "end");
  child.kill("SIGTERM");
  await delay(400);
  child.kill("SIGINT");
  assert.deepEqual([(await lines.next()).value, (await lines.next()).done], ["again SIGINT", true]);
});
