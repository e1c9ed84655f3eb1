import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { SpareTime } from "../../src/gate/spare-time.ts";
import { isReturnAllowed, policyOf, SCHED_IDLE, SCHED_OTHER } from "../support/sched-policy.ts";

const TID = 4711;
const TRIAL = "--idle 0 chrt --other 0 true";
const IDLE = `--idle --pid 0 ${TID}`;
const OTHER = `--other --pid 0 ${TID}`;

/** What was run, each of it answered when the test says so. */
class Chrt {
  readonly ran: string[] = [];
  private readonly pending: ((isDone: boolean) => void)[] = [];
  readonly spareTime = new SpareTime({ starvedMs: 1000, quickMs: 400 }, (args, onDone) => {
    this.ran.push(args.join(" "));
    this.pending.push(onDone);
  });

  answer(isDone = true): this {
    this.pending.shift()?.(isDone);
    return this;
  }
  take(): string[] {
    return this.ran.splice(0);
  }
}

/** A scribe that gives way. */
function idle(): Chrt {
  const chrt = new Chrt();
  chrt.spareTime.begin(TID);
  chrt.answer().answer();
  assert.deepEqual(chrt.take(), [TRIAL, IDLE]);
  assert.equal(chrt.spareTime.current, "idle");
  return chrt;
}

test("a scribe gives way as soon as it has begun, if it could come back", () => {
  idle();
  const chrt = new Chrt();
  chrt.spareTime.begin(TID);
  chrt.answer(false);
  chrt.spareTime.look(60_000);
  assert.deepEqual(chrt.take(), [TRIAL]);
  assert.equal(chrt.spareTime.current, "other");
});

test("one that comes to nothing gets its share, and gives way when it has been quick for a while", () => {
  const chrt = idle();
  chrt.spareTime.look(1000);
  assert.deepEqual(chrt.take(), []);
  chrt.spareTime.look(1001);
  chrt.spareTime.look(2000);
  assert.deepEqual(chrt.take(), [OTHER]); // the first is under way
  chrt.answer();
  assert.equal(chrt.spareTime.current, "other");
  for (let looks = 0; looks < 29; looks++) chrt.spareTime.look(100);
  chrt.spareTime.look(400);
  for (let looks = 0; looks < 29; looks++) chrt.spareTime.look(100);
  assert.deepEqual(chrt.take(), []);
  chrt.spareTime.look(100);
  assert.deepEqual(chrt.take(), [IDLE]);
});

test("what fails is tried again with the next look", () => {
  const chrt = idle();
  chrt.spareTime.look(1500);
  chrt.answer(false);
  chrt.spareTime.look(2500);
  chrt.answer();
  assert.deepEqual(chrt.take(), [OTHER, OTHER]);
  assert.equal(chrt.spareTime.current, "other");
});

test("another scribe gives way without a trial, one that has ended is left alone", () => {
  const chrt = idle();
  chrt.spareTime.end();
  chrt.spareTime.look(60_000);
  assert.deepEqual(chrt.take(), []);
  chrt.spareTime.begin(TID + 1);
  assert.deepEqual(chrt.take(), [`--idle --pid 0 ${TID + 1}`]);
});

test("a real thread has the policy that it was given", async (t) => {
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  t.after(() => child.kill());
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  assert.equal(policyOf(`/proc/${pid}`), SCHED_OTHER);
  const spareTime = new SpareTime();
  spareTime.begin(pid);
  const expected = isReturnAllowed() ? SCHED_IDLE : SCHED_OTHER;
  while (policyOf(`/proc/${pid}`) !== expected)
    await new Promise((resolve) => setImmediate(resolve));
  if (expected === SCHED_OTHER) return;
  while (spareTime.current !== "idle") await new Promise((resolve) => setImmediate(resolve));
  spareTime.look(2000);
  while (policyOf(`/proc/${pid}`) !== SCHED_OTHER)
    await new Promise((resolve) => setImmediate(resolve));
});

test("a thread that is to end comes back first, and one that never gave way has nothing to come back from", () => {
  const chrt = idle();
  chrt.spareTime.comeBack();
  assert.deepEqual(chrt.answer().take(), [OTHER]);
  assert.equal(chrt.spareTime.current, "other");
  chrt.spareTime.comeBack();
  assert.deepEqual(chrt.take(), []);
});
