import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { exitStatus, type Fault, FaultError, faultLine, faultOf } from "../../src/base/fault.ts";
import { isReturnAllowed, policyOf, SCHED_IDLE, SCHED_OTHER } from "../support/sched-policy.ts";

const FAULT_PROCESS = fileURLToPath(new URL("../support/fault-process.ts", import.meta.url));
const run = (...args: string[]) =>
  spawnSync(process.execPath, [FAULT_PROCESS, ...args], { encoding: "utf8" });

const LISTEN_FAILED: Fault = {
  code: "LISTEN_FAILED",
  host: "127.0.0.1",
  port: 9000,
  errno: "EADDRINUSE",
};

test("a fault is one line of JSON with its facts and what to do", () => {
  const line = faultLine({ code: "CONFIG_UNREADABLE", file: "a\nb.json", errno: "ENOENT" });
  assert.equal(line.includes("\n"), false);
  const { advice, ...facts } = JSON.parse(line);
  assert.deepEqual(facts, {
    event: "fault",
    code: "CONFIG_UNREADABLE",
    file: "a\nb.json",
    errno: "ENOENT",
  });
  assert.match(advice, /--config/);
});

test("what was thrown with a fault keeps it, everything else is our bug", () => {
  assert.deepEqual(faultOf(new FaultError(LISTEN_FAILED), "main"), LISTEN_FAILED);
  const fault = faultOf(new Error("invariant: odd"), "lane 0");
  assert.equal(exitStatus(fault), 22);
  assert.match(faultLine(fault), /"thread":"lane 0","message":"invariant: odd"/);
  assert.match(faultLine(faultOf("a string", "main")), /"message":"a string"/);
});

test("memory that the system does not give is the operator's to find, and no bug", () => {
  const fault = faultOf(
    thrownBy(() => new ArrayBuffer(2 ** 52)),
    "lane 0",
  );
  assert.deepEqual([fault.code, exitStatus(fault)], ["MEMORY_SHORT", 19]);
  assert.match(faultLine(fault), /"thread":"lane 0".*ulimit -v.*lanes\.outboxBytesMax/);
  const other = faultOf(
    thrownBy(() => new Array(-1)),
    "lane 0",
  );
  assert.equal(other.code, "INVARIANT");
});

function thrownBy(call: () => unknown): unknown {
  try {
    return call();
  } catch (thrown) {
    return thrown;
  }
}

test("main ends the process with the fault's status and its line", () => {
  const ended = run("main", JSON.stringify(LISTEN_FAILED));
  assert.equal(ended.status, 12);
  assert.equal(ended.stderr, `${faultLine(LISTEN_FAILED)}\n`);
});

test("a machine without room for another process takes no fault its line or its status", () => {
  const ended = run("no-room", JSON.stringify(LISTEN_FAILED));
  assert.equal(ended.stderr, `${faultLine(LISTEN_FAILED)}\n`);
  assert.equal(ended.status, 12);
});

test("a worker's fault reaches stderr while main is busy, and main learns the status", () => {
  const ended = run("worker", JSON.stringify(LISTEN_FAILED));
  assert.equal(ended.status, 12);
  assert.equal(ended.stderr, `${faultLine(LISTEN_FAILED)}\n`);
});

test("who gave way to others comes back to end", async () => {
  if (!isReturnAllowed()) return;
  const hanging = [FAULT_PROCESS, "hang"];
  const child = spawn("chrt", ["--idle", "0", process.execPath, ...hanging], { stdio: "ignore" });
  const policies: number[] = [];
  while (child.exitCode === null && child.signalCode === null) {
    const policy = policyOf(`/proc/${child.pid}`);
    if (policy !== policies.at(-1)) policies.push(policy);
    // Nobody is told of another process's policy: the one in between lasts for two seconds.
    await setTimeout(5);
  }
  assert.equal(child.signalCode, "SIGKILL");
  const [back = -1] = policies.slice(policies.indexOf(SCHED_IDLE) + 1);
  assert.ok(policies.includes(SCHED_IDLE) && back === SCHED_OTHER, policies.join());
});

test("a process that decided to end and hangs is killed by its last resort", () => {
  const ended = run("hang");
  assert.equal(ended.signal, "SIGKILL");
});
