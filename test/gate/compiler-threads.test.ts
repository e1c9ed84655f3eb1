import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { CompilerThreads } from "../../src/gate/compiler-threads.ts";
import type { RunChrt } from "../../src/gate/spare-time.ts";
import type { KernelThread } from "../../src/telemetry/schedstat.ts";
import { PROJECT_ROOT, startCommand } from "../../src/tools/gateway-process.ts";
import { TestGateway } from "../support/gateway.ts";
import { isReturnAllowed, policyOf, SCHED_IDLE, SCHED_OTHER } from "../support/sched-policy.ts";

const TID = 4711;
const HELPER: KernelThread = { tid: TID, name: "V8Worker" };
const TRIAL = "--idle 0 chrt --other 0 true";
const IDLE = `--idle --pid 0 ${TID}`;
const OTHER = `--other --pid 0 ${TID}`;

/** Helpers whose waiting the test decides, and what was run for them. */
class Rig {
  readonly ran: string[] = [];
  readonly compilers: CompilerThreads;
  private readonly counts = { waitNs: 3e9, read: () => true };

  constructor(threads: readonly KernelThread[]) {
    const run: RunChrt = (args, onDone) => {
      this.ran.push(args.join(" "));
      onDone(true);
    };
    this.compilers = new CompilerThreads(threads, () => this.counts, run);
  }
  /** Some seconds of which it waited so much each. */
  wait(waitedMs: number, seconds = 1): void {
    for (let second = 0; second < seconds; second++) {
      this.counts.waitNs += waitedMs * 1e6;
      this.compilers.look();
    }
  }
}

const nameOf = (task: string): string => readFileSync(`${task}/comm`, "utf8").trim();

test("V8's helpers give way, and nobody else", () => {
  const others = ["lane-0", "MainThread", "scribe"].map((name, place) => ({ tid: place, name }));
  const { compilers, ran } = new Rig([HELPER, ...others]);
  assert.equal(compilers.count, 1);
  assert.deepEqual(ran, [TRIAL, IDLE]);
});

test("one that comes to nothing gets its share until it has waited for little for half a minute", () => {
  const rig = new Rig([HELPER]);
  rig.wait(500, 100);
  assert.deepEqual(rig.ran.splice(0), [TRIAL, IDLE]);
  rig.wait(501);
  assert.deepEqual(rig.ran.splice(0), [OTHER]);
  rig.wait(99, 29);
  rig.wait(100);
  rig.wait(99, 29);
  assert.deepEqual(rig.ran, []);
  rig.wait(99);
  assert.deepEqual(rig.ran, [IDLE]);
});

test("one that the kernel does not count for keeps what it has", () => {
  const fail = (): never => assert.fail("nothing is to be run");
  new CompilerThreads([HELPER], () => undefined, fail).look();
});

test("a gateway's own gives way when the port is open", async (t) => {
  const { ready } = await TestGateway.start(t);
  const tasks = `/proc/${ready.pid}/task`;
  const helper = readdirSync(tasks).find((tid) => nameOf(`${tasks}/${tid}`) === HELPER.name);
  assert.ok(helper !== undefined);
  const expected = isReturnAllowed() ? SCHED_IDLE : SCHED_OTHER;
  while (policyOf(`${tasks}/${helper}`) !== expected) {
    await new Promise((resolve) => setImmediate(resolve));
  }
});

test("V8 calls them so, and there is one with the start script's flags", async () => {
  const flags = startCommand().slice(0, -1);
  const program = `import { readdirSync, readFileSync } from "node:fs";
    const names = readdirSync("/proc/self/task").map((task) =>
      readFileSync("/proc/self/task/" + task + "/comm", "utf8").trim());
    console.log(names.filter((name) => name === "V8Worker").length);`;
  const child = spawn(process.execPath, [...flags, "--input-type=module", "-e", program], {
    cwd: PROJECT_ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const chunk of child.stdout) text += chunk;
  assert.equal(text.trim(), "1");
});
