import assert from "node:assert/strict";
import { test } from "node:test";
import { CapturedTraffic } from "../../../src/tools/replay/captured-traffic.ts";
import { planReplay } from "../../../src/tools/replay/replay-plan.ts";
import { loadPlanOf, type ReplaySettings } from "../../../src/tools/replay/replay-settings.ts";
import { CaptureScript, loggedIn } from "../../support/capture-script.ts";
import { enter, query } from "../../support/replay-script.ts";
import { login } from "../../support/soup-packets.ts";

/** Five requests, one each 200 ms: a second long. */
function planOfSecond() {
  const script = new CaptureScript().connect(1).in(1, login(), query()).out(1, loggedIn);
  for (let number = 1; number <= 5; number++) script.in(1, enter(number)).wait(199);
  return planReplay(CapturedTraffic.read(script));
}

const settingsOf = (changes: Partial<ReplaySettings>): ReplaySettings => ({
  target: { host: "127.0.0.1", port: 1 },
  pace: { speed: 1, underwayMax: 1 },
  rounds: 1,
  warmupSeconds: 0,
  lateNsMax: 7,
  lateShareMax: 0.5,
  drainMsMax: 9,
  users: new Map([["ALICE", { user: "BOB", password: "DEMO" }]]),
  ...changes,
});

test("what is measured of a replay is as long as its rounds at that speed, without the warm-up", () => {
  const plan = planOfSecond();
  for (const [speed, rounds, warmupSeconds, seconds] of [
    [1, 1, 0, 1],
    [2, 1, 0, 0.5],
    [1, 5, 2, 3],
    [10, 5, 0.25, 0.25],
    [1, 2, 3, 0],
    [Number.POSITIVE_INFINITY, 5, 0, 86_400],
  ] as const) {
    const pace = { speed, underwayMax: 1 };
    const load = loadPlanOf(plan, settingsOf({ pace, rounds, warmupSeconds }));
    assert.ok(Math.abs(load.seconds - seconds) < 1e-9, `${load.seconds}, not ${seconds}`);
    assert.equal(load.warmupSeconds, warmupSeconds);
  }
});

test("where, as whom and what counts as late is what was said", () => {
  const load = loadPlanOf(planOfSecond(), settingsOf({ rounds: 2 }));
  assert.deepEqual([load.host, load.port, load.rate], ["127.0.0.1", 1, 5]);
  assert.deepEqual(load.accounts, [{ user: "BOB", password: "DEMO" }]);
  assert.deepEqual([load.lateNsMax, load.lateShareMax, load.drainMsMax], [7, 0.5, 9]);
});
