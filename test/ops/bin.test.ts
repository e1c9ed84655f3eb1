// The operator's scripts, against real processes: shell and /proc, nothing of ours.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { type TestContext, test } from "node:test";

const BIN = path.resolve(import.meta.dirname, "../../ops/bin");

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(script: string, ...args: readonly string[]): Promise<Run> {
  return watch(start(script, ...args));
}

const start = (script: string, ...args: readonly string[]) =>
  spawn(path.join(BIN, script), args, { stdio: ["ignore", "pipe", "pipe"] });

async function watch(child: ReturnType<typeof start>): Promise<Run> {
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [status] = (await once(child, "close")) as [number | null];
  return { status, stdout, stderr };
}

/** A Node process that runs this, and has said so. */
async function processOf(t: TestContext, code: string): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ["-e", code], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  assert.ok(child.stdout !== null && child.pid !== undefined);
  await once(child.stdout, "data");
  return Object.assign(child, { pid: child.pid });
}

const IDLE = 'console.log("up"); setInterval(() => {}, 20)';
const BUSY = 'console.log("up"); for (;;);';
const OPENS = `
  const fs = require("node:fs");
  const open = (n) => { for (let i = 0; i < n; i++) fs.openSync("/dev/null", "r"); };
  open(30);
  console.log("up");
  process.stdin.on("data", () => { open(50); console.log("more"); });`;

test("fd-patrol counts descriptors by kind and is content below its threshold", async (t) => {
  const { pid } = await processOf(t, OPENS);
  const { status, stdout, stderr } = await run("fd-patrol", String(pid));
  assert.equal(status, 0, stderr);
  const [, total, devices] = /descriptors=(\d+) .*device=(\d+)/.exec(stdout) ?? [];
  assert.ok(Number(devices) >= 30, stdout);
  assert.ok(Number(total) > Number(devices), stdout);
});

test("fd-patrol ends with status 1 above its threshold", async (t) => {
  const { pid } = await processOf(t, OPENS);
  const { status, stderr } = await run("fd-patrol", String(pid), "--max", "30");
  assert.equal(status, 1);
  assert.match(stderr, /descriptors are more than 30/);
});

test("fd-patrol that keeps looking ends when descriptors have grown, and with the process", async (t) => {
  const child = await processOf(t, OPENS);
  const patrol = start("fd-patrol", String(child.pid), "--grown", "40", "--interval", "1");
  const ended = watch(patrol);
  const { stdin, stdout } = child;
  assert.ok(stdin !== null && stdout !== null);
  await once(patrol.stdout, "data"); // the first look
  stdin.write("more\n");
  await once(stdout, "data");
  const { status, stderr } = await ended;
  assert.equal(status, 1);
  assert.match(stderr, /came since the first look, more than 40/);

  const last = start("fd-patrol", String(child.pid), "--interval", "1");
  const over = watch(last);
  await once(last.stdout, "data");
  child.kill("SIGKILL");
  assert.equal((await over).status, 0);
});

test("a script that is asked for something impossible says so with status 2, and for help helps with 0", async () => {
  const nobody = String(2 ** 22 + 1); // above any process number
  for (const script of ["fd-patrol", "verify-wait"]) {
    assert.equal((await run(script)).status, 2);
    assert.equal((await run(script, "--no-such-option")).status, 2);
    const help = await run(script, "--help");
    assert.deepEqual([help.status, help.stderr], [0, ""]);
    assert.match(help.stdout, /PID \[/);
    assert.match((await run(script, "one")).stderr, /PID is a whole number/);
    assert.match((await run(script, nobody)).stderr, /there is no process/);
  }
});

for (const tool of ["any", "schedstat"]) {
  const how = tool === "any" ? [] : ["--with", tool];
  test(`verify-wait tells a loop that sleeps from one that works, by ${tool} means`, async (t) => {
    const idle = await processOf(t, IDLE);
    const sleeping = await run("verify-wait", String(idle.pid), "--seconds", "1", ...how);
    assert.equal(sleeping.status, 0, sleeping.stdout + sleeping.stderr);
    assert.match(sleeping.stdout, /^yes: /);
    const busy = await processOf(t, BUSY);
    const working = await run("verify-wait", String(busy.pid), "--seconds", "1", ...how);
    assert.equal(working.status, 1, working.stdout + working.stderr);
    assert.match(working.stdout, /^no: .*\nmeanwhile it ran \d/);
  });
}
