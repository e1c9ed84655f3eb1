import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay, setImmediate } from "node:timers/promises";
import { decodeFromCompressedBase64 } from "hdr-histogram-js";
import type { LoadResult } from "../../src/tools/driver/load-result.ts";
import { FakeOuchServer, type FakeServerOptions } from "../support/fake-ouch-server.ts";
import { testDirectory } from "../support/gateway.ts";
import { runTool, Tool } from "../support/run-tool.ts";

const LOAD = path.resolve(import.meta.dirname, "../../src/tools/load.ts");

/** A test machine may be busy; what is tested is the bookkeeping. Each may be said once, so a test says it otherwise here. */
const SHORT = { warmup: "0.1", cooldown: "0.1", "late-share": "1", drain: "20" };
/** For what never comes. */
const SHORT_DRAIN = { drain: "0.3" };

const short = (others: Partial<typeof SHORT> = {}): string[] =>
  Object.entries({ ...SHORT, ...others }).flatMap(([name, value]) => [`--${name}`, value]);

interface FakeTarget {
  readonly server: FakeOuchServer;
  readonly args: string[];
}

async function fakeTarget(
  t: TestContext,
  options: FakeServerOptions = {},
  times: Partial<typeof SHORT> = {},
): Promise<FakeTarget> {
  const server = await FakeOuchServer.start(t, options);
  const target = ["--target", `127.0.0.1:${server.port}`, "--password", server.password];
  return { server, args: [...target, "--accounts", "T:3", ...short(times)] };
}

const lastJson = (stdout: string): LoadResult & Record<string, unknown> =>
  JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");

test("a gateway is started, measured, ended, and the result is complete", async () => {
  const out = testDirectory();
  const args = ["--seconds", "1.8", "--rate", "2000", "--mix", "enter=60,take=20,cancel=20"];
  const { status, stdout, stderr } = await runTool("load.ts", [
    ...short(),
    ...args,
    ...["--arrivals", "constant", "--ramp", "0.2", "--out", out, "--json"],
  ]);
  assert.equal(status, 0, stderr);
  assert.equal(stdout.trimEnd().split("\n").length, 1, "stdout has the result alone");
  const result = lastJson(stdout);
  assert.deepEqual([result.isValid, result.faults, result.invalid], [true, [], []]);
  // 0.2 s of ramp are worth half as much.
  assert.equal(result.counts.sent, 4_200);
  assert.equal(result.latency.responseByRequest.replace?.count, 0, "none was in the mix");
  const { count } = result.latency.response;
  assert.equal(decodeFromCompressedBase64(result.histogram).totalCount, count);
  assert.equal(decodeFromCompressedBase64(result.serviceHistogram).totalCount, count);
  assert.equal(result.series.length, 2);
  assert.equal(result.environment.node, process.version);
  assert.ok(result.durability && result.session);
  assert.deepEqual(fs.readdirSync(out).toSorted(), ["load.hgrm", "load.hlog", "load.json"]);
  assert.deepEqual(JSON.parse(fs.readFileSync(path.join(out, "load.json"), "utf8")), result);
  const pid = Number(/pid (\d+)/.exec(stderr)?.[1]);
  assert.throws(() => process.kill(pid, 0), /ESRCH/);
});

test("a person sees a line each second and the percentiles", async (t) => {
  const { args } = await fakeTarget(t);
  const { status, stdout } = await runTool("load.ts", [
    ...args,
    ...["--seconds", "1.1", "--rate", "500"],
  ]);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /^ +1 s /m);
  assert.match(stdout, /^response +P50 .* from the intended send/m);
  assert.match(stdout, /^service +P50 .* from the actual send/m);
  assert.doesNotMatch(stdout, /^response .*P999 /m, "550 answers tell no P999");
});

test("a lost answer is INVALID, status 1, and no latency is shown", async (t) => {
  const { args } = await fakeTarget(t, { losesEvery: 50 }, SHORT_DRAIN);
  const { status, stdout } = await runTool("load.ts", [...args, "--count", "300"]);
  assert.equal(status, 1);
  assert.match(stdout, /^INVALID +\d+ requests were never answered/m);
  assert.doesNotMatch(stdout, /^(response|service)/m);
});

