import assert from "node:assert/strict";
import { test } from "node:test";
import { CapturedTraffic } from "../../../src/tools/replay/captured-traffic.ts";
import { rateBetween, roundNs } from "../../../src/tools/replay/replay-pace.ts";
import { planReplay } from "../../../src/tools/replay/replay-plan.ts";
import { CaptureScript, loggedIn } from "../../support/capture-script.ts";
import { enter, query } from "../../support/replay-script.ts";
import { login } from "../../support/soup-packets.ts";

const PACE = { speed: 1, underwayMax: 1 };

test("the rate that is asked for is that of what comes behind the warm-up, however many rounds that is", () => {
  // Ten requests in a second, the first eight of them in its first half.
  const script = new CaptureScript().connect(1).in(1, login(), query()).out(1, loggedIn);
  for (let number = 1; number <= 8; number++) script.in(1, enter(number));
  script.wait(700).in(1, enter(9)).wait(190).in(1, enter(10));
  const plan = planReplay(CapturedTraffic.read(script));
  assert.ok(Math.abs(roundNs(plan, PACE) - 1e9) < 1e7);
  for (const [rounds, warmupSeconds, requests] of [
    [1, 0, 10],
    [1, 0.5, 2],
    [4, 0.5, 32],
    [4, 2.5, 12],
    [4, 3.5, 2],
  ] as const) {
    const seconds = (rounds * roundNs(plan, PACE)) / 1e9 - warmupSeconds;
    const rate = rateBetween(plan, PACE, warmupSeconds * 1e9, rounds * roundNs(plan, PACE));
    assert.ok(Math.abs(rate - requests / seconds) < 0.1, `${rounds} rounds, ${warmupSeconds} s`);
  }
  const rates = [0.5, 0.75, 1.6].map((until) => rateBetween(plan, PACE, 0, until * 1e9));
  assert.deepEqual(rates, [16, 12, 11.25]);
  assert.equal(rateBetween(plan, PACE, 1e9, 1e9), 0);
});

test("the rate of a quiet capture is not rounded to one that it cannot keep", () => {
  const script = new CaptureScript().connect(1).in(1, login(), query()).out(1, loggedIn);
  for (let number = 1; number <= 3; number++) script.wait(5_999).in(1, enter(number));
  const plan = planReplay(CapturedTraffic.read(script));
  assert.equal(rateBetween(plan, PACE, 0, roundNs(plan, PACE)), 0.166667);
});