test("an answer given twice is INVALID, status 1", async (t) => {
  const { args } = await fakeTarget(t, { repeatsEvery: 50 });
  const { status, stdout } = await runTool("load.ts", [...args, "--count", "300", "--json"]);
  assert.equal(status, 1);
  assert.match(lastJson(stdout).invalid.join(), /accepted twice/);
});

test("a pace that was not kept is INVALID, status 1", async (t) => {
  const { args } = await fakeTarget(t, {}, { "late-share": "0" });
  const { status, stdout } = await runTool("load.ts", [
    ...args,
    // Nothing leaves within a microsecond of its time, always.
    ...["--count", "300", "--late-ms", "0.001"],
  ]);
  assert.equal(status, 1);
  assert.match(stdout, /^INVALID .* were sent more than 0.001 ms late/m);
});

test("a target that dies midway ends the run with status 1", async (t) => {
  const { server, args } = await fakeTarget(t);
  const load = new Tool(t, "load.ts", [...args, "--seconds", "60", "--rate", "500"]);
  await load.untilWritten("    1 s");
  await server.stop();
  const { status, stdout, stderr } = await load.ended();
  assert.deepEqual([status, stderr], [1, ""]);
  assert.match(stdout, /^INVALID +T0000\d lost its connection/m);
});

test("a gateway of our own that dies midway is told with its end, status 1", async (t) => {
  const load = new Tool(t, "load.ts", [...short(), "--seconds", "60", "--rate", "500"]);
  await load.untilWritten("    1 s");
  process.kill(Number(/pid (\d+)/.exec(load.stdout)?.[1]), "SIGKILL");
  const { status, stdout, stderr } = await load.ended();
  assert.deepEqual([status, stderr], [1, ""]);
  assert.match(stdout, /^INVALID +LOAD\d\d lost its connection/m);
  // It depends on what is seen first, its end or that of its connections.
  assert.match(
    stdout,
    /^INVALID +the gateway (ended by itself with|did not end cleanly:) signal SIGKILL/m,
  );
  assert.match(stdout, /^INVALID +and \d+ more connections lost/m);
  assert.doesNotMatch(stdout, /^response/m);
});

test("Ctrl-C ends the sending and reports what was measured", async (t) => {
  const { args } = await fakeTarget(t);
  const load = new Tool(t, "load.ts", [...args, "--seconds", "60", "--rate", "500"]);
  await load.untilWritten("    1 s");
  load.child.kill("SIGINT");
  const { status, stdout, stderr } = await load.ended();
  assert.deepEqual([status, stderr], [0, ""], stdout);
  assert.match(stdout, /interrupted/);
  assert.match(stdout, /^response +P50/m);
});

const isAlive = (pid: number): boolean => {
  try {
    return !fs.readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
};

// Somebody else would end it after 15 s: that is no end by Ctrl-C.
test("a second Ctrl-C does not wait for a gateway that is still starting", {
  timeout: 12_000,
}, async (t) => {
  const load = new Tool(t, "load.ts", ["--seconds", "60", "--rate", "500"]);
  const { pid } = load.child;
  const words = (file: string): string => fs.readFileSync(`/proc/${file}`, "utf8");
  // Not before it is another program: the tool waits for that.
  const starting = (): number | undefined =>
    words(`${pid}/task/${pid}/children`)
      .split(" ")
      .filter((child) => child !== "" && words(`${child}/cmdline`).includes("main.ts"))
      .map(Number)[0];
  let gateway = starting();
  while (gateway === undefined) {
    await setImmediate();
    gateway = starting();
  }
  process.kill(gateway, "SIGSTOP");
  load.child.kill("SIGINT");
  await delay(400); // what comes sooner may be the same one
  load.child.kill("SIGINT");
  const { status, stdout, stderr } = await load.ended();
  assert.deepEqual([status, stdout, stderr], [2, "", ""]);
  // Killed: a signal takes its time, and nobody may have buried it yet.
  while (isAlive(gateway)) await setImmediate();
});

test("a signal to the process group, told twice as timeout(1) does, keeps what was measured", async (t) => {
  const { args } = await fakeTarget(t);
  for (const signal of ["SIGTERM", "SIGHUP"] as const) {
    const tool = [LOAD, ...args, "--seconds", "60", "--rate", "500"];
    const load = spawn(process.execPath, tool, { detached: true });
    const { pid } = load;
    assert.ok(pid);
    let stdout = "";
    for await (const chunk of load.stdout.setEncoding("utf8")) {
      const isFirst = !/^ +1 s /m.test(stdout);
      stdout += chunk;
      if (!isFirst || !/^ +1 s /m.test(stdout)) continue;
      process.kill(pid, signal);
      process.kill(-pid, signal);
    }
    assert.match(stdout, /interrupted[\s\S]*^response +P50/m);
  }
});

test("who reads no further ends it quietly", async (t) => {
  const { args } = await fakeTarget(t);
  const load = new Tool(t, "load.ts", [...args, "--seconds", "60", "--rate", "500"]);
  await load.untilWritten("    1 s");
  load.child.stdout?.destroy();
  const { status, stderr } = await load.ended();
  assert.deepEqual([status, stderr], [0, ""]);
});

test("who is not there, lets nobody in or does not start is told in a line, status 2", async (t) => {
  const { server, args } = await fakeTarget(t);
  const unknown = args.map((word) => (word === server.password ? "WRONG" : word));
  const wrong = await runTool("load.ts", unknown);
  await server.stop();
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /login refused, reason A\): --accounts and --password/);
  const gone = await runTool("load.ts", args);
  assert.equal(gone.status, 2);
  assert.match(gone.stderr, /ECONNREFUSED\): is a gateway running there\?\n$/);
  const unstarted = await runTool("load.ts", ["--set", "no.such=1"]);
  assert.equal(unstarted.status, 2);
  assert.match(unstarted.stderr, /did not come up[\s\S]*"path":"no"/);
});

test("a directory that cannot be is told before anything is measured, status 2", async () => {
  const out = path.join(testDirectory(), "file");
  fs.writeFileSync(out, "");
  const { status, stdout, stderr } = await runTool("load.ts", ["--out", path.join(out, "deep")]);
  assert.deepEqual([status, stdout], [2, ""]);
  assert.match(stderr, /^ENOTDIR.*deep'\n$/);
});

test("a wrong command line is one line and a hint, status 2", async () => {
  const { status, stdout, stderr } = await runTool("load.ts", ["--rate", "fast"]);
  assert.deepEqual([status, stdout], [2, ""]);
  assert.match(stderr, /^--rate is a number .*\n\(npm run load -- --help .*\)\n$/);
});

test("the highest rate that keeps a limit is searched and told", async (t) => {
  const { args } = await fakeTarget(t);
  const { status, stdout, stderr } = await runTool("load.ts", [
    ...args,
    ...["--find-max", "p50=50s", "--rate", "200", "--rate-max", "400", "--seconds", "0.3"],
    ...["--arrivals", "constant", "--confirm", "1", "--json"],
  ]);
  assert.equal(status, 0, stderr);
  const { findMax, isValid, rate } = lastJson(stdout) as unknown as {
    findMax: { rate: number; isConfirmed: boolean; steps: { rate: number; isKept: boolean }[] };
    isValid: boolean;
    rate: { asked: number };
  };
  assert.deepEqual([findMax.rate, findMax.isConfirmed, isValid], [400, true, true]);
  assert.equal(rate.asked, 400);
  assert.deepEqual(
    findMax.steps.map((step) => [step.rate, step.isKept]),
    [
      [200, true],
      [400, true],
      [400, true],
    ],
  );
  assert.match(stderr, /400\/s is the highest rate found that keeps P50 ≤ 50\.00 s/);
});

test("when no rate keeps the limit, the status is 1", async (t) => {
  const { args } = await fakeTarget(t, { losesEvery: 1 }, { ...SHORT_DRAIN, warmup: "0" });
  const out = testDirectory();
  fs.writeFileSync(path.join(out, "load.hlog"), "");
  const { status, stdout } = await runTool("load.ts", [
    ...args,
    ...["--find-max", "p50=1s", "--rate", "2", "--seconds", "1"],
    ...["--out", out],
  ]);
  assert.equal(status, 1);
  assert.match(stdout, /INVALID: \d+ requests were never answered/);
  assert.match(stdout, /no rate that was tried keeps/);
  // What an earlier run left there would look like the result.
  assert.deepEqual(fs.readdirSync(out), ["load.json"]);
  const told = JSON.parse(fs.readFileSync(path.join(out, "load.json"), "utf8"));
  assert.deepEqual([told.isValid, told.findMax.rate], [false, null]);
});
